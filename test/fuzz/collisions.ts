import type { AttrsId, PeerId, PeerSetId, PrefixId, ShareId } from '#policy/ids.ts';
import { AttrTable } from '#rib/tables/attr-table.ts';
import { HashIndex } from '#rib/tables/hash/hash-index.ts';
import { PathTable } from '#rib/tables/path-table.ts';
import { PeerSets } from '#rib/tables/peer-sets.ts';
import { PrefixTable } from '#rib/tables/prefix-table.ts';
import { ShareTable } from '#rib/tables/share-table.ts';
import { type Dice, dice } from '#support/dice.ts';
import { attribute, update } from '#support/raw-message.ts';
import { UpdateDecoder } from '#wire/update-decoder.ts';

/** A table that a peer can fill and whose keys it chooses. */
interface Fillable {
  readonly name: string;
  /** Words of a key. */
  readonly words: number;
  /** Takes keys in; returns the id of each. */
  fill(seed: number, keys: readonly Int32Array[]): Filled;
}

interface Filled {
  readonly table: object;
  readonly ids: readonly number[];
}

/** The results for one table, over all rounds. */
export interface CollisionTally {
  readonly name: string;
  keys: number;
  /** By how many slots a key lay behind its own at most. */
  longestChain: number;
  /** Differences that cancel each other under any seed, which a peer could therefore choose. */
  readonly cancelling: string[];
}

/** No look-up may pass more slots than this, whatever keys were chosen: an index takes another seed much later. */
export const longestAllowed = 512;

const fillables: readonly Fillable[] = [
  { name: 'attributes', words: 8, fill: fillAttributes },
  { name: 'IPv4 prefixes', words: 1, fill: fillPrefixes4 },
  { name: 'IPv6 prefixes', words: 4, fill: fillPrefixes6 },
  { name: 'path identifiers', words: 1, fill: fillPathIds },
  { name: 'shares', words: 3, fill: fillShares },
];

/**
 * Looks for keys with equal hashes: in each round a key and all others that differ from it by up to one bit of one word
 * and up to two bits of another. Two whole hashes may be equal by chance; the difference of their keys is a fault if it
 * also cancels in other keys under other seeds.
 */
export class CollisionSearch {
  readonly tallies: readonly CollisionTally[] = fillables.map(({ name }) => ({
    name,
    keys: 0,
    longestChain: 0,
    cancelling: [],
  }));
  private readonly roll: Dice;

  constructor(seed: number) {
    this.roll = dice(seed);
  }

  /** Every table once. */
  round(): void {
    fillables.forEach((fillable, at) => this.look(fillable, this.tallies[at]));
  }

  private look(fillable: Fillable, tally: CollisionTally): void {
    const { roll } = this;
    const base = randomKey(roll, fillable.words);
    const one = roll.below(fillable.words);
    const two = (one + roll.pick([1, 1, 1, 2])) % fillable.words;
    const keys = variantsOf(base, one, two);
    const filled = fillable.fill(roll.below(2 ** 31), keys);
    const hashes = hashesOf(filled);
    tally.keys += keys.length;
    tally.longestChain = Math.max(tally.longestChain, longestChain(indexOf(filled.table)));
    const seen = new Map<number, Int32Array>();
    keys.forEach((key, at) => {
      const other = seen.get(hashes[at]);
      if (other === undefined) seen.set(hashes[at], key);
      else this.confirm(fillable, tally, differenceOf(key, other));
    });
  }

  /** One of four other keys under another seed would suffice; the chance of that is one in a thousand million. */
  private confirm(fillable: Fillable, tally: CollisionTally, difference: Int32Array): void {
    const { roll } = this;
    for (let trial = 0; trial < 4; trial++) {
      const key = randomKey(roll, fillable.words);
      const [a, b] = hashesOf(fillable.fill(roll.below(2 ** 31), [key, changed(key, difference)]));
      if (a !== b) continue;
      const text = [...difference].map((word) => (word >>> 0).toString(16)).join(' ');
      if (!tally.cancelling.includes(text)) tally.cancelling.push(text);
      return;
    }
  }
}

