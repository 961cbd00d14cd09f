import type { AttrsId, PathId, PeerId, PrefixId } from '#policy/ids.ts';
import type { PrefixLimit } from '#policy/limit.ts';
import type { Decoded } from '#wire/attributes.ts';
import type { Family } from '#wire/constants.ts';
import type { Prefix } from '#wire/nlri.ts';

/** A limit that was exceeded; `counts` says which count. */
export interface LimitReached {
  readonly family: Family;
  readonly counts: 'accepted' | 'received';
  readonly limit: PrefixLimit;
}

/**
 * What was wrong with the attributes of an UPDATE (RFC 7606 §2). It is kept for each set of bytes, so that every
 * repetition counts while the decoding is done once.
 */
export type AttributeErrors = Pick<Decoded, 'malformed' | 'discarded'>;

/**
 * Called for each change of an accepted path, before anything is decided. `was` and `is` are its attributes before and
 * now (0: not accepted). `isGone` means that it has been unlinked.
 */
export type PathChanged = (prefix: PrefixId, path: PathId, was: AttrsId, isGone: boolean) => void;

/** What the RIB reports to its owner, during the call that causes it. */
export interface RibEvents {
  /**
   * A limit was reached whose action leaves the session up; or, because settings changed and not because of an UPDATE,
   * one whose action must end it.
   */
  limitReached?(peer: PeerId, reached: LimitReached): void;
  /** An UPDATE had malformed attributes; the view of its bytes is valid during the call. */
  attributeErrors?(peer: PeerId, errors: AttributeErrors, block: Uint8Array): void;
  /** An UPDATE announced prefixes that no route can have, which are ignored; this is the first one. Scratch. */
  prefixIgnored?(peer: PeerId, prefix: Prefix): void;
  /** The first route of a session that is refused for this reason (a code). Scratch. */
  routeRefused?(peer: PeerId, prefix: Prefix, reason: number): void;
  /** A route is too long for the messages of this client, which gets the next path that fits. Scratch. */
  routeTooLong?(client: PeerId, prefix: Prefix): void;
  /** The attribute sets that the peer's paths refer to have more bytes than it may have. */
  tooManyAttributeBytes?(peer: PeerId, bytes: number): void;
  /**
   * The peer has withdrawn the last path of an address, which is kept until the given time (as the `now` of UPDATEs).
   */
  pathKept?(peer: PeerId, family: Family, prefix: PrefixId, path: PathId, untilMs: number): void;
  /** A best path has changed; `PathId` 0 is "no path". Both paths can still be read, and nothing is advertised yet. */
  bestChanged?(family: Family, prefix: PrefixId, from: PathId, to: PathId): void;
  /** As `PathChanged`, for addresses of services only. */
  pathChanged?(family: Family, ...change: Parameters<PathChanged>): void;
}

/**
 * Notified of each change of a route, during the call that causes it; it must not call back into the RIB. What it is
 * notified of may be the same as before.
 */
export interface RouteMonitor {
  /** The path has come, or its attributes as received have changed. */
  received(family: Family, path: PathId): void;
  /** The attributes of the path as accepted have changed from `was`; 0: it is, or was, refused. */
  accepted(family: Family, path: PathId, was: AttrsId): void;
  /** The path is removed: its row can be read for the last time. */
  gone(family: Family, path: PathId): void;
  /** Another path is the best one, or the best one has changed; 0: there is none any more. */
  best(family: Family, prefix: PrefixId, to: PathId): void;
}
