import type { AttrsId } from '#policy/ids.ts';
import type { AttrsInterner } from '#policy/judge.ts';
import type { MalformedName } from '#wire/attribute-table.ts';
import { decodeAttributes, type Decoded, encodeAttributes } from '#wire/attributes.ts';
import { type BlockFacts, BlockScan } from '#wire/block-scan.ts';
import { type ByteRange, wholeRange } from '#wire/octets.ts';
import type { PathAttributes } from '#wire/path-attributes.ts';
import type { Update } from '#wire/update.ts';
import type { AttributeErrors } from '../rib-events.ts';
import type { Slice } from '../work/slice.ts';
import { AttrBytes } from './attr-bytes.ts';
import { AttrColumns, defaultLocalPref, SetFlag } from './attr-columns.ts';
import { AttrErrors } from './attr-errors.ts';
import { factsOf } from './attr-facts.ts';
import { AttrSweep } from './attr-sweep.ts';
import { capacityFor, widen } from './columns.ts';
import { HashIndex, maskOf } from './hash/hash-index.ts';
import { MultilinearHash } from './hash/multilinear-hash.ts';
import { IdPool } from './ids/id-pool.ts';

const emptyBytes = new Uint8Array(0);

/**
 * Attribute sets <-> AttrsId. A set is first seen as the bytes of an UPDATE; the same bytes give the same id without
 * decoding. Different encodings of the same content share one *canonical* id, to which paths refer. A set costs 30
 * bytes and its own bytes; paths cost nothing here.
 */
export class AttrTable implements AttrsInterner {
  /** The bytes of all sets that were ever stored. */
  storedBytes = 0;
  private readonly ids = new IdPool();
  private readonly index = new HashIndex(0, {
    hashOf: (id) => this.hashOf(id),
    rekey: () => this.hash.rekey(),
  });
  private readonly hash: MultilinearHash;
  private readonly scan = new BlockScan();
  private sweep: AttrSweep | undefined;
  private held: { readonly id: AttrsId; attributes: PathAttributes | undefined } | undefined;
  private capacity = 1024;
  private readonly columns = new AttrColumns(this.capacity);
  /** The key of each set. */
  private readonly keys: AttrBytes;
  private canonical = new Uint32Array(this.capacity);
  private readonly errors: AttrErrors;
  /** The key of the set that is looked up. */
  private readonly keyNextHop = wholeRange(emptyBytes);
  private readonly keyBlock = wholeRange(emptyBytes);
  private readonly keepsLocalPref: boolean;

  /**
   * Peers must not know `seed`. With `keepsLocalPref`, LOCAL_PREF counts as received; otherwise only policy sets it.
   */
  constructor(seed: number, { keepsLocalPref = false }: { keepsLocalPref?: boolean } = {}) {
    this.keepsLocalPref = keepsLocalPref;
    this.hash = new MultilinearHash(seed);
    this.keys = new AttrBytes(this.capacity, this.hash);
    this.errors = new AttrErrors((id) => this.decodeStored(id, keepsLocalPref));
  }

  /**
   * Returns the set of an UPDATE's attribute block with its MP next hop (`mp`), or with the NEXT_HOP in the block. The
   * id stands for exactly these bytes; paths refer to `canonicalOf` it.
   */
  internReceived(update: Update, mp: boolean): AttrsId {
    const { keyNextHop, keyBlock } = this;
    keyNextHop.bytes = update.bytes;
    keyNextHop.start = mp ? update.nextHopStart : 0;
    keyNextHop.end = mp ? update.nextHopEnd : 0;
    keyBlock.bytes = update.attributeBytes;
    keyBlock.start = update.attributesStart;
    keyBlock.end = update.attributesEnd;
    const hash = this.hash.ofBytes(keyNextHop, keyBlock, 0);
    const slots = this.index.slotsOf(hash);
    const mask = maskOf(slots);
    for (let slot = hash & mask; ; slot = (slot + 1) & mask) {
      const id = slots[2 * slot];
      if (id === 0) return this.firstSight(hash, mp);
      if (slots[2 * slot + 1] !== hash || this.columns.has(id, SetFlag.hasLocalPref)) continue;
      if (this.keys.isSame(id, keyNextHop, keyBlock)) return this.saved(id);
    }
  }

  /** Returns the id that paths refer to: one for each content. */
  canonicalOf(id: AttrsId): AttrsId {
    return this.canonical[id] as AttrsId;
  }

