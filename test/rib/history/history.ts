import type { DecisionOptions } from '#rib/decision-steps.ts';
import { type Dice, dice } from '#support/dice.ts';
import { families, type Family } from '#wire/constants.ts';
import type { NaivePath } from '../../oracle/rib-oracle.ts';
import { asNumbers, randomNlri, randomSettings } from '../random-routes.ts';
import { RouteFollower } from '../route-follower.ts';
import type { Actor } from './actor.ts';
import { Comparison } from './comparison.ts';
import { RankChanges } from './rank-changes.ts';
import { Tandem } from './tandem.ts';

/**
 * One random history, played on the RIB and on its oracle at once. Each number is the seed of one
 * step, so that a history that fails shrinks by leaving steps out.
 */
export class History {
  private readonly tandem: Tandem;
  private readonly follower: RouteFollower;
  private readonly comparison: Comparison;
  private readonly rankChanges: RankChanges;

  /** A prefix with more paths than `longestChain` is a crowd. */
  constructor(options: DecisionOptions, longestChain: number) {
    this.tandem = new Tandem(options, longestChain);
    const { under, oracle } = this.tandem;
    this.comparison = new Comparison(under, oracle);
    this.rankChanges = new RankChanges(this.tandem, this.comparison);
    this.follower = new RouteFollower(under.rib);
  }

  play(steps: readonly number[]): void {
    const { tandem } = this;
    tandem.isPlain = dice(steps[0] ?? 0).chance(0.4);
    for (let i = 0; i < 4; i++) tandem.addPeer(dice(i * 7919 + (steps[0] ?? 0)));
    try {
      for (const seed of steps) this.step(dice(seed));
      for (const actor of tandem.actors) tandem.setLagging(actor, false);
      this.check();
    } catch (error) {
      const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
      throw new Error(`${tandem.log.join('\n')}\n${text}`, { cause: error });
    }
  }

  private step(roll: Dice): void {
    this.tandem.now += roll.below(2);
    if (this.tandem.actors.length === 0) return this.tandem.addPeer(roll);
    const actor = this.pickActor(roll);
    const kinds: readonly (readonly [number, string, () => void])[] = [
      [40, 'announce', () => this.announce(actor, roll)],
      [12, 'withdraw', () => this.withdraw(actor, roll)],
      [6, 'replace', () => this.tandem.replace(actor, roll)],
      [4, 'down', () => this.tandem.down(actor)],
      [4, 'lose', () => this.lose(actor, roll)],
      [4, 'flap', () => this.flap(actor, roll)],
      [4, 'mark', () => this.tandem.mark(actor, oneFamily(roll))],
      [3, 'keep long', () => this.tandem.keepLongLived(actor, roll)],
      [4, 'sweep', () => this.tandem.sweep(actor, oneFamily(roll), roll)],
      [4, 'again', () => this.announceAgain(actor, roll)],
      [8, 'up', () => this.tandem.up(actor, roll)],
      [6, 'settings', () => this.changeSettings(actor, roll)],
      [12, 'ranks', () => this.rankChanges.play(roll)],
      [3, 'shadow', () => this.tandem.setShadow(actor, roll.chance(0.5))],
      [5, 'lagging', () => this.tandem.setLagging(actor, roll.chance(0.5))],
      [3, 'AS', () => this.changeAs(actor, roll)],
      [1, 'decide', () => this.tandem.setDecision(roll)],
      [4, 'drain', () => this.tandem.setDrained(actor, roll.chance(0.6))],
      [3, 'services', () => this.tandem.setServices(roll)],
      [4, 'probe', () => this.tandem.setAnswering(actor, roll)],
      [3, 'refresh', () => this.tandem.refresh(actor, roll)],
      [1, 'remove', () => this.tandem.removePeer(actor)],
      [2, 'add', () => this.tandem.addPeer(roll)],
      [2, 'end kept', () => this.tandem.endKept()],
      [16, 'work', () => this.work(roll)],
      [2, 'check', () => this.check()],
    ];
    const [, name, play] = roll.weighted(kinds);
    this.tandem.log.push(`${name} ${actor.plan.imported.peerName}`);
    play();
    if (!this.tandem.areSettling)
      for (const one of this.tandem.actors) this.comparison.checkPaths(one);
  }

  /** Picks any peer, but that of a kept path more often, because kept paths are rare and soon removed. */
  private pickActor(roll: Dice): Actor {
    const keeper = this.keptPath?.peer;
    const found = this.tandem.actors.find(({ naive }) => naive === keeper);
    return found !== undefined && roll.chance(0.5) ? found : roll.pick(this.tandem.actors);
  }

  private get keptPath(): NaivePath | undefined {
    return this.tandem.oracle.paths.find(({ keptUntil }) => keptUntil !== undefined);
  }

  /** Does a slice of work. Sometimes its time is over before it begins, so that it stops wherever a slice may. */
  private work(roll: Dice): void {
    const isLate = roll.chance(0.5);
    this.tandem.under.rib.work(1 + roll.below(4), () => isLate);
    this.follower.take(1);
  }

  private announce(actor: Actor, roll: Dice): void {
    if (!actor.naive.isUp) return this.tandem.up(actor, roll);
    this.tandem.announceRoutes(actor, roll, randomNlri(roll, actor.plan));
  }

  private withdraw(actor: Actor, roll: Dice): void {
    if (!actor.naive.isUp) return;
    this.tandem.withdrawRoutes(actor, roll, randomNlri(roll, actor.plan));
  }

  /** Ends the session by a loss after which some families are kept. */
  private lose(actor: Actor, roll: Dice): void {
    const kept = families.map(() => roll.chance(0.7));
    this.tandem.loseBut(actor, kept);
  }

  /** Ends the session and begins another while the paths of the first are perhaps still being removed. */
  private flap(actor: Actor, roll: Dice): void {
    if (roll.chance(0.5)) this.tandem.down(actor);
    else this.lose(actor, roll);
    if (roll.chance(0.5)) this.tandem.under.rib.work(1);
    this.tandem.up(actor, roll);
    if (roll.chance(0.7)) this.announce(actor, roll);
  }

  /** Has the peer announce and withdraw something between a BoRR and an EoRR, perhaps with an interruption. */
  private announceAgain(actor: Actor, roll: Dice): void {
    const kept = this.keptPath;
    const family = kept?.peer === actor.naive ? kept.prefix.family : oneFamily(roll);
    this.tandem.mark(actor, family);
    if (roll.chance(0.7)) this.announce(actor, roll);
    if (roll.chance(0.3)) this.work(roll);
    if (roll.chance(0.3)) this.tandem.mark(actor, family);
    if (roll.chance(0.5)) this.withdraw(actor, roll);
    this.tandem.sweep(actor, family, roll);
    if (roll.chance(0.5)) this.announce(actor, roll);
  }

  private changeSettings(actor: Actor, roll: Dice): void {
    this.tandem.replaceSettings(
      actor,
      randomSettings(roll, actor.plan.imported, this.tandem.isPlain),
    );
  }

  /** Changes the AS of the peer, at which export policies may look, while all policies stay as they are. */
  private changeAs(actor: Actor, roll: Dice): void {
    const { imported } = actor.plan;
    const peerAs = roll.pick(asNumbers);
    this.tandem.replaceSettings(actor, { imported: { ...imported, peerAs } });
  }

  private check(): void {
    this.tandem.settle();
    this.follower.take();
    this.follower.check();
    this.comparison.check(this.tandem.actors);
  }
}

function oneFamily(roll: Dice): Family {
  return roll.chance(0.5) ? 0 : 1;
}
