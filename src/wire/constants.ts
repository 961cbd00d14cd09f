/** The address families carried here; the number is also the index into `families`. */
export const Family = { ipv4Unicast: 0, ipv6Unicast: 1 } as const;
export type Family = (typeof Family)[keyof typeof Family];

export interface FamilyRow {
  readonly family: Family;
  readonly name: 'ipv4_unicast' | 'ipv6_unicast';
  /** IANA Address Family Numbers. */
  readonly afi: number;
  /** IANA Subsequent Address Family Identifiers. */
  readonly safi: number;
  readonly addressBytes: 4 | 16;
  readonly maxLengthBits: 32 | 128;
}

/** One row a family (RFC 4760 §3), at the index of its `Family` number. */
export const families: readonly FamilyRow[] = [
  { family: 0, name: 'ipv4_unicast', afi: 1, safi: 1, addressBytes: 4, maxLengthBits: 32 },
  { family: 1, name: 'ipv6_unicast', afi: 2, safi: 1, addressBytes: 16, maxLengthBits: 128 },
];