  intern(attributes: PathAttributes): AttrsId {
    const { keyNextHop, keyBlock } = this;
    const inline = attributes.nextHop.length === 4;
    keyBlock.bytes = encodeAttributes(attributes, { asnBytes: 4, inlineNextHop: inline });
    keyBlock.start = 0;
    keyBlock.end = keyBlock.bytes.length;
    keyNextHop.bytes = attributes.nextHop;
    keyNextHop.start = 0;
    keyNextHop.end = inline ? 0 : attributes.nextHop.length;
    const { localPref } = attributes;
    const hash = this.hash.ofBytes(keyNextHop, keyBlock, localPref ?? 0);
    const slots = this.index.slotsOf(hash);
    const mask = maskOf(slots);
    for (let slot = hash & mask; slots[2 * slot] !== 0; slot = (slot + 1) & mask) {
      const id = slots[2 * slot];
      if (slots[2 * slot + 1] !== hash || this.localPrefOf(id) !== localPref) continue;
      if (this.isMalformed(id as AttrsId) || !this.keys.isSame(id, keyNextHop, keyBlock)) continue;
      return this.canonical[this.saved(id)] as AttrsId;
    }
    const flags = localPref === undefined ? 0 : SetFlag.hasLocalPref;
    return this.store(hash, factsOf(attributes), localPref ?? defaultLocalPref, flags);
  }

  read(id: AttrsId): PathAttributes {
    const { held } = this;
    if (held?.id !== id) return this.decode(id);
    return (held.attributes ??= this.decode(id));
  }

  /** While `work` runs, the set is decoded at most once, however many judges look at it. */
  holding<T>(id: AttrsId, work: () => T): T {
    this.held = { id, attributes: undefined };
    const result = work();
    this.held = undefined;
    return result;
  }

  private decode(id: AttrsId): PathAttributes {
    const { attributes } = this.decodeStored(id, false);
    const localPref = this.localPrefOf(id);
    return localPref === undefined ? attributes : { ...attributes, localPref };
  }

  private decodeStored(id: AttrsId, keepsLocalPref: boolean): Decoded {
    const mp = this.keys.mpNextHopLength(id) > 0;
    const { bytes, start, end } = this.blockAt(id);
    return decodeAttributes(bytes, start, end, {
      mpNextHop: mp ? viewOf(this.nextHopAt(id)) : undefined,
      needsNextHop: !mp,
      keepsLocalPref,
    });
  }

  isMalformed(id: AttrsId): boolean {
    return this.columns.has(id, SetFlag.malformed);
  }

  malformed(id: AttrsId): MalformedName | undefined {
    if (!this.isMalformed(id)) return undefined;
    return this.errors.of(id).malformed?.name;
  }

  /** Returns the errors of a *received* id; `undefined` if its bytes were correct. */
  errorsOf(id: AttrsId): AttributeErrors | undefined {
    return this.columns.has(id, SetFlag.erroneous) ? this.errors.of(id) : undefined;
  }

  origin(id: AttrsId): number {
    return this.columns.origin(id);
  }

  /** Returns the number of AS numbers in AS_PATH; an AS_SET counts as one (RFC 4271 §9.1.2.2 a). */
  asPathLength(id: AttrsId): number {
    return this.columns.asPathLength(id);
  }

  /** A missing MED counts as 0, the best. */
  med(id: AttrsId): number {
    return this.columns.med(id);
  }

  hasMed(id: AttrsId): boolean {
    return this.columns.has(id, SetFlag.hasMed);
  }

  hasLocalPref(id: AttrsId): boolean {
    return this.columns.has(id, SetFlag.hasLocalPref);
  }

  localPref(id: AttrsId): number {
    return this.columns.localPref(id);
  }

  /**
   * Returns a number that orders as LOCAL_PREF, AS_PATH length and ORIGIN do one after the other; the lower is better.
   */
  merit(id: AttrsId): number {
    return this.columns.merit(id);
  }

  /**
   * Returns the first AS of AS_PATH, 0 for an empty path; MEDs are compared within one neighbour AS (RFC 4271 §9.1.2.2
   * c).
   */
  neighbourAs(id: AttrsId): number {
    return this.columns.neighbourAs(id);
  }

  hasAsSet(id: AttrsId): boolean {
    return this.columns.has(id, SetFlag.hasAsSet);
  }

  isGracefulShutdown(id: AttrsId): boolean {
    return this.columns.has(id, SetFlag.gracefulShutdown);
  }

  /** Returns whether the set has a non-transitive extended community (RFC 4360 §6). */
  hasNonTransitive(id: AttrsId): boolean {
    return this.columns.has(id, SetFlag.nonTransitive);
  }

  /** Whether there has ever been a set for which `isGracefulShutdown` or `isLongLivedStale` is true. */
  get hasDemoting(): boolean {
    return this.columns.hasDemoting;
  }

  /** Such a path is the least preferred of all (RFC 9494 §4.3). */
  isLongLivedStale(id: AttrsId): boolean {
    return this.columns.has(id, SetFlag.longLivedStale);
  }

  /** Whether the AS is anywhere in AS_PATH. Not of a malformed set. */
  hasAs(id: AttrsId, asn: number): boolean {
    return this.keys.hasAs(id, asn);
  }

  /** Not of a malformed set. */
  hasCommunity(id: AttrsId, community: number): boolean {
    return this.keys.hasCommunity(id, community);
  }

  /** The canonical attribute block, scratch as `AttrBytes.blockAt` says. */
  blockAt(id: AttrsId): ByteRange {
    return this.keys.blockAt(id);
  }

