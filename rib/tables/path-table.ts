import { Crowds } from '../crowds.ts';
import { IdPool, capacityFor, widen } from './id-pool.ts';
import type { AttrsId, PathId, PeerId, PrefixId } from '#policy/ids.ts';
import { none } from '#policy/ids.ts';

/** Whether the peer still stands by a path: RFC 4724 §4.2, RFC 7313 §4, RFC 9494 §4.2. */
export const Staleness = { fresh: 0, stale: 1, longLived: 2 } as const;

/** A chain longer than this is walked once more, into a crowd. */
const crowdedSteps = 24;

/**
 * The paths of one family, a row each, chained per prefix. `received` is what the peer sent,
 * `accepted` what import policy made of it, 0 when refused for `reason`. 31 bytes a path, 35 with
 * path identifiers, and 4 a prefix for the head of its chain.
 */
export class PathTable {
  private readonly ids = new IdPool();
  private capacity: number;
  private prefixes: Uint32Array;
  private peers: Uint16Array;
  private receivedAttrs: Uint32Array;
  private acceptedAttrs: Uint32Array;
  private reasons: Uint8Array;
  private nexts: Uint32Array;
  private receivedTimes: Float64Array;
  private heads: Uint32Array;
  /** Path identifiers (RFC 7911); absent until a peer sends one that is not 0. */
  private pathIds: Uint32Array | undefined;
  private readonly crowds = new Crowds();
  /** By `Staleness`; absent until a path is marked. */
  private stalenesses: Uint8Array | undefined;

  constructor(expected = 0) {
    this.capacity = capacityFor(expected, 64);
    this.prefixes = new Uint32Array(this.capacity);
    this.peers = new Uint16Array(this.capacity);
    this.receivedAttrs = new Uint32Array(this.capacity);
    this.acceptedAttrs = new Uint32Array(this.capacity);
    this.reasons = new Uint8Array(this.capacity);
    this.nexts = new Uint32Array(this.capacity);
    this.receivedTimes = new Float64Array(this.capacity);
    this.heads = new Uint32Array(this.capacity);
  }

  /** First path of the prefix in no meaningful order, or 0. */
  first(prefix: PrefixId): PathId {
    return (prefix < this.heads.length ? this.heads[prefix] : none) as PathId;
  }

  /** The next path of the same prefix, or 0. */
  next(path: PathId): PathId {
    return this.nexts[path] as PathId;
  }

  find(prefix: PrefixId, peer: PeerId, pathId: number): PathId {
    const { peers, nexts, pathIds } = this;
    const crowded = this.crowds.isEmpty ? undefined : this.crowds.find(prefix, peer);
    if (crowded !== undefined) return crowded;
    let path: number = this.first(prefix);
    let steps = 0;
    while (path !== none) {
      if (peers[path] === peer && (pathIds === undefined ? 0 : pathIds[path]) === pathId) break;
      path = nexts[path];
      steps++;
    }
    if (steps > crowdedSteps && pathIds === undefined) this.formCrowd(prefix);
    return path as PathId;
  }

  add(prefix: PrefixId, peer: PeerId, pathId: number): PathId {
    const path = this.ids.take() as PathId;
    if (path >= this.capacity) this.grow(path);
    if (prefix >= this.heads.length) {
      this.heads = widen(this.heads, capacityFor(prefix, this.heads.length));
    }
    if (pathId !== 0 && this.pathIds === undefined) this.startPathIds();
    if (this.pathIds !== undefined) this.pathIds[path] = pathId;
    this.prefixes[path] = prefix;
    this.peers[path] = peer;
    this.receivedAttrs[path] = none;
    this.acceptedAttrs[path] = none;
    this.reasons[path] = 0;
    if (this.stalenesses !== undefined) this.stalenesses[path] = Staleness.fresh;
    this.nexts[path] = this.heads[prefix];
    this.heads[prefix] = path;
    if (!this.crowds.isEmpty) this.crowds.set(prefix, peer, path);
    return path;
  }

  /** Takes the path out of its prefix's chain; its row stays readable until `free`. */
  unlink(path: PathId): void {
    const prefix = this.prefixes[path];
    const after = this.nexts[path];
    if (!this.crowds.isEmpty) this.crowds.set(prefix as PrefixId, this.peer(path), none as PathId);
    if (this.heads[prefix] === path) {
      this.heads[prefix] = after;
    } else {
      let before = this.heads[prefix];
      while (this.nexts[before] !== path) before = this.nexts[before];
      this.nexts[before] = after;
    }
    if (this.heads[prefix] === none && !this.crowds.isEmpty) {
      this.crowds.dissolve(prefix as PrefixId);
    }
  }

  /** The row may be reused afterwards: nothing may name it any more. */
  free(path: PathId): void {
    this.vacate(path);
    this.ids.give(path);
  }

