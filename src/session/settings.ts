import type { Family } from '../wire/constants.ts';

/** Our part in a session, as the configuration has it; one object a peer, replaced by a reload. */
export interface SessionSettings {
  /** BGP Identifier, unsigned 32 bits (RFC 6286). */
  readonly routerId: number;
  readonly localAs: number;
  readonly peerAs: PeerAs;
  /** Never dials; waits for the peer's call. */
  readonly passive: boolean;
  /** What our OPEN offers: 0 or at least 3 (RFC 4271 §4.2). */
  readonly holdTimeSec: number;
  /** Absent: a third of the negotiated hold time, which is also the most that counts. */
  readonly keepaliveSec?: number;
  /** The least that the peer may offer; an offered 0 is welcome only where this or ours is 0. */
  readonly minHoldTimeSec: number;
  readonly connectRetryMs: number;
  /** The first wait before dialling again after a session; it doubles up to `idleHoldMaxMs`. */
  readonly idleHoldMs: number;
  readonly idleHoldMaxMs: number;
  /** RFC 9687 §3. */
  readonly sendHoldTimeMs: number;
  /** At least one. */
  readonly families: readonly Family[];
  readonly addPath: { readonly receive: boolean; readonly send: boolean };
  /** `notify_only`: the capability without families, so that End-of-RIB is sent (RFC 4724 §3). */
  readonly gracefulRestart: { readonly kind: 'notify_only' | 'off' | 'families' };
  /** IPv4 prefixes with an IPv6 next hop are welcome (RFC 8950). */
  readonly extendedNextHop?: boolean;
  /** Ours toward the peer (RFC 9234). */
  readonly role?: Role;
  /** Capability 73 (draft-walton-bgp-hostname-capability); what follows the first dot is the domain. */
  readonly hostname?: string;
  /** Capability 75 (draft-abraitis-bgp-version-capability). */
  readonly softwareVersion?: string;
}

export type PeerAs =
  { readonly kind: 'any' } | { readonly kind: 'list'; readonly asns: readonly number[] };

export type Role = 'provider' | 'rs' | 'rs_client' | 'customer' | 'peer';
