import * as fc from 'fast-check';
import { AttributeType, Family } from '#wire/constants.ts';
import type { Prefix } from '#wire/nlri.ts';
import type { PathAttributes } from '#wire/path-attributes.ts';

const u32 = fc.integer({ min: 0, max: 0xffffffff });
const asn = fc.oneof(
  fc.integer({ min: 1, max: 0xffff }),
  fc.integer({ min: 0x10000, max: 0xffffffff }),
);

/** Any prefix of either family, with zero bits past its length and signed words as in memory. */
export const prefixes: fc.Arbitrary<Prefix> = fc
  .tuple(fc.constantFrom(Family.ipv4Unicast, Family.ipv6Unicast), fc.nat(128), u32, u32, u32, u32)
  .map(([family, bits, ...words]) => {
    const lengthBits = family === Family.ipv4Unicast ? bits % 33 : bits;
    const [word0, word1, word2, word3] = words.map((word, index) => {
      const used = Math.max(0, Math.min(32, lengthBits - 32 * index));
      return used === 0 ? 0 : word & (-1 << (32 - used));
    });
    return { family, lengthBits, word0, word1, word2, word3 };
  });

function octets(length: number): fc.Arbitrary<Uint8Array> {
  return fc.uint8Array({ minLength: length, maxLength: length });
}

const segments = fc.record({
  kind: fc.constantFrom('sequence' as const, 'set' as const),
  asns: fc.array(asn, { minLength: 1, maxLength: 80 }),
});

const unknown = fc.record({
  flags: fc.constant(0xe0),
  type: fc.constantFrom(11, 22, 23, 40, 99, 128, 255),
  value: fc.uint8Array({ maxLength: 300 }),
});

const optional = fc.record(
  {
    med: u32,
    aggregator: fc.record({ asn, address: octets(4) }),
    otc: u32,
  },
  { requiredKeys: [] },
);

/** Attributes as they are decoded: each has a value, and optional ones are sometimes absent. */
export const attributeSets: fc.Arbitrary<PathAttributes> = fc
  .tuple(
    optional,
    fc.record({
      origin: fc.constantFrom(0 as const, 1 as const, 2 as const),
      asPath: fc.array(segments, { maxLength: 3 }),
      nextHop: fc.oneof(octets(4), octets(16)),
      atomicAggregate: fc.boolean(),
      communities: fc.array(u32, { maxLength: 80 }),
      extCommunities: fc.array(octets(8), { maxLength: 5 }),
      ipv6ExtCommunities: fc.array(octets(20), { maxLength: 3 }),
      largeCommunities: fc.uniqueArray(fc.tuple(u32, u32, u32), {
        maxLength: 30,
        selector: String,
      }),
      unknown: fc.uniqueArray(unknown, { maxLength: 3, selector: ({ type }) => type }),
    }),
    fc.boolean(),
  )
  .map(([some, all, isPartial]) => ({
    ...some,
    ...all,
    unknown: [...all.unknown].sort((a, b) => a.type - b.type),
    ...(isPartial && all.communities.length > 0 && { partial: [AttributeType.communities] }),
  }));
