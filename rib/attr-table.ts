import type { AttrsInterner } from '../policy/policy.ts';
import type { MalformedName } from '../src/wire/attribute-table.ts';
import type { Decoded } from '../src/wire/attributes.ts';
import { decodeAttributes, emptyAttributes, encodeAttributes } from '../src/wire/attributes.ts';
import { isPlainBlock } from '../src/wire/canonical-block.ts';
import { AttributeHeader } from '../src/wire/attribute-header.ts';
import { AttributeType } from '../src/wire/constants.ts';
import type { PathAttributes } from '../src/wire/path-attributes.ts';
import type { Update } from '../src/wire/update.ts';
import { asPathLength } from '../src/wire/as-path.ts';
import { hasGracefulShutdown, isLongLivedStale, neighbourAs } from './attr-facts.ts';
import { ByteArena } from './byte-arena.ts';
import { HashIndex, mix } from './hash-index.ts';
import { IdPool, capacityFor, widen } from './id-pool.ts';
import type { AttrsId } from './ids.ts';

/** LOCAL_PREF of a path to which no import rule gave one. */
export const defaultLocalPref = 100;

/**
 * What was wrong with the attributes of an UPDATE (RFC 7606 §2); kept for each set of bytes, so that
 * every repetition counts, while the decoding is done once.
 */
export type AttributeErrors = Pick<Decoded, 'malformed' | 'discarded'>;

const Flag = {
  hasMed: 1,
  hasLocalPref: 2,
  malformed: 4,
  erroneous: 8,
  gracefulShutdown: 16,
  longLivedStale: 32,
} as const;
const emptyBytes = new Uint8Array(0);
const header = new AttributeHeader();

/**
 * Attribute sets <-> AttrsId. A set is first met as the bytes of an UPDATE; the same bytes give the
 * same id without decoding. Bytes that say the same in another spelling get one *canonical* id, the
 * one that paths name. Costs 43 bytes and its own bytes for each set, nothing for each path.
 */
export class AttrTable implements AttrsInterner {
  private readonly ids = new IdPool();
  private readonly index: HashIndex;
  private readonly seed: number;
  private arena = new ByteArena();
  private capacity = 1024;
  /** Key bytes: next hop (`nextHopBytes`), then the attribute block. */
  private address = new Float64Array(this.capacity);
  private blockBytes = new Uint32Array(this.capacity);
  private nextHopBytes = new Uint8Array(this.capacity);
  private hashes = new Int32Array(this.capacity);
  private canonical = new Uint32Array(this.capacity);
  private flags = new Uint8Array(this.capacity);
  private origins = new Uint8Array(this.capacity);
  private pathLengths = new Uint16Array(this.capacity);
  private meds = new Uint32Array(this.capacity);
  private localPrefs = new Uint32Array(this.capacity);
  private neighbours = new Uint32Array(this.capacity);
  /** LOCAL_PREF, AS_PATH length and ORIGIN in one number, the lower the better. */
  private merits = new Float64Array(this.capacity);
  private readonly errors = new Map<number, AttributeErrors>();
  /** The set of the last first sight, which policy is about to read. */
  private lastSeen: AttrsId | undefined;
  private lastAttributes: PathAttributes = emptyAttributes(emptyBytes);

  constructor(seed: number) {
    this.seed = seed | 0;
    this.index = new HashIndex(0);
  }

  /**
   * The set of an UPDATE's attribute block with its MP next hop (`mp`), or with the NEXT_HOP in the
   * block. The id stands for these very bytes; paths name `canonicalOf` of it.
   */
  internReceived(update: Update, mp: boolean): AttrsId {
    const nextHopStart = mp ? update.nextHopStart : 0;
    const nextHopEnd = mp ? update.nextHopEnd : 0;
    const { bytes, attributeBytes, attributesStart, attributesEnd } = update;
    let hash = hashBytes(this.seed, bytes, nextHopStart, nextHopEnd);
    hash = hashBytes(hash, attributeBytes, attributesStart, attributesEnd);
    const { slots, mask } = this.index;
    for (let slot = hash & mask; ; slot = (slot + 1) & mask) {
      const id = slots[2 * slot];
      if (id === 0) return this.firstSight(update, mp, hash);
      if (
        slots[2 * slot + 1] === hash &&
        (this.flags[id] & Flag.hasLocalPref) === 0 &&
        this.nextHopBytes[id] === nextHopEnd - nextHopStart &&
        this.blockBytes[id] === attributesEnd - attributesStart &&
        this.sameBytes(id, bytes, nextHopStart, nextHopEnd, attributeBytes, attributesStart)
      ) {
        return id as AttrsId;
      }
    }
  }

