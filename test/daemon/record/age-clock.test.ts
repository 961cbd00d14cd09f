import { expect, it } from 'vitest';
import { AgeClock } from '#daemon/record/age-clock.ts';

const hour = 60 * 60 * 1000;
const day = 24 * hour;
const year = 365 * day;
const begin = Date.parse('2026-11-29T00:00:00Z');

/** Two clocks that a test sets. */
function clocks() {
  const at = { wallMs: begin, ms: 0 };
  const age = new AgeClock({ wall: () => at.wallMs, monotonic: () => at.ms });
  return {
    age,
    /** Time goes by, and somebody sets the wall clock. */
    pass: (ms: number, setByMs = 0): number => {
      at.ms += ms;
      at.wallMs += ms + setByMs;
      return age.now() - begin;
    },
  };
}

it('goes with the wall clock, which may be set a little', () => {
  const { pass } = clocks();
  expect(pass(hour)).toBe(hour);
  expect(pass(1000, 60_000)).toBe(hour + 61_000);
  expect(pass(1000, -60_000)).toBe(hour + 2000);
});

it('does not go ahead with a wall clock that is wrong for a while, and comes back with it', () => {
  const { pass } = clocks();
  expect(pass(1000, 10 * year)).toBe(1000);
  expect(pass(hour)).toBe(hour + 1000);
  expect(pass(0, -10 * year)).toBe(hour + 1000);
});

it('believes a wall clock that has kept its time for a day', () => {
  const { pass } = clocks();
  pass(1000, year);
  expect(pass(day - 1)).toBe(day - 1 + 1000);
  expect(pass(1)).toBe(year + day + 1000);
});

it('goes on after a start where the last event was, until a day has passed', () => {
  const { age, pass } = clocks();
  age.continueFrom(begin - year);
  expect(pass(1000)).toBe(1000 - year);
  expect(pass(day)).toBe(day + 1000);
});

it('follows a wall clock that is set back', () => {
  const { pass } = clocks();
  expect(pass(1000, -2 * hour)).toBe(1000 - 2 * hour);
});
