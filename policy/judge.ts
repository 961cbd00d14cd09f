import type { MalformedName } from '#wire/attribute-table.ts';
import type { Prefix } from '#wire/nlri.ts';
import type { PathAttributes } from '#wire/path-attributes.ts';
import type { AttrsId, PeerId } from './ids.ts';
import type { PrefixPattern } from './patterns.ts';
import type { Usual } from './usual.ts';
import type { JudgeTrace, RuleRef, Verdict } from './verdict.ts';

/** A rule that has the network of a refused prefix, but allows other lengths. */
export interface NearMiss {
  readonly rule: RuleRef;
  readonly pattern: PrefixPattern;
}

/**
 * Attribute sets by id; rib/tables/attr-table implements this and `AttrsInterner`. Every method except `read` looks at
 * columns and bytes in place, so that seeing a usual set for the first time allocates nothing.
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

/** Which validated data the rules of a judge use. */
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
  /**
   * Judges with an equal usual outcome give the same verdict on a route that has none of the communities of either.
   * Absent if no such communities can be named.
   */
  readonly usual?: Usual | undefined;
  prefixClass(prefix: Prefix): number;
  judge(attrs: AttrsId, source: PeerId, prefixClass: number): Verdict;
  trace(attrs: AttrsId, source: PeerId, prefixClass: number): JudgeTrace;
}

/** What policy needs to know about the peer that a path came from. */
export interface PeerNames {
  nameOf(peer: PeerId): string;
  asOf(peer: PeerId): number;
}
