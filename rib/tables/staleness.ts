/**
 * Whether the peer still stands by a path (RFC 4724 §4.2, RFC 7313 §4, RFC 9494 §4.2). An ageing path is a stale one
 * that is about to become long-lived. The peer does not stand by a kept path: it has withdrawn it. A former path is
 * about to be removed, and nothing counts it any more.
 */
export const Staleness = {
  fresh: 0,
  stale: 1,
  ageing: 2,
  longLived: 3,
  kept: 4,
  former: 5,
} as const;

/** Returns whether the peer has not announced the path again since it was marked. */
export function isStale(staleness: number): boolean {
  return staleness >= Staleness.stale && staleness <= Staleness.longLived;
}
