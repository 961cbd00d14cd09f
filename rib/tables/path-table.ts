import { type AttrsId, none, type PathId, type PeerId, type PrefixId } from '#policy/ids.ts';
import { atLeast, capacityFor, Growth, widen } from './columns.ts';
import { type Crowd, Crowds } from './crowds.ts';
import { IdPool } from './ids/id-pool.ts';
import { PeerRows } from './peer-rows.ts';
import { isStale, Staleness } from './staleness.ts';

/** A chain longer than this makes its prefix a crowd, unless tests say otherwise. */
const longestChain = 24;

/**
 * The paths of one family, one row each, chained per prefix. `received` is what the peer sent, `accepted` the result of
 * import policy, 0 if the path is refused for `reason`. 27 bytes per path and 4 per prefix for the head of its
 * chain; 4 more per path once there are path identifiers, 4 once there is a crowd, and 1 once a path has been stale. A
 * prefix with many paths is a crowd: nothing walks its whole chain, accepted paths come first in it, and each path
 * knows the one before.
 */
export class PathTable {
  private readonly ids = new IdPool();
  private readonly growth: Growth;
  /** Every id is below this; the one that is not has something widened. */
  private growAt: number;
  private prefixes: Uint32Array;
  private peers: Uint16Array;
  private readonly peerRows = new PeerRows();
  private receivedAttrs: Uint32Array;
  private acceptedAttrs: Uint32Array;
  private reasons: Uint8Array;
  private nexts: Uint32Array;
  private receivedTimes: Float64Array;
  private heads: Uint32Array;
  /** Path identifiers (RFC 7911); absent until a peer sends one that is not 0. */
  private pathIds: Uint32Array | undefined;
  private readonly crowds: Crowds;
  private readonly longestChain: number;
  /** In crowds: the previous path in the chain. Absent until there is a crowd. */
  private prevs: Uint32Array | undefined;
  /** By `Staleness`; absent until a path is marked. */
  private stalenesses: Uint8Array | undefined;

  /** Peers must not know `seed`. */
  constructor(seed: number, chain = longestChain) {
    this.crowds = new Crowds(this, seed);
    this.longestChain = chain;
    const rows = capacityFor(0, 64);
    this.growAt = rows;
    this.prefixes = new Uint32Array(rows);
    this.peers = new Uint16Array(rows);
    this.receivedAttrs = new Uint32Array(rows);
    this.acceptedAttrs = new Uint32Array(rows);
    this.reasons = new Uint8Array(rows);
    this.nexts = new Uint32Array(rows);
    this.receivedTimes = new Float64Array(rows);
    this.heads = new Uint32Array(rows);
    this.growth = new Growth(rows, [
      (to) => (this.prefixes = atLeast(this.prefixes, to)),
      (to) => (this.peers = atLeast(this.peers, to)),
      (to) => (this.receivedAttrs = atLeast(this.receivedAttrs, to)),
      (to) => (this.acceptedAttrs = atLeast(this.acceptedAttrs, to)),
      (to) => (this.reasons = atLeast(this.reasons, to)),
      (to) => (this.nexts = atLeast(this.nexts, to)),
      (to) => (this.receivedTimes = atLeast(this.receivedTimes, to)),
      (to) => this.widenRare(to),
    ]);
  }

  /** Returns the first path of the prefix, in no meaningful order, or 0. */
  first(prefix: PrefixId): PathId {
    return (prefix < this.heads.length ? this.heads[prefix] : none) as PathId;
  }

  /** Returns the next path of the same prefix, or 0. */
  next(path: PathId): PathId {
    return this.nexts[path] as PathId;
  }

  /** Returns the path itself if it is accepted, or else the next one of its chain that is, or 0. */
  acceptedFrom(path: PathId): PathId {
    const { acceptedAttrs, nexts, prevs } = this;
    let at: number = path;
    while (at !== none && acceptedAttrs[at] === none) {
      // In a crowd, where each path but the first has a previous one, only refused ones follow.
      if (prevs !== undefined && prevs[at] !== none) return none as PathId;
      at = nexts[at];
    }
    return at as PathId;
  }

  find(prefix: PrefixId, peer: PeerId, pathId: number): PathId {
    const { peers, nexts, pathIds } = this;
    const crowd = this.crowdOf(prefix);
    if (crowd !== undefined) return this.crowds.find(crowd, prefix, peer, pathId);
    let path: number = this.first(prefix);
    let steps = 0;
    while (path !== none) {
      if (peers[path] === peer && (pathIds === undefined ? 0 : pathIds[path]) === pathId) break;
      path = nexts[path];
      steps++;
    }
    if (steps > this.longestChain) this.formCrowd(prefix);
    return path as PathId;
  }

