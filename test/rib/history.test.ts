import * as fc from 'fast-check';
import { describe, test } from 'vitest';
import type { DecisionOptions } from '#rib/decision-steps.ts';
import { History } from './history.ts';

const decisions: readonly DecisionOptions[] = [
  { med: 'same_as', tieBreak: 'router_id' },
  { med: 'always', tieBreak: 'router_id' },
  { med: 'same_as', tieBreak: 'oldest' },
];
const step = fc.integer({ min: 0, max: 2 ** 31 - 1 });

describe.each(decisions)('the RIB is as its oracle (MED $med, ties by $tieBreak)', (options) => {
  const play = (steps: readonly number[]): void => new History(options).play(steps);
  const seed = decisions.indexOf(options);

  test('after each of 3300 short histories', () => {
    const histories = fc.array(step, { minLength: 1, maxLength: 16, size: 'max' });
    fc.assert(fc.property(histories, play), { numRuns: 3300, seed });
  });

  test('after each of 40 long histories', () => {
    const histories = fc.array(step, { minLength: 1, maxLength: 400, size: 'max' });
    fc.assert(fc.property(histories, play), { numRuns: 40, seed });
  });
});
