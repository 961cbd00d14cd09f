import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { factsOf } from '#rib/tables/attr-facts.ts';
import { decodeAttributes, encodeAttributes } from '#wire/attributes.ts';
import { BlockScan } from '#wire/block-scan.ts';
import { address } from '../policy/given.ts';
import { attributeSets } from './arbitraries.ts';

const pieces: readonly (readonly number[])[] = [
  [0x40, 1, 1, 0],
  [0x40, 1, 1, 3],
  [0x50, 1, 0, 1, 2],
  [0x40, 2, 6, 2, 1, 0, 0, 253, 233],
  [0x40, 2, 0],
  [0x40, 2, 6, 1, 1, 0, 0, 253, 233],
  [0x40, 2, 12, 2, 1, 0, 0, 253, 233, 1, 1, 0, 0, 253, 234],
  [0x40, 2, 10, 2, 2, 0, 0, 253, 233, 0, 0, 0, 0],
  [0x40, 2, 6, 2, 2, 0, 0, 253, 233],
  [0x40, 2, 6, 3, 1, 0, 0, 253, 233],
  [0x40, 2, 2, 2, 0],
  [0x40, 2, 1, 2],
  [0x40, 3, 4, 192, 0, 2, 1],
  [0x80, 4, 4, 0, 0, 0, 1],
  [0x40, 5, 4, 0, 0, 0, 1],
  [0x40, 6, 0],
  [0xe0, 7, 8, 0, 0, 253, 233, 192, 0, 2, 1],
  [0xc0, 7, 8, 0, 0, 0, 0, 192, 0, 2, 1],
  [0xc0, 8, 4, 255, 255, 0, 0],
  [0xe0, 8, 4, 255, 255, 0, 0],
  [0xc0, 8, 8, 0, 1, 0, 1, 255, 255, 0, 6],
  [0xc0, 16, 8, 0, 2, 253, 232, 0, 0, 0, 1],
  [0xc0, 16, 7, 0, 2, 253, 232, 0, 0, 0],
  [0xc0, 32, 12, 0, 0, 253, 232, 0, 0, 0, 1, 0, 0, 0, 2],
  [0xc0, 35, 4, 0, 0, 253, 233],
  [0xc0, 32, 24, ...Array.from({ length: 24 }, () => 7)],
  [0xc0, 17, 0],
  [0xe0, 99, 2, 1, 2],
  [0xc0, 99, 2, 1, 2],
  [0x80, 99, 0],
  [0xd0, 8, 1, 0, ...Array.from({ length: 256 }, () => 7)],
];
const piece = fc.constantFrom(...pieces);

/** The mandatory attributes in order, NEXT_HOP or not, then some of the others. */
const usualBlock = fc
  .tuple(pieceOf(1), pieceOf(2), fc.option(pieceOf(3)), fc.array(piece, { maxLength: 3 }))
  .map(([origin, asPath, nextHop, others]) => {
    const further = others.filter(([, type]) => type > 3).toSorted((a, b) => a[1] - b[1]);
    return [origin, asPath, ...(nextHop === null ? [] : [nextHop]), ...further];
  });

function pieceOf(wanted: number): fc.Arbitrary<readonly number[]> {
  return fc.constantFrom(...pieces.filter(([, type]) => type === wanted));
}

test('a block that the scan accepts is valid, canonical, and has the facts that it reports', () => {
  const sure = { blocks: 0 };
  const blocks = fc.oneof(
    fc.array(piece, { maxLength: 6 }),
    fc
      .uniqueArray(piece, { selector: ([, type]) => type })
      .map((it) => it.toSorted((a, b) => a[1] - b[1])),
    usualBlock,
  );
  fc.assert(
    fc.property(blocks, fc.boolean(), (it, mp) => {
      if (isAsDecoded(it, mp)) sure.blocks++;
    }),
    { numRuns: 8000 },
  );
  expect(sure.blocks).toBeGreaterThan(50);
});

test('the scan recognizes what was encoded, except very many large communities', () => {
  fc.assert(
    fc.property(attributeSets, (attributes) => {
      const isInline = attributes.nextHop.length === 4;
      const block = encodeAttributes(attributes, { asnBytes: 4, inlineNextHop: isInline });
      const scan = new BlockScan();
      const isSure = scan.read(block, 0, block.length, isInline);
      expect(isSure || attributes.largeCommunities.length > 32).toBe(true);
      if (isSure) expect(scan).toMatchObject(factsOf(attributes));
    }),
  );
});

/** Whether the scan accepted the block. */
function isAsDecoded(parts: readonly (readonly number[])[], mp: boolean): boolean {
  const block = Uint8Array.from([7, ...parts.flat(), 7]);
  const end = block.length - 1;
  const scan = new BlockScan();
  if (!scan.read(block, 1, end, !mp)) return false;
  const mpNextHop = mp ? address('2001:db8::1') : undefined;
  const decoded = decodeAttributes(block, 1, end, { mpNextHop, needsNextHop: !mp });
  const { attributes, malformed, discarded } = decoded;
  expect([malformed, discarded]).toEqual([undefined, []]);
  const encoded = encodeAttributes(attributes, { asnBytes: 4, inlineNextHop: !mp });
  expect(encoded).toEqual(block.slice(1, end));
  expect(scan).toMatchObject(factsOf(attributes));
  return true;
}
