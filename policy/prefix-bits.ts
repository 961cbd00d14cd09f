import { families, Family } from '#wire/constants.ts';
import type { Prefix } from '#wire/nlri.ts';

/** A network, or an address as one of full length. */
export type Network = Prefix;

/** Returns bit `at` from the left. `at` is at least 0 and less than the bits of an address of the family. */
export function bitAt(network: Network, at: number): 0 | 1 {
  return ((wordAt(network, at >> 5) >>> (31 - (at & 31))) & 1) === 0 ? 0 : 1;
}

/** Returns how many leading bits two networks of one family share, at most the length of the shorter one. */
export function commonBits(a: Network, b: Network): number {
  const limit = Math.min(a.lengthBits, b.lengthBits);
  for (let index = 0; index * 32 < limit; index++) {
    const difference = wordAt(a, index) ^ wordAt(b, index);
    if (difference !== 0) return Math.min(limit, index * 32 + Math.clz32(difference));
  }
  return limit;
}

/** Returns whether `inner` is `outer` or a part of it. */
export function isInside(inner: Network, outer: Network): boolean {
  if (inner.family !== outer.family || inner.lengthBits < outer.lengthBits) return false;
  return commonBits(inner, outer) === outer.lengthBits;
}

/** Returns the address as a host network; `undefined` unless it has 4 or 16 bytes. */
export function hostNetwork(address: Uint8Array): Network | undefined {
  const family = families.find((row) => row.addressBytes === address.length);
  if (family === undefined) return undefined;
  const wide = family.family === Family.ipv6Unicast;
  return {
    family: family.family,
    lengthBits: family.maxLengthBits,
    word0: wordOf(address, 0),
    word1: wide ? wordOf(address, 4) : 0,
    word2: wide ? wordOf(address, 8) : 0,
    word3: wide ? wordOf(address, 12) : 0,
  };
}

/** Returns the network of the first `lengthBits` bits. */
export function truncate(network: Network, lengthBits: number): Network {
  return {
    family: network.family,
    lengthBits,
    word0: network.word0 & maskOf(lengthBits),
    word1: network.word1 & maskOf(lengthBits - 32),
    word2: network.word2 & maskOf(lengthBits - 64),
    word3: network.word3 & maskOf(lengthBits - 96),
  };
}

function maskOf(bits: number): number {
  if (bits <= 0) return 0;
  return bits >= 32 ? -1 : -1 << (32 - bits);
}

function wordAt(network: Network, index: number): number {
  switch (index) {
    case 0:
      return network.word0;
    case 1:
      return network.word1;
    case 2:
      return network.word2;
    default:
      return network.word3;
  }
}

function wordOf(bytes: Uint8Array, at: number): number {
  return (bytes[at] << 24) | (bytes[at + 1] << 16) | (bytes[at + 2] << 8) | bytes[at + 3];
}

/** Compares two prefixes of one family: by address, and the shorter before the longer. Below 0 if `a` comes first. */
export function comparePrefixes(a: Prefix, b: Prefix): number {
  return (
    compareWords(a.word0, b.word0) ||
    compareWords(a.word1, b.word1) ||
    compareWords(a.word2, b.word2) ||
    compareWords(a.word3, b.word3) ||
    a.lengthBits - b.lengthBits
  );
}

function compareWords(a: number, b: number): number {
  return (a >>> 0) - (b >>> 0);
}
