import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { PeerId } from '#policy/ids.ts';
import type { DecisionOptions } from '#rib/decision-steps.ts';
import type { Rib } from '#rib/rib.ts';
import { OverlayAttrs } from '#rib/whatif/overlay-attrs.ts';
import { simulateSettings } from '#rib/whatif/simulate-settings.ts';
import { simulateLosses } from '#rib/whatif/simulate.ts';
import { type Dice, dice } from '#support/dice.ts';
import { bandsOf, type PeerPlan, randomSettings, serviceSets } from '../random-routes.ts';
import { type Place, Rehearsal, seenBy, SimulatedJudges } from '../rehearsal.ts';
import { snapshot } from '../snapshot.ts';

const decisions: readonly DecisionOptions[] = [
  { med: 'same_as', tieBreak: 'router_id' },
  { med: 'always', tieBreak: 'router_id' },
  { med: 'same_as', tieBreak: 'oldest' },
];
const seeds = fc.integer({ min: 0, max: 2 ** 31 - 1 });
const timeout = 60_000;

function namesOf(plans: Iterable<PeerPlan>): Set<string> {
  return new Set([...plans].map(({ imported }) => imported.peerName));
}

function isLimited({ acceptedLimit, receivedLimit }: PeerPlan): boolean {
  return [...acceptedLimit, ...receivedLimit].some((limit) => limit !== undefined);
}

/** Returns the new plan of each peer; removed peers are left out, and new ones have ids that no peer has. */
function newPlans(rehearsal: Rehearsal, roll: Dice): Map<PeerId, PeerPlan> {
  const plans = new Map<PeerId, PeerPlan>();
  const changing = roll.chance(0.8) ? 0.5 : 0;
  for (const [id, plan] of rehearsal.plans) {
    if (roll.chance(0.15)) continue;
    const changed = { ...plan, ...randomSettings(roll, plan.imported, plan.isPlain) };
    // Which of two paths of a prefix a limit accepts depends on their rows, and no order is promised.
    const isOpen = plan.addPath && (isLimited(plan) || isLimited(changed));
    plans.set(id, isOpen || !roll.chance(changing) ? plan : changed);
  }
  // A new peer has had no session yet, so a simulation assumes that it supports everything.
  const able = { longLived: true, maxMessageBytes: 65_535 };
  if (roll.chance(changing)) plans.set(40 as PeerId, { ...rehearsal.newPlan(roll), ...able });
  return plans;
}

/** Simulates a loss of some peers, then makes it. With `isWatched`, the live RIB must not change in between. */
function rehearseLoss(decision: DecisionOptions, seed: number, isWatched = false): void {
  const roll = dice(seed);
  const rehearsal = new Rehearsal(decision, roll);
  const { under, plans } = rehearsal;
  const ids = [...plans.keys()];
  const losses = [0, 1, 2].map(() => new Set(ids.filter(() => roll.chance(0.4))));
  const chosen = roll.below(losses.length);
  const left = [...plans].filter(([id]) => !losses[chosen].has(id) && !rehearsal.ended.has(id));
  const clients = namesOf(left.map(([, plan]) => plan));
  const watch = (): string => (isWatched ? snapshot(under.rib) : '');
  const untouched = watch();
  const attrs = new OverlayAttrs(under.rib, seed);
  const judges = new SimulatedJudges(attrs.table, (id) => plans.get(id));
  const peers = rehearsal.simulated(plans, judges);
  const { after, visit } = rehearsal.over(attrs.table, sameFor(clients));
  const run = simulateLosses(under.rib, attrs, peers, losses, (loss, outcome) => {
    if (loss === chosen) visit(outcome);
  });
  for (const _ of run);
  expect(watch()).toBe(untouched);
  for (const id of losses[chosen]) rehearsal.end(id);
  under.settle();
  expect(seenBy(after, clients)).toEqual(seenBy(rehearsal.table, clients));
}

