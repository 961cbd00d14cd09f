import * as fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { atOnce } from '#daemon/in-slices.ts';
import { isInside } from '#policy/prefix-bits.ts';
import type { Vrp } from '#rpki/pdu.ts';
import { RpkiData } from '#rpki/rpki-data.ts';
import { VrpColumns } from '#rpki/vrp-columns.ts';
import { vrpOf } from '#support/rtr-pdus.ts';
import { parsePrefix } from '#text/prefix.ts';
import { families, type Family } from '#wire/constants.ts';
import type { Prefix } from '#wire/nlri.ts';

function vrp(text: string): Vrp {
  const { prefix, ...rest } = vrpOf(text);
  return { ...prefix, ...rest };
}

interface Change {
  readonly vrp: Vrp;
  readonly isAnnounced: boolean;
}

function received(isWhole: boolean, changes: readonly Change[]) {
  const vrps = families.map(({ family }) => new VrpColumns(family));
  for (const change of changes) vrps[change.vrp.family].add(change.vrp, change.isAnnounced);
  return { isWhole, vrps, aspas: new Map<number, number[]>() };
}

function take(data: RpkiData, isWhole: boolean, changes: readonly Change[]) {
  const next = atOnce(data.prepare(received(isWhole, changes), textOf));
  data.install(next);
  return next;
}

function announced(...texts: readonly string[]): Change[] {
  return texts.map((text) => ({ vrp: vrp(text), isAnnounced: true }));
}

function textOf({ word0, word1, lengthBits, maxLengthBits, asn, family }: Vrp): string {
  return [family, word0, word1, lengthBits, maxLengthBits, asn].join();
}

function stateOf(data: RpkiData, prefix: Prefix, origin: number | undefined): string {
  return data.originState(data.originClass(prefix), origin);
}

/** RFC 6811 §2, word by word. */
function naiveState(vrps: readonly Vrp[], prefix: Prefix, origin: number | undefined): string {
  const covering = vrps.filter((row) => isInside(prefix, row));
  if (covering.length === 0) return 'not_found';
  const matches = covering.some(
    ({ asn, maxLengthBits }) =>
      origin !== undefined && asn !== 0 && asn === origin && prefix.lengthBits <= maxLengthBits,
  );
  return matches ? 'valid' : 'invalid';
}

describe('the origin of a route is what RFC 6811 says', () => {
  const data = new RpkiData();
  take(
    data,
    true,
    announced(
      '192.0.2.0/24-28 AS64500',
      '192.0.2.0/24 AS64501',
      '192.0.0.0/16 AS64502',
      '198.51.100.0/24 AS0',
      '2001:db8::/32-48 AS64500',
      '::/0 AS64999',
    ),
  );
  it.each<[string, number | undefined, string]>([
    ['192.0.2.0/24', 64500, 'valid'],
    ['192.0.2.0/24', 64501, 'valid'],
    ['192.0.2.0/28', 64500, 'valid'],
    ['192.0.2.0/29', 64500, 'invalid'],
    ['192.0.2.0/25', 64501, 'invalid'],
    ['192.0.2.0/24', 64502, 'invalid'],
    ['192.0.2.0/24', undefined, 'invalid'],
    ['192.0.3.0/24', 64502, 'invalid'],
    ['192.0.0.0/16', 64502, 'valid'],
    ['192.0.0.0/15', 64502, 'not_found'],
    ['198.51.100.0/24', 0, 'invalid'],
    ['203.0.113.0/24', undefined, 'not_found'],
    ['2001:db8:1::/48', 64500, 'valid'],
    ['2001:db8::/49', 64500, 'invalid'],
    ['2001:db9::/32', 64999, 'invalid'],
    ['::/0', 64999, 'valid'],
  ])('%s from AS %s', (prefix, origin, expected) => {
    expect(stateOf(data, parsePrefix(prefix), origin)).toBe(expected);
  });

  it('and the VRPs that say so can be told, the longest first', () => {
    const found = data.covering(parsePrefix('192.0.2.64/27'));
    expect(found.map(({ lengthBits, asn }) => [lengthBits, asn])).toEqual([
      [24, 64501],
      [24, 64500],
      [16, 64502],
    ]);
  });
});

const word = fc.constantFrom(0x0a000000, 0x0a010000, 0x0a010200, 0x8a010200 | 0, 0x0a018000);

function arbitraryPrefix(): fc.Arbitrary<Prefix> {
  return fc
    .tuple(
      fc.constantFrom<Family>(0, 1),
      word,
      word,
      fc.oneof(fc.integer({ min: 0, max: 32 }), fc.integer({ min: 0, max: 128 })),
    )
    .map(([family, word0, word1, bits]) => {
      const lengthBits = Math.min(bits, families[family].maxLengthBits);
      const words = family === 0 ? [word0, 0, 0, 0] : [word0, word1, word1, word0];
      const [first, second, third, fourth] = words.map(
        (value, at) => value & maskOf(lengthBits - at * 32),
      );
      return { family, lengthBits, word0: first, word1: second, word2: third, word3: fourth };
    });
}

