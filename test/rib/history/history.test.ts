import { describe, test } from 'vitest';
import { decisions, playHistories } from '../../fuzz/histories.ts';

// The seeds are fixed here; `npm run fuzz -- --rib` takes new ones each time, and as many as there is time for.
describe.each(decisions)(
  'the RIB agrees with its oracle (MED $med, ties by $tieBreak)',
  (options) => {
    const seed = decisions.indexOf(options);

    test('after each of 200 short histories', () => {
      playHistories(options, { runs: 200, steps: 16 }, seed);
    });

    test('after each of 6 long histories', () => {
      playHistories(options, { runs: 6, steps: 400 }, seed);
    });
  },
);
