import { decodeAsPath, hasWideAsn, writeAsn, writeAsPath } from './as-path.ts';
import { AttributeFlag, AttributeType } from './constants.ts';
import type { NotificationKind } from './notification.ts';
import { readU32, writeU32 } from './octets.ts';
import { Origin, type PathAttributes } from './path-attributes.ts';

/** Attributes whose errors spoil a route (RFC 7606 treat-as-withdraw), as named in JSON. */
export const malformedNames = [
  'origin',
  'as_path',
  'next_hop',
  'med',
  'local_pref',
  'atomic_aggregate',
  'aggregator',
  'communities',
  'ext_communities',
  'as4_path',
  'as4_aggregator',
  'ipv6_ext_communities',
  'large_communities',
  'otc',
  'unknown_attributes',
] as const;
export type MalformedName = (typeof malformedNames)[number];

/** Attributes that are never the reason why a route is spoilt. */
export type DiscardedName = 'originator_id' | 'cluster_list' | 'mp_unreach_nlri';
export type AttributeName = MalformedName | DiscardedName;

/** The attributes while they are being read. */
export type Draft = { -readonly [Key in keyof PathAttributes]: PathAttributes[Key] };

export interface EncodeOptions {
  /** 2: AS_TRANS, and AS4_PATH and AS4_AGGREGATOR where needed (RFC 6793 §4.2.2). */
  readonly asnBytes: 2 | 4;
  /** Write NEXT_HOP if the next hop has 4 bytes: IPv4 NLRI in the NLRI field needs it. */
  readonly inlineNextHop: boolean;
}

/** Everything there is to know about one path attribute. */
export interface AttributeRow {
  readonly type: number;
  /** The name as IANA prints it. */
  readonly label: string;
  readonly name: AttributeName;
  /** The Optional and Transitive bits that it must have (RFC 4271 §5). */
  readonly flags: number;
  readonly fits: (lengthBytes: number) => boolean;
  /**
   * What a wrong length or value costs by RFC 7606 §7: the route or the attribute. `ignore`: the attribute is
   * never examined. Wrong flags are judged in the same way for all rows, by `decodeAttributes`.
   */
  readonly onError: 'treatAsWithdraw' | 'discard' | 'ignore';
  /** What a bad value is called in a NOTIFICATION, if RFC 7606 §5.2 requires one. */
  readonly badValue: NotificationKind;
  /** Decodes the value `start..end`, whose length is valid, into the draft; returns what is wrong with it. */
  readonly decode: (
    draft: Draft,
    bytes: Uint8Array,
    start: number,
    end: number,
  ) => string | undefined;
  /** Writes the value; returns the offset after it, or -1 if the attribute is absent. */
  readonly encode: (
    attributes: PathAttributes,
    out: Uint8Array,
    at: number,
    options: EncodeOptions,
  ) => number;
}

const origins: readonly (Origin | undefined)[] = [Origin.igp, Origin.egp, Origin.incomplete];

const wellKnown = AttributeFlag.transitive;
const optional = AttributeFlag.optional;
const optionalTransitive = AttributeFlag.optional | AttributeFlag.transitive;

