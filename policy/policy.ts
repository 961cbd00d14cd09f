import { type MalformedName, malformedNames } from '#wire/attribute-table.ts';
import type { Family } from '#wire/constants.ts';
import type { Prefix } from '#wire/nlri.ts';
import type { AsPathSegment, PathAttributes } from '#wire/path-attributes.ts';
import type { AttrsId, PeerId } from './ids.ts';

/**
 * Why a path was refused, in the order of checking; the index is its code and 0 is "accepted".
 * The texts are a contract with operators: metrics, JSON and the CLI print them.
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

/** Why a client is not sent a path, in the order of checking; the index is its code and 0 is "sent". */
export const exportReasons = [
  'sent',
  'no_policy',
  'otc_leak',
  'no_export',
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
 * The answer of a judge in one integer, so that it can be kept in a column: above 0 the AttrsId
 * that goes on, 0 or below minus the index of the reason.
 */
export type Verdict = number & { readonly verdict: 'Verdict' };

export interface RuleSource {
  readonly file: string;
  /** 1-based. */
  readonly line: number;
}

/** Which rule decided; shown by `explain`. */
export interface RuleRef extends RuleSource {
  readonly policy: string;
  readonly name?: string;
}

export interface JudgeTrace {
  readonly verdict: Verdict;
  /** Absent when no rule decided. */
  readonly rule?: RuleRef;
}

/** A rule that has the network of a refused prefix, at other lengths. */
export interface NearMiss {
  readonly rule: RuleRef;
  readonly pattern: PrefixPattern;
}

/**
 * Attribute sets by id; rib/attr-table implements both. Everything but `read` looks at columns and
 * bytes in place, so that the first sight of a usual set allocates nothing.
 */
export interface AttrsReader {
  /** Decodes: for rules that look at attributes, explain and JSON, never per prefix. */
  read(id: AttrsId): PathAttributes;
  /** Whether import policy has given the set a LOCAL_PREF. */
  hasLocalPref(id: AttrsId): boolean;
  hasMed(id: AttrsId): boolean;
  /** First AS of AS_PATH; 0 when it is empty or begins with a set. */
  neighbourAs(id: AttrsId): number;
  hasAsSet(id: AttrsId): boolean;
  /** Whether the AS is anywhere in AS_PATH, sets included. */
  hasAs(id: AttrsId, asn: number): boolean;
  isNextHop(id: AttrsId, address: Uint8Array): boolean;
  /** Whether an extended community is not to leave the AS (RFC 4360 §6). */
  hasNonTransitive(id: AttrsId): boolean;
  /** The attribute that spoiled the set, if one did; of such a set only `read` may be asked. */
  malformed(id: AttrsId): MalformedName | undefined;
}
export interface AttrsInterner extends AttrsReader {
  intern(attributes: PathAttributes): AttrsId;
}

/** Whether the origin of a route is validated (RFC 6811 §2). */
export const originStates = ['valid', 'invalid', 'not_found'] as const;
export type OriginState = (typeof originStates)[number];
/** Whether an AS_PATH is verified (draft-ietf-sidrops-aspa-verification-28 §5). */
export const pathStates = ['valid', 'invalid', 'unknown'] as const;
export type PathState = (typeof pathStates)[number];

/** Says what validated data makes of a route; its answers change when the data does. */
export interface RouteValidator {
  /** Goes up when the classes mean others than before; all that was remembered by them is to be forgotten. */
  readonly renumberings: number;
  /**
   * A small integer: prefixes of one class have the same valid origins. 0: nothing covers the prefix. Hot: once a
   * prefix.
   */
  originClass(prefix: Prefix): number;
  /** `originAs`: `undefined` for a route whose AS_PATH is empty or ends in a set. */
  originState(originClass: number, originAs: number | undefined): OriginState;
  /** `role`: ours toward the peer that sent the route; without it nothing is known. */
  pathState(asPath: readonly AsPathSegment[], role: Role | undefined): PathState;
}

/** Which routes a change of validated data may concern. */
export interface ValidationChange {
  readonly changesOrigins: boolean;
  readonly changesPaths: boolean;
  touchesPrefix(prefix: Prefix): boolean;
  touchesPath(asPath: readonly AsPathSegment[]): boolean;
}

/** What the rules of a judge ask validated data for. */
export interface AsksFor {
  readonly origins: boolean;
  readonly paths: boolean;
}

/**
 * Judges what one peer announces. The RIB memoises: for one judge, equal attributes and equal prefix
 * class must give equal verdicts.
 */
export interface ImportJudge {
  /** Absent: nothing. */
  readonly asksFor?: AsksFor | undefined;
  /** Small integer; prefixes of one class are indistinguishable to this judge. Hot: once a prefix. */
  prefixClass(prefix: Prefix): number;
  judge(attrs: AttrsId, prefixClass: number): Verdict;
  trace(attrs: AttrsId, prefixClass: number): JudgeTrace;
  /** For `prefix_length`: the first rule that would accept the prefix if it had another length. */
  nearMiss(prefix: Prefix): NearMiss | undefined;
}

/**
 * Judges what clients of one export class may have: peers with equal export configuration share the
 * object. `source` is the peer that the path came from. Knows neither split horizon nor who is up.
 */
export interface ExportJudge {
  /** False: all prefixes of a family are of one class. */
  readonly looksAtPrefixes: boolean;
  /** Absent: nothing. */
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
 * `P{min,max}` as BIRD writes it: prefixes inside P, or around it, whose length is min..max. Where it
 * stands for addresses (next hops) only the network counts.
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

/** Parts of a community pattern from the left; `undefined` is `*`. */
export type CommunityPattern = readonly (number | undefined)[];
/**
 * RFC 4360 route target and the like: `rt:65000:1`, `ro:…`, or `generic:0x…:0x…`. `value` has two parts,
 * of 4 and 2 octets for the types 0x01 and 0x02, of 2 and 4 for all others.
 */
export interface ExtCommunityPattern {
  readonly type: number;
  readonly subtype: number;
  readonly value: readonly (number | undefined)[];
}

/** Keys ANDed, the values of a key ORed; an absent key matches all. */
export interface Match {
  /** Perhaps very many. */
  readonly prefix?: Iterable<PrefixPattern>;
  readonly nextHop?: readonly PrefixPattern[];
  /** Names of the peer that the path came from. */
  readonly peer?: readonly string[];
  readonly peerAs?: readonly number[];
  readonly asPath?: readonly number[];
  readonly originAs?: readonly number[];
  readonly asPathLength?: readonly NumberRange[];
  readonly med?: readonly NumberRange[];
  readonly community?: readonly CommunityPattern[];
  readonly largeCommunity?: readonly CommunityPattern[];
  readonly extCommunity?: readonly ExtCommunityPattern[];
  readonly rpki?: readonly OriginState[];
  readonly aspa?: readonly PathState[];
}

/** A community to add, then without `*`, or to remove. */
export type CommunityValue =
  | { readonly kind: 'standard'; readonly pattern: CommunityPattern }
  | { readonly kind: 'large'; readonly pattern: CommunityPattern };

/** What a matching rule writes into the route; communities are removed before others are added. */
export interface SetActions {
  readonly med?: { readonly kind: 'set' | 'add'; readonly value: number };
  readonly localPref?: number;
  readonly addCommunities?: readonly CommunityValue[];
  readonly removeCommunities?: readonly CommunityValue[];
  /** ASNs put in front, the first one outermost. */
  readonly prepend?: readonly number[];
  /** 4 or 16 bytes; not written into a route whose next hop is of the other family. */
  readonly nextHop?: Uint8Array;
}

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

/** `none` and an absent key are RFC 8212's default; a list of policies is one policy, end to end. */
export type PolicyChoice = 'none' | 'all' | readonly Policy[];

/** All that the import checks of one peer depend on. */
export interface ImportSettings {
  readonly peerName: string;
  /** The AS of the peer's OPEN. */
  readonly peerAs: number;
  /** 4 or 16 bytes. */
  readonly peerAddress: Uint8Array;
  readonly localAs: number;
  /** Our own addresses, never a next hop. */
  readonly localAddresses: readonly Uint8Array[];
  readonly policy: PolicyChoice;
  readonly missingMed: 'zero' | 'reject' | number;
  readonly acceptNextHop: 'peer' | 'any' | readonly PrefixPattern[];
  readonly enforceFirstAs: boolean;
  readonly allowAsSets: boolean;
  /** RFC 9234: our role toward the peer; absent: OTC passes untouched. */
  readonly role?: Role;
}
export type Role = 'provider' | 'rs' | 'rs_client' | 'customer' | 'peer';

/** All that the export checks of one class of clients depend on. */
export interface ExportSettings {
  readonly policy: PolicyChoice;
  readonly localAs: number;
  /** True: transparent (RFC 7947 §2.2). False: own AS prepended, next hop self, MED removed. */
  readonly rsClient: boolean;
  /** Next hops for `rsClient: false`, by `Family`; absent: that family cannot be exported. */
  readonly selfNextHop: readonly (Uint8Array | undefined)[];
  /** The clients are of another AS: non-transitive extended communities are removed (RFC 4360 §6). */
  readonly toAnotherAs: boolean;
  /** Act on NO_EXPORT, NO_ADVERTISE and NO_EXPORT_SUBCONFED. */
  readonly interpretWellKnown: boolean;
  /** RFC 9234: our role toward the clients; absent: OTC passes untouched. */
  readonly role?: Role;
  /** This server is about to leave: every route is sent with GRACEFUL_SHUTDOWN (RFC 8326 §4.1). */
  readonly isLeaving?: boolean;
}

/** How policy names the peer a path came from. */
export interface PeerNames {
  nameOf(peer: PeerId): string;
  asOf(peer: PeerId): number;
}
