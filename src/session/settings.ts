import type { Family } from '#wire/constants.ts';

/** Our side of a session, as configured; one object for each peer, replaced by a reload. */
export interface SessionSettings {
  /** BGP Identifier, unsigned 32 bits (RFC 6286). */
  readonly routerId: number;
  readonly localAs: number;
  readonly peerAs: PeerAs;
  /** Never dial; wait for the peer to connect. */
  readonly passive: boolean;
  /** The hold time in our OPEN: 0 or at least 3 (RFC 4271 §4.2). */
  readonly holdTimeSec: number;
  /** Absent: a third of the negotiated hold time, which is also the maximum. */
  readonly keepaliveSec?: number;
  /**
   * The lowest hold time that the peer may offer; an offered 0 is accepted only if this or our hold time is 0.
   */
  readonly minHoldTimeSec: number;
  readonly connectRetryMs: number;
  /** The first wait before dialling again after a session; it doubles up to `idleHoldMaxMs`. */
  readonly idleHoldMs: number;
  readonly idleHoldMaxMs: number;
  /** RFC 9687 §3; 0: the timer never runs. */
  readonly sendHoldTimeMs: number;
  /** How long the EoRR may be awaited after a BoRR (RFC 7313 §4). */
  readonly refreshStaleTimeMs: number;
  /** At least one. */
  readonly families: readonly Family[];
  readonly addPath: { readonly receive: boolean; readonly send: boolean };
  readonly gracefulRestart: GracefulRestartSettings;
  /** IPv4 prefixes with an IPv6 next hop are accepted (RFC 8950). */
  readonly extendedNextHop?: boolean;
  /** Our role in the session (RFC 9234). */
  readonly role?: Role;
  /** The peer must name its role, too (RFC 9234 §4.2, strict mode). */
  readonly isRoleStrict?: boolean;
  /** Capability 73 (draft-walton-bgp-hostname-capability); the text after the first dot is the domain. */
  readonly hostname?: string;
  /** Capability 75 (draft-abraitis-bgp-version-capability). */
  readonly softwareVersion?: string;
}

export type GracefulRestartSettings =
  /** Send the capability without families, so that End-of-RIB is sent (RFC 4724 §3). */
  | { readonly kind: 'notify_only' }
  | { readonly kind: 'off' }
  | {
      readonly kind: 'families';
      /** The peer's routes outlive a session that may come back. */
      readonly helper: boolean;
      /** The peer is asked to keep our routes. */
      readonly restarter: boolean;
      /** Until this time our OPENs say that we have restarted (RFC 4724 §4.1). Absent: we have not. */
      readonly restartingUntilMs?: number;
      /** The restart time that we announce, and the longest wait for the peer; at most 4095. */
      readonly restartTimeSec: number;
      /** The stale time of RFC 9494 that we announce, and the longest time that routes are kept; 24 bits. */
      readonly longLivedSec?: number;
      /** How long a peer must be silent after an End-of-RIB that came before its routes. */
      readonly eorGraceMs: number;
    };

export type PeerAs =
  { readonly kind: 'any' } | { readonly kind: 'list'; readonly asns: readonly number[] };

export type Role = 'provider' | 'rs' | 'rs_client' | 'customer' | 'peer';
