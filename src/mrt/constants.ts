/** Types of MRT records (RFC 6396 §4). */
export const MrtType = { tableDumpV2: 13, bgp4mp: 16, bgp4mpEt: 17 } as const;

/**
 * Subtypes of BGP4MP and BGP4MP_ET (RFC 6396 §4.4, RFC 8050 §3). `local` means that the collector itself sent the
 * message.
 */
export const Bgp4mp = {
  stateChange: 0,
  message: 1,
  messageAs4: 4,
  stateChangeAs4: 5,
  messageLocal: 6,
  messageAs4Local: 7,
  messageAddPath: 8,
  messageAs4AddPath: 9,
  messageLocalAddPath: 10,
  messageAs4LocalAddPath: 11,
} as const;

/** Subtypes of TABLE_DUMP_V2 (RFC 6396 §4.3, RFC 8050 §4). */
export const TableDumpV2 = {
  peerIndexTable: 1,
  ribIpv4Unicast: 2,
  ribIpv6Unicast: 4,
  ribIpv4UnicastAddPath: 8,
  ribIpv6UnicastAddPath: 10,
} as const;

/** Timestamp, Type, Subtype, Length (RFC 6396 §2). */
export const headerBytes = 12;
