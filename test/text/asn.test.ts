import { describe, expect, test } from 'vitest';
import { parseAsn, parseAsnRange } from '#text/asn.ts';

describe('an AS number', () => {
  test.each([
    ['0', 0],
    ['65001', 65_001],
    ['4294967295', 4_294_967_295],
    ['1.10', 65_546],
    ['65535.65535', 4_294_967_295],
  ])('%s', (text, asn) => expect(parseAsn(text)).toBe(asn));

  test.each(['', '01', '4294967296', '1.', '1.65536', '+1', ' 1', '1e3', 'AS1'])(
    'is not %j',
    (text) => expect(parseAsn(text)).toBeUndefined(),
  );
});

describe('a range of AS numbers', () => {
  test.each([
    ['64512-65534', 64_512, 65_534],
    ['7-7', 7, 7],
    ['1.0-1.10', 65_536, 65_546],
    ['4200000000-', 4_200_000_000, 4_294_967_295],
  ])('%s', (text, min, max) => expect(parseAsnRange(text)).toEqual({ min, max }));

  const range = 'expected a range of AS numbers such as 64512-65534';
  test.each([
    ['65534-64512', 'the first AS number is greater than the second'],
    ['0-7', 'AS 0 is in no AS_PATH; begin with 1'],
    ['7', range],
    ['-7', range],
    ['1-2-3', range],
    ['1-4294967296', range],
    ['1.65536-2.0', range],
    ['64512..65534', range],
  ])('is not %s', (text, reason) => {
    expect(() => parseAsnRange(text)).toThrow(`${text}: ${reason}`);
  });
});
