import type { AttrsId } from '#policy/ids.ts';
import { hasAsn } from '#wire/as-path.ts';
import { AttributeHeader } from '#wire/attribute-header.ts';
import { AttributeType } from '#wire/constants.ts';
import {
  type ByteRange,
  copyInto,
  readU32,
  sameBytes,
  sameWords,
  wholeRange,
} from '#wire/octets.ts';
import { ByteArena } from './byte-arena.ts';
import { widen } from './columns.ts';
import type { MultilinearHash } from './hash/multilinear-hash.ts';

const emptyBytes = new Uint8Array(0);
const header = new AttributeHeader();
/** What `blockAt` and `nextHopAt` of any table gave last. */
const blockRange = wholeRange(emptyBytes);
const nextHopRange = wholeRange(emptyBytes);

/**
 * The bytes of attribute sets, by id: the MP next hop, where there is one, then the attribute block. Costs 9 bytes and
 * its own bytes for each set.
 */
export class AttrBytes {
  private readonly hash: Pick<MultilinearHash, 'viewOf'>;
  private readonly arena = new ByteArena();
  private address: Uint32Array;
  private blockBytes: Uint32Array;
  private nextHopBytes: Uint8Array;

  /** `hash` lends its views of bytes. */
  constructor(capacity: number, hash: Pick<MultilinearHash, 'viewOf'>) {
    this.hash = hash;
    this.address = new Uint32Array(capacity);
    this.blockBytes = new Uint32Array(capacity);
    this.nextHopBytes = new Uint8Array(capacity);
  }

  /** Copies the bytes of a set that has none yet. */
  set(id: number, nextHop: ByteRange, block: ByteRange): void {
    this.nextHopBytes[id] = nextHop.end - nextHop.start;
    this.blockBytes[id] = block.end - block.start;
    const address = this.arena.allocate(this.lengthOf(id));
    const chunk = this.arena.chunk(address);
    copyInto(chunk, copyInto(chunk, this.arena.offset(address), nextHop), block);
    this.address[id] = address;
  }

  /** Whether the set has these bytes. */
  isSame(id: number, nextHop: ByteRange, block: ByteRange): boolean {
    if (this.nextHopBytes[id] !== nextHop.end - nextHop.start) return false;
    if (this.blockBytes[id] !== block.end - block.start) return false;
    const at = this.arena.offset(this.address[id]);
    return this.isAt(id, at + this.nextHopBytes[id], block) && this.isAt(id, at, nextHop);
  }

  /**
   * Canonical attribute block: all but MP_REACH_NLRI, MP_UNREACH_NLRI and LOCAL_PREF. Scratch: valid
   * until the next call of any table, its bytes until a sweep.
   */
  blockAt(id: AttrsId): ByteRange {
    const range = blockRange;
    const address = this.address[id];
    range.bytes = this.arena.chunk(address);
    range.start = this.arena.offset(address) + this.nextHopBytes[id];
    range.end = range.start + this.blockBytes[id];
    return range;
  }

  /** Bytes of `blockAt`. */
  blockLength(id: AttrsId): number {
    return this.blockBytes[id];
  }

  /** 4 or 16 bytes; none when a malformed set has none. Scratch, as `blockAt`. */
  nextHopAt(id: AttrsId): ByteRange {
    const range = nextHopRange;
    const { bytes, start, end } = this.blockAt(id);
    range.bytes = bytes;
    range.start = start - this.nextHopBytes[id];
    range.end = start;
    if (range.start === start && findAttribute(bytes, start, end, AttributeType.nextHop)) {
      range.start = header.start;
      range.end = header.end;
    }
    return range;
  }

  isNextHop(id: AttrsId, address: Uint8Array): boolean {
    const { bytes, start, end } = this.nextHopAt(id);
    const { length } = address;
    return end - start === length && sameBytes(bytes, start, address, 0, length);
  }

  /** Bytes of the MP next hop; 0 where it lies in the block. */
  mpNextHopLength(id: number): number {
    return this.nextHopBytes[id];
  }

  /** Bytes of both. */
  lengthOf(id: number): number {
    return this.nextHopBytes[id] + this.blockBytes[id];
  }

  /** Whether the AS is anywhere in AS_PATH. Not of a malformed set. */
  hasAs(id: AttrsId, asn: number): boolean {
    const { bytes, start, end } = this.blockAt(id);
    if (!findAttribute(bytes, start, end, AttributeType.asPath)) return false;
    return hasAsn(bytes, header.start, header.end, asn);
  }

  /** Not of a malformed set. */
  hasCommunity(id: AttrsId, community: number): boolean {
    const { bytes, start, end } = this.blockAt(id);
    if (!findAttribute(bytes, start, end, AttributeType.communities)) return false;
    for (let at = header.start; at < header.end; at += 4) {
      if (readU32(bytes, at) === community) return true;
    }
    return false;
  }

  get bytes(): number {
    return this.arena.bytes;
  }

  /** Bytes of the sets for which there is a 1. */
  bytesOf(named: Uint8Array): number {
    let sum = 0;
    for (let id = 1; id < named.length; id++) {
      if (named[id] === 1) sum += this.lengthOf(id);
    }
    return sum;
  }

  /** From now on `pack` moves bytes to where they lie close; `endPacking` frees what was not moved. */
  beginPacking(): void {
    this.arena.beginPacking();
  }

  /** Does nothing for a set whose bytes have been moved. */
  pack(id: number): void {
    const { arena } = this;
    const old = this.address[id];
    if (!arena.isOld(old)) return;
    const start = arena.offset(old);
    const length = this.lengthOf(id);
    const address = arena.allocate(length);
    const range = { bytes: arena.chunk(old), start, end: start + length };
    copyInto(arena.chunk(address), arena.offset(address), range);
    this.address[id] = address;
  }

  endPacking(): void {
    this.arena.endPacking();
  }

  grow(capacity: number): void {
    this.address = widen(this.address, capacity);
    this.blockBytes = widen(this.blockBytes, capacity);
    this.nextHopBytes = widen(this.nextHopBytes, capacity);
  }

  /** Whether the bytes of the range are those of the set from this place of its chunk on. */
  private isAt(id: number, at: number, { bytes, start, end }: ByteRange): boolean {
    const view = this.hash.viewOf(bytes);
    return sameWords(this.arena.view(this.address[id]), at, view, start, end - start);
  }
}

/** Leaves the place of the attribute in `header`; the block needs not be in order. */
function findAttribute(bytes: Uint8Array, start: number, end: number, type: number): boolean {
  for (let at = start; at < end; at = header.end) {
    if (!header.read(bytes, at, end)) return false;
    if (header.type === type) return true;
  }
  return false;
}
