import type { Clock } from '#clock.ts';
import type { PeerConfig } from '#config/config.ts';
import { RecordWriter } from '#mrt/record-writer.ts';
import {
  maxEntryBytes,
  type TableEntry,
  type TablePeer,
  writePeerIndex,
  writeTablePrefix,
} from '#mrt/table-records.ts';
import type { PathId, PeerId, PrefixId } from '#policy/ids.ts';
import type { FamilyView, RibView } from '#rib/view.ts';
import { encodeAttributes } from '#wire/attributes.ts';
import type { PathAttributes } from '#wire/path-attributes.ts';
import { inSlices } from '../in-slices.ts';
import type { DumpThread } from './dump-thread.ts';

/** How much is passed to the thread at once. */
const bytesAtOnce = 256 * 1024;
const mostPeers = 0xffff;
/** The part of MP_REACH_NLRI around the next hop. */
const nextHopBytes = 4 + 16;

interface DumpedPeer {
  readonly ribId: PeerId;
  readonly peerAs: number;
  readonly session: { readonly negotiated?: { readonly peerRouterId: number } | undefined };
  readonly config: Pick<PeerConfig, 'address'>;
}

export type TablePeers = Iterable<DumpedPeer>;

export interface TableDumpParts {
  readonly clock: Clock;
  readonly view: RibView;
  readonly peers: TablePeers;
  readonly thread: Pick<DumpThread, 'hasSpaceFor' | 'write'>;
}

/**
 * Dumps every path as it was received (Adj-RIB-In), including refused ones, in slices. The table continues to change
 * meanwhile: each prefix is as it was at some moment of the dump. It waits whenever the disk is behind.
 */
export class TableDump {
  private readonly parts: TableDumpParts;
  private readonly writer = new RecordWriter();
  private wallMs = 0;
  private work: Iterator<unknown, void> | undefined;
  private isPlanned = false;

  constructor(parts: TableDumpParts) {
    this.parts = parts;
  }

  /** Does nothing while a dump is in progress. `routerId` is ours. */
  begin(routerId: number): void {
    if (this.work !== undefined) return;
    this.wallMs = this.parts.clock.wall();
    this.work = inSlices(this.parts.clock, this.records(routerId));
    this.goOn();
  }

  giveUp(): void {
    this.work = undefined;
    this.writer.take();
  }

  /** The thread may have space again. */
  goOn(): void {
    if (this.work === undefined || this.isPlanned) return;
    if (!this.parts.thread.hasSpaceFor(bytesAtOnce)) return;
    this.isPlanned = true;
    this.parts.clock.soon(() => {
      this.isPlanned = false;
      this.slice();
    });
  }

  private slice(): void {
    if (this.work?.next().done === true) {
      this.work = undefined;
      return this.write(true);
    }
    if (this.writer.lengthBytes >= bytesAtOnce) this.write(false);
    this.goOn();
  }

  private write(isLast: boolean): void {
    const { thread } = this.parts;
    thread.write({ stream: 'rib', wallMs: this.wallMs, bytes: this.writer.take(), isLast });
  }

  private *records(routerId: number): Generator<void, void> {
    const index = this.writePeers(routerId);
    let sequence = 0;
    for (const family of this.parts.view.families) {
      for (const prefix of family.everyPrefix()) {
        if (this.writePrefix(family, prefix, index, sequence)) sequence++;
        yield;
      }
    }
  }

  /** Returns the index of each peer. */
  private writePeers(collectorId: number): Map<PeerId, number> {
    const index = new Map<PeerId, number>();
    const rows: TablePeer[] = [];
    for (const { ribId, peerAs, config, session } of this.parts.peers) {
      if (rows.length === mostPeers) break;
      index.set(ribId, rows.length);
      const routerId = session.negotiated?.peerRouterId ?? 0;
      rows.push({ routerId, address: config.address, peerAs });
    }
    const { writer, wallMs } = this;
    writePeerIndex(writer, { wallMs, collectorId, viewName: '', peers: rows });
    return index;
  }

  private writePrefix(
    family: FamilyView,
    id: PrefixId,
    index: ReadonlyMap<PeerId, number>,
    sequence: number,
  ): boolean {
    const entries: TableEntry[] = [];
    for (const path of family.eachPath(id)) {
      const peer = index.get(family.peerOf(path));
      const entry = peer === undefined ? undefined : this.entry(family, path, peer);
      if (entry !== undefined) entries.push(entry);
    }
    if (entries.length === 0) return false;
    writeTablePrefix(
      this.writer,
      { wallMs: this.wallMs, prefix: family.prefix(id), entries },
      sequence,
    );
    return true;
  }

  /** Returns `undefined` for attributes that no entry can hold. */
  private entry(family: FamilyView, path: PathId, peer: number): TableEntry | undefined {
    const { clock, view } = this.parts;
    const { received, receivedAtMs, pathId } = family.path(path);
    const attributes = view.attributes(received);
    const block = blockOf(family, attributes);
    if (block.attributes.length + nextHopBytes > maxEntryBytes) return undefined;
    const ageMs = clock.monotonic() - receivedAtMs;
    return { peer, originatedSec: Math.floor((clock.wall() - ageMs) / 1000), pathId, ...block };
  }
}

function blockOf(
  { family }: FamilyView,
  attributes: PathAttributes,
): Pick<TableEntry, 'attributes' | 'nextHop'> {
  const { nextHop } = attributes;
  const inlineNextHop = family === 0;
  return {
    attributes: encodeAttributes(attributes, { asnBytes: 4, inlineNextHop }),
    nextHop: inlineNextHop && nextHop.length === 4 ? new Uint8Array(0) : nextHop,
  };
}
