import type { SetActions } from './actions.ts';
import type { Match } from './match.ts';
import type { Role } from './otc.ts';
import type { PrefixPattern } from './patterns.ts';
import type { RuleSource } from './verdict.ts';

export interface Rule {
  readonly name?: string;
  readonly match: Match;
  readonly set: SetActions;
  readonly then: 'accept' | 'reject' | 'next';
  readonly source: RuleSource;
}

export interface Policy {
  readonly name: string;
  readonly rules: readonly Rule[];
}

/**
 * `none` and an absent key mean the default of RFC 8212. A list of policies acts as one policy with all their rules, in
 * the same order.
 */
export type PolicyChoice = 'none' | 'all' | readonly Policy[];

/** Everything that the import checks of one peer depend on. */
export interface ImportSettings {
  readonly peerName: string;
  /** The AS number in the peer's OPEN. */
  readonly peerAs: number;
  /** 4 or 16 bytes. */
  readonly peerAddress: Uint8Array;
  readonly localAs: number;
  /** Our own addresses, which are never valid next hops. */
  readonly localAddresses: readonly Uint8Array[];
  readonly policy: PolicyChoice;
  readonly missingMed: 'zero' | 'reject' | number;
  readonly acceptNextHop: 'peer' | 'any' | readonly PrefixPattern[];
  readonly enforceFirstAs: boolean;
  readonly allowAsSets: boolean;
  /** Our role toward the peer (RFC 9234). If absent, OTC passes unchanged. */
  readonly role?: Role;
}

/** Everything that the export checks of one class of clients depend on. */
export interface ExportSettings {
  readonly policy: PolicyChoice;
  readonly localAs: number;
  /** True: transparent (RFC 7947 §2.2). False: our AS is prepended, we are the next hop, and MED is removed. */
  readonly rsClient: boolean;
  /** Our next hops for `rsClient: false`, by `Family`. A family without one cannot be exported. */
  readonly selfNextHop: readonly (Uint8Array | undefined)[];
  /** Whether the clients are in another AS; non-transitive extended communities are then removed (RFC 4360 §6). */
  readonly toAnotherAs: boolean;
  /** Whether NO_EXPORT, NO_ADVERTISE and NO_EXPORT_SUBCONFED are obeyed. */
  readonly interpretWellKnown: boolean;
  /** Whether the clients are sent routes that a rule makes a blackhole (RFC 7999). */
  readonly takesBlackholes?: boolean;
  /** Our role toward the clients (RFC 9234). If absent, OTC passes unchanged. */
  readonly role?: Role;
  /** Whether this server is about to shut down; every route is then sent with GRACEFUL_SHUTDOWN (RFC 8326 §4.1). */
  readonly isLeaving?: boolean;
}
