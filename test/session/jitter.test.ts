import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { jitter, keepaliveDeadline } from '#session/jitter.ts';

test('jitter is 75 to 100 percent', () => {
  expect(jitter(1_000, () => 0)).toBe(750);
  expect(jitter(1_000, () => 0.5)).toBe(875);
  expect(jitter(Infinity, () => 0.5)).toBe(Infinity);
});

test('a KEEPALIVE is due after 75 to 100 percent too, whenever its timer starts', () => {
  const starts = fc.double({ min: 0, max: 1e10, noNaN: true });
  const randoms = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
  fc.assert(
    fc.property(starts, fc.integer({ min: 1_000, max: 100_000 }), randoms, (now, ms, random) => {
      const deadline = keepaliveDeadline(now, ms, () => random);
      expect(deadline).toBeGreaterThanOrEqual(now + 0.75 * ms - 1e-5);
      expect(deadline).toBeLessThanOrEqual(now + ms);
    }),
  );
});

test('KEEPALIVEs of hundreds of sessions are sent at four moments of a second, in equal shares', () => {
  const counts = new Map<number, number>();
  for (let session = 0; session < 800; session++) {
    const deadline = keepaliveDeadline(1 + session / 8, 2_000, () => ((session * 7) % 800) / 800);
    counts.set(deadline, (counts.get(deadline) ?? 0) + 1);
  }
  expect([...counts.keys()].toSorted((a, b) => a - b)).toEqual([1_750, 2_000]);
  expect(Math.min(...counts.values())).toBeGreaterThan(200);
});

test('no KEEPALIVE is due if none is negotiated', () => {
  expect(keepaliveDeadline(5, Infinity, () => 0.5)).toBe(Infinity);
});
