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
 * An extended community (RFC 4360), such as a route target: `rt:65000:1`, `ro:…`, or `generic:0x…:0x…`. `value` has two
 * parts, of 4 and 2 octets for the types 0x01 and 0x02, and of 2 and 4 for all others.
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
