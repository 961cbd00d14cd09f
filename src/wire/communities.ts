/** IANA BGP Well-known Communities, by their names there (RFC 1997, 7999, 8326, 9494). */
export const wellKnownCommunities = {
  graceful_shutdown: 0xffff0000,
  llgr_stale: 0xffff0006,
  no_llgr: 0xffff0007,
  blackhole: 0xffff029a,
  no_export: 0xffffff01,
  no_advertise: 0xffffff02,
  no_export_subconfed: 0xffffff03,
} as const;

/** Returns the number of a standard community by its two halves, of 16 bits each. */
export function standardCommunity(high: number, low: number): number {
  return ((high << 16) | low) >>> 0;
}

/**
 * Returns whether an extended community with this Type high octet must stay within its AS (RFC 4360 §2, RFC
 * 5701 §2).
 */
export function isNonTransitive(typeHigh: number): boolean {
  return (typeHigh & 0x40) !== 0;
}
