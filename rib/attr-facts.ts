import type { AsPathSegment, PathAttributes } from '../src/wire/path-attributes.ts';

/** Community of RFC 8326 §3: the path is about to go. */
export const gracefulShutdownCommunity = 0xffff0000;

/** Community of RFC 9494 §4.3: the path is kept for a peer that has been gone for long. */
export const longLivedStaleCommunity = 0xffff0006;
/** Community of RFC 9494 §4.2: "not to be retained" so. */
export const noLongLivedCommunity = 0xffff0007;

/** RFC 4271 §9.1.2.2 a): "AS_SET counts as 1". */
export function asPathLength(path: readonly AsPathSegment[]): number {
  let length = 0;
  for (const segment of path) length += segment.kind === 'set' ? 1 : segment.asns.length;
  return length;
}

/** The AS that the path was received from; 0 when the path does not begin with a sequence. */
export function neighbourAs(path: readonly AsPathSegment[]): number {
  const first = path[0];
  return first?.kind === 'sequence' ? first.asns[0] : 0;
}

export function hasGracefulShutdown(attributes: PathAttributes): boolean {
  return attributes.communities.includes(gracefulShutdownCommunity);
}

export function isLongLivedStale(attributes: PathAttributes): boolean {
  return attributes.communities.includes(longLivedStaleCommunity);
}