  /** The id that paths name: one for each meaning. */
  canonicalOf(id: AttrsId): AttrsId {
    return this.canonical[id] as AttrsId;
  }

  intern(attributes: PathAttributes): AttrsId {
    const inline = attributes.nextHop.length === 4;
    const block = encodeAttributes(attributes, { asnBytes: 4, inlineNextHop: inline });
    const nextHop = inline ? emptyBytes : attributes.nextHop;
    const localPref = attributes.localPref;
    let hash = hashBytes(this.seed, nextHop, 0, nextHop.length);
    hash = hashBytes(hash, block, 0, block.length);
    if (localPref !== undefined) hash = mix(hash, localPref);
    const { slots, mask } = this.index;
    for (let slot = hash & mask; slots[2 * slot] !== 0; slot = (slot + 1) & mask) {
      const id = slots[2 * slot];
      if (
        slots[2 * slot + 1] === hash &&
        (this.flags[id] & Flag.malformed) === 0 &&
        this.localPrefOf(id) === localPref &&
        this.nextHopBytes[id] === nextHop.length &&
        this.blockBytes[id] === block.length &&
        this.sameBytes(id, nextHop, 0, nextHop.length, block, 0)
      ) {
        return this.canonical[id] as AttrsId;
      }
    }
    const id = this.store(hash, nextHop, block, 0, block.length);
    this.describe(id, attributes);
    return id;
  }

  read(id: AttrsId): PathAttributes {
    if (id === this.lastSeen) return this.lastAttributes;
    const { attributes } = this.decode(id);
    const localPref = this.localPrefOf(id);
    return localPref === undefined ? attributes : { ...attributes, localPref };
  }

  malformed(id: AttrsId): MalformedName | undefined {
    if ((this.flags[id] & Flag.malformed) === 0) return undefined;
    return this.errors.get(id)?.malformed?.name;
  }

  /** The errors of a *received* id; `undefined` when its bytes were in order. */
  errorsOf(id: AttrsId): AttributeErrors | undefined {
    return (this.flags[id] & Flag.erroneous) === 0 ? undefined : this.errors.get(id);
  }

  origin(id: AttrsId): number {
    return this.origins[id];
  }

  /** AS numbers in AS_PATH, a set counting as one (RFC 4271 §9.1.2.2 a). */
  asPathLength(id: AttrsId): number {
    return this.pathLengths[id];
  }

  /** Missing counts as 0, the best. */
  med(id: AttrsId): number {
    return this.meds[id];
  }

  hasMed(id: AttrsId): boolean {
    return (this.flags[id] & Flag.hasMed) !== 0;
  }

  hasLocalPref(id: AttrsId): boolean {
    return (this.flags[id] & Flag.hasLocalPref) !== 0;
  }

  localPref(id: AttrsId): number {
    return this.localPrefs[id];
  }

  /** Orders as LOCAL_PREF, AS_PATH length and ORIGIN do one after the other; the lower is better. */
  merit(id: AttrsId): number {
    return this.merits[id];
  }

  /** First AS of AS_PATH, 0 for an empty path: MED is compared within one (RFC 4271 §9.1.2.2 c). */
  neighbourAs(id: AttrsId): number {
    return this.neighbours[id];
  }

  isGracefulShutdown(id: AttrsId): boolean {
    return (this.flags[id] & Flag.gracefulShutdown) !== 0;
  }

  /** Least preferred of all (RFC 9494 §4.3). */
  isLongLivedStale(id: AttrsId): boolean {
    return (this.flags[id] & Flag.longLivedStale) !== 0;
  }

  /** Canonical attribute block: all but MP_REACH_NLRI, MP_UNREACH_NLRI and LOCAL_PREF. A window. */
  block(id: AttrsId): Uint8Array {
    return this.arena.view(this.address[id] + this.nextHopBytes[id], this.blockBytes[id]);
  }

