import { formatPrefix } from '#text/prefix.ts';
import { decodeAttributes } from '#wire/attributes.ts';
import { NlriReader } from '#wire/nlri.ts';
import type { PathAttributes } from '#wire/path-attributes.ts';
import { UpdateDecoder } from '#wire/update-decoder.ts';

/** RFC 7854 §4.1, by number. */
const types = [
  'route_monitoring',
  'statistics',
  'peer_down',
  'peer_up',
  'initiation',
  'termination',
] as const;

/** A BMP message, read byte by byte apart from src/bmp on purpose. */
export interface BmpMessage {
  readonly type: (typeof types)[number];
  /** After the per-peer header, if there is one. */
  readonly body: Buffer;
  /** Absent in Initiation and Termination. */
  readonly peer?: BmpPeer;
}

export interface BmpPeer {
  readonly type: number;
  /** V, L, A, O as letters, in this order. */
  readonly flags: string;
  /** The last 4 octets of IPv4, or all 16, as hex; empty for a Loc-RIB. */
  readonly address: string;
  readonly as: number;
  readonly seconds: number;
}

/** Reads whole messages; what is cut off at the end is left out. */
export function readBmp(bytes: Buffer): BmpMessage[] {
  const messages: BmpMessage[] = [];
  for (let at = 0; at + 6 <= bytes.length;) {
    const length = bytes.readUInt32BE(at + 1);
    const type = types[bytes[at + 5]];
    if (bytes[at] !== 3 || type === undefined) throw new Error(`no BMP message at byte ${at}`);
    if (at + length > bytes.length) break;
    const hasPeer = type !== 'initiation' && type !== 'termination';
    const body = bytes.subarray(at + (hasPeer ? 48 : 6), at + length);
    messages.push({ type, body, ...(hasPeer && { peer: readPeer(bytes.subarray(at + 6)) }) });
    at += length;
  }
  return messages;
}

const letters = ['V', 'L', 'A', 'O'];

function readPeer(header: Buffer): BmpPeer {
  const flags = letters.filter((_, bit) => (header[1] & (0x80 >> bit)) !== 0).join('');
  const address = header.subarray(flags.includes('V') ? 10 : 22, 26);
  return {
    type: header[0],
    flags,
    address: header[0] === 3 ? '' : address.toString('hex'),
    as: header.readUInt32BE(26),
    seconds: header.readUInt32BE(34),
  };
}

/**
 * A table of a peer by its flags, `c000020b/L`; `loc` for the Loc-RIB: prefix, with `#` and its path identifier, to MED
 * and so on.
 */
export type BmpTables = Map<string, Map<string, PathAttributes>>;

export interface ReplayOptions {
  /** Addresses whose NLRI have path identifiers, by direction: `c000020b` or `c000020b/O`. */
  readonly addPath?: readonly string[];
}

/** What a collector knows in the end. Throws where a message comes without its Peer Up. */
export function replayBmp(messages: readonly BmpMessage[], options: ReplayOptions = {}): BmpTables {
  const tables: BmpTables = new Map();
  const up = new Set<string>();
  for (const { type, peer, body } of messages) {
    if (peer === undefined) continue;
    const name = peer.type === 3 ? 'loc' : peer.address;
    if (type === 'peer_up') {
      if (up.has(name)) throw new Error(`Peer Up of ${name}, which is up`);
      up.add(name);
    } else if (!up.has(name)) throw new Error(`${type} of ${name}, which is down`);
    if (type === 'peer_down') {
      up.delete(name);
      for (const key of tables.keys()) if (key.startsWith(name)) tables.delete(key);
    }
    if (type !== 'route_monitoring') continue;
    const direction = peer.flags.includes('O') ? `${name}/O` : name;
    const key = peer.type === 3 ? 'loc' : `${name}/${peer.flags.replace(/[VA]/g, '')}`;
    const table = tables.get(key) ?? new Map<string, PathAttributes>();
    tables.set(key, table);
    const addPath = options.addPath?.includes(direction) === true;
    applyUpdate(table, body, peer.flags.includes('A') ? 2 : 4, addPath);
  }
  return tables;
}

const decoder = new UpdateDecoder();
const reader = new NlriReader();

function applyUpdate(
  table: Map<string, PathAttributes>,
  bytes: Buffer,
  asnBytes: 2 | 4,
  addPath: boolean,
): void {
  const update = decoder.decode(bytes, 19, bytes.length, {
    asnBytes,
    families: [true, true],
    addPath: [addPath, addPath],
    extendedNextHop: [true, true],
  });
  const names = (range: Parameters<NlriReader['reset']>[1]): string[] => {
    const found: string[] = [];
    reader.reset(update.bytes, range);
    while (reader.next()) found.push(formatPrefix(reader) + (addPath ? `#${reader.pathId}` : ''));
    return found;
  };
  for (const range of [update.withdrawn, update.mpUnreach]) {
    if (range.start < range.end) for (const name of names(range)) table.delete(name);
  }
  for (const range of [update.mpReach, update.nlri]) {
    if (range.start >= range.end) continue;
    const mp = range === update.mpReach;
    const nextHop = update.bytes.slice(update.nextHopStart, update.nextHopEnd);
    const { attributeBytes, attributesStart, attributesEnd } = update;
    const { attributes, malformed } = decodeAttributes(
      attributeBytes,
      attributesStart,
      attributesEnd,
      {
        mpNextHop: mp ? nextHop : undefined,
        needsNextHop: !mp,
        keepsLocalPref: true,
      },
    );
    if (malformed !== undefined) throw new Error(`a malformed ${malformed.name}`);
    for (const name of names(range)) table.set(name, attributes);
  }
}
