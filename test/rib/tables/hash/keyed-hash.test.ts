import { describe, expect, test } from 'vitest';
import { type HashedKeys, HashIndex } from '#rib/tables/hash/hash-index.ts';
import { KeyedHash } from '#rib/tables/hash/keyed-hash.ts';
import { MultilinearHash } from '#rib/tables/hash/multilinear-hash.ts';
import { TabulationHash } from '#rib/tables/hash/tabulation-hash.ts';

type HashOf = (words: readonly number[]) => number;

function keyed(seed: number): HashOf {
  const hash = new KeyedHash(seed);
  return (words) => {
    hash.words.set(words);
    return hash.ofWords(words.length);
  };
}

function byTables(seed: number): HashOf {
  const tables = new TabulationHash(seed, 32);
  return (words) => words.reduce((hash, word, at) => hash ^ tables.ofWord(at * 4, word), 0);
}

function multilinear(seed: number): HashOf {
  const hash = new MultilinearHash(seed);
  const none = { bytes: new Uint8Array(0), start: 0, end: 0 };
  return (words) => {
    const bytes = new Uint8Array(Int32Array.from(words).buffer);
    return hash.ofBytes(none, { bytes, start: 0, end: bytes.length }, 0);
  };
}

const hashes = [
  { name: 'multilinear hash', make: multilinear },
  { name: 'HalfSipHash', make: keyed },
  { name: 'tabulation', make: byTables },
];

/** Differences that cancel in multiply-and-shift hashes, whatever their seed. */
const differences = [
  [1 << 31, 0x80010000],
  [1 << 31, 1 << 31],
  [1, 1],
  [0xffff, 0xffff],
  [1 << 15, 1 << 15],
  [0x80008000, 0x80008000],
];

describe.each(hashes)('the $name of what a peer chooses', ({ make }) => {
  test.each(differences)('does not cancel a difference of %i by one of %i', (one, two) => {
    for (let seed = 1; seed <= 20; seed++) {
      const hash = make(seed * 0x1234567);
      const seen = new Set<number>();
      for (let bits = 0; bits < 256; bits++) {
        const words = new Int32Array(8);
        for (let pair = 0; pair < 4; pair++) {
          const other = (bits >> (2 * pair)) & 3;
          words[2 * pair] = 0x1000 ^ (other & 1 ? one : 0) ^ (other & 2 ? 0x40 : 0);
          words[2 * pair + 1] = 0x2000 ^ (other & 1 ? two : 0);
        }
        seen.add(hash([...words]));
      }
      expect(seen.size).toBe(256);
    }
  });

  test('has every bit depend on each bit of the key', () => {
    const counts = Array.from({ length: 64 }, () => new Uint32Array(32));
    for (let seed = 1; seed <= 200; seed++) {
      const hash = make(seed);
      counts.forEach((row, bit) => {
        const words = [0, 0];
        words[bit >> 5] = 1 << (bit & 31);
        const changed = hash([0, 0]) ^ hash(words);
        row.forEach((_, at) => (row[at] += (changed >>> at) & 1));
      });
    }
    for (const row of counts) {
      expect(Math.min(...row)).toBeGreaterThan(60);
      expect(Math.max(...row)).toBeLessThan(140);
    }
  });

  test('is another under another seed, in its high half too', () => {
    const values = [1, 2, 1 + 2 ** 32, 2 ** 53 - 1].map((seed) => make(seed)([5]));
    expect(new Set(values).size).toBe(4);
  });
});

test('three words are distinguished by each of them and by their order, under any seed', () => {
  for (let seed = 1; seed <= 20; seed++) {
    const hash = new MultilinearHash(seed * 0x1234567);
    const seen = new Set<number>();
    for (let cell = 0; cell < 512; cell++) {
      seen.add(hash.ofWords(cell & 7, (cell >> 3) & 7, (cell >> 6) & 7));
    }
    expect(seen.size).toBe(512);
  }
});

test('a byte that moves from one range to the other changes the hash', () => {
  const hash = new MultilinearHash(7);
  const bytes = Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8, 9, 10);
  const seen = new Set<number>();
  for (let cut = 0; cut <= 10; cut++) {
    seen.add(hash.ofBytes({ bytes, start: 0, end: cut }, { bytes, start: cut, end: 10 }, 0));
  }
  expect(seen.size).toBe(11);
});

test('the longest attributes are hashed to their last byte, and a new key changes every hash', () => {
  const hash = new MultilinearHash(7);
  const bytes = new Uint8Array(65_535);
  const nextHop = { bytes, start: 0, end: 16 };
  const whole = { bytes, start: 0, end: bytes.length };
  const before = [hash.ofBytes(nextHop, whole, 0), hash.ofBytes(nextHop, whole, 1)];
  bytes[65_534] = 1;
  const after = hash.ofBytes(nextHop, whole, 0);
  hash.rekey();
  expect(new Set([...before, after, hash.ofBytes(nextHop, whole, 0)]).size).toBe(4);
});

test('a chain that has grown long makes the index change its key, and every id is found again', () => {
  let key = 0;
  const keys: HashedKeys = {
    hashOf: (id) => (key === 0 ? 12 : Math.imul(id, 0x9e3779b1)),
    rekey: () => key++,
  };
  const index = new HashIndex(0, keys);
  for (let id = 1; id <= 5000; id++) index.add(keys.hashOf(id), id);
  expect(key).toBe(1);
  const found: number[] = [];
  index.forEach((id, hash, behind) => {
    expect([hash, behind < 100]).toEqual([keys.hashOf(id), true]);
    found.push(id);
  });
  expect(found.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 5000 }, (_, at) => at + 1));
});

test('where no key helps, the key is not changed again before there are twice as many ids', () => {
  let rekeyed = 0;
  const index = new HashIndex(0, { hashOf: () => 3, rekey: () => rekeyed++ });
  for (let id = 1; id <= 3000; id++) index.add(3, id);
  expect(rekeyed).toBe(2);
});
