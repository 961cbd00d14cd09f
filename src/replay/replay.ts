import { timestamp } from '#clock.ts';
import type { Config, PeerConfig } from '#config/config.ts';
import { peerWithAddress } from '#config/peer-range.ts';
import { MrtType } from '#mrt/constants.ts';
import type { RecordReader } from '#mrt/record-reader.ts';
import {
  readSessionRecord,
  type RecordedMessage,
  type SessionRecord,
} from '#mrt/session-records.ts';
import {
  type PeerIndex,
  readTableRecord,
  type TableEntry,
  type TablePrefix,
} from '#mrt/table-records.ts';
import type { OfflinePeer } from '#testing/offline/offline-peer.ts';
import { type Move, OfflineServer } from '#testing/offline/offline-server.ts';
import { formatAddress } from '#text/address.ts';
import { families, headerBytes, maxExtendedMessageBytes, MessageType } from '#wire/constants.ts';
import type { Prefix } from '#wire/nlri.ts';
import { NotificationError } from '#wire/notification.ts';
import { UpdateWriter } from '#wire/update-writer.ts';

export interface ReplayOptions {
  /** Every record is treated as if this peer had sent it. */
  readonly as?: PeerConfig;
  /** Unix ms: later records are not replayed. */
  readonly untilMs?: number;
}

/** A session in the file that matches no peer of the configuration. */
interface UnknownPeer {
  readonly address: string;
  readonly peerAs: number;
  records: number;
}

/** An UPDATE that would have ended its session. */
interface Malformed {
  readonly wallMs: number;
  readonly peer: string;
  readonly text: string;
}

/** The result. Times are RFC 3339, in UTC. */
export interface ReplayReport {
  readonly records: number;
  /** Records of kinds that are not replayed. */
  readonly skipped: number;
  readonly first?: string;
  readonly last?: string;
  readonly peers: readonly {
    readonly name: string;
    readonly is_up: boolean;
    readonly accepted: number;
    /** The number of paths, by reason. */
    readonly refused: Readonly<Record<string, number>>;
  }[];
  readonly unknown_peers: readonly {
    readonly address: string;
    readonly peer_as: number;
    readonly records: number;
  }[];
  readonly moves: readonly (Move & { readonly at: string })[];
  readonly moves_in_all: number;
  readonly malformed: readonly {
    readonly at: string;
    readonly peer: string;
    readonly text: string;
  }[];
  readonly malformed_in_all: number;
}

/** The report has at most this many malformed UPDATEs, and as many moves: the last ones. */
const mostKept = 1000;

/**
 * Replays the records of MRT files on the part of the daemon that decides. The peers of the configuration are
 * recognized by the addresses in the file. All of them are up at the beginning, then go down and come up as the file
 * says.
 */
export class Replay {
  readonly server: OfflineServer;
  private readonly unknownPeers = new Map<string, UnknownPeer>();
  private readonly malformed: Malformed[] = [];
  /** The last moves of service addresses. */
  private readonly moves: (Move & { readonly wallMs: number })[] = [];
  /** The total counts, including those of which no more than `mostKept` are kept. */
  private readonly counts = { records: 0, skipped: 0, malformed: 0, moves: 0 };
  private firstMs: number | undefined;
  private lastMs: number | undefined;
  private readonly options: ReplayOptions;
  private readonly writer = new UpdateWriter();
  private index: PeerIndex | undefined;
  private wallMs = 0;

  constructor(config: Config, options: ReplayOptions) {
    this.options = options;
    this.server = new OfflineServer(config, (move) => this.moved(move));
    this.server.settle();
  }

  /** Returns false if nothing later has to be replayed. Throws MrtError. */
  play(record: RecordReader): boolean {
    const { wallMs, type } = record;
    if (wallMs > (this.options.untilMs ?? Infinity)) return false;
    this.counts.records++;
    this.firstMs ??= wallMs;
    this.lastMs = wallMs;
    this.wallMs = wallMs;
    this.server.advanceTo(wallMs);
    if (type === MrtType.tableDumpV2) this.playTable(readTableRecord(record));
    else if (type === MrtType.bgp4mp || type === MrtType.bgp4mpEt)
      this.playSession(readSessionRecord(record));
    else this.counts.skipped++;
    return true;
  }

