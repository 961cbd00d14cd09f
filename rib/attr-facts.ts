import { wellKnownCommunities } from '../src/wire/communities.ts';
import type { AsPathSegment, PathAttributes } from '../src/wire/path-attributes.ts';

/** The AS that the path was received from; 0 when the path does not begin with a sequence. */
export function neighbourAs(path: readonly AsPathSegment[]): number {
  const first = path[0];
  return first?.kind === 'sequence' ? first.asns[0] : 0;
}

/** The path is about to go (RFC 8326 §3). */
export function hasGracefulShutdown(attributes: PathAttributes): boolean {
  return attributes.communities.includes(wellKnownCommunities.graceful_shutdown);
}

/** The path is kept for a peer that has been gone for long (RFC 9494 §4.3). */
export function isLongLivedStale(attributes: PathAttributes): boolean {
  return attributes.communities.includes(wellKnownCommunities.llgr_stale);
}