  /** The row is nobody's, but rests until `free`. */
  vacate(path: PathId): void {
    this.peers[path] = none;
  }

  staleness(path: PathId): number {
    return this.stalenesses === undefined ? Staleness.fresh : this.stalenesses[path];
  }

  setStaleness(path: PathId, staleness: number): void {
    if (this.stalenesses === undefined) {
      if (staleness === Staleness.fresh) return;
      this.stalenesses = new Uint8Array(this.capacity);
    }
    this.stalenesses[path] = staleness;
  }

  prefix(path: PathId): PrefixId {
    return this.prefixes[path] as PrefixId;
  }

  /** The peer that announced it; 0 for a free row. */
  peer(path: PathId): PeerId {
    return this.peers[path] as PeerId;
  }

  received(path: PathId): AttrsId {
    return this.receivedAttrs[path] as AttrsId;
  }

  setReceived(path: PathId, attrs: AttrsId, now: number): void {
    this.receivedAttrs[path] = attrs;
    this.receivedTimes[path] = now;
  }

  accepted(path: PathId): AttrsId {
    return this.acceptedAttrs[path] as AttrsId;
  }

  /** Index into `rejectReasons`; 0 when accepted. */
  reason(path: PathId): number {
    return this.reasons[path];
  }

  judge(path: PathId, accepted: AttrsId, reason: number): void {
    this.acceptedAttrs[path] = accepted;
    this.reasons[path] = reason;
  }

  /** The `now` of the UPDATE that last changed it, ms. */
  receivedAt(path: PathId): number {
    return this.receivedTimes[path];
  }

  pathId(path: PathId): number {
    return this.pathIds === undefined ? 0 : this.pathIds[path];
  }

  /** Whether the same peer has another path of the prefix (ADD-PATH only). */
  hasSibling(path: PathId): boolean {
    return this.pathIds !== undefined && this.sibling(path, () => true);
  }

  /** Whether another path of the same peer and prefix is accepted. */
  hasAcceptedSibling(path: PathId): boolean {
    const { acceptedAttrs } = this;
    return this.pathIds !== undefined && this.sibling(path, (it) => acceptedAttrs[it] !== none);
  }

  /** Whether another path of the same peer and prefix is refused for this reason. */
  hasRefusedSibling(path: PathId, reason: number): boolean {
    return this.pathIds !== undefined && this.sibling(path, (it) => this.reasons[it] === reason);
  }

  /** Sets 1 at every set that a path names, as received or as accepted. */
  markAttrs(named: Uint8Array): void {
    const { peers, receivedAttrs, acceptedAttrs } = this;
    for (let path = 1; path < this.ids.limit; path++) {
      if (peers[path] === none) continue;
      named[receivedAttrs[path]] = 1;
      named[acceptedAttrs[path]] = 1;
    }
  }

  get size(): number {
    return this.ids.size;
  }

  /** The peer's first path after this one, 0 for any, or 0. Native: 1M rows in less than a ms (bench S2, kill). */
  nextOf(peer: PeerId, after: PathId): PathId {
    return Math.max(none, this.peers.indexOf(peer, after + 1)) as PathId;
  }

  /** Every id is below this. */
  get limit(): number {
    return this.ids.limit;
  }

  get bytes(): number {
    return this.capacity * (this.pathIds === undefined ? 27 : 31) + this.heads.byteLength;
  }

  private formCrowd(prefix: PrefixId): void {
    this.crowds.form(prefix);
    for (let path = this.first(prefix); path !== none; path = this.next(path)) {
      this.crowds.set(prefix, this.peer(path), path);
    }
  }

  /** A peer may have several paths of a prefix from now on: crowds know only one. */
  private startPathIds(): void {
    this.pathIds = new Uint32Array(this.capacity);
    this.crowds.clear();
  }

  private sibling(path: PathId, matches: (other: number) => boolean): boolean {
    const { peers, nexts } = this;
    for (let other = this.heads[this.prefixes[path]]; other !== none; other = nexts[other]) {
      if (other !== path && peers[other] === peers[path] && matches(other)) return true;
    }
    return false;
  }

  private grow(path: PathId): void {
    this.capacity = capacityFor(path, this.capacity);
    this.prefixes = widen(this.prefixes, this.capacity);
    this.peers = widen(this.peers, this.capacity);
    this.receivedAttrs = widen(this.receivedAttrs, this.capacity);
    this.acceptedAttrs = widen(this.acceptedAttrs, this.capacity);
    this.reasons = widen(this.reasons, this.capacity);
    this.nexts = widen(this.nexts, this.capacity);
    this.receivedTimes = widen(this.receivedTimes, this.capacity);
    if (this.pathIds !== undefined) this.pathIds = widen(this.pathIds, this.capacity);
    if (this.stalenesses !== undefined) this.stalenesses = widen(this.stalenesses, this.capacity);
  }
}
