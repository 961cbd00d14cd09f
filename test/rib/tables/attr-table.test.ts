import { describe, expect, test } from 'vitest';
import type { AttrsId } from '#policy/ids.ts';
import { AttrTable } from '#rib/tables/attr-table.ts';
import { Slice } from '#rib/work/slice.ts';
import { encodeAttributes } from '#wire/attributes.ts';
import { Framer } from '#wire/framer.ts';
import type { ByteRange } from '#wire/octets.ts';
import type { PathAttributes } from '#wire/path-attributes.ts';
import { UpdateDecoder } from '#wire/update-decoder.ts';
import { address, prefix, route, sequence, set } from '../../policy/given.ts';
import { announcement, seed } from '../given.ts';

type Respell = (block: Uint8Array) => Uint8Array;
const asIs: Respell = (block) => block;

/** Interns the attributes as an UPDATE for one prefix carries them. */
function receive(table: AttrTable, attributes: PathAttributes, respell = asIs): AttrsId {
  const text = attributes.nextHop.length === 4 ? '192.0.2.0/24' : '2001:db8:30::1/128';
  const framer = new Framer();
  framer.push(announcement([{ prefix: prefix(text) }], attributes, { respell }));
  framer.next();
  const update = new UpdateDecoder().decode(framer.bytes, framer.start, framer.end, {
    asnBytes: 4,
    families: [true, true],
    addPath: [false, false],
    extendedNextHop: [true, false],
  });
  return table.internReceived(update, update.mpReach.start < update.mpReach.end);
}

const full = route({
  asPath: [sequence(65001, 4_200_000_001), set(65010, 65011)],
  med: 100,
  atomicAggregate: true,
  aggregator: { asn: 65001, address: address('192.0.2.1') },
  communities: [0xffff0000, 65_000 * 65_536 + 1],
  extCommunities: [Uint8Array.of(0, 2, 253, 232, 0, 0, 0, 1)],
  largeCommunities: [[65000, 1, 2]],
  otc: 65001,
  unknown: [{ flags: 0xe0, type: 99, value: Uint8Array.of(1, 2, 3) }],
});
const ipv4 = route({ nextHop: address('192.0.2.11'), med: 1 });

/** Spellings of a block that begins with ORIGIN in 4 bytes. */
const spellings: readonly (readonly [string, Respell])[] = [
  ['ORIGIN last', (block) => join(block.subarray(4), block.subarray(0, 4))],
  ['ORIGIN with an extended length', (block) => join([0x50, 1, 0, 1, block[3]], block.subarray(4))],
  ['ORIGIN twice', (block) => join(block, block.subarray(0, 4))],
  ['a LOCAL_PREF', (block) => join([0x40, 5, 4, 0, 0, 0, 200], block)],
  ['an unknown optional non-transitive', (block) => join(block, [0x80, 200, 1, 0])],
  ['a malformed ATOMIC_AGGREGATE', (block) => join(block, [0x40, 6, 1, 0])],
];

describe.each([
  ['IPv6', full],
  ['IPv4', ipv4],
])('a set of %s', (_, attributes) => {
  test('gets one id for the same bytes, and is read back', () => {
    const table = new AttrTable(seed);
    const id = receive(table, attributes);
    expect(receive(table, attributes)).toBe(id);
    expect(table.canonicalOf(id)).toBe(id);
    expect(table.intern(attributes)).toBe(id);
    expect(table.size).toBe(1);
    receive(table, route({ med: 77 }));
    expect(table.read(id)).toEqual(attributes);
    expect(bytesOf(table.nextHopAt(id))).toEqual(attributes.nextHop);
    expect(table.isNextHop(id, attributes.nextHop)).toBe(true);
    expect(table.med(id)).toBe(attributes.med);
  });

  test.each(spellings)('has the same canonical id when spelled with %s', (_name, respell) => {
    const table = new AttrTable(seed);
    const spelled = receive(table, attributes, respell);
    const id = receive(table, attributes);
    expect(spelled).not.toBe(id);
    expect(table.canonicalOf(spelled)).toBe(id);
    expect(table.malformed(id)).toBeUndefined();
    expect(table.errorsOf(id)).toBeUndefined();
    const inlineNextHop = attributes.nextHop.length === 4;
    const block = encodeAttributes(attributes, { asnBytes: 4, inlineNextHop });
    expect(bytesOf(table.blockAt(id))).toEqual(block);
  });
});

test('LOCAL_PREF, which only policy sets, makes another set of the same bytes', () => {
  const table = new AttrTable(seed);
  const id = receive(table, ipv4);
  const preferred = table.intern({ ...ipv4, localPref: 200 });
  expect(preferred).not.toBe(id);
  expect(table.intern({ ...ipv4, localPref: 200 })).toBe(preferred);
  expect(table.intern({ ...ipv4, localPref: 100 })).not.toBe(id);
  expect(table.read(preferred)).toEqual({ ...ipv4, localPref: 200 });
  expect(receive(table, ipv4)).toBe(id);
});

