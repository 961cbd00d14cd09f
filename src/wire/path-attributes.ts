import type { Family } from './constants.ts';

/** ORIGIN as on the wire (RFC 4271 §5.1.1). */
export const Origin = { igp: 0, egp: 1, incomplete: 2 } as const;
export type Origin = (typeof Origin)[keyof typeof Origin];

/** A segment of AS_PATH; `asns` are 4-octet numbers whatever the session carried (RFC 6793). */
export interface AsPathSegment {
  readonly kind: 'sequence' | 'set';
  readonly asns: readonly number[];
}

export interface UnknownAttribute {
  readonly flags: number;
  readonly type: number;
  readonly value: Uint8Array;
}

/**
 * The attributes of one route, decoded. This is made on the first sight of an attribute set, never for each
 * prefix. Absent optional attributes are `undefined`; absent community lists are empty.
 */
export interface PathAttributes {
  readonly origin: Origin;
  readonly asPath: readonly AsPathSegment[];
  /** 4 or 16 bytes, the global address only (RFC 2545 §3); empty when the UPDATE carried none. */
  readonly nextHop: Uint8Array;
  readonly med?: number;
  /** Set by import policy only; a LOCAL_PREF from an eBGP peer is discarded (RFC 4271 §5.1.5). */
  readonly localPref?: number;
  readonly atomicAggregate: boolean;
  readonly aggregator?: { readonly asn: number; readonly address: Uint8Array };
  /** 32-bit values, in the order received (RFC 1997). */
  readonly communities: readonly number[];
  /** 8 bytes each (RFC 4360). */
  readonly extCommunities: readonly Uint8Array[];
  /** 20 bytes each (RFC 5701). */
  readonly ipv6ExtCommunities: readonly Uint8Array[];
  readonly largeCommunities: readonly (readonly [number, number, number])[];
  /** Only to Customer (RFC 9234 §5). */
  readonly otc?: number;
  /** Unknown optional transitive attributes, with the Partial bit already set (RFC 4271 §5). */
  readonly unknown: readonly UnknownAttribute[];
  /** Types of the known attributes that came with the Partial bit, which no router may clear (RFC 4271 §5). */
  readonly partial?: readonly number[];
}

/** Where one family's NLRI lie in a message: `end` excluded, `addPath` as negotiated (RFC 7911). */
export interface NlriRange {
  family: Family;
  start: number;
  end: number;
  addPath: boolean;
}