  /** Returns the length of `blockAt`. */
  blockLength(id: AttrsId): number {
    return this.keys.blockLength(id);
  }

  /** Returns 4 or 16 bytes; none if a malformed set has none. Scratch, as `blockAt`. */
  nextHopAt(id: AttrsId): ByteRange {
    return this.keys.nextHopAt(id);
  }

  isNextHop(id: AttrsId, address: Uint8Array): boolean {
    return this.keys.isNextHop(id, address);
  }

  /** Bytes of the sets for which there is a 1. */
  bytesOf(named: Uint8Array): number {
    return this.keys.bytesOf(named);
  }

  get size(): number {
    return this.ids.size;
  }

  /** Every id is below this. */
  get limit(): number {
    return this.ids.limit;
  }

  get bytes(): number {
    return this.keys.bytes + this.capacity * 30 + this.index.bytes;
  }

  /**
   * Begins to free every set that `named` does not mark, and all alternative encodings, which are decoded again if they
   * come again: otherwise nothing would bound how many encodings of one set are kept. The bytes are packed again;
   * `sweepOn` continues the sweep. All columns that refer to sets must have been marked in `named`, and what is
   * remembered by id must be forgotten. A set that is looked up by its bytes during the sweep is kept.
   */
  beginSweep(named: Uint8Array): void {
    const sets = {
      canonicalOf: (id: number) => this.canonical[id],
      free: (id: number) => this.free(id),
      pack: (id: number) => this.keys.pack(id),
    };
    this.sweep = new AttrSweep(sets, named);
    this.keys.beginPacking();
  }

  get isSweeping(): boolean {
    return this.sweep !== undefined;
  }

  /** Does as many rows of the sweep as the slice has. */
  sweepOn(slice: Slice): void {
    if (this.sweep?.step(slice) !== true) return;
    this.keys.endPacking();
    this.sweep = undefined;
  }

  /** The set is in use again, so a sweep in progress must not free it. */
  private saved(id: number): AttrsId {
    this.sweep?.keep(id as AttrsId);
    return id as AttrsId;
  }

  /** Stores the set of the present key, which is not in the table yet. */
  private firstSight(hash: number, mp: boolean): AttrsId {
    const { keyNextHop, keyBlock } = this;
    const { bytes, start, end } = keyBlock;
    const hasUsualNextHop = !mp || keyNextHop.end - keyNextHop.start === 16;
    if (hasUsualNextHop && this.scan.read(bytes, start, end, !mp)) {
      return this.store(hash, this.scan, defaultLocalPref, 0);
    }
    const decoded = decodeAttributes(bytes, start, end, {
      mpNextHop: mp ? viewOf(keyNextHop) : undefined,
      needsNextHop: !mp,
      keepsLocalPref: this.keepsLocalPref,
    });
    const { attributes, malformed, discarded } = decoded;
    let flags = 0;
    if (malformed !== undefined) flags |= SetFlag.malformed;
    if (malformed !== undefined || discarded.length > 0) flags |= SetFlag.erroneous;
    const id = this.store(hash, factsOf(attributes), defaultLocalPref, flags);
    if (flags !== 0) this.errors.remember(id, decoded);
    if (malformed !== undefined) return id;
    // `intern` may replace the present column with a wider one.
    const canonical = this.intern(attributes);
    this.canonical[id] = canonical;
    return id;
  }

  /** Stores the present key. */
  private store(hash: number, facts: BlockFacts, localPref: number, flags: number): AttrsId {
    const { keyNextHop, keyBlock } = this;
    const id = this.ids.take() as AttrsId;
    if (id >= this.capacity) this.grow(id);
    this.keys.set(id, keyNextHop, keyBlock);
    this.canonical[id] = id;
    this.columns.set(id, facts, localPref, flags);
    this.index.add(hash, id);
    this.storedBytes += this.keys.lengthOf(id);
    return this.saved(id);
  }

  localPrefOf(id: number): number | undefined {
    const { columns } = this;
    return columns.has(id, SetFlag.hasLocalPref) ? columns.localPref(id) : undefined;
  }

  private free(id: number): void {
    this.index.remove(this.hashOf(id), id);
    this.errors.forget(id);
    this.canonical[id] = 0;
    this.ids.give(id);
  }

  private hashOf(id: number): number {
    const { bytes, start, end } = this.blockAt(id as AttrsId);
    const nextHop = { bytes, start: start - this.keys.mpNextHopLength(id), end: start };
    return this.hash.ofBytes(nextHop, { bytes, start, end }, this.localPrefOf(id) ?? 0);
  }

  private grow(id: number): void {
    this.capacity = capacityFor(id, this.capacity);
    this.columns.grow(this.capacity);
    this.keys.grow(this.capacity);
    this.canonical = widen(this.canonical, this.capacity);
  }
}

function viewOf({ bytes, start, end }: ByteRange): Uint8Array {
  return bytes.subarray(start, end);
}
