import { AttributeHeader, writeAttributeHeader } from '#wire/attribute-header.ts';
import { AttributeFlag, AttributeType, families, type Family } from '#wire/constants.ts';
import { countNlri, NlriReader, type Prefix, writeNlri } from '#wire/nlri.ts';
import { MrtType, TableDumpV2 } from './constants.ts';
import { MrtError, type RecordReader } from './record-reader.ts';
import type { RecordWriter } from './record-writer.ts';

/** A row of PEER_INDEX_TABLE; entries refer to it by its index. */
export interface TablePeer {
  readonly routerId: number;
  /** 4 or 16 bytes. */
  readonly address: Uint8Array;
  readonly peerAs: number;
}

export interface PeerIndex {
  readonly kind: 'peers';
  readonly wallMs: number;
  readonly collectorId: number;
  readonly viewName: string;
  readonly peers: readonly TablePeer[];
}

/** A path of a prefix. */
export interface TableEntry {
  /** Its index in PEER_INDEX_TABLE. */
  readonly peer: number;
  /** Unix seconds. */
  readonly originatedSec: number;
  /** 0 if there are no path identifiers. */
  readonly pathId: number;
  /** Path attributes with AS numbers of four octets, without MP_REACH_NLRI; `nextHop` has its next hop. */
  readonly attributes: Uint8Array;
  /** 4 or 16 bytes; empty if NEXT_HOP is among the attributes. */
  readonly nextHop: Uint8Array;
}

export interface TablePrefix {
  readonly kind: 'prefix';
  readonly wallMs: number;
  readonly prefix: Prefix;
  readonly entries: readonly TableEntry[];
}

/** Flags of a row of PEER_INDEX_TABLE (RFC 6396 §4.3.1). */
const PeerFlag = { ipv6: 1, as4: 2 } as const;

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** Writes PEER_INDEX_TABLE (RFC 6396 §4.3.1); at most 65,535 peers. */
export function writePeerIndex(
  writer: RecordWriter,
  { wallMs, collectorId, viewName, peers }: Omit<PeerIndex, 'kind'>,
): void {
  const name = encoder.encode(viewName);
  writer.begin(MrtType.tableDumpV2, TableDumpV2.peerIndexTable, wallMs);
  writer.u32(collectorId);
  writer.u16(name.length);
  writer.octets(name);
  writer.u16(peers.length);
  for (const { routerId, address, peerAs } of peers) {
    writer.u8(PeerFlag.as4 | (address.length === 16 ? PeerFlag.ipv6 : 0));
    writer.u32(routerId);
    writer.octets(address);
    writer.u32(peerAs);
  }
  writer.end();
}

const subtypes: Readonly<Record<Family, { readonly plain: number; readonly addPath: number }>> = {
  0: { plain: TableDumpV2.ribIpv4Unicast, addPath: TableDumpV2.ribIpv4UnicastAddPath },
  1: { plain: TableDumpV2.ribIpv6Unicast, addPath: TableDumpV2.ribIpv6UnicastAddPath },
};

/** The greatest length of the attributes of an entry. */
export const maxEntryBytes = 0xffff;

const scratch = new Uint8Array(17);
const head = new Uint8Array(4);

/**
 * Writes the paths of a prefix (RFC 6396 §4.3.2), with path identifiers if any entry has one (RFC 8050 §4). The
 * attributes and the next hop of an entry may have `maxEntryBytes - 21` bytes together.
 */
export function writeTablePrefix(
  writer: RecordWriter,
  { wallMs, prefix, entries }: Omit<TablePrefix, 'kind'>,
  sequence: number,
): void {
  const addPath = entries.some(({ pathId }) => pathId !== 0);
  const { family } = prefix;
  writer.begin(MrtType.tableDumpV2, subtypes[family][addPath ? 'addPath' : 'plain'], wallMs);
  writer.u32(sequence);
  writer.octets(scratch, 0, writeNlri(scratch, 0, prefix));
  writer.u16(entries.length);
  for (const { peer, originatedSec, pathId, attributes, nextHop } of entries) {
    writer.u16(peer);
    writer.u32(originatedSec);
    if (addPath) writer.u32(pathId);
    writer.u16(attributes.length + (nextHop.length === 0 ? 0 : 4 + nextHop.length));
    writer.octets(attributes);
    if (nextHop.length > 0) writeNextHop(writer, nextHop);
  }
  writer.end();
}

