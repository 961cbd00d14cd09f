/** The supported address families; the number is also the index into `families`. */
export const Family = { ipv4Unicast: 0, ipv6Unicast: 1 } as const;
export type Family = (typeof Family)[keyof typeof Family];

/** The families as configuration, API and metrics write them, by `Family`. */
export const familyNames = ['ipv4_unicast', 'ipv6_unicast'] as const;
export type FamilyName = (typeof familyNames)[number];

export interface FamilyRow {
  readonly family: Family;
  readonly name: FamilyName;
  /** IANA Address Family Numbers. */
  readonly afi: number;
  /** IANA Subsequent Address Family Identifiers. */
  readonly safi: number;
  readonly addressBytes: 4 | 16;
  readonly maxLengthBits: 32 | 128;
}

/** One row for each family (RFC 4760 §3), at the index of its `Family` number. */
export const families: readonly FamilyRow[] = [
  { family: 0, name: 'ipv4_unicast', afi: 1, safi: 1, addressBytes: 4, maxLengthBits: 32 },
  { family: 1, name: 'ipv6_unicast', afi: 2, safi: 1, addressBytes: 16, maxLengthBits: 128 },
];

/** Returns the family of an AFI/SAFI pair, or `undefined` if it is not supported. */
export function familyOf(afi: number, safi: number): Family | undefined {
  return families.find((row) => row.afi === afi && row.safi === safi)?.family;
}

/** BGP Message Types (RFC 4271 §4.1, RFC 2918 §3). */
export const MessageType = {
  open: 1,
  update: 2,
  notification: 3,
  keepalive: 4,
  routeRefresh: 5,
} as const;
export type MessageType = (typeof MessageType)[keyof typeof MessageType];

/** Marker, Length and Type (RFC 4271 §4.1). */
export const headerBytes = 19;
/** The longest message, header included (RFC 4271 §4.1). */
export const maxMessageBytes = 4096;
/** The longest message once both OPENs carry the Extended Message capability (RFC 8654 §4). */
export const maxExtendedMessageBytes = 65_535;

/** Stands in for an AS number that does not fit two octets (RFC 6793 §9). */
export const asTrans = 23_456;

/** Attribute Flags octet (RFC 4271 §4.3). */
export const AttributeFlag = {
  optional: 0x80,
  transitive: 0x40,
  partial: 0x20,
  extendedLength: 0x10,
} as const;

/** BGP Path Attributes: the type codes that are known here. */
export const AttributeType = {
  origin: 1,
  asPath: 2,
  nextHop: 3,
  med: 4,
  localPref: 5,
  atomicAggregate: 6,
  aggregator: 7,
  communities: 8,
  originatorId: 9,
  clusterList: 10,
  mpReachNlri: 14,
  mpUnreachNlri: 15,
  extCommunities: 16,
  as4Path: 17,
  as4Aggregator: 18,
  ipv6ExtCommunities: 25,
  largeCommunities: 32,
  otc: 35,
} as const;
