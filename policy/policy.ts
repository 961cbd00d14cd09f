import { type MalformedName, malformedNames } from '#wire/attribute-table.ts';
import type { Family } from '#wire/constants.ts';
import type { Prefix } from '#wire/nlri.ts';
import type { AsPathSegment, PathAttributes } from '#wire/path-attributes.ts';
import type { SetActions } from './actions.ts';
import type { AttrsId, PeerId } from './ids.ts';
import type { Match } from './match.ts';

/**
 * Why a path was refused, in the order of checking. The index is the code of the reason, and 0 is "accepted". The texts
 * are a contract with operators: metrics, JSON and the CLI print them.
 */
export const rejectReasons = [
  'accepted',
  ...malformedNames.map((name) => `malformed:${name}` as const),
  'as_loop',
  'as_set',
  'first_as',
  'next_hop_invalid',
  'next_hop_foreign',
  'missing_med',
  'otc_leak',
  'no_policy',
  'rpki_invalid',
  'aspa_invalid',
  'policy',
  'prefix_length',
  'prefix_not_allowed',
  'limit_paths',
  'limit_blocked',
] as const;
export type RejectReason = Exclude<(typeof rejectReasons)[number], 'accepted'>;

/**
 * Why a path is not sent to a client, in the order of checking. The index is the code of the reason, and 0 is "sent".
 */
export const exportReasons = [
  'sent',
  'no_policy',
  'otc_leak',
  'no_export',
  'no_blackhole',
  'policy',
  'prefix_not_allowed',
  'next_hop_unusable',
  'stale',
  'too_long',
  'family_not_negotiated',
  'own_route',
  'own_next_hop',
  'not_best',
  'no_path',
] as const;
export type ExportReason = (typeof exportReasons)[number];

/**
 * The answer of a judge as one integer, so that it can be kept in a column. Above 0 it is the AttrsId to use; otherwise
 * it is minus the index of the reason.
 */
export type Verdict = number & { readonly verdict: 'Verdict' };

export interface RuleSource {
  readonly file: string;
  /** 1-based. */
  readonly line: number;
}

/** The rule that decided, as `explain` shows it. */
export interface RuleRef extends RuleSource {
  readonly policy: string;
  readonly name?: string;
}

export interface JudgeTrace {
  readonly verdict: Verdict;
  /** Absent if no rule decided. */
  readonly rule?: RuleRef;
}

/** A rule that has the network of a refused prefix, but allows other lengths. */
export interface NearMiss {
  readonly rule: RuleRef;
  readonly pattern: PrefixPattern;
}

/**
 * Attribute sets by id; rib/attr-table implements this and `AttrsInterner`. Every method except `read` looks at columns
 * and bytes in place, so that seeing a usual set for the first time allocates nothing.
 */
export interface AttrsReader {
  /** Decodes the set; for rules that look at attributes, for explain and for JSON, but never once per prefix. */
  read(id: AttrsId): PathAttributes;
  /** Returns whether import policy has given the set a LOCAL_PREF. */
  hasLocalPref(id: AttrsId): boolean;
  hasMed(id: AttrsId): boolean;
  /** Returns the first AS of AS_PATH; 0 if it is empty or begins with an AS_SET. */
  neighbourAs(id: AttrsId): number;
  hasAsSet(id: AttrsId): boolean;
  /** Returns whether the AS is anywhere in AS_PATH, including AS_SETs. */
  hasAs(id: AttrsId, asn: number): boolean;
  isNextHop(id: AttrsId, address: Uint8Array): boolean;
  /** Returns whether the set has a non-transitive extended community (RFC 4360 §6). */
  hasNonTransitive(id: AttrsId): boolean;
  /** Returns the attribute that made the set malformed, if any. For such a set only `read` may be called. */
  malformed(id: AttrsId): MalformedName | undefined;
}
export interface AttrsInterner extends AttrsReader {
  intern(attributes: PathAttributes): AttrsId;
}

/** The validation states of an origin (RFC 6811 §2). */
export const originStates = ['valid', 'invalid', 'not_found'] as const;
export type OriginState = (typeof originStates)[number];
/** The verification states of an AS_PATH (draft-ietf-sidrops-aspa-verification-28 §5). */
export const pathStates = ['valid', 'invalid', 'unknown'] as const;
export type PathState = (typeof pathStates)[number];

