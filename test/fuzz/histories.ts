import * as fc from 'fast-check';
import type { DecisionOptions } from '#rib/decision-steps.ts';
import { History } from '../rib/history/history.ts';

/** Every way in which paths may be compared. */
export const decisions: readonly DecisionOptions[] = [
  { med: 'same_as', tieBreak: 'router_id' },
  { med: 'always', tieBreak: 'router_id' },
  { med: 'same_as', tieBreak: 'oldest' },
];

/** How many histories, and how many steps each has at most. */
export interface HistoryPlan {
  readonly runs: number;
  readonly steps: number;
}

/**
 * Plays random histories on the RIB and on its oracle at once. Throws if the two differ, with the shortest history that
 * was found and its seed.
 */
export function playHistories(
  options: DecisionOptions,
  { runs, steps }: HistoryPlan,
  seed: number,
): void {
  const step = fc.integer({ min: 0, max: 2 ** 31 - 1 });
  const histories = fc.array(step, { minLength: 1, maxLength: steps, size: 'max' });
  // Histories have few paths of a prefix, so that none would be a crowd otherwise.
  const longestChain = fc.constantFrom(2, 24);
  const play = (numbers: readonly number[], chain: number): void =>
    new History(options, chain).play(numbers);
  fc.assert(fc.property(histories, longestChain, play), { numRuns: runs, seed });
}

/** Plays histories with new seeds for this many seconds; returns how many were played. */
export function fuzzHistories(seconds: number, seed: number): number {
  const endMs = performance.now() + seconds * 1000;
  let played = 0;
  for (let round = seed; performance.now() < endMs; round++) {
    for (const options of decisions) {
      playHistories(options, { runs: 100, steps: 16 }, round);
      playHistories(options, { runs: 2, steps: 400 }, round);
      played += 102;
    }
  }
  return played;
}
