import { hostNetwork, isInside, type Network } from './prefix-bits.ts';

/**
 * `P{min,max}` in BIRD's notation: the prefixes inside P, or around it, whose length is min..max. For addresses (next
 * hops) only the network counts.
 */
export interface PrefixPattern extends Network {
  readonly minBits: number;
  readonly maxBits: number;
}

/** Bounds included; `max` may be Infinity. */
export interface NumberRange {
  readonly min: number;
  readonly max: number;
}

/** The parts of a community pattern from the left; `undefined` stands for `*`. */
export type CommunityPattern = readonly (number | undefined)[];

/**
 * An extended community (RFC 4360), such as a route target: `rt:65000:1`, `ro:…`, or `generic:0x…:0x…`. `value` has
 * two parts, of 4 and 2 octets for the types 0x01 and 0x02, and of 2 and 4 for all others.
 */
export interface ExtCommunityPattern {
  readonly type: number;
  readonly subtype: number;
  readonly value: readonly (number | undefined)[];
}

/** A community to add (without `*`) or to remove. */
export type CommunityValue =
  | { readonly kind: 'standard'; readonly pattern: CommunityPattern }
  | { readonly kind: 'large'; readonly pattern: CommunityPattern };

/** Returns whether the address is in the network of a pattern. The lengths of patterns do not apply to addresses. */
export function isAddressIn(address: Uint8Array, patterns: readonly PrefixPattern[]): boolean {
  const host = hostNetwork(address);
  return host !== undefined && patterns.some((pattern) => isInside(host, pattern));
}

/** Returns a test of whether a number is in one of the ranges; its time is the logarithm of their count. */
export function rangeTest(ranges: readonly NumberRange[]): (value: number) => boolean {
  const joined = joinedRanges(ranges);
  const starts = Float64Array.from(joined, ({ min }) => min);
  const ends = Float64Array.from(joined, ({ max }) => max);
  return (value) => {
    let low = 0;
    let high = starts.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (starts[middle] <= value) low = middle + 1;
      else high = middle;
    }
    return low > 0 && value <= ends[low - 1];
  };
}

/** Returns ranges in order of which no two overlap. */
function joinedRanges(ranges: readonly NumberRange[]): NumberRange[] {
  const joined: NumberRange[] = [];
  for (const range of ranges.toSorted((a, b) => a.min - b.min)) {
    const last = joined.at(-1);
    if (last === undefined || range.min > last.max) joined.push(range);
    else joined[joined.length - 1] = { min: last.min, max: Math.max(last.max, range.max) };
  }
  return joined;
}