  /** Next hop outside the block: 16 bytes, or none when NEXT_HOP is in the block. A window. */
  mpNextHop(id: AttrsId): Uint8Array {
    return this.arena.view(this.address[id], this.nextHopBytes[id]);
  }

  /** 4 or 16 bytes, as a window; empty when a malformed set has none. */
  nextHop(id: AttrsId): Uint8Array {
    return this.nextHopBytes[id] > 0 ? this.mpNextHop(id) : findNextHop(this.block(id));
  }

  get size(): number {
    return this.ids.size;
  }

  /** Every id is below this. */
  get limit(): number {
    return this.ids.limit;
  }

  get bytes(): number {
    return this.arena.bytes + this.capacity * 43 + this.index.bytes;
  }

  /**
   * Frees every set for which `isNamed` is false, with its other spellings, and packs the bytes anew.
   * Every column that names sets must be asked; memos of freed ids must be dropped.
   */
  sweep(isNamed: (id: AttrsId) => boolean): void {
    const old = this.arena;
    this.arena = new ByteArena();
    this.lastSeen = undefined;
    for (let id = 1; id < this.ids.limit; id++) {
      if (this.canonical[id] === 0) continue;
      if (isNamed(this.canonical[id] as AttrsId)) this.move(old, id);
      else this.free(id);
    }
  }

  private firstSight(update: Update, mp: boolean, hash: number): AttrsId {
    const { attributeBytes, attributesStart, attributesEnd } = update;
    const nextHop = mp ? update.bytes.subarray(update.nextHopStart, update.nextHopEnd) : emptyBytes;
    const decoded = decodeAttributes(attributeBytes, attributesStart, attributesEnd, {
      ...(mp && { mpNextHop: nextHop }),
      needsNextHop: !mp,
    });
    const id = this.store(hash, nextHop, attributeBytes, attributesStart, attributesEnd);
    const { malformed, discarded } = decoded;
    if (malformed !== undefined || discarded.length > 0) {
      this.errors.set(id, decoded);
      this.flags[id] |= Flag.erroneous;
    }
    if (malformed !== undefined) this.flags[id] |= Flag.malformed;
    this.describe(id, decoded.attributes);
    this.lastSeen = id;
    this.lastAttributes = decoded.attributes;
    if (malformed !== undefined || this.isCanonical(id, decoded.attributes)) return id;
    // `intern` may put a wider column in place of the present one.
    const canonical = this.intern(decoded.attributes);
    this.canonical[id] = canonical;
    this.lastSeen = canonical;
    return id;
  }

  /** Whether the bytes of the set are those that `intern` would give it. */
  private isCanonical(id: AttrsId, attributes: PathAttributes): boolean {
    const inline = attributes.nextHop.length === 4;
    if (this.nextHopBytes[id] !== (inline ? 0 : attributes.nextHop.length)) return false;
    const isInOrder = (this.flags[id] & Flag.erroneous) === 0;
    if (isInOrder && this.isPlain(id, inline)) return true;
    const own = this.block(id);
    const block = encodeAttributes(attributes, { asnBytes: 4, inlineNextHop: inline });
    return own.length === block.length && own.every((byte, at) => byte === block[at]);
  }

  private isPlain(id: AttrsId, hasNextHop: boolean): boolean {
    const address = this.address[id] + this.nextHopBytes[id];
    const start = this.arena.offset(address);
    return isPlainBlock(this.arena.chunk(address), start, start + this.blockBytes[id], hasNextHop);
  }

  private store(
    hash: number,
    nextHop: Uint8Array,
    block: Uint8Array,
    start: number,
    end: number,
  ): AttrsId {
    const id = this.ids.take() as AttrsId;
    if (id >= this.capacity) this.grow(id);
    const address = this.arena.allocate(nextHop.length + end - start);
    const chunk = this.arena.chunk(address);
    const offset = this.arena.offset(address);
    // A loop makes no view: for the 60 bytes of a usual set that is cheaper than `set`.
    for (let at = 0; at < nextHop.length; at++) chunk[offset + at] = nextHop[at];
    const base = offset + nextHop.length - start;
    for (let at = start; at < end; at++) chunk[base + at] = block[at];
    this.address[id] = address;
    this.nextHopBytes[id] = nextHop.length;
    this.blockBytes[id] = end - start;
    this.hashes[id] = hash;
    this.canonical[id] = id;
    this.flags[id] = 0;
    this.index.add(hash, id);
    return id;
  }

