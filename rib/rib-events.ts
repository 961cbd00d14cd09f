import type { PeerId } from '#policy/ids.ts';
import type { Family } from '#wire/constants.ts';
import type { Prefix } from '#wire/nlri.ts';
import type { LimitReached } from './in/adj-rib-in.ts';
import type { BestChanged } from './loc-rib.ts';
import type { AttributeErrors } from './tables/attr-table.ts';

/** What the RIB tells its owner, during the call that brings it about. */
export interface RibEvents {
  /**
   * A limit was reached whose action leaves the session up; or, as settings changed and not by an
   * UPDATE, one whose action must end it.
   */
  limitReached?(peer: PeerId, reached: LimitReached): void;
  /** An UPDATE had spoiled attributes; the window on its bytes is valid during the call. */
  attributeErrors?(peer: PeerId, errors: AttributeErrors, block: Uint8Array): void;
  /** An UPDATE announced prefixes that no route can have, which are ignored: this one first. Scratch. */
  prefixIgnored?(peer: PeerId, prefix: Prefix): void;
  /** The first route of a session that is refused for this reason (by code). Scratch. */
  routeRefused?(peer: PeerId, prefix: Prefix, reason: number): void;
  /** A route is too long for the messages of this client, which gets the next path that fits. Scratch. */
  routeTooLong?(client: PeerId, prefix: Prefix): void;
  /** The attribute sets that the peer's paths name have more bytes than it may have. */
  tooManyAttributeBytes?(peer: PeerId, bytes: number): void;
  bestChanged?(family: Family, ...change: Parameters<BestChanged>): void;
}
