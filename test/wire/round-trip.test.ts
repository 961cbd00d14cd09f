import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decodeAttributes, encodeAttributes } from '#wire/attributes.ts';
import type { AsPathSegment } from '#wire/path-attributes.ts';
import { UpdateDecoder } from '#wire/update-decoder.ts';
import { attributeSets } from './arbitraries.ts';
import { fromHex, toHex } from './hex.ts';
import { context, length16 } from './update-bytes.ts';

describe('attributes', () => {
  test('every set is decoded from its own encoding', () => {
    const property = fc.property(attributeSets, (set) => {
      const block = encodeAttributes(set, { asnBytes: 4, inlineNextHop: true });
      const isInline = set.nextHop.length === 4;
      const decoded = decodeAttributes(block, 0, block.length, {
        mpNextHop: isInline ? undefined : set.nextHop,
        needsNextHop: isInline,
      });
      expect(decoded).toEqual({ attributes: set, discarded: [] });
    });
    fc.assert(property);
  });

  test('every set is decoded from the encoding of a 2-octet peer, including 4-octet AS numbers', () => {
    const property = fc.property(attributeSets, (set) => {
      const block = encodeAttributes(set, { asnBytes: 2, inlineNextHop: true });
      const body = fromHex(`0000${length16(toHex(block))}${toHex(block)}00`);
      const decoder = new UpdateDecoder();
      const update = decoder.decode(body, 0, body.length, { ...context, asnBytes: 2 });
      const { attributeBytes, attributesStart, attributesEnd } = update;
      const isInline = set.nextHop.length === 4;
      const decoded = decodeAttributes(attributeBytes, attributesStart, attributesEnd, {
        mpNextHop: isInline ? undefined : set.nextHop,
        needsNextHop: isInline,
      });
      expect({ ...decoded.attributes, asPath: flat(decoded.attributes.asPath) }).toEqual({
        ...set,
        asPath: flat(set.asPath),
      });
    });
    fc.assert(property);
  });
});

/** Returns a path with adjoining sequences joined. */
function flat(path: readonly AsPathSegment[]): readonly unknown[] {
  return path.flatMap(({ kind, asns }): readonly unknown[] => (kind === 'set' ? [asns] : asns));
}

test('an AS_PATH sequence of more than 255 ASes is split', () => {
  const asns = Array.from({ length: 300 }, (_, index) => index + 1);
  const set = fc.sample(attributeSets, 1)[0];
  const path = [{ kind: 'sequence' as const, asns }];
  const block = encodeAttributes(
    { ...set, nextHop: fromHex('0a000001'), asPath: path },
    { asnBytes: 4, inlineNextHop: true },
  );
  const { attributes } = decodeAttributes(block, 0, block.length, { needsNextHop: true });
  expect(attributes.asPath.map((segment) => segment.asns.length)).toEqual([255, 45]);
  expect(flat(attributes.asPath)).toEqual(asns);
});

test('LOCAL_PREF is never written, NEXT_HOP only on request', () => {
  const set = { ...fc.sample(attributeSets, 1)[0], nextHop: fromHex('0a000001'), localPref: 200 };
  const without = encodeAttributes(set, { asnBytes: 4, inlineNextHop: false });
  const decoded = decodeAttributes(without, 0, without.length, { needsNextHop: true });
  expect(decoded.malformed?.name).toBe('next_hop');
  expect(decoded.attributes.localPref).toBeUndefined();
});