  /** Fills the columns that the decision reads. */
  private describe(id: AttrsId, attributes: PathAttributes): void {
    const { med, localPref } = attributes;
    this.origins[id] = attributes.origin;
    this.pathLengths[id] = asPathLength(attributes.asPath);
    this.meds[id] = med ?? 0;
    this.localPrefs[id] = localPref ?? defaultLocalPref;
    this.neighbours[id] = neighbourAs(attributes.asPath);
    this.merits[id] = -this.localPrefs[id] * 2 ** 18 + this.pathLengths[id] * 4 + attributes.origin;
    if (med !== undefined) this.flags[id] |= Flag.hasMed;
    if (localPref !== undefined) this.flags[id] |= Flag.hasLocalPref;
    if (hasGracefulShutdown(attributes)) this.flags[id] |= Flag.gracefulShutdown;
    if (isLongLivedStale(attributes)) this.flags[id] |= Flag.longLivedStale;
  }

  private decode(id: AttrsId): Decoded {
    const nextHop = this.mpNextHop(id);
    const block = this.block(id);
    return decodeAttributes(block, 0, block.length, {
      ...(nextHop.length > 0 && { mpNextHop: nextHop.slice() }),
      needsNextHop: nextHop.length === 0,
    });
  }

  private localPrefOf(id: number): number | undefined {
    return (this.flags[id] & Flag.hasLocalPref) === 0 ? undefined : this.localPrefs[id];
  }

  private sameBytes(
    id: number,
    nextHop: Uint8Array,
    nextHopStart: number,
    nextHopEnd: number,
    block: Uint8Array,
    blockStart: number,
  ): boolean {
    const address = this.address[id];
    const chunk = this.arena.chunk(address);
    let at = this.arena.offset(address);
    for (let i = nextHopStart; i < nextHopEnd; i++) if (chunk[at++] !== nextHop[i]) return false;
    const blockEnd = blockStart + this.blockBytes[id];
    for (let i = blockStart; i < blockEnd; i++) if (chunk[at++] !== block[i]) return false;
    return true;
  }

  private move(from: ByteArena, id: number): void {
    const length = this.nextHopBytes[id] + this.blockBytes[id];
    const bytes = from.view(this.address[id], length);
    const address = this.arena.allocate(length);
    this.arena.chunk(address).set(bytes, this.arena.offset(address));
    this.address[id] = address;
  }

  private free(id: number): void {
    this.index.remove(this.hashes[id], id);
    this.errors.delete(id);
    this.canonical[id] = 0;
    this.ids.give(id);
  }

  private grow(id: number): void {
    const capacity = capacityFor(id, this.capacity);
    this.capacity = capacity;
    this.address = widen(this.address, capacity);
    this.blockBytes = widen(this.blockBytes, capacity);
    this.nextHopBytes = widen(this.nextHopBytes, capacity);
    this.hashes = widen(this.hashes, capacity);
    this.canonical = widen(this.canonical, capacity);
    this.flags = widen(this.flags, capacity);
    this.origins = widen(this.origins, capacity);
    this.pathLengths = widen(this.pathLengths, capacity);
    this.meds = widen(this.meds, capacity);
    this.localPrefs = widen(this.localPrefs, capacity);
    this.neighbours = widen(this.neighbours, capacity);
    this.merits = widen(this.merits, capacity);
  }
}

/** The value of NEXT_HOP in a block, which needs not be in order. */
function findNextHop(block: Uint8Array): Uint8Array {
  for (let at = 0; at < block.length; at = header.end) {
    if (!header.read(block, at, block.length)) break;
    if (header.type === AttributeType.nextHop) return block.subarray(header.start, header.end);
  }
  return emptyBytes;
}

function hashBytes(seed: number, bytes: Uint8Array, start: number, end: number): number {
  let hash = seed;
  let at = start;
  for (; at + 4 <= end; at += 4) {
    const word = (bytes[at] << 24) | (bytes[at + 1] << 16) | (bytes[at + 2] << 8) | bytes[at + 3];
    hash = mix(hash, word);
  }
  for (; at < end; at++) hash = mix(hash, bytes[at]);
  return hash;
}