function maskOf(bits: number): number {
  if (bits <= 0) return 0;
  return bits >= 32 ? -1 : -1 << (32 - bits);
}

const arbitraryVrp: fc.Arbitrary<Vrp> = fc
  .tuple(arbitraryPrefix(), fc.integer({ min: 0, max: 40 }), fc.integer({ min: 0, max: 4 }))
  .map(([prefix, more, asn]) => ({
    ...prefix,
    maxLengthBits: Math.min(prefix.lengthBits + more, families[prefix.family].maxLengthBits),
    asn,
  }));

test('random histories of random VRPs leave every prefix as the naive table has it, and touch what they change', () => {
  const history = fc.array(
    fc.tuple(fc.boolean(), fc.uniqueArray(arbitraryVrp, { maxLength: 30, selector: textOf })),
    { minLength: 1, maxLength: 5 },
  );
  const asked = fc.array(fc.tuple(arbitraryPrefix(), fc.integer({ min: 0, max: 5 })), {
    minLength: 20,
    maxLength: 60,
  });
  fc.assert(
    fc.property(history, asked, (steps, questions) => {
      const data = new RpkiData();
      let known = new Map<string, Vrp>();
      for (const [isWhole, some] of steps) {
        const before = [...known.values()];
        if (isWhole) known = new Map();
        const changes = some.map((row) => ({ vrp: row, isAnnounced: !known.has(textOf(row)) }));
        for (const change of changes) {
          if (change.isAnnounced) known.set(textOf(change.vrp), change.vrp);
          else known.delete(textOf(change.vrp));
        }
        const { change } = take(data, isWhole, changes);
        const after = [...known.values()];
        expect(data.vrpCount).toBe(after.length);
        for (const [prefix, asn] of questions) {
          const origin = asn === 0 ? undefined : asn;
          const state = naiveState(after, prefix, origin);
          expect(stateOf(data, prefix, origin)).toBe(state);
          if (naiveState(before, prefix, origin) !== state) {
            expect(change.touchesPrefix(prefix)).toBe(true);
          }
          const covering = after.filter((row) => isInside(prefix, row)).map(textOf);
          expect(data.covering(prefix).map(textOf).toSorted()).toEqual(covering.toSorted());
        }
      }
    }),
    { numRuns: 300 },
  );
});

describe('data that contradicts itself is refused, and nothing changes', () => {
  const one = '192.0.2.0/24 AS64500';
  it.each<[string, boolean, readonly Change[], number]>([
    ['a VRP twice', true, [...announced(one), ...announced(one)], 7],
    ['a VRP that is there already', false, announced(one), 7],
    [
      'a withdrawal of what was never announced',
      false,
      [{ vrp: vrp('192.0.2.0/25 AS64500'), isAnnounced: false }],
      6,
    ],
  ])('%s', (_, isWhole, changes, code) => {
    const data = new RpkiData();
    take(data, true, announced(one));
    expect(() => take(data, isWhole, changes)).toThrow(expect.objectContaining({ code }));
    expect(data.vrpCount).toBe(1);
  });

  it('but what is withdrawn and announced again in one answer is there', () => {
    const data = new RpkiData();
    take(data, true, announced(one));
    const { changes } = take(data, false, [
      { vrp: vrp(one), isAnnounced: false },
      { vrp: vrp(one), isAnnounced: true },
    ]);
    expect(data.vrpCount).toBe(1);
    expect(changes).toBe(0);
  });
});

it('a class means the same origins after the data has changed', () => {
  const data = new RpkiData();
  take(data, true, announced('192.0.2.0/24 AS64500'));
  const prefix = parsePrefix('192.0.2.0/24');
  const before = data.originClass(prefix);
  take(data, true, announced('192.0.2.0/24 AS64501'));
  expect(data.originClass(prefix)).not.toBe(before);
  expect(data.originState(before, 64500)).toBe('valid');
  take(data, true, announced('192.0.2.0/24 AS64500'));
  expect(data.originClass(prefix)).toBe(before);
});

it('classes that nothing asks for any more are dropped in the end, and that is told', () => {
  const data = new RpkiData(5);
  const prefix = parsePrefix('192.0.2.0/24');
  for (let asn = 1; asn <= 8; asn++) {
    take(data, true, announced(`192.0.2.0/24 AS${asn}`));
    data.originClass(prefix);
  }
  expect(data.renumberings).toBe(1);
  expect(data.originClass(prefix)).toBeLessThan(4);
});
