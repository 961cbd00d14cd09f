import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { digitPatterns } from '#interop/sibling/digit-patterns.ts';

it.each([
  [64_512, 65_534, 6],
  [4_200_000_000, 4_294_967_294, 8],
  [1, 4_294_967_295, 19],
  [0, 9, 1],
  [7, 7, 1],
])('numbers from %i to %i take %i patterns of digits', (min, max, count) => {
  expect(digitPatterns(min, max)).toHaveLength(count);
});

it('a number matches exactly one pattern if it is in the range, and otherwise none', () => {
  const asn = fc.oneof(fc.nat(1200), fc.integer({ min: 0, max: 4_294_967_295 }));
  fc.assert(
    fc.property(asn, asn, fc.array(asn), (first, second, others) => {
      const [min, max] = [Math.min(first, second), Math.max(first, second)];
      const patterns = digitPatterns(min, max).map((text) => new RegExp(`^${text}$`));
      for (const number of [min - 1, min, min + 1, max - 1, max, max + 1, ...others]) {
        const count = patterns.filter((pattern) => pattern.test(String(number))).length;
        expect(count).toBe(min <= number && number <= max ? 1 : 0);
      }
    }),
  );
});
