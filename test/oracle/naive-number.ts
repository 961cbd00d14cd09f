/** Octets in network order as an unsigned number. */
export function number(octets: Uint8Array): number {
  return octets.reduce((sum, octet) => sum * 256 + octet, 0);
}