/** One row for each attribute, in type order, which is also the order of the clauses of RFC 7606 §7. */
export const attributeRows: readonly AttributeRow[] = [
  {
    type: AttributeType.origin,
    label: 'ORIGIN',
    name: 'origin',
    flags: wellKnown,
    fits: exactly(1),
    onError: 'treatAsWithdraw',
    badValue: 'invalidOriginAttribute',
    decode(draft, bytes, start) {
      const origin = origins[bytes[start]];
      if (origin === undefined) return `undefined value ${bytes[start]}`;
      draft.origin = origin;
      return undefined;
    },
    encode(attributes, out, at) {
      out[at] = attributes.origin;
      return at + 1;
    },
  },
  {
    type: AttributeType.asPath,
    label: 'AS_PATH',
    name: 'as_path',
    flags: wellKnown,
    fits: any,
    onError: 'treatAsWithdraw',
    badValue: 'malformedAsPath',
    decode(draft, bytes, start, end) {
      const path = decodeAsPath(bytes, start, end, 4);
      if (typeof path === 'string') return path;
      draft.asPath = path;
      return undefined;
    },
    encode: (attributes, out, at, options) =>
      writeAsPath(out, at, attributes.asPath, options.asnBytes),
  },
  {
    type: AttributeType.nextHop,
    label: 'NEXT_HOP',
    name: 'next_hop',
    flags: wellKnown,
    fits: exactly(4),
    onError: 'treatAsWithdraw',
    badValue: 'invalidNextHopAttribute',
    decode(draft, bytes, start, end) {
      // RFC 4760 §3: NEXT_HOP beside an MP_REACH_NLRI is ignored.
      if (draft.nextHop.length === 0) draft.nextHop = bytes.slice(start, end);
      return undefined;
    },
    encode: ({ nextHop }, out, at, options) =>
      options.inlineNextHop && nextHop.length === 4 ? writeBytes(out, at, nextHop) : -1,
  },
  {
    type: AttributeType.med,
    label: 'MULTI_EXIT_DISC',
    name: 'med',
    flags: optional,
    fits: exactly(4),
    onError: 'treatAsWithdraw',
    badValue: 'optionalAttributeError',
    decode(draft, bytes, start) {
      draft.med = readU32(bytes, start);
      return undefined;
    },
    encode: ({ med }, out, at) => (med === undefined ? -1 : writeU32(out, at, med)),
  },
  notForExternalPeers(AttributeType.localPref, 'LOCAL_PREF', 'local_pref', wellKnown),
  {
    type: AttributeType.atomicAggregate,
    label: 'ATOMIC_AGGREGATE',
    name: 'atomic_aggregate',
    flags: wellKnown,
    fits: exactly(0),
    onError: 'discard',
    badValue: 'attributeLengthError',
    decode(draft) {
      draft.atomicAggregate = true;
      return undefined;
    },
    encode: ({ atomicAggregate }, _out, at) => (atomicAggregate ? at : -1),
  },
  {
    type: AttributeType.aggregator,
    label: 'AGGREGATOR',
    name: 'aggregator',
    flags: optionalTransitive,
    fits: exactly(8),
    onError: 'discard',
    badValue: 'optionalAttributeError',
    decode(draft, bytes, start, end) {
      const asn = readU32(bytes, start);
      if (asn === 0) return 'AS 0';
      draft.aggregator = { asn, address: bytes.slice(start + 4, end) };
      return undefined;
    },
    encode({ aggregator }, out, at, options) {
      if (aggregator === undefined) return -1;
      return writeBytes(
        out,
        writeAsn(out, at, aggregator.asn, options.asnBytes),
        aggregator.address,
      );
    },
  },
  {
    type: AttributeType.communities,
    label: 'COMMUNITIES',
    name: 'communities',
    flags: optionalTransitive,
    fits: multipleOf(4),
    onError: 'treatAsWithdraw',
    badValue: 'optionalAttributeError',
    decode(draft, bytes, start, end) {
      const communities: number[] = [];
      for (let at = start; at < end; at += 4) communities.push(readU32(bytes, at));
      draft.communities = communities;
      return undefined;
    },
    encode({ communities }, out, start) {
      let at = start;
      for (const community of communities) at = writeU32(out, at, community);
      return at === start ? -1 : at;
    },
  },
  notForExternalPeers(AttributeType.originatorId, 'ORIGINATOR_ID', 'originator_id', optional),
  notForExternalPeers(AttributeType.clusterList, 'CLUSTER_LIST', 'cluster_list', optional),
  notInTheBlock(AttributeType.mpReachNlri, 'MP_REACH_NLRI', 'next_hop'),
  notInTheBlock(AttributeType.mpUnreachNlri, 'MP_UNREACH_NLRI', 'mp_unreach_nlri'),
  {
    type: AttributeType.extCommunities,
    label: 'EXTENDED COMMUNITIES',
    name: 'ext_communities',
    flags: optionalTransitive,
    fits: multipleOf(8),
    onError: 'treatAsWithdraw',
    badValue: 'optionalAttributeError',
    decode(draft, bytes, start, end) {
      draft.extCommunities = slices(bytes, start, end, 8);
      return undefined;
    },
    encode: ({ extCommunities }, out, at) => writeAll(out, at, extCommunities),
  },
  {
    ...fromTwoOctetPeers(AttributeType.as4Path, 'AS4_PATH', 'as4_path'),
    encode: ({ asPath }, out, at, options) =>
      options.asnBytes === 2 && hasWideAsn(asPath) ? writeAsPath(out, at, asPath, 4) : -1,
  },
  {
    ...fromTwoOctetPeers(AttributeType.as4Aggregator, 'AS4_AGGREGATOR', 'as4_aggregator'),
    encode({ aggregator }, out, at, options) {
      const isWide = options.asnBytes === 2 && aggregator !== undefined && aggregator.asn > 0xffff;
      return isWide ? writeBytes(out, writeU32(out, at, aggregator.asn), aggregator.address) : -1;
    },
  },
  {
    type: AttributeType.ipv6ExtCommunities,
    label: 'IPv6 Address Specific Extended Community',
    name: 'ipv6_ext_communities',
    flags: optionalTransitive,
    fits: multipleOf(20),
    onError: 'treatAsWithdraw',
    badValue: 'optionalAttributeError',
    decode(draft, bytes, start, end) {
      draft.ipv6ExtCommunities = slices(bytes, start, end, 20);
      return undefined;
    },
    encode: ({ ipv6ExtCommunities }, out, at) => writeAll(out, at, ipv6ExtCommunities),
  },
  {
    type: AttributeType.largeCommunities,
    label: 'LARGE_COMMUNITY',
    name: 'large_communities',
    flags: optionalTransitive,
    fits: multipleOf(12),
    onError: 'treatAsWithdraw',
    badValue: 'optionalAttributeError',
    decode(draft, bytes, start, end) {
      draft.largeCommunities = decodeLargeCommunities(bytes, start, end);
      return undefined;
    },
    encode({ largeCommunities }, out, start) {
      let at = start;
      for (const parts of largeCommunities) for (const part of parts) at = writeU32(out, at, part);
      return at === start ? -1 : at;
    },
  },
  {
    type: AttributeType.otc,
    label: 'Only to Customer (OTC)',
    name: 'otc',
    flags: optionalTransitive,
    fits: exactly(4),
    onError: 'treatAsWithdraw',
    badValue: 'optionalAttributeError',
    decode(draft, bytes, start) {
      draft.otc = readU32(bytes, start);
      return undefined;
    },
    encode: ({ otc }, out, at) => (otc === undefined ? -1 : writeU32(out, at, otc)),
  },
];

