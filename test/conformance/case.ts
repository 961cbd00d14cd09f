import type { Stage } from './stage.ts';

/**
 * One case of the suite: what the daemon does, where that is specified, and how it is shown over TCP. What was seen is
 * described in the words of `want`; anything else is a difference.
 */
export interface Case {
  readonly group: string;
  /** A sentence, unique in the suite. */
  readonly name: string;
  /** `RFC 7606 §7.1`, or the document that names our own choice. */
  readonly clause: string;
  /**
   * The peers of the case, by the part that they play. Their addresses belong to the case alone, so cases can run side
   * by side.
   */
  readonly peers: Readonly<Record<string, PeerProfile>>;
  readonly want: string;
  /** The behaviour is our own choice, so other daemons are not asked. */
  readonly isOurs?: boolean;
  /** The daemon does not survive the case, which is therefore played alone, after all the others. */
  readonly endsDaemon?: boolean;
  play(stage: Stage): Promise<string>;
}

/** How the daemon is configured for a peer. Each daemon is configured in its own language, or cannot do it. */
export interface PeerProfile {
  /** The AS of the peer. Default 65001, and 65003 if `routes` is `out`. */
  readonly as?: number;
  /** Our AS toward the peer. Default 65002. */
  readonly localAs?: number;
  /** Default `in`: a source, whose routes are accepted and which is sent no routes. */
  readonly routes?: 'in' | 'out' | 'both';
  /** Default both. */
  readonly families?: readonly Family[];
  /** Default 90. */
  readonly holdTimeSec?: number;
  readonly minHoldTimeSec?: number;
  /** The daemon dials the peer; otherwise it waits for the peer to connect. */
  readonly isDialled?: boolean;
  readonly addPath?: 'receive' | 'send';
  readonly limit?: Limit;
  readonly receivedLimit?: Limit;
  /** Default true. */
  readonly enforceFirstAs?: boolean;
  /** Default false. */
  readonly allowAsSets?: boolean;
  /** Default `any`. */
  readonly nextHop?: 'any' | 'peer';
  /** Default true; false: an ordinary eBGP peer. */
  readonly isRsClient?: boolean;
  /** The role of the daemon toward the peer (RFC 9234). */
  readonly role?: 'rs' | 'provider' | 'customer' | 'peer';
  readonly missingMed?: 'reject' | number;
  readonly interpretsCommunities?: boolean;
  /** Keeps the routes of the peer while it restarts (RFC 4724). */
  readonly isRestartHelper?: boolean;
}

export interface Limit {
  /** Prefixes of each family. */
  readonly limit: number;
  readonly action: 'block' | 'warning' | 'restart' | 'shutdown';
}

export type Family = 'ipv4' | 'ipv6';

/** Returns the AS of the peer: that of the profile, or the usual one for its part. */
export function asOf({ as, routes }: PeerProfile): number {
  return as ?? (routes === 'out' ? clientAs : sourceAs);
}

export const daemonAs = 65_002;
export const sourceAs = 65_001;
export const clientAs = 65_003;
/** It lies in the middle, so that some peers have lower ones and some have higher ones. */
export const daemonRouterId = '100.0.0.9';
/** The loopback network has room for every case. */
export const daemonAddress = '127.0.0.9';

/** The cases of a group, and the table from which they are made. */
export function group(name: string, cases: readonly Omit<Case, 'group'>[]): Case[] {
  return cases.map((each) => ({ ...each, group: name }));
}
