import { expect, it } from 'vitest';
import { AgeClock } from '#daemon/age-clock.ts';
import { ManualClock } from '#support/manual-clock.ts';

const hour = 60 * 60 * 1000;
const year = 365 * 24 * hour;

type Step = readonly [what: string, passesMs: number, setToMs: number, isBelieved: boolean];

it.each<readonly [string, readonly Step[]]>([
  [
    'a clock is believed some hours after a start',
    [
      ['at once', 0, 0, false],
      ['nearly', 6 * hour - 1, 0, false],
      ['then', 1, 0, true],
      ['from then on', year, 0, true],
    ],
  ],
  [
    'one that is set ahead is not, until it has kept that time',
    [
      ['before', 6 * hour, 0, true],
      ['set', 1000, year, false],
      ['nearly', 6 * hour - 1, year, false],
      ['then', 1, year, true],
    ],
  ],
  [
    'nor is one that is set right again',
    [
      ['before', 6 * hour, 0, true],
      ['set', 0, year, false],
      ['right', 5 * hour, 0, false],
      ['nearly', 6 * hour - 1, 0, false],
      ['then', 1, 0, true],
    ],
  ],
  [
    'one that is set a little goes on being believed',
    [
      ['before', 6 * hour, 0, true],
      ['set', 0, hour, true],
      ['back', 0, 0, true],
    ],
  ],
])('%s', (_, steps) => {
  const clock = new ManualClock();
  const age = new AgeClock(clock);
  for (const [what, passesMs, setToMs, isBelieved] of steps) {
    clock.advance(passesMs);
    clock.wallSetMs = setToMs;
    expect(age.now(), what).toBe(isBelieved ? clock.wall() : undefined);
  }
});