/** Does the same as `rehearseLoss` with new settings for some peers, and with peers that are added and removed. */
function rehearseSettings(decision: DecisionOptions, seed: number, isWatched = false): void {
  const roll = dice(seed);
  const rehearsal = new Rehearsal(decision, roll);
  const { under } = rehearsal;
  const before = new Map(rehearsal.plans);
  const plans = newPlans(rehearsal, roll);
  const watch = (): string => (isWatched ? snapshot(under.rib) : '');
  const untouched = watch();
  const attrs = new OverlayAttrs(under.rib, seed);
  const other = roll.chance(0.3) ? roll.pick(decisions) : decision;
  const planOf = (id: PeerId) => plans.get(id) ?? before.get(id);
  const judges = new SimulatedJudges(attrs.table, planOf);
  const up = [...before].filter(([id]) => !rehearsal.ended.has(id));
  const { after, visit } = rehearsal.over(
    attrs.table,
    sameFor(namesOf(up.map(([, plan]) => plan))),
    new Map([...before, ...plans]),
  );
  const now = rehearsal.simulated(before, judges);
  const then = rehearsal.simulated(plans, judges);
  const services = roll.chance(0.3) ? bandsOf(roll.pick(serviceSets)) : under.rib.services;
  const isOther = services !== under.rib.services;
  const settings = { peers: then, decision: other, services };
  for (const _ of simulateSettings(under.rib, attrs, now, settings, visit, () => isOther));
  expect(watch()).toBe(untouched);
  under.rib.setDecision(other);
  if (isOther) under.rib.setServices(services);
  for (const [id] of before) if (!plans.has(id)) rehearsal.remove(id);
  for (const [id, plan] of plans) {
    if (!before.has(id)) rehearsal.add(plan);
    else if (before.get(id) !== plan) rehearsal.replace(id, plan);
  }
  under.settle();
  const staying = [...rehearsal.plans].filter(([id]) => !rehearsal.ended.has(id));
  const clients = namesOf(staying.map(([, plan]) => plan));
  expect(seenBy(after, clients)).toEqual(seenBy(rehearsal.table, clients));
}

function sameFor(clients: ReadonlySet<string>) {
  return (name: string, given: Place, live: Place): void => {
    const [is, was] = [given, live].map((place) => seenBy(new Map([[name, place]]), clients));
    expect(is).toEqual(was);
  };
}

describe.each(decisions)('a simulation (MED $med, ties by $tieBreak)', (decision) => {
  it('of a loss is what the loss then does', { timeout }, () => {
    const property = fc.property(seeds, (seed) => rehearseLoss(decision, seed));
    fc.assert(property, { numRuns: 40, seed: 1 });
  });

  it('of new settings is what a reload then does', { timeout }, () => {
    const property = fc.property(seeds, (seed) => rehearseSettings(decision, seed));
    fc.assert(property, { numRuns: 40, seed: 1 });
  });
});

describe('the live RIB after a simulation', () => {
  it.each([1, 2, 3, 4, 5])('is what it was, to the byte (%i)', (seed) => {
    rehearseLoss(decisions[0], seed, true);
    rehearseSettings(decisions[0], seed, true);
  });
});

function rulesOf({ decision, services }: Rib) {
  return { decision, services };
}

/** Simulates while the live RIB changes between the slices. The result does not matter, only that there is one. */
function rehearseMeanwhile(seed: number): void {
  const roll = dice(seed);
  const rehearsal = new Rehearsal(decisions[0], roll);
  const { rib } = rehearsal.under;
  const before = new Map(rehearsal.plans);
  const plans = newPlans(rehearsal, roll);
  const attrs = new OverlayAttrs(rib, seed);
  const judges = new SimulatedJudges(attrs.table, (id) => plans.get(id) ?? before.get(id));
  const now = rehearsal.simulated(before, judges);
  const then = rehearsal.simulated(plans, judges);
  const losses = [...before.keys()].map((id) => new Set([id]));
  const work = roll.chance(0.5)
    ? simulateLosses(rib, attrs, now, losses, () => undefined)
    : simulateSettings(rib, attrs, now, { ...rulesOf(rib), peers: then }, () => undefined);
  for (const _ of work) if (roll.chance(0.5)) rehearsal.stir(roll);
}

it('a simulation of a RIB that changes meanwhile comes to an end', { timeout }, () => {
  fc.assert(fc.property(seeds, rehearseMeanwhile), { numRuns: 100, seed: 1 });
});