  add(prefix: PrefixId, peer: PeerId, pathId: number): PathId {
    const path = this.ids.take() as PathId;
    if (path >= this.growAt) this.growAt = this.growth.reach(path);
    if (prefix >= this.heads.length) {
      this.heads = widen(this.heads, capacityFor(prefix, this.heads.length));
    }
    if (pathId !== 0) this.pathIds ??= new Uint32Array(this.growth.rows);
    if (this.pathIds !== undefined) this.pathIds[path] = pathId;
    this.prefixes[path] = prefix;
    this.peers[path] = peer;
    this.peerRows.add(peer, path);
    this.receivedAttrs[path] = none;
    this.acceptedAttrs[path] = none;
    this.reasons[path] = 0;
    if (this.stalenesses !== undefined) this.stalenesses[path] = Staleness.fresh;
    const crowd = this.crowdOf(prefix);
    if (crowd !== undefined) {
      this.crowds.add(crowd, path);
      this.linkInCrowd(crowd, path, false);
      return path;
    }
    this.nexts[path] = this.heads[prefix];
    this.heads[prefix] = path;
    return path;
  }

  /** Removes the path from its prefix's chain; its row stays readable until `free`. */
  unlink(path: PathId): void {
    const prefix = this.prefixes[path] as PrefixId;
    const crowd = this.crowdOf(prefix);
    if (crowd !== undefined) {
      this.crowds.remove(crowd, path);
      this.unlinkInCrowd(crowd, path);
      if (this.heads[prefix] === none) this.crowds.dissolve(prefix);
      return;
    }
    const after = this.nexts[path];
    if (this.heads[prefix] === path) {
      this.heads[prefix] = after;
      return;
    }
    let before = this.heads[prefix];
    while (this.nexts[before] !== path) before = this.nexts[before];
    this.nexts[before] = after;
  }

  /** The row may be reused afterwards, so nothing may refer to it any more. */
  free(path: PathId): void {
    this.vacate(path);
    this.ids.give(path);
  }

  /** The row belongs to no peer, but is not reused until `free`. */
  vacate(path: PathId): void {
    const peer = this.peer(path);
    if (peer === none) return;
    this.peerRows.remove(peer, path);
    this.peers[path] = none;
  }

  staleness(path: PathId): number {
    return this.stalenesses === undefined ? Staleness.fresh : this.stalenesses[path];
  }

  /**
   * Marks every fresh path of the peer as stale. Returns how many it has marked, and how many paths of the peer are
   * kept. It does so at once, as the next three do: a million paths take 4 to 13 ms on a busy machine.
   */
  markStale(peer: PeerId): { marked: number; kept: number } {
    const stalenesses = (this.stalenesses ??= new Uint8Array(this.growth.rows));
    this.crowds.markStale(peer);
    let marked = 0;
    let kept = 0;
    this.peerRows.each(this.peers, peer, (path) => {
      if (stalenesses[path] === Staleness.fresh) {
        stalenesses[path] = Staleness.stale;
        marked++;
      } else if (stalenesses[path] === Staleness.kept) {
        this.lastInCrowd(path, 1);
        kept++;
      }
    });
    return { marked, kept };
  }

  /** Marks every stale path of the peer that is not long-lived as about to become so. */
  ageStale(peer: PeerId): void {
    const { stalenesses } = this;
    if (stalenesses === undefined) return;
    this.peerRows.each(this.peers, peer, (path) => {
      if (stalenesses[path] === Staleness.stale) stalenesses[path] = Staleness.ageing;
    });
  }

  /** Marks every stale path of the peer as about to be removed. */
  leaveStale(peer: PeerId): void {
    const { stalenesses } = this;
    if (stalenesses === undefined) return;
    this.crowds.leaveStale(peer);
    this.peerRows.each(this.peers, peer, (path) => {
      if (isStale(stalenesses[path])) stalenesses[path] = Staleness.former;
    });
  }

  /** Marks every path of the peer as about to be removed. */
  leaveAll(peer: PeerId): void {
    const stalenesses = (this.stalenesses ??= new Uint8Array(this.growth.rows));
    this.crowds.leaveAll(peer);
    this.peerRows.each(this.peers, peer, (path) => {
      stalenesses[path] = Staleness.former;
    });
  }

  isFormer(path: PathId): boolean {
    return this.staleness(path) === Staleness.former;
  }

  /** To be called for a path that is not a former one, and does not become one. */
  setStaleness(path: PathId, staleness: number): void {
    if (this.stalenesses === undefined) {
      if (staleness === Staleness.fresh) return;
      this.stalenesses = new Uint8Array(this.growth.rows);
    }
    const wasStale = isStale(this.stalenesses[path]);
    if (wasStale !== isStale(staleness)) this.lastInCrowd(path, wasStale ? 1 : -1);
    this.stalenesses[path] = staleness;
  }

  private lastInCrowd(path: PathId, by: 1 | -1): void {
    const crowd = this.crowdOf(this.prefix(path));
    if (crowd !== undefined) this.crowds.last(crowd, path, by);
  }