/** Validates routes; its answers change when the validated data does. */
export interface RouteValidator {
  /**
   * Increases whenever the classes are renumbered; everything that was remembered by class has to be forgotten then.
   */
  readonly renumberings: number;
  /**
   * Returns a small integer: prefixes of one class have the same valid origins. 0 means that nothing covers the prefix.
   * Hot: called once per prefix.
   */
  originClass(prefix: Prefix): number;
  /** `originAs` is `undefined` for a route whose AS_PATH is empty or ends in an AS_SET. */
  originState(originClass: number, originAs: number | undefined): OriginState;
  /** `role` is our role toward the peer that sent the route; without it the state is `unknown`. */
  pathState(asPath: readonly AsPathSegment[], role: Role | undefined): PathState;
}

/** The routes that a change of validated data may affect. */
export interface ValidationChange {
  readonly changesOrigins: boolean;
  readonly changesPaths: boolean;
  touchesPrefix(prefix: Prefix): boolean;
  touchesPath(asPath: readonly AsPathSegment[]): boolean;
}

/** What validated data the rules of a judge use. */
export interface AsksFor {
  readonly origins: boolean;
  readonly paths: boolean;
}

/**
 * Judges what one peer announces. The RIB memoises the answers: for one judge, equal attributes and an equal prefix
 * class must give equal verdicts.
 */
export interface ImportJudge {
  /** Absent if the rules use no validated data. */
  readonly asksFor?: AsksFor | undefined;
  /** Returns a small integer: the judge does not distinguish prefixes of one class. Hot: called once per prefix. */
  prefixClass(prefix: Prefix): number;
  judge(attrs: AttrsId, prefixClass: number): Verdict;
  trace(attrs: AttrsId, prefixClass: number): JudgeTrace;
  /** For the reason `prefix_length`: returns the first rule that would accept the prefix if it had another length. */
  nearMiss(prefix: Prefix): NearMiss | undefined;
}

/**
 * Judges which routes the clients of one export class may have; peers with an equal export configuration share the
 * object. `source` is the peer that the path came from. It knows neither split horizon nor which clients are up.
 */
export interface ExportJudge {
  /** If false, all prefixes of a family are of one class. */
  readonly looksAtPrefixes: boolean;
  /** Absent if the rules use no validated data. */
  readonly asksFor?: AsksFor | undefined;
  prefixClass(prefix: Prefix): number;
  judge(attrs: AttrsId, source: PeerId, prefixClass: number): Verdict;
  trace(attrs: AttrsId, source: PeerId, prefixClass: number): JudgeTrace;
}

/** What happens to a peer, or to its routes, beyond a limit. */
export const limitActions = ['block', 'warning', 'restart', 'shutdown'] as const;
export type LimitAction = (typeof limitActions)[number];

/** A maximum of prefixes of one family (RFC 4486 §4). */
export interface PrefixLimit {
  readonly limit: number;
  readonly action: LimitAction;
}

/**
 * `P{min,max}` in BIRD's notation: the prefixes inside P, or around it, whose length is min..max. For addresses (next
 * hops) only the network counts.
 */
export interface PrefixPattern {
  readonly family: Family;
  readonly lengthBits: number;
  readonly word0: number;
  readonly word1: number;
  readonly word2: number;
  readonly word3: number;
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
 * `none` and an absent key mean the default of RFC 8212. A list of policies acts as one policy, one after the other.
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
export type Role = 'provider' | 'rs' | 'rs_client' | 'customer' | 'peer';

/** Everything that the export checks of one class of clients depend on. */
export interface ExportSettings {
  readonly policy: PolicyChoice;
  readonly localAs: number;
  /** True: transparent (RFC 7947 §2.2). False: our AS is prepended, we are the next hop, and MED is removed. */
  readonly rsClient: boolean;
  /** Our next hops for `rsClient: false`, by `Family`. A family without one cannot be exported. */
  readonly selfNextHop: readonly (Uint8Array | undefined)[];
  /** The clients are in another AS, so non-transitive extended communities are removed (RFC 4360 §6). */
  readonly toAnotherAs: boolean;
  /** Whether NO_EXPORT, NO_ADVERTISE and NO_EXPORT_SUBCONFED are obeyed. */
  readonly interpretWellKnown: boolean;
  /** Whether the clients are sent routes that a rule makes a blackhole (RFC 7999). */
  readonly takesBlackholes?: boolean;
  /** Our role toward the clients (RFC 9234). If absent, OTC passes unchanged. */
  readonly role?: Role;
  /** This server is about to shut down: every route is sent with GRACEFUL_SHUTDOWN (RFC 8326 §4.1). */
  readonly isLeaving?: boolean;
}

/** What policy needs to know about the peer that a path came from. */
export interface PeerNames {
  nameOf(peer: PeerId): string;
  asOf(peer: PeerId): number;
}