/** Keys that differ from the base by at most one bit of one word and up to two bits of another. */
function variantsOf(base: Int32Array, one: number, two: number): Int32Array[] {
  const bits = Array.from({ length: 32 }, (_, at) => 1 << at);
  const pairs = bits.flatMap((bit, at) => bits.slice(at + 1).map((other) => bit | other));
  const keys = new Map<string, Int32Array>();
  for (const first of [0, ...bits]) {
    for (const second of [0, ...bits, ...pairs]) {
      const key = Int32Array.from(base);
      key[one] ^= first;
      key[two] ^= second;
      keys.set(key.join(' '), key);
    }
  }
  return [...keys.values()];
}

function randomKey(roll: Dice, words: number): Int32Array {
  return Int32Array.from({ length: words }, () => roll.below(2 ** 32));
}

function differenceOf(a: Int32Array, b: Int32Array): Int32Array {
  return a.map((word, at) => word ^ b[at]);
}

function changed(key: Int32Array, difference: Int32Array): Int32Array {
  return differenceOf(key, difference);
}

/** The index of a table, or of what it consists of. */
function indexOf(table: object): HashIndex {
  const parts = Object.values(table);
  for (const part of [...parts, ...parts.flatMap((it) => Object.values(it ?? {}))]) {
    if (part instanceof HashIndex) return part;
  }
  throw new Error('the table has no index');
}

/** The hash of each id, as it lies beside it. */
function hashesOf({ table, ids }: Filled): number[] {
  const hashes = new Map<number, number>();
  indexOf(table).forEach((id, hash) => hashes.set(id, hash));
  return ids.map((id) => {
    const hash = hashes.get(id);
    if (hash === undefined) throw new Error(`${id} is not in the index`);
    return hash;
  });
}

function longestChain(index: HashIndex): number {
  let longest = 0;
  index.forEach((_id, _hash, behind) => (longest = Math.max(longest, behind)));
  return longest;
}

const context = {
  asnBytes: 4,
  families: [true, true],
  addPath: [false, false],
  extendedNextHop: [false, false],
} as const;
const decoder = new UpdateDecoder();

/** COMMUNITIES; with a length of two octets they are words of the block. */
function fillAttributes(seed: number, keys: readonly Int32Array[]): Filled {
  const table = new AttrTable(seed);
  const nlri = Buffer.of(32, 192, 0, 2, 1);
  const ids = keys.map((key) => {
    const octets = Buffer.alloc(4 * key.length);
    key.forEach((word, at) => octets.writeInt32BE(word, 4 * at));
    const message = update(
      [
        attribute(0x40, 1, [0]),
        attribute(0x40, 2, [2, 1, 0, 0, 253, 233]),
        attribute(0x40, 3, [192, 0, 2, 1]),
        attribute(0xd0, 8, [...octets]),
      ],
      nlri,
      Buffer.alloc(0),
    );
    return table.internReceived(decoder.decode(message, 19, message.length, context), false);
  });
  return { table, ids };
}

function fillPrefixes4(seed: number, keys: readonly Int32Array[]): Filled {
  const table = new PrefixTable(0, seed);
  const rest = { family: 0, lengthBits: 32, word1: 0, word2: 0, word3: 0 } as const;
  return { table, ids: keys.map(([word0]) => table.intern({ ...rest, word0 })) };
}

function fillPrefixes6(seed: number, keys: readonly Int32Array[]): Filled {
  const table = new PrefixTable(1, seed);
  const ids = keys.map(([word0, word1, word2, word3]) =>
    table.intern({ family: 1, lengthBits: 128, word0, word1, word2, word3 }),
  );
  return { table, ids };
}

/** All of one prefix and peer, behind so many of another peer that the prefix is crowded. */
function fillPathIds(seed: number, keys: readonly Int32Array[]): Filled {
  const table = new PathTable(seed);
  const add = (peer: number, pathId: number): number => {
    const found = table.find(1 as PrefixId, peer as PeerId, pathId);
    return found || table.add(1 as PrefixId, peer as PeerId, pathId);
  };
  for (let pathId = 1; pathId <= 100; pathId++) add(2, pathId);
  const ids = keys.map(([pathId]) => add(1, pathId >>> 0 || 1));
  return { table, ids };
}

function fillShares(seed: number, keys: readonly Int32Array[]): Filled {
  const table = new ShareTable(new PeerSets(), seed);
  const ids = keys.map(([set, attrs, rest]) =>
    table.consSet((set >>> 0) as PeerSetId, (attrs >>> 0) as AttrsId, (rest >>> 0) as ShareId),
  );
  return { table, ids };
}