test.each([
  ['origin', (block: Uint8Array) => block.with(3, 9)],
  ['as_path', (block: Uint8Array) => block.subarray(0, 4)],
  ['med', (block: Uint8Array) => join(block, [0x80, 4, 3, 0, 0, 0])],
  ['communities', (block: Uint8Array) => join(block, [0xc0, 8, 3, 0, 0, 0])],
] as const)('a set with a bad %s is malformed each time that it comes', (name, respell) => {
  const table = new AttrTable(seed);
  const spoiled = receive(table, route(), respell);
  expect(receive(table, route(), respell)).toBe(spoiled);
  expect(table.malformed(spoiled)).toBe(name);
  expect(table.errorsOf(spoiled)?.malformed?.name).toBe(name);
  expect(table.canonicalOf(spoiled)).toBe(spoiled);
  expect(receive(table, route())).not.toBe(spoiled);
});

test('an error for which an attribute is discarded belongs to the bytes, not to the canonical set', () => {
  const table = new AttrTable(seed);
  const spelled = receive(table, full, (block) => join(block, [0x40, 6, 1, 0]));
  expect(table.errorsOf(spelled)?.discarded).toHaveLength(1);
  expect(table.malformed(spelled)).toBeUndefined();
  expect(table.errorsOf(table.canonicalOf(spelled))).toBeUndefined();
});

test('another spelling keeps its canonical id while the table grows', () => {
  const table = new AttrTable(seed);
  const [[, originLast]] = spellings;
  for (let med = 0; med < 3000; med++) {
    const spelled = receive(table, route({ med }), originLast);
    expect(table.canonicalOf(spelled)).toBe(table.intern(route({ med })));
  }
});

test('a sweep keeps what is referenced, frees other encodings and all others, and gives out their ids again', () => {
  const table = new AttrTable(seed);
  const [[, originLast]] = spellings;
  const kept = receive(table, route({ med: 1 }));
  const spelled = receive(table, route({ med: 1 }), originLast);
  expect(table.canonicalOf(spelled)).toBe(kept);
  const freed = receive(table, route({ med: 2 }));
  const freedSpelling = receive(table, route({ med: 3 }), originLast);
  beginSweep(table, [kept]);
  table.sweepOn(new Slice(Infinity));
  expect(table.isSweeping).toBe(false);
  expect(table.size).toBe(1);
  expect(receive(table, route({ med: 1 }))).toBe(kept);
  const again = receive(table, route({ med: 1 }), originLast);
  expect(table.canonicalOf(again)).toBe(kept);
  expect(table.read(kept)).toEqual(route({ med: 1 }));
  const next = [receive(table, route({ med: 4 })), receive(table, route({ med: 5 }))];
  expect([freed, freedSpelling, freedSpelling + 1]).toEqual(expect.arrayContaining(next));
  expect(next.map((id) => table.read(id).med)).toEqual([4, 5]);
});

test('a sweep in slices keeps sets that are looked up by their bytes meanwhile, and new ones', () => {
  const sets = 40;
  const [[, originLast]] = spellings;
  for (let rowsBefore = 1; rowsBefore < 3 * sets; rowsBefore++) {
    const table = new AttrTable(seed);
    for (let med = 1; med <= sets; med++) receive(table, route({ med }), originLast);
    beginSweep(table, []);
    for (let row = 0; row < rowsBefore; row++) table.sweepOn(new Slice(1));
    const spelled = receive(table, route({ med: 5 }), originLast);
    const canonical = table.intern(route({ med: 30 }));
    const fresh = receive(table, route({ med: sets + 1 }));
    table.sweepOn(new Slice(Infinity));
    expect(table.isSweeping).toBe(false);
    expect(table.read(spelled)).toEqual(route({ med: 5 }));
    expect(table.canonicalOf(spelled)).toBe(table.intern(route({ med: 5 })));
    expect(table.canonicalOf(canonical)).toBe(canonical);
    expect(table.read(canonical)).toEqual(route({ med: 30 }));
    expect(table.read(fresh)).toEqual(route({ med: sets + 1 }));
    expect(table.size).toBeLessThanOrEqual(5);
  }
});

test('a sweep does as many rows as its slice has', () => {
  const table = new AttrTable(seed);
  for (let med = 1; med <= 100; med++) receive(table, route({ med }));
  beginSweep(table, []);
  let slices = 0;
  for (; table.isSweeping; slices++) table.sweepOn(new Slice(10));
  expect(slices).toBeGreaterThanOrEqual(20);
  expect(table.size).toBe(0);
});

function beginSweep(table: AttrTable, kept: readonly number[]): void {
  const named = new Uint8Array(table.limit);
  for (const id of kept) named[id] = 1;
  table.beginSweep(named);
}

function join(...parts: readonly ArrayLike<number>[]): Uint8Array {
  return Uint8Array.from(parts.flatMap((part) => Array.from(part)));
}

function bytesOf({ bytes, start, end }: ByteRange): Uint8Array {
  return bytes.slice(start, end);
}