const rowOfType: readonly (AttributeRow | undefined)[] = Array.from({ length: 256 }, (_, type) =>
  attributeRows.find((row) => row.type === type),
);

/** Returns the row of an attribute, or `undefined` for an unknown type. */
export function attributeRow(type: number): AttributeRow | undefined {
  return rowOfType[type];
}

/** Returns `AS_PATH`, or `attribute 99` for an unknown type. */
export function describeAttribute(type: number): string {
  return attributeRow(type)?.label ?? `attribute ${type}`;
}

/**
 * A row whose attribute is discarded from an external peer whatever its value and flags (RFC 4271 §5.1.5, RFC
 * 7606 §7.5, §7.9, §7.10), and never sent to one.
 */
function notForExternalPeers(
  type: number,
  label: string,
  name: AttributeName,
  flags: number,
): AttributeRow {
  return { ...withoutValue(type, label, name, flags), onError: 'ignore' };
}

/** A row that the update decoder cuts out of the block and judges itself. */
function notInTheBlock(type: number, label: string, name: AttributeName): AttributeRow {
  return { ...withoutValue(type, label, name, optional), onError: 'treatAsWithdraw' };
}

/**
 * A row that the update decoder merges. A 4-octet peer must not send it: it is discarded (RFC 6793 §4.1, §6),
 * unless its flags are wrong, a case that RFC 6793 does not mention.
 */
function fromTwoOctetPeers(type: number, label: string, name: AttributeName): AttributeRow {
  return {
    ...withoutValue(type, label, name, optionalTransitive),
    onError: 'discard',
    decode: () => 'from a peer with 4-octet AS numbers',
  };
}

function withoutValue(
  type: number,
  label: string,
  name: AttributeName,
  flags: number,
): Omit<AttributeRow, 'onError'> {
  return {
    type,
    label,
    name,
    flags,
    fits: any,
    badValue: 'optionalAttributeError',
    decode: () => undefined,
    encode: () => -1,
  };
}

function exactly(bytes: number): (lengthBytes: number) => boolean {
  return (lengthBytes) => lengthBytes === bytes;
}

/** RFC 7606 §7.8, §7.14, §7.15: "a non-zero multiple". */
function multipleOf(bytes: number): (lengthBytes: number) => boolean {
  return (lengthBytes) => lengthBytes > 0 && lengthBytes % bytes === 0;
}

function any(): boolean {
  return true;
}

/** RFC 8092 §5: "A receiving speaker MUST silently remove redundant BGP Large Community values." */
function decodeLargeCommunities(
  bytes: Uint8Array,
  start: number,
  end: number,
): (readonly [number, number, number])[] {
  const values = new Map<string, readonly [number, number, number]>();
  for (let at = start; at < end; at += 12) {
    const value = [readU32(bytes, at), readU32(bytes, at + 4), readU32(bytes, at + 8)] as const;
    values.set(value.join(':'), value);
  }
  return [...values.values()];
}

function slices(bytes: Uint8Array, start: number, end: number, size: number): Uint8Array[] {
  const values: Uint8Array[] = [];
  for (let at = start; at < end; at += size) values.push(bytes.slice(at, at + size));
  return values;
}

function writeAll(out: Uint8Array, start: number, values: readonly Uint8Array[]): number {
  let at = start;
  for (const value of values) at = writeBytes(out, at, value);
  return at === start ? -1 : at;
}

function writeBytes(out: Uint8Array, at: number, value: Uint8Array): number {
  out.set(value, at);
  return at + value.length;
}
