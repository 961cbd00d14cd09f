import type { DecisionOptions } from '#rib/decision-steps.ts';
import { type Dice, dice } from '#support/dice.ts';
import { families, type Family } from '#wire/constants.ts';
import type { Prefix } from '#wire/nlri.ts';
import type { PathAttributes } from '#wire/path-attributes.ts';
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
  mirrored,
  type PeerPlan,
  randomAnnouncement,
  randomNlri,
  randomPeer,
  randomRouteOrLast,
  randomSettings,
  serviceSets,
  type SettingsPlan,
} from '../random-routes.ts';
import { RouteFollower } from '../route-follower.ts';
import { prefixText } from '../router-table.ts';
import type { Actor } from './actor.ts';
import { canonicalText, Comparison } from './comparison.ts';

const mostPeers = 7;
/** RFC 8326 §5. */
const gracefulShutdown = 0xffff0000;

/**
 * One random history, played on the RIB and on its oracle at once. Each number is the seed of one
 * step, so that a history that fails shrinks by leaving steps out.
 */
export class History {
  readonly under: RibUnderTest;
  private readonly follower: RouteFollower;
  private readonly oracle: RibOracle;
  private readonly comparison: Comparison;
  private readonly actors: Actor[] = [];
  private now = 0;
  private peersMade = 0;
  /** All paths are accepted and of one neighbour AS, so that ranks alone decide. */
  private isPlain = false;
  /** Paths may be waiting to be judged again, or to become long-lived. */
  private areSettling = false;
  private readonly log: string[] = [];

  constructor(options: DecisionOptions) {
    this.oracle = new RibOracle(options);
    this.under = new RibUnderTest({
      decision: options,
      sweepAt: 8,
      events: {
        limitReached: (peer, { limit }) => {
          const ends = limit.action === 'restart' || limit.action === 'shutdown';
          if (ends) this.under.rib.peerDown(peer);
        },
      },
    });
    this.comparison = new Comparison(this.under, this.oracle);
    this.follower = new RouteFollower(this.under.rib);
  }

  play(steps: readonly number[]): void {
    this.isPlain = dice(steps[0] ?? 0).chance(0.4);
    for (let i = 0; i < 4; i++) this.addPeer(dice(i * 7919 + (steps[0] ?? 0)));
    try {
      for (const seed of steps) this.step(dice(seed));
      for (const actor of this.actors) this.setLagging(actor, false);
      this.check();
    } catch (error) {
      const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
      throw new Error(`${this.log.join('\n')}\n${text}`, { cause: error });
    }
  }

  private step(roll: Dice): void {
    this.now += roll.below(2);
    if (this.actors.length === 0) return this.addPeer(roll);
    const actor = this.pickActor(roll);
    const kinds: readonly (readonly [number, string, () => void])[] = [
      [40, 'announce', () => this.announce(actor, roll)],
      [12, 'withdraw', () => this.withdraw(actor, roll)],
      [6, 'replace', () => this.replace(actor, roll)],
      [4, 'down', () => this.down(actor)],
      [4, 'lose', () => this.lose(actor, roll)],
      [4, 'flap', () => this.flap(actor, roll)],
      [4, 'mark', () => this.mark(actor, roll)],
      [3, 'keep long', () => this.keepLongLived(actor, roll)],
      [4, 'sweep', () => this.sweep(actor, roll)],
      [8, 'up', () => this.up(actor, roll)],
      [6, 'settings', () => this.changeSettings(actor, roll)],
      [12, 'ranks', () => this.changeRanks(roll)],
      [3, 'shadow', () => this.setShadow(actor, roll.chance(0.5))],
      [5, 'lagging', () => this.setLagging(actor, roll.chance(0.5))],
      [1, 'decide', () => this.setDecision(roll)],
      [4, 'drain', () => this.setDrained(actor, roll.chance(0.6))],
      [3, 'services', () => this.setServices(roll)],
      [4, 'probe', () => this.setAnswering(actor, roll)],
      [3, 'refresh', () => this.refresh(actor, roll)],
      [1, 'remove', () => this.removePeer(actor)],
      [2, 'add', () => this.addPeer(roll)],
      [2, 'end kept', () => this.endKept()],
      [16, 'work', () => this.work(roll)],
      [2, 'check', () => this.check()],
    ];
    const [, name, play] = roll.weighted(kinds);
    this.log.push(`${name} ${actor.plan.imported.peerName}`);
    play();
    if (!this.areSettling) for (const one of this.actors) this.comparison.checkPaths(one);
  }

  /** Any; where a path is kept its peer more often, for little is seen of what is rare and soon over. */
  private pickActor(roll: Dice): Actor {
    const keeper = this.oracle.paths.find(({ keptUntil }) => keptUntil !== undefined)?.peer;
    const found = this.actors.find(({ naive }) => naive === keeper);
    return found !== undefined && roll.chance(0.5) ? found : roll.pick(this.actors);
  }