/** Writes MP_REACH_NLRI with only the length and the address of the next hop (RFC 6396 §4.3.4). */
function writeNextHop(writer: RecordWriter, nextHop: Uint8Array): void {
  const { mpReachNlri } = AttributeType;
  const end = writeAttributeHeader(
    head,
    0,
    AttributeFlag.optional,
    mpReachNlri,
    1 + nextHop.length,
  );
  writer.octets(head, 0, end);
  writer.u8(nextHop.length);
  writer.octets(nextHop);
}

/** Reads a TABLE_DUMP_V2 record. Returns `undefined` for families other than unicast. Throws MrtError. */
export function readTableRecord(record: RecordReader): PeerIndex | TablePrefix | undefined {
  const { subtype } = record;
  if (subtype === TableDumpV2.peerIndexTable) return readPeerIndex(record);
  for (const { family } of families) {
    const { plain, addPath } = subtypes[family];
    if (subtype === plain || subtype === addPath)
      return readTablePrefix(record, family, subtype === addPath);
  }
  return undefined;
}

function readPeerIndex(record: RecordReader): PeerIndex {
  const { wallMs } = record;
  const collectorId = record.u32();
  const viewName = decoder.decode(record.octets(record.u16()));
  const peers = Array.from({ length: record.u16() }, () => {
    const flags = record.u8();
    const routerId = record.u32();
    const address = record.octets((flags & PeerFlag.ipv6) !== 0 ? 16 : 4);
    return {
      routerId,
      address,
      peerAs: (flags & PeerFlag.as4) !== 0 ? record.u32() : record.u16(),
    };
  });
  return { kind: 'peers', wallMs, collectorId, viewName, peers };
}

function readTablePrefix(record: RecordReader, family: Family, addPath: boolean): TablePrefix {
  const { wallMs } = record;
  record.u32();
  const prefix = readPrefix(record, family);
  const entries = Array.from({ length: record.u16() }, () => {
    const peer = record.u16();
    const originatedSec = record.u32();
    const pathId = addPath ? record.u32() : 0;
    const attributes = withRightFlags(record.octets(record.u16()));
    return { peer, originatedSec, pathId, ...withoutMpReach(attributes) };
  });
  return { kind: 'prefix', wallMs, prefix, entries };
}

function readPrefix(record: RecordReader, family: Family): Prefix {
  const lengthBits = record.u8();
  const octets = record.octets((lengthBits + 7) >> 3);
  const nlri = new Uint8Array([lengthBits, ...octets]);
  const range = { family, start: 0, end: nlri.length, addPath: false };
  if (countNlri(nlri, range) !== 1)
    throw new MrtError(`a prefix has ${lengthBits} bits, too many for its family`);
  const reader = new NlriReader();
  reader.reset(nlri, range);
  reader.next();
  return reader;
}

/** Attributes that are always well-known, so that their flags are known (RFC 4271 §5). */
const wellKnown: ReadonlySet<number> = new Set([
  AttributeType.origin,
  AttributeType.asPath,
  AttributeType.nextHop,
  AttributeType.localPref,
]);

/**
 * Returns the attributes with the flags that they must have. BIRD 2 writes NEXT_HOP and LOCAL_PREF of a table without
 * flags, for which the path would count as malformed.
 */
function withRightFlags(block: Uint8Array): Uint8Array {
  const right = block.slice();
  const header = new AttributeHeader();
  for (let at = 0; at < right.length; at = header.end) {
    if (!header.read(right, at, right.length)) break;
    if (!wellKnown.has(header.type)) continue;
    right[at] = AttributeFlag.transitive | (header.flags & AttributeFlag.extendedLength);
  }
  return right;
}

/**
 * Returns the attributes without MP_REACH_NLRI, and its next hop. Some writers include the whole attribute although RFC
 * 6396 §4.3.4 asks for the next hop only; the whole one begins with 0, the first octet of its AFI.
 */
function withoutMpReach(block: Uint8Array): Pick<TableEntry, 'attributes' | 'nextHop'> {
  const header = new AttributeHeader();
  for (let at = 0; at < block.length; at = header.end) {
    if (!header.read(block, at, block.length)) break;
    if (header.type !== AttributeType.mpReachNlri) continue;
    const value = block.subarray(header.start, header.end);
    const lengthAt = value[0] === 0 ? 3 : 0;
    const length = value[lengthAt] ?? 0;
    // The global address may be followed by a link-local one (RFC 2545 §3).
    const nextHop = value.subarray(lengthAt + 1, lengthAt + 1 + Math.min(length, 16));
    const attributes = new Uint8Array(block.length - (header.end - at));
    attributes.set(block.subarray(0, at));
    attributes.set(block.subarray(header.end), at);
    return { attributes, nextHop };
  }
  return { attributes: block, nextHop: new Uint8Array(0) };
}
