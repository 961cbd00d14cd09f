import type { DecisionOptions } from '#rib/decision-steps.ts';
import type { Dice } from '#support/dice.ts';
import { families, type Family } from '#wire/constants.ts';
import {
  messageBytes,
  type NaiveNlri,
  type NaivePeer,
  type NaiveRoute,
  RibOracle,
} from '../../oracle/rib-oracle.ts';
import { inOne, RibUnderTest, sendSettings, withdrawal } from '../given.ts';
import {
  bandsOf,
  type PeerPlan,
  randomAnnouncement,
  randomNlri,
  randomPeer,
  randomRouteOrLast,
  serviceSets,
  type SettingsPlan,
} from '../random-routes.ts';
import { prefixText } from '../router-table.ts';
import type { Actor } from './actor.ts';
import { canonicalText } from './comparison.ts';

const mostPeers = 7;

/** The RIB and its oracle: what happens to one happens to the other, and what a limit ends must be the same. */
export class Tandem {
  readonly under: RibUnderTest;
  readonly oracle: RibOracle;
  readonly actors: Actor[] = [];
  /** Whether all paths are accepted and of one neighbour AS, so that only ranks decide. */
  isPlain = false;
  now = 0;
  /** Whether paths may be waiting to be judged again, or to become long-lived. */
  areSettling = false;
  /** What has happened, with one line for each event. */
  readonly log: string[] = [];
  private peersMade = 0;

  constructor(options: DecisionOptions, longestChain: number) {
    this.oracle = new RibOracle(options);
    this.under = new RibUnderTest({
      decision: options,
      sweepAt: 8,
      admittedAtOnce: 1,
      longestChain,
      events: {
        limitReached: (peer, { limit }) => {
          const ends = limit.action === 'restart' || limit.action === 'shutdown';
          if (ends) this.under.rib.peerDown(peer);
        },
      },
    });
  }

  addPeer(roll: Dice): void {
    if (this.actors.length >= mostPeers) return;
    const plan = randomPeer(roll, ++this.peersMade, this.isPlain);
    const { imported, exported, honours, acceptedLimit, receivedLimit } = plan;
    const id = this.under.rib.addPeer(this.settingsOf(plan));
    const naive: NaivePeer = {
      name: imported.peerName,
      imported,
      exported,
      acceptedLimit,
      receivedLimit,
      maxPathsPerPrefix: plan.maxPathsPerPrefix,
      honours,
      routerId: 0,
      isUp: false,
      isDrained: false,
      silent: new Set(),
      takesAnyNextHop: true,
      takesStale: true,
      messageBytes: (route, family) =>
        messageBytes(route, family, plan.asnBytes) + (naive.takesSeveral[family] ? 4 : 0),
      maxMessageBytes: 65_535,
      takesSeveral: [false, false],
    };
    this.oracle.peers.push(naive);
    this.actors.push({
      plan,
      id,
      naive,
      isLagging: false,
      isShadow: false,
      joins: 0,
      refreshes: [0, 0],
    });
  }

  removePeer(actor: Actor): void {
    this.under.rib.removePeer(actor.id);
    this.under.routers.delete(actor.id);
    this.oracle.remove(actor.naive);
    this.actors.splice(this.actors.indexOf(actor), 1);
  }

  up(actor: Actor, roll: Dice): void {
    if (actor.naive.isUp) return;
    const { asnBytes, families: negotiated, extendedNextHop } = actor.plan;
    actor.naive.routerId = 1 + roll.below(2);
    actor.naive.isUp = true;
    actor.naive.takesAnyNextHop = extendedNextHop;
    actor.naive.takesStale = actor.plan.longLived;
    actor.naive.maxMessageBytes = actor.plan.maxMessageBytes;
    actor.naive.takesSeveral = actor.plan.takesSeveral;
    actor.refreshes = [0, 0];
    actor.isLagging = false;
    actor.joins = actor.isShadow ? 0 : 1;
    const send = {
      ...sendSettings,
      families: negotiated,
      asnBytes,
      extendedNextHop: [extendedNextHop, false],
      longLived: actor.plan.longLived,
      maxMessageBytes: actor.plan.maxMessageBytes,
      addPath: actor.plan.takesSeveral,
    };
    this.under.up(actor.id, actor.naive.routerId, send);
  }

  /** Ends the session for good: what has outlived an earlier session is removed too. */
  down(actor: Actor): void {
    const { rib } = this.under;
    rib.peerDown(actor.id);
    for (const { family } of families) if (!actor.naive.isUp) rib.endStale(actor.id, family);
    this.under.routers.delete(actor.id);
    this.oracle.down(actor.naive);
  }

  loseBut(actor: Actor, kept: readonly boolean[]): void {
    if (!actor.naive.isUp) return;
    this.under.rib.peerDown(actor.id, kept);
    this.under.routers.delete(actor.id);
    this.oracle.lose(actor.naive, kept);
  }