  report(): ReplayReport {
    const { records, skipped, malformed, moves } = this.counts;
    const { firstMs, lastMs } = this;
    const paths = this.server.pathCounts();
    return {
      records,
      skipped,
      ...(firstMs !== undefined && { first: timestamp(firstMs) }),
      ...(lastMs !== undefined && { last: timestamp(lastMs) }),
      peers: [...this.server.peers].map(({ name, isUp }) => ({
        name,
        is_up: isUp,
        ...(paths.get(name) ?? { accepted: 0, refused: {} }),
      })),
      unknown_peers: [...this.unknownPeers.values()].map(({ peerAs, ...row }) => ({
        ...row,
        peer_as: peerAs,
      })),
      moves: this.moves.map(({ wallMs, ...move }) => ({ at: timestamp(wallMs), ...move })),
      moves_in_all: moves,
      malformed: this.malformed.map(({ wallMs, ...row }) => ({ at: timestamp(wallMs), ...row })),
      malformed_in_all: malformed,
    };
  }

  private playSession(record: SessionRecord | undefined): void {
    if (record === undefined) return void this.counts.skipped++;
    const peer = this.peerOf(record.peerAddress, record.peerAs);
    if (peer === undefined) return;
    if (record.kind === 'message') this.message(peer, record);
    else if (record.to === 'Established') this.server.bringUp(peer);
    else if (record.from === 'Established') this.server.takeDown(peer);
    this.server.settle();
  }

  /** Replays a message of the peer; those that the collector sent to it say nothing about its routes. */
  private message(peer: OfflinePeer, { bytes, asnBytes, addPath, isLocal }: RecordedMessage): void {
    if (isLocal || bytes[headerBytes - 1] !== MessageType.update) return;
    this.update(peer, bytes, asnBytes, addPath);
  }

  private playTable(record: PeerIndex | TablePrefix | undefined): void {
    if (record === undefined) return void this.counts.skipped++;
    if (record.kind === 'peers') {
      this.index = record;
      return;
    }
    for (const entry of record.entries) {
      const row = this.index?.peers[entry.peer];
      const peer = row && this.peerOf(row.address, row.peerAs);
      if (peer !== undefined) this.announce(peer, record.prefix, entry);
    }
    this.server.settle();
  }

  private announce(peer: OfflinePeer, prefix: Prefix, entry: TableEntry): void {
    const { attributes, pathId } = entry;
    // Paths that the writer of the file had not learned by BGP have no next hop.
    const unspecified = new Uint8Array(families[prefix.family].addressBytes);
    const nextHop = entry.nextHop.length > 0 ? entry.nextHop : unspecified;
    const addPath = pathId !== 0;
    const options = { family: prefix.family, addPath, maxLength: maxExtendedMessageBytes };
    if (!this.writer.announce({ ...options, attributes, nextHop })) return;
    this.writer.add(prefix, pathId);
    this.writer.end();
    this.update(peer, this.writer.take(), 4, addPath);
  }

  private update(peer: OfflinePeer, bytes: Uint8Array, asnBytes: 2 | 4, addPath: boolean): void {
    if (peer.endedBy !== undefined) return;
    if (!peer.isUp) this.server.bringUp(peer);
    try {
      this.server.receive(peer, bytes, asnBytes, addPath);
    } catch (error) {
      if (!(error instanceof NotificationError)) throw error;
      this.counts.malformed++;
      this.malformed.push({ wallMs: this.wallMs, peer: peer.name, text: error.message });
      if (this.malformed.length > mostKept) this.malformed.shift();
    }
  }

  private peerOf(address: Uint8Array, peerAs: number): OfflinePeer | undefined {
    const { as } = this.options;
    if (as !== undefined) return this.server.peer(as);
    const { config } = this.server;
    const known = peerWithAddress(config, address, undefined);
    if (known !== undefined && !known.observer) return this.server.peer(known);
    const text = formatAddress(address);
    const unknown = this.unknownPeers.get(text) ?? { address: text, peerAs, records: 0 };
    unknown.records++;
    this.unknownPeers.set(text, unknown);
    return undefined;
  }

  private moved(move: Move): void {
    this.counts.moves++;
    this.moves.push({ ...move, wallMs: this.wallMs });
    if (this.moves.length > mostKept) this.moves.shift();
  }
}
