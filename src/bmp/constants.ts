/** The version of the protocol (RFC 7854 §4.1). */
export const bmpVersion = 3;

/** Types of messages (RFC 7854 §4.1). */
export const MessageType = {
  routeMonitoring: 0,
  statisticsReport: 1,
  peerDown: 2,
  peerUp: 3,
  initiation: 4,
  termination: 5,
} as const;

/** Types of peers (RFC 7854 §4.2, RFC 9069 §4.1). */
export const PeerType = { globalInstance: 0, locRibInstance: 3 } as const;

/** Flags of peers (RFC 7854 §4.2, RFC 8671 §4). A Loc-RIB has others (RFC 9069 §4.2), which are always 0 here. */
export const PeerFlag = {
  /** V: the address of the peer is an IPv6 address. */
  ipv6: 0x80,
  /** L: the routes are shown after policy. */
  postPolicy: 0x40,
  /** A: the AS_PATH has AS numbers of two octets. */
  twoOctetAs: 0x20,
  /** O: the routes are from the Adj-RIB-Out. */
  adjRibOut: 0x10,
} as const;

/** TLVs of Initiation (RFC 7854 §4.4). */
export const InitiationTlv = { sysDescr: 1, sysName: 2 } as const;

/** TLVs of Peer Up (RFC 9069 §5.2, RFC 8671 §6.3.1). */
export const PeerUpTlv = { tableName: 3, adminLabel: 4 } as const;

/** The TLV that gives the reason, in Termination (RFC 7854 §4.5). */
export const terminationReasonTlv = 1;

/** Why a connection ends (RFC 7854 §4.5). */
export const TerminationReason = {
  administrativelyClosed: 0,
  unspecified: 1,
  outOfResources: 2,
  redundantConnection: 3,
  permanentlyClosed: 4,
} as const;

/** Why a session or a Loc-RIB is down (RFC 7854 §4.9, RFC 9069 §5.3). */
export const PeerDownReason = {
  localNotification: 1,
  localWithout: 2,
  remoteNotification: 3,
  remoteWithout: 4,
  deconfigured: 5,
  locRibClosed: 6,
} as const;

/** Statistics (RFC 7854 §4.8, RFC 8671 §6.2). */
export const StatisticType = {
  /** Counters of 32 bits. */
  rejectedByPolicy: 0,
  asPathLoops: 4,
  updatesTreatedAsWithdraw: 11,
  /** Gauges of 64 bits. */
  adjRibIn: 7,
  locRib: 8,
  adjRibOutPostPolicy: 15,
  /** Gauges of 64 bits, each for one address family. */
  adjRibInOfFamily: 9,
  locRibOfFamily: 10,
  adjRibOutPostPolicyOfFamily: 17,
} as const;