  mark(actor: Actor, family: Family): void {
    this.under.rib.markStale(actor.id, family);
    this.oracle.markStale(actor.naive, family);
  }

  keepLongLived(actor: Actor, roll: Dice): void {
    const family: Family = roll.chance(0.5) ? 0 : 1;
    this.under.rib.keepLongLived(actor.id, family);
    const mustEnd = this.oracle.keepLongLived(actor.naive, family);
    this.areSettling = true;
    if (isLimited(actor.plan)) this.settle();
    this.expectEnd(actor, mustEnd);
  }

  sweep(actor: Actor, family: Family, roll: Dice): void {
    this.under.rib.endStale(actor.id, family);
    this.admit(actor, roll);
    this.expectEnd(actor, this.oracle.endStale(actor.naive, family));
  }

  announceRoutes(actor: Actor, roll: Dice, nlri: readonly NaiveNlri[]): void {
    const { family } = nlri[0].prefix;
    this.announceRoute(actor, roll, nlri, randomRouteOrLast(roll, actor.plan, family, actor.last));
  }

  announceRoute(actor: Actor, roll: Dice, nlri: readonly NaiveNlri[], route: NaiveRoute): void {
    actor.last = route;
    const bytes = randomAnnouncement(roll, actor.plan, nlri, route);
    this.describe(nlri, route);
    const reached = this.receive(actor, bytes, roll);
    const mustEnd = this.oracle.announce(actor.naive, nlri, route, this.now);
    if (mustEnd !== reached) throw new Error(`limit: ${reached}, expected ${mustEnd}`);
    if (mustEnd) this.down(actor);
  }

  withdrawRoutes(actor: Actor, roll: Dice, nlri: readonly NaiveNlri[]): void {
    this.describe(nlri);
    this.settleIfKeeping();
    this.receive(actor, withdrawal(nlri, actor.plan.addPath), roll);
    this.expectEnd(actor, this.oracle.withdraw(actor.naive, nlri, this.now));
  }

  /** Sends one UPDATE that withdraws and announces; prefixes that are in both lists are announced. */
  replace(actor: Actor, roll: Dice): void {
    if (!actor.naive.isUp) return;
    const nlri = randomNlri(roll, actor.plan);
    const gone = roll.chance(0.5) ? nlri : randomNlri(roll, actor.plan);
    const { family } = nlri[0].prefix;
    if (gone[0].prefix.family !== family) return;
    const route = randomRouteOrLast(roll, actor.plan, family, actor.last);
    actor.last = route;
    const bytes = randomAnnouncement(roll, actor.plan, nlri, route);
    this.describe(gone);
    this.describe(nlri, route);
    this.settleIfKeeping();
    const reached = this.receive(actor, inOne(withdrawal(gone, actor.plan.addPath), bytes), roll);
    const wasOver = this.oracle.withdraw(actor.naive, gone, this.now, nlri);
    if (wasOver) return this.expectEnd(actor, true);
    const mustEnd = this.oracle.announce(actor.naive, nlri, route, this.now);
    if (mustEnd !== reached) throw new Error(`limit: ${reached}, expected ${mustEnd}`);
    if (mustEnd) this.down(actor);
  }

  refresh(actor: Actor, roll: Dice): void {
    const family: Family = roll.chance(0.5) ? 0 : 1;
    const enhanced = roll.chance(0.5);
    if (!actor.naive.isUp || actor.isShadow || !actor.plan.families[family]) return;
    if (enhanced) actor.refreshes[family]++;
    this.under.rib.sendAgain(actor.id, family, enhanced);
  }

  endKept(): void {
    this.under.rib.endDueKept(this.now);
    this.oracle.endKept(({ keptUntil = 0 }) => keptUntil <= this.now);
  }

  /** Replaces settings. With limits, it matters when a path is judged, so nothing else happens meanwhile. */
  replaceSettings(actor: Actor, settings: Partial<SettingsPlan>): void {
    const areLimited = isLimited(actor.plan) || isLimited({ ...actor.plan, ...settings });
    // The result may depend on which of two paths of a prefix is judged first, and no order is promised.
    if (areLimited && actor.plan.addPath) return;
    if (areLimited) this.settle();
    Object.assign(actor.plan, settings);
    const { imported, exported, honours, acceptedLimit, receivedLimit } = actor.plan;
    Object.assign(actor.naive, { imported, exported, honours, acceptedLimit, receivedLimit });
    this.under.rib.replaceSettings(actor.id, this.settingsOf(actor.plan, actor.isShadow));
    const mustEnd = this.oracle.settingsChanged(actor.naive);
    this.areSettling = true;
    if (areLimited) this.settle();
    this.expectEnd(actor, mustEnd);
  }

