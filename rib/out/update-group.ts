import { type AttrsId, none, type PeerId, type PrefixId } from '#policy/ids.ts';
import { encodeAttributes } from '#wire/attributes.ts';
import { families, type Family } from '#wire/constants.ts';
import type { RefreshSubtype } from '#wire/message.ts';
import { type ByteRange, wholeRange } from '#wire/octets.ts';
import { UpdateWriter, type WriteOptions } from '#wire/update-writer.ts';
import type { RibPeer, SendSettings } from '../rib-peer.ts';
import type { AttrTable } from '../tables/attr-table.ts';
import type { PeerMask } from '../tables/peer-sets.ts';
import { type PrefixTable, scratchPrefix } from '../tables/prefix-table.ts';

/** Receives encoded UPDATEs; the same bytes are handed to every peer that gets them, and never change. */
export interface RibOutput {
  send(peer: PeerId, bytes: Uint8Array, messages: number): void;
  /** Sends BoRR or EoRR (RFC 7313), in order with what was sent. */
  sendRouteRefresh(peer: PeerId, family: Family, subtype: RefreshSubtype): void;
}

function groupKey(settings: SendSettings): string {
  const { asnBytes, maxMessageBytes, longLived, addPath, extendedNextHop } = settings;
  return `${asnBytes}/${maxMessageBytes}/${longLived}/${addPath.join()}/${extendedNextHop.join()}`;
}

/** Peers of one family that read the same bytes, so that what is the same for all is encoded once. */
export class UpdateGroup {
  /** Members on the shared stream. */
  synced: PeerMask = 0n;
  /** Prefixes added since the last `flush`. */
  announced = 0;
  withdrawn = 0;
  private isWithdrawal = false;
  private readonly family: Family;
  private readonly settings: SendSettings;
  private readonly options: WriteOptions;
  private readonly attrs: AttrTable;
  private readonly prefixes: PrefixTable;
  private readonly writer = new UpdateWriter();
  private readonly scratch;
  /** Blocks with 2-octet AS numbers, by AttrsId; only in groups that need them. */
  private readonly narrowBlocks = new Map<AttrsId, ByteRange>();

  constructor(family: Family, settings: SendSettings, attrs: AttrTable, prefixes: PrefixTable) {
    this.family = family;
    this.settings = settings;
    const { addPath, maxMessageBytes: maxLength } = settings;
    this.options = { family, addPath: addPath[family], maxLength };
    this.attrs = attrs;
    this.prefixes = prefixes;
    this.scratch = scratchPrefix(family);
  }

  /** Opens an announcement with these attributes, or a withdrawal for `attrs` 0; what was open ends. */
  begin(attrs: AttrsId): void {
    this.isWithdrawal = attrs === none;
    this.open(attrs);
  }

  /** `pathId` is sent with ADD-PATH only (RFC 7911 §3). */
  add(prefix: PrefixId, pathId = 0): void {
    if (this.isWithdrawal) this.withdrawn++;
    else this.announced++;
    this.writer.add(this.prefixes.read(prefix, this.scratch), pathId);
  }

  end(): void {
    this.writer.end();
  }

  writeEndOfRib(): void {
    this.writer.endOfRib(this.family);
  }

  get pendingBytes(): number {
    return this.writer.lengthBytes;
  }

  /** Hands what was written to the peers; returns false if nothing was. */
  flush(peers: readonly PeerId[], output: RibOutput): boolean {
    const { messages } = this.writer;
    this.announced = 0;
    this.withdrawn = 0;
    if (messages === 0) return false;
    const bytes = this.writer.take();
    for (const peer of peers) output.send(peer, bytes, messages);
    return true;
  }

  /** To be called after ids were freed. */
  forget(): void {
    this.narrowBlocks.clear();
  }

  /**
   * A withdrawal is written also if the attributes are so long that no prefix fits beside them: then the route "MUST
   * NOT be advertised" to these peers (RFC 4271 §9.2).
   */
  private open(attrs: AttrsId): void {
    const { writer, options } = this;
    const nextHop = attrs === none ? undefined : this.attrs.nextHopAt(attrs);
    if (nextHop !== undefined && this.mayHave(attrs, nextHop.end - nextHop.start)) {
      if (writer.announceFrom(options, this.block(attrs), nextHop)) return;
    }
    writer.withdraw(options);
  }

  /** Returns whether the sessions of the group can carry the route. */
  private mayHave(attrs: AttrsId, nextHopBytes: number): boolean {
    const { longLived, extendedNextHop } = this.settings;
    // RFC 9494 §4.3: "MUST NOT be advertised to any neighbor" that did not announce the capability.
    if (!longLived && this.attrs.isLongLivedStale(attrs)) return false;
    const isOfFamily = nextHopBytes === families[this.family].addressBytes;
    return isOfFamily || extendedNextHop[this.family];
  }

  private block(attrs: AttrsId): ByteRange {
    if (this.settings.asnBytes === 4) return this.attrs.blockAt(attrs);
    let block = this.narrowBlocks.get(attrs);
    if (block === undefined) {
      const options = { asnBytes: 2, inlineNextHop: true } as const;
      block = wholeRange(encodeAttributes(this.attrs.read(attrs), options));
      this.narrowBlocks.set(attrs, block);
    }
    return block;
  }
}

/** The update groups of one family, created when the first peer of a kind comes. */
export class UpdateGroups implements Iterable<UpdateGroup> {
  private readonly groups = new Map<string, UpdateGroup>();
  private readonly attrs: AttrTable;
  private readonly prefixes: PrefixTable;

  constructor(attrs: AttrTable, prefixes: PrefixTable) {
    this.attrs = attrs;
    this.prefixes = prefixes;
  }

  [Symbol.iterator](): Iterator<UpdateGroup> {
    return this.groups.values();
  }

  /** Returns the group of an Established peer. */
  of({ send, settings }: RibPeer): UpdateGroup {
    if (send === undefined) throw new TypeError(`${settings.name} is not Established`);
    const key = groupKey(send);
    let group = this.groups.get(key);
    if (group === undefined) {
      group = new UpdateGroup(this.prefixes.family, send, this.attrs, this.prefixes);
      this.groups.set(key, group);
    }
    return group;
  }
}