  /** A slice, at times one whose time is over before it has begun: it stops wherever a slice may. */
  private work(roll: Dice): void {
    const isLate = roll.chance(0.5);
    this.under.rib.work(1 + roll.below(4), () => isLate);
    this.follower.take(1);
  }

  private addPeer(roll: Dice): void {
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

  private removePeer(actor: Actor): void {
    this.under.rib.removePeer(actor.id);
    this.under.routers.delete(actor.id);
    this.oracle.remove(actor.naive);
    this.actors.splice(this.actors.indexOf(actor), 1);
  }

  private up(actor: Actor, roll: Dice): void {
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

  /** For good: what has outlived an earlier session goes too. */
  private down(actor: Actor): void {
    const { rib } = this.under;
    rib.peerDown(actor.id);
    for (const { family } of families) if (!actor.naive.isUp) rib.endStale(actor.id, family);
    this.under.routers.delete(actor.id);
    this.oracle.down(actor.naive);
  }

  /** The session is lost, and some families are kept. */
  private lose(actor: Actor, roll: Dice): void {
    const kept = families.map(() => roll.chance(0.7));
    this.loseBut(actor, kept);
  }

  private loseBut(actor: Actor, kept: readonly boolean[]): void {
    if (!actor.naive.isUp) return;
    this.under.rib.peerDown(actor.id, kept);
    this.under.routers.delete(actor.id);
    this.oracle.lose(actor.naive, kept);
  }

  /** Gone, and back while what it had announced is going still. */
  private flap(actor: Actor, roll: Dice): void {
    if (roll.chance(0.5)) this.down(actor);
    else this.lose(actor, roll);
    if (roll.chance(0.5)) this.under.rib.work(1);
    this.up(actor, roll);
    if (roll.chance(0.7)) this.announce(actor, roll);
  }

  private mark(actor: Actor, roll: Dice): void {
    const family: Family = roll.chance(0.5) ? 0 : 1;
    this.under.rib.markStale(actor.id, family);
    this.oracle.markStale(actor.naive, family);
  }

  private keepLongLived(actor: Actor, roll: Dice): void {
    const family: Family = roll.chance(0.5) ? 0 : 1;
    this.under.rib.keepLongLived(actor.id, family);
    const mustEnd = this.oracle.keepLongLived(actor.naive, family);
    this.areSettling = true;
    if (isLimited(actor.plan)) this.settle();
    this.expectEnd(actor, mustEnd);
  }

  private sweep(actor: Actor, roll: Dice): void {
    const family: Family = roll.chance(0.5) ? 0 : 1;
    this.under.rib.endStale(actor.id, family);
    this.expectEnd(actor, this.oracle.endStale(actor.naive, family));
  }

  /** Whether a limit has ended the session by itself. */
  private expectEnd(actor: Actor, mustEnd: boolean): void {
    const isUp = this.under.rib.peer(actor.id).send !== undefined;
    if (actor.naive.isUp && isUp === mustEnd) throw new Error(`limit: expected end: ${mustEnd}`);
    if (mustEnd) this.down(actor);
  }

  private announce(actor: Actor, roll: Dice): void {
    if (!actor.naive.isUp) return this.up(actor, roll);
    this.announceRoutes(actor, roll, randomNlri(roll, actor.plan));
  }

  private announceRoutes(actor: Actor, roll: Dice, nlri: readonly NaiveNlri[]): void {
    const { family } = nlri[0].prefix;
    this.announceRoute(actor, roll, nlri, randomRouteOrLast(roll, actor.plan, family, actor.last));
  }

  private announceRoute(
    actor: Actor,
    roll: Dice,
    nlri: readonly NaiveNlri[],
    route: NaiveRoute,
  ): void {
    actor.last = route;
    const bytes = randomAnnouncement(roll, actor.plan, nlri, route);
    this.describe(nlri, route);
    const reached = this.receive(actor, bytes);
    const mustEnd = this.oracle.announce(actor.naive, nlri, route, this.now);
    if (mustEnd !== reached) throw new Error(`limit: ${reached}, expected ${mustEnd}`);
    if (mustEnd) this.down(actor);
  }

  private withdraw(actor: Actor, roll: Dice): void {
    if (!actor.naive.isUp) return;
    this.withdrawRoutes(actor, randomNlri(roll, actor.plan));
  }

  private withdrawRoutes(actor: Actor, nlri: readonly NaiveNlri[]): void {
    this.describe(nlri);
    this.settleIfKeeping();
    this.receive(actor, withdrawal(nlri, actor.plan.addPath));
    this.expectEnd(actor, this.oracle.withdraw(actor.naive, nlri, this.now));
  }

  /** One UPDATE that withdraws and announces, some prefixes maybe both: those are announced. */
  private replace(actor: Actor, roll: Dice): void {
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
    const reached = this.receive(actor, inOne(withdrawal(gone, actor.plan.addPath), bytes));
    const wasOver = this.oracle.withdraw(actor.naive, gone, this.now, nlri);
    if (wasOver) return this.expectEnd(actor, true);
    const mustEnd = this.oracle.announce(actor.naive, nlri, route, this.now);
    if (mustEnd !== reached) throw new Error(`limit: ${reached}, expected ${mustEnd}`);
    if (mustEnd) this.down(actor);
  }

  /** What is still to be judged may decide whether a path is the last of its address. */
  private settleIfKeeping(): void {
    const isKeeping = this.oracle.services.some(({ keepMs }) => keepMs !== undefined);
    if (isKeeping && this.areSettling) this.settle();
  }

  private settle(): void {
    this.under.settle();
    this.areSettling = false;
  }

  private endKept(): void {
    this.under.rib.endDueKept(this.now);
    this.oracle.endKept(({ keptUntil = 0 }) => keptUntil <= this.now);
  }

  /** Whether a limit ends the session: at once, or by what the message has made room for. */
  private receive(actor: Actor, bytes: Uint8Array): boolean {
    const { addPath, asnBytes, families: negotiated } = actor.plan;
    const context = { asnBytes, families: negotiated, addPath: [addPath, addPath] };
    const reached = this.under.receive(actor.id, bytes, this.now, context);
    return reached !== undefined || this.under.rib.peer(actor.id).send === undefined;
  }

  private changeSettings(actor: Actor, roll: Dice): void {
    this.replaceSettings(actor, randomSettings(roll, actor.plan.imported, this.isPlain));
  }

  /**
   * Changes no more than what the paths of one peer are ranked by, most often of the one whose path is the best, beside
   * a second path that is hardly apart from it; then, before they are decided again, a third peer announces the same
   * prefix. So the path that is best by the old ranks may meet one that the new ranks put between it and the second.
   * At last the first may go, whose own paths are the only ones of which it is known that they are to be decided again.
   */
  private changeRanks(roll: Dice): void {
    const paths = this.oracle.paths.filter(({ peer }) => peer.isUp);
    if (paths.length === 0) return;
    const { peer, prefix, pathId, received } = roll.pick(paths);
    const actor = this.actorOf(peer);
    const [second, third] = this.rivalsOf(actor, prefix, roll);
    const isShuttingDown = roll.chance(0.3);
    if (isShuttingDown && roll.chance(0.7)) this.replaceSettings(actor, { honours: false });
    if (isShuttingDown && peer.isUp) {
      const route = { attributes: shuttingDown(received.attributes) };
      this.announceRoute(actor, roll, [{ prefix, pathId }], route);
    }
    if (second !== undefined) this.announceBeside(second, prefix, received, roll);
    const isSettled = roll.chance(0.7);
    if (isSettled) this.settle();
    const [best] = this.oracle.ranked(prefix);
    const first =
      isShuttingDown || best === undefined || best.peer === third?.naive || !best.peer.isUp
        ? { actor, pathId }
        : { actor: this.actorOf(best.peer), pathId: best.pathId };
    if (isShuttingDown) this.replaceSettings(actor, { honours: !actor.plan.honours });
    else this.changeRank(first.actor, roll);
    if (third === undefined || !third.naive.isUp) return;
    const before = this.acceptedOf(third, prefix);
    this.announceBeside(third, prefix, received, roll);
    // Nothing but ranks has changed: they hold at once for a prefix of which an accepted path changes.
    const after = this.acceptedOf(third, prefix);
    const hasChanged = after !== undefined && after !== before;
    if (isSettled && hasChanged && roll.chance(0.5)) this.comparison.checkBest(prefix);
    const mayGo = first.actor.naive.isUp && roll.chance(0.5);
    if (mayGo) this.withdrawRoutes(first.actor, [{ prefix, pathId: first.pathId }]);
  }

  private actorOf(peer: NaivePeer): Actor {
    const actor = this.actors.find(({ naive }) => naive === peer);
    if (actor === undefined) throw new Error(`no peer ${peer.name}`);
    return actor;
  }

  private acceptedOf({ naive }: Actor, prefix: Prefix): PathAttributes | undefined {
    return this.oracle.ranked(prefix).find(({ peer }) => peer === naive)?.accepted;
  }

  private changeRank(actor: Actor, roll: Dice): void {
    const { imported } = actor.plan;
    const peerAddress = mirrored(imported.peerAddress);
    const [, change] = roll.weighted([
      [4, () => this.replaceSettings(actor, { imported: { ...imported, peerAddress } })],
      [3, () => this.setDrained(actor, !actor.naive.isDrained)],
      [2, () => this.setAnswering(actor, roll)],
      [1, () => this.setServices(roll)],
      [1, () => this.setDecision(roll)],
      [2, () => this.comeBack(actor, roll)],
    ]);
    change();
  }

  /** As after a graceful restart: under another BGP identifier maybe, while the routes from before are kept. */
  private comeBack(actor: Actor, roll: Dice): void {
    this.loseBut(actor, [true, true]);
    this.up(actor, roll);
  }

  /** Two other peers that may announce the prefix, as far as there are so many; they are up then. */
  private rivalsOf(actor: Actor, { family }: Prefix, roll: Dice): (Actor | undefined)[] {
    const able = this.actors.filter((other) => other !== actor && other.plan.families[family]);
    const second = able.length > 0 ? roll.pick(able) : undefined;
    const others = able.filter((other) => other !== second);
    const third = others.length > 0 ? roll.pick(others) : undefined;
    if (second !== undefined) this.up(second, roll);
    if (third !== undefined) this.up(third, roll);
    return [second, third];
  }

  /** The peer announces the prefix, by the same route or by one of its own. */
  private announceBeside(actor: Actor, prefix: Prefix, route: NaiveRoute, roll: Dice): void {
    const nlri = [{ prefix, pathId: actor.plan.addPath ? 1 : 0 }];
    if (!actor.naive.isUp) return;
    if (roll.chance(0.7)) this.announceRoute(actor, roll, nlri, route);
    else this.announceRoutes(actor, roll, nlri);
  }

  /** With limits what is let in depends on when: then nothing else happens meanwhile. */
  private replaceSettings(actor: Actor, settings: Partial<SettingsPlan>): void {
    const areLimited = isLimited(actor.plan) || isLimited({ ...actor.plan, ...settings });
    // Which of two paths of a prefix is judged first may then decide, and no order is promised.
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

  /** Everything is computed as before, and the router holds nothing. */
  private setShadow(actor: Actor, isShadow: boolean): void {
    if (isLimited(actor.plan)) this.settle();
    if (actor.isShadow && !isShadow) actor.joins++;
    actor.isShadow = isShadow;
    const { settings } = this.under.rib.peer(actor.id);
    this.under.rib.replaceSettings(actor.id, { ...settings, isShadow });
  }

  private setLagging(actor: Actor, isLagging: boolean): void {
    if (!actor.naive.isUp) return;
    actor.isLagging = isLagging;
    this.under.rib.setLagging(actor.id, isLagging);
  }

  private setDecision(roll: Dice): void {
    const decision = {
      med: roll.pick(['same_as', 'always'] as const),
      tieBreak: roll.pick(['router_id', 'oldest'] as const),
    };
    this.under.rib.setDecision(decision);
    this.oracle.options = decision;
  }

  private setDrained(actor: Actor, isDrained: boolean): void {
    this.under.rib.setDrained(actor.id, isDrained);
    actor.naive.isDrained = isDrained;
    if (isDrained) this.oracle.endKept(({ peer }) => peer === actor.naive);
  }

  private setServices(roll: Dice): void {
    const services = roll.pick(serviceSets);
    this.under.rib.setServices(bandsOf(services));
    this.oracle.services = services;
    this.oracle.endKept(({ prefix }) => {
      const service = this.oracle.serviceOf(prefix);
      return services[service - 1]?.keepMs === undefined;
    });
  }

  private setAnswering({ id, naive }: Actor, roll: Dice): void {
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

  private refresh(actor: Actor, roll: Dice): void {
    const family: Family = roll.chance(0.5) ? 0 : 1;
    const enhanced = roll.chance(0.5);
    if (!actor.naive.isUp || actor.isShadow || !actor.plan.families[family]) return;
    if (enhanced) actor.refreshes[family]++;
    this.under.rib.sendAgain(actor.id, family, enhanced);
  }

  private check(): void {
    this.settle();
    this.follower.take();
    this.follower.check();
    this.comparison.check(this.actors);
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

function shuttingDown(attributes: PathAttributes): PathAttributes {
  return { ...attributes, communities: [gracefulShutdown] };
}

function isLimited(plan: LimitedPlan): boolean {
  const { acceptedLimit, receivedLimit, maxPathsPerPrefix } = plan;
  const limits = [...acceptedLimit, ...receivedLimit, maxPathsPerPrefix];
  return limits.some((limit) => limit !== undefined);
}

type LimitedPlan = Pick<PeerPlan, 'acceptedLimit' | 'receivedLimit'> &
  Partial<Pick<PeerPlan, 'maxPathsPerPrefix'>>;