  /** Begins or ends the shadow, in which everything is computed as before and the router holds nothing. */
  setShadow(actor: Actor, isShadow: boolean): void {
    if (isLimited(actor.plan)) this.settle();
    if (actor.isShadow && !isShadow) actor.joins++;
    actor.isShadow = isShadow;
    const { settings } = this.under.rib.peer(actor.id);
    this.under.rib.replaceSettings(actor.id, { ...settings, isShadow });
  }

  setLagging(actor: Actor, isLagging: boolean): void {
    if (!actor.naive.isUp) return;
    actor.isLagging = isLagging;
    this.under.rib.setLagging(actor.id, isLagging);
  }

  setDecision(roll: Dice): void {
    const decision = {
      med: roll.pick(['same_as', 'always'] as const),
      tieBreak: roll.pick(['router_id', 'oldest'] as const),
    };
    this.under.rib.setDecision(decision);
    this.oracle.options = decision;
  }

  setDrained(actor: Actor, isDrained: boolean): void {
    this.under.rib.setDrained(actor.id, isDrained);
    actor.naive.isDrained = isDrained;
    if (isDrained) this.oracle.endKept(({ peer }) => peer === actor.naive);
  }

  setServices(roll: Dice): void {
    const services = roll.pick(serviceSets);
    this.under.rib.setServices(bandsOf(services));
    this.oracle.services = services;
    this.oracle.endKept(({ prefix }) => {
      const service = this.oracle.serviceOf(prefix);
      return services[service - 1]?.keepMs === undefined;
    });
  }

  setAnswering({ id, naive }: Actor, roll: Dice): void {
    const service = 1 + roll.below(2);
    const isAnswering = roll.chance(0.4);
    this.under.rib.setAnswering(id, service, isAnswering);
    if (isAnswering) naive.silent.delete(service);
    else {
      naive.silent.add(service);
      this.oracle.endKept(
        ({ peer, prefix }) => peer === naive && this.oracle.serviceOf(prefix) === service,
      );
    }
  }

  settle(): void {
    this.under.settle();
    this.areSettling = false;
  }

  /** Throws if a limit has ended the session and must not, or the reverse. Ends it on both sides if it must. */
  private expectEnd(actor: Actor, mustEnd: boolean): void {
    const isUp = this.under.rib.peer(actor.id).send !== undefined;
    if (actor.naive.isUp && isUp === mustEnd) throw new Error(`limit: expected end: ${mustEnd}`);
    if (mustEnd) this.down(actor);
  }

  /** Returns whether a limit ends the session, at once or by paths for which the message has made space. */
  private receive(actor: Actor, bytes: Uint8Array, roll: Dice): boolean {
    const { addPath, asnBytes, families: negotiated } = actor.plan;
    const context = { asnBytes, families: negotiated, addPath: [addPath, addPath] };
    const reached = this.under.receive(actor.id, bytes, this.now, context);
    this.admit(actor, roll);
    return reached !== undefined || this.under.rib.peer(actor.id).send === undefined;
  }

  /** Accepts, in slices, all blocked paths for which a limit has space: they must be in before the next message. */
  private admit(actor: Actor, roll: Dice): void {
    if (!isLimited(actor.plan)) return;
    const { rib } = this.under;
    const isAdmitting = (): boolean => rib.peer(actor.id).counts.some((one) => one.isAdmitting);
    while (isAdmitting()) rib.work(1 + roll.below(3), () => true);
  }

  /** Judges what is waiting if paths may be kept, because it may decide whether a path is the last of its address. */
  private settleIfKeeping(): void {
    const isKeeping = this.oracle.services.some(({ keepMs }) => keepMs !== undefined);
    if (isKeeping && this.areSettling) this.settle();
  }

  private settingsOf(plan: PeerPlan, isShadow = false) {
    const { acceptedLimit, receivedLimit, maxPathsPerPrefix, honours } = plan;
    return this.under.settings(plan.imported, plan.exported, {
      mayAddPath: plan.takesSeveral.includes(true),
      acceptedLimit,
      receivedLimit,
      ...(maxPathsPerPrefix !== undefined && { maxPathsPerPrefix }),
      honourGracefulShutdown: honours,
      isShadow,
    });
  }

  private describe(nlri: readonly NaiveNlri[], route?: NaiveRoute): void {
    const prefixes = nlri.map((it) => `${prefixText(it.prefix)}#${it.pathId}`).join(' ');
    this.log.push(`  ${prefixes} ${route === undefined ? '' : canonicalText(route)}`);
  }
}

function isLimited(plan: LimitedPlan): boolean {
  const { acceptedLimit, receivedLimit, maxPathsPerPrefix } = plan;
  const limits = [...acceptedLimit, ...receivedLimit, maxPathsPerPrefix];
  return limits.some((limit) => limit !== undefined);
}

type LimitedPlan = Pick<PeerPlan, 'acceptedLimit' | 'receivedLimit'> &
  Partial<Pick<PeerPlan, 'maxPathsPerPrefix'>>;