  prefix(path: PathId): PrefixId {
    return this.prefixes[path] as PrefixId;
  }

  /** Returns the peer that announced it; 0 for a free row. */
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

  /** Returns an index into `rejectReasons`; 0 if accepted. */
  reason(path: PathId): number {
    return this.reasons[path];
  }

  judge(path: PathId, accepted: AttrsId, reason: number): void {
    const crowd = this.crowdOf(this.prefix(path));
    if (crowd !== undefined) this.judgeInCrowd(crowd, path, accepted, reason);
    this.acceptedAttrs[path] = accepted;
    this.reasons[path] = reason;
  }

  /** Returns the `now` of the UPDATE that last changed it, ms. */
  receivedAt(path: PathId): number {
    return this.receivedTimes[path];
  }

  pathId(path: PathId): number {
    return this.pathIds === undefined ? 0 : this.pathIds[path];
  }

  /** Whether any path has an identifier (RFC 7911): without one, a peer has one path of a prefix at most. */
  get hasPathIds(): boolean {
    return this.pathIds !== undefined;
  }

  /** Returns the crowd of the prefix, if it is one. */
  crowdOf(prefix: PrefixId): Crowd | undefined {
    return this.crowds.isEmpty ? undefined : this.crowds.of(prefix);
  }

  /**
   * Sets 1 at every set that a path of the peer refers to as received, in this session or in an earlier one that it
   * stands by.
   */
  markReceived(peer: PeerId, named: Uint8Array): void {
    const { receivedAttrs } = this;
    this.peerRows.each(this.peers, peer, (path) => {
      if (!this.isFormer(path)) named[receivedAttrs[path]] = 1;
    });
  }

  /** Sets 1 at every set that a path refers to, as received or as accepted. */
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

  /** Returns the peer's first path after this one (0 for the first of all), or 0. */
  nextOf(peer: PeerId, after: PathId): PathId {
    return this.peerRows.next(this.peers, peer, after + 1);
  }

  /** Every id is below this. */
  get limit(): number {
    return this.ids.limit;
  }

  get bytes(): number {
    const columns = [
      this.prefixes,
      this.peers,
      this.receivedAttrs,
      this.acceptedAttrs,
      this.reasons,
      this.nexts,
      this.receivedTimes,
      this.heads,
      this.pathIds,
      this.prevs,
      this.stalenesses,
    ];
    return columns.reduce((sum, column) => sum + (column?.byteLength ?? 0), this.peerRows.bytes);
  }

  private formCrowd(prefix: PrefixId): void {
    this.prevs ??= new Uint32Array(this.growth.rows);
    const paths: PathId[] = [];
    for (let path = this.first(prefix); path !== none; path = this.next(path)) paths.push(path);
    this.heads[prefix] = none;
    const crowd = this.crowds.form(prefix);
    for (const path of paths) {
      this.crowds.add(crowd, path);
      this.linkInCrowd(crowd, path, this.acceptedAttrs[path] !== none);
    }
  }

  /** An accepted path becomes the first of the chain, a refused one the first after the accepted ones. */
  private linkInCrowd(crowd: Crowd, path: PathId, isAccepted: boolean): void {
    const { nexts, heads, prefixes, prevs } = this;
    if (prevs === undefined) return;
    const before = isAccepted ? none : crowd.lastAccepted;
    const after = before === none ? heads[prefixes[path]] : nexts[before];
    prevs[path] = before;
    nexts[path] = after;
    if (before === none) heads[prefixes[path]] = path;
    else nexts[before] = path;
    if (after !== none) prevs[after] = path;
    if (isAccepted && crowd.lastAccepted === none) crowd.lastAccepted = path;
  }

  private unlinkInCrowd(crowd: Crowd, path: PathId): void {
    const { nexts, heads, prefixes, prevs } = this;
    if (prevs === undefined) return;
    const before = prevs[path];
    const after = nexts[path];
    if (crowd.lastAccepted === path) crowd.lastAccepted = before as PathId;
    if (before === none) heads[prefixes[path]] = after;
    else nexts[before] = after;
    if (after !== none) prevs[after] = before;
    prevs[path] = none;
  }

  /** Moves the path to its place among accepted or refused ones; the columns still hold the old verdict. */
  private judgeInCrowd(crowd: Crowd, path: PathId, accepted: AttrsId, reason: number): void {
    this.crowds.judge(crowd, path, accepted, reason);
    const isAccepted = accepted !== none;
    if ((this.acceptedAttrs[path] !== none) === isAccepted) return;
    this.unlinkInCrowd(crowd, path);
    this.linkInCrowd(crowd, path, isAccepted);
  }

  private widenRare(rows: number): void {
    this.pathIds &&= atLeast(this.pathIds, rows);
    this.prevs &&= atLeast(this.prevs, rows);
    this.stalenesses &&= atLeast(this.stalenesses, rows);
  }
}
