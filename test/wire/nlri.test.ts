import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Family } from '#wire/constants.ts';
import { countNlri, writeNlri } from '#wire/nlri.ts';
import type { NlriRange } from '#wire/path-attributes.ts';
import { prefixes } from './arbitraries.ts';
import { fromHex } from './hex.ts';
import { prefixesOf, prefixText } from './prefixes.ts';

function rangeOf(bytes: Uint8Array, family: Family, addPath = false): NlriRange {
  return { family, start: 0, end: bytes.length, addPath };
}

const { ipv4Unicast, ipv6Unicast } = Family;

describe('NLRI', () => {
  test('every prefix is decoded as it was encoded, whatever precedes and follows it', () => {
    const property = fc.property(fc.array(prefixes, { maxLength: 20 }), (all) => {
      for (const family of [ipv4Unicast, ipv6Unicast]) {
        const wanted = all.filter((prefix) => prefix.family === family);
        const bytes = new Uint8Array(17 * 20 + 1);
        let end = 1;
        for (const prefix of wanted) end = writeNlri(bytes, end, prefix);
        const range = { family, start: 1, end, addPath: false };
        expect(countNlri(bytes, range)).toBe(wanted.length);
        expect(prefixesOf(bytes, range)).toEqual(wanted.map(prefixText));
      }
    });
    fc.assert(property);
  });

  test.each([
    { hex: '18 c63364', family: ipv4Unicast, want: ['198.51.100.0/24'] },
    { hex: '19 c63364ff', family: ipv4Unicast, want: ['198.51.100.128/25'] },
    { hex: '01 ff', family: ipv4Unicast, want: ['128.0.0.0/1'] },
    { hex: '00', family: ipv4Unicast, want: ['0.0.0.0/0'] },
    { hex: '00', family: ipv6Unicast, want: ['::/0'] },
    { hex: '2f 20010db8ffff', family: ipv6Unicast, want: ['2001:db8:fffe::/47'] },
    { hex: '21 20010db8ff', family: ipv6Unicast, want: ['2001:db8:8000::/33'] },
    { hex: '41 20010db8000000000f', family: ipv6Unicast, want: ['2001:db8::/65'] },
    {
      hex: '7f 20010db80000000000000000000000ff',
      family: ipv6Unicast,
      want: ['2001:db8::fe/127'],
    },
  ])('$hex: bits past the length do not matter', ({ hex, family, want }) => {
    const bytes = fromHex(hex);
    expect(prefixesOf(bytes, rangeOf(bytes, family))).toEqual(want);
  });

  test.each([
    { name: '33 bits of IPv4', hex: '21 0102030405', family: ipv4Unicast },
    { name: '129 bits of IPv6', hex: `81 ${'00'.repeat(17)}`, family: ipv6Unicast },
    { name: 'a prefix cut off', hex: '18 c633', family: ipv4Unicast },
    {
      name: 'a length cut off behind its path identifier',
      hex: '00000001',
      family: ipv4Unicast,
      addPath: true,
    },
    { name: 'a path identifier cut off', hex: '000000', family: ipv4Unicast, addPath: true },
  ])('$name is refused', ({ hex, family, addPath }) => {
    const bytes = fromHex(hex);
    expect(countNlri(bytes, rangeOf(bytes, family, addPath))).toBe(-1);
  });

  test('an empty range holds nothing', () => {
    const bytes = fromHex('');
    expect(countNlri(bytes, rangeOf(bytes, ipv4Unicast))).toBe(0);
    expect(prefixesOf(bytes, rangeOf(bytes, ipv4Unicast))).toEqual([]);
  });
});
