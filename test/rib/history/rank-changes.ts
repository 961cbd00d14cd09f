import type { Dice } from '#support/dice.ts';
import type { Prefix } from '#wire/nlri.ts';
import type { PathAttributes } from '#wire/path-attributes.ts';
import type { NaivePeer, NaiveRoute } from '../../oracle/rib-oracle.ts';
import { mirrored } from '../random-routes.ts';
import type { Actor } from './actor.ts';
import type { Comparison } from './comparison.ts';
import type { Tandem } from './tandem.ts';

/** RFC 8326 §5. */
const gracefulShutdown = 0xffff0000;

/**
 * Changes only what the paths of one peer are ranked by, most often of the peer whose path is best, when a second path
 * is nearly as good. Before these paths are decided again, a third peer announces the same prefix, so that the path
 * that is best by the old ranks may meet one that the new ranks put between it and the second. Finally the first peer
 * may go down, although only its own paths are known to be due for a new decision.
 */
export class RankChanges {
  private readonly tandem: Tandem;
  private readonly comparison: Comparison;

  constructor(tandem: Tandem, comparison: Comparison) {
    this.tandem = tandem;
    this.comparison = comparison;
  }

  play(roll: Dice): void {
    const paths = this.tandem.oracle.paths.filter(({ peer }) => peer.isUp);
    if (paths.length === 0) return;
    const { peer, prefix, pathId, received } = roll.pick(paths);
    const actor = this.actorOf(peer);
    const [second, third] = this.rivalsOf(actor, prefix, roll);
    const isShuttingDown = roll.chance(0.3);
    if (isShuttingDown && roll.chance(0.7)) this.tandem.replaceSettings(actor, { honours: false });
    if (isShuttingDown && peer.isUp) {
      const route = { attributes: shuttingDown(received.attributes) };
      this.tandem.announceRoute(actor, roll, [{ prefix, pathId }], route);
    }
    if (second !== undefined) this.announceBeside(second, prefix, received, roll);
    const isSettled = roll.chance(0.7);
    if (isSettled) this.tandem.settle();
    const [best] = this.tandem.oracle.ranked(prefix);
    const first =
      isShuttingDown || best === undefined || best.peer === third?.naive || !best.peer.isUp
        ? { actor, pathId }
        : { actor: this.actorOf(best.peer), pathId: best.pathId };
    if (isShuttingDown) this.tandem.replaceSettings(actor, { honours: !actor.plan.honours });
    else this.changeRank(first.actor, roll);
    if (third === undefined || !third.naive.isUp) return;
    const before = this.acceptedOf(third, prefix);
    this.announceBeside(third, prefix, received, roll);
    // Only ranks have changed, and new ranks apply at once to a prefix of which an accepted path changes.
    const after = this.acceptedOf(third, prefix);
    const hasChanged = after !== undefined && after !== before;
    if (isSettled && hasChanged && roll.chance(0.5)) this.comparison.checkBest(prefix);
    const mayGo = first.actor.naive.isUp && roll.chance(0.5);
    if (mayGo) this.tandem.withdrawRoutes(first.actor, roll, [{ prefix, pathId: first.pathId }]);
  }

  private actorOf(peer: NaivePeer): Actor {
    const actor = this.tandem.actors.find(({ naive }) => naive === peer);
    if (actor === undefined) throw new Error(`no peer ${peer.name}`);
    return actor;
  }

  private acceptedOf({ naive }: Actor, prefix: Prefix): PathAttributes | undefined {
    return this.tandem.oracle.ranked(prefix).find(({ peer }) => peer === naive)?.accepted;
  }

  private changeRank(actor: Actor, roll: Dice): void {
    const { imported } = actor.plan;
    const peerAddress = mirrored(imported.peerAddress);
    const [, change] = roll.weighted([
      [4, () => this.tandem.replaceSettings(actor, { imported: { ...imported, peerAddress } })],
      [3, () => this.tandem.setDrained(actor, !actor.naive.isDrained)],
      [2, () => this.tandem.setAnswering(actor, roll)],
      [1, () => this.tandem.setServices(roll)],
      [1, () => this.tandem.setDecision(roll)],
      [2, () => this.comeBack(actor, roll)],
    ]);
    change();
  }

  /** Brings the peer back as after a graceful restart, perhaps with another BGP Identifier; its old routes are kept. */
  private comeBack(actor: Actor, roll: Dice): void {
    this.tandem.loseBut(actor, [true, true]);
    this.tandem.up(actor, roll);
  }

  /** Returns two other peers that may announce the prefix, as far as there are any, and brings them up. */
  private rivalsOf(actor: Actor, { family }: Prefix, roll: Dice): (Actor | undefined)[] {
    const able = this.tandem.actors.filter(
      (other) => other !== actor && other.plan.families[family],
    );
    const second = able.length > 0 ? roll.pick(able) : undefined;
    const others = able.filter((other) => other !== second);
    const third = others.length > 0 ? roll.pick(others) : undefined;
    if (second !== undefined) this.tandem.up(second, roll);
    if (third !== undefined) this.tandem.up(third, roll);
    return [second, third];
  }

  /** Has the peer announce the prefix, with the given route or with one of its own. */
  private announceBeside(actor: Actor, prefix: Prefix, route: NaiveRoute, roll: Dice): void {
    const nlri = [{ prefix, pathId: actor.plan.addPath ? 1 : 0 }];
    if (!actor.naive.isUp) return;
    if (roll.chance(0.7)) this.tandem.announceRoute(actor, roll, nlri, route);
    else this.tandem.announceRoutes(actor, roll, nlri);
  }
}

function shuttingDown(attributes: PathAttributes): PathAttributes {
  return { ...attributes, communities: [gracefulShutdown] };
}
