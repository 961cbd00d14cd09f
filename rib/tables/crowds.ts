import { type AttrsId, none, type PathId, type PeerId, type PrefixId } from '#policy/ids.ts';
import { limitPaths, rejectReasons } from '#policy/reasons.ts';
import { BlockedQueue, QueuePlaces } from '../in/blocked-queue.ts';
import { widen } from './columns.ts';
import { HashIndex, maskOf } from './hash/hash-index.ts';
import { KeyedHash } from './hash/keyed-hash.ts';

/** The columns of the paths that crowds read. */
export interface CrowdPaths {
  prefix(path: PathId): PrefixId;
  peer(path: PathId): PeerId;
  pathId(path: PathId): number;
  accepted(path: PathId): AttrsId;
  reason(path: PathId): number;
  isFormer(path: PathId): boolean;
}

/** How many paths one peer has of one prefix, under any path identifiers. Former paths are counted separately. */
class SiblingCounts {
  paths = 0;
  accepted = 0;
  /** Accepted paths that are about to be removed. */
  formerAccepted = 0;
  /** By index into `rejectReasons`. */
  readonly refused = new Uint32Array(rejectReasons.length);
  /** Those that are refused as `limit_paths`, lowest identifier first. */
  readonly waiting: BlockedQueue;

  constructor({ pathId }: Pick<CrowdPaths, 'pathId'>, places: QueuePlaces) {
    this.waiting = new BlockedQueue(places, (a, b) => pathId(a) < pathId(b));
  }

  add(path: PathId, accepted: AttrsId, reason: number): void {
    if (accepted !== none) this.accepted++;
    else this.refused[reason]++;
    if (reason === limitPaths) this.waiting.add(path);
  }

  remove(path: PathId, accepted: AttrsId, reason: number): void {
    if (accepted !== none) this.accepted--;
    else this.refused[reason]--;
    if (reason === limitPaths) this.waiting.remove(path);
  }

  /** Makes all of them former paths. */
  leave(): void {
    this.formerAccepted += this.accepted;
    this.paths = 0;
    this.accepted = 0;
    this.refused.fill(0);
    this.waiting.clear();
  }

  get isEmpty(): boolean {
    return this.paths === 0 && this.formerAccepted === 0;
  }
}

/** A prefix with so many paths that walking its chain would cost more than everything else. */
export class Crowd {
  /** Paths without an identifier, by peer. */
  row = new Uint32Array(64);
  /** For peers that have paths with identifiers. */
  readonly siblings = new Map<PeerId, SiblingCounts>();
  /** The last accepted path, or 0; accepted paths come before refused ones in the chain. */
  lastAccepted = none as PathId;
}

/**
 * Crowded prefixes. With 200 nodes, walking their chains was a quarter of the time of a churn (bench S2), and one peer
 * may send any number of path identifiers (RFC 7911). A path without identifier is found by its peer (4 bytes per peer
 * and prefix), one with an identifier by prefix, peer and identifier (16 to 32 bytes per path).
 */
export class Crowds {
  private readonly crowds = new Map<PrefixId, Crowd>();
  /** The prefix that was looked up last, and its crowd: an UPDATE asks several times in a row. */
  private lastPrefix = none as PrefixId;
  private lastCrowd: Crowd | undefined;
  private readonly paths: CrowdPaths;
  private readonly places = new QueuePlaces();
  private readonly keyed: KeyedHash;
  private readonly index = new HashIndex(0, {
    hashOf: (id) => this.hashOf(id as PathId),
    rekey: () => this.keyed.rekey(),
  });

  /** Peers must not know `seed`, because they choose path identifiers. */
  constructor(paths: CrowdPaths, seed: number) {
    this.paths = paths;
    this.keyed = new KeyedHash(seed);
  }

  get isEmpty(): boolean {
    return this.crowds.size === 0;
  }

  /** Returns the crowd of the prefix, if it is one. */
  of(prefix: PrefixId): Crowd | undefined {
    if (prefix === this.lastPrefix) return this.lastCrowd;
    this.lastPrefix = prefix;
    return (this.lastCrowd = this.crowds.get(prefix));
  }

  /** Makes the prefix a crowd; `add` must follow for each of its paths. */
  form(prefix: PrefixId): Crowd {
    const crowd = new Crowd();
    this.crowds.set(prefix, crowd);
    this.lastPrefix = none as PrefixId;
    return crowd;
  }

  /** Called when the prefix has no path left. */
  dissolve(prefix: PrefixId): void {
    this.crowds.delete(prefix);
    this.lastPrefix = none as PrefixId;
  }

  /** Returns the path with the key, or 0. */
  find({ row }: Crowd, prefix: PrefixId, peer: PeerId, pathId: number): PathId {
    if (pathId === 0) return (peer < row.length ? row[peer] : none) as PathId;
    const { paths } = this;
    const hash = this.hash(prefix, peer, pathId);
    const slots = this.index.slotsOf(hash);
    const mask = maskOf(slots);
    for (let slot = hash & mask; slots[2 * slot] !== 0; slot = (slot + 1) & mask) {
      const path = slots[2 * slot] as PathId;
      if (slots[2 * slot + 1] !== hash || paths.pathId(path) !== pathId) continue;
      if (paths.peer(path) === peer && paths.prefix(path) === prefix) return path;
    }
    return none as PathId;
  }

  add(crowd: Crowd, path: PathId): void {
    const { paths } = this;
    const peer = paths.peer(path);
    if (paths.pathId(path) === 0) {
      if (peer >= crowd.row.length) crowd.row = widen(crowd.row, peer * 2);
      crowd.row[peer] = path;
    } else {
      this.index.add(this.hashOf(path), path);
      if (!crowd.siblings.has(peer)) this.startCounting(crowd, peer);
    }
    this.count(crowd, path, 1);
  }

  remove(crowd: Crowd, path: PathId): void {
    const { paths } = this;
    const peer = paths.peer(path);
    this.count(crowd, path, -1);
    if (paths.pathId(path) === 0) crowd.row[peer] = none;
    else this.index.remove(this.hashOf(path), path);
    if (crowd.siblings.get(peer)?.isEmpty === true) crowd.siblings.delete(peer);
  }

  /** Makes the path, which is not marked yet, a former one. */
  leave(crowd: Crowd, path: PathId): void {
    this.count(crowd, path, -1);
    const counts = crowd.siblings.get(this.paths.peer(path));
    if (counts !== undefined && this.paths.accepted(path) !== none) counts.formerAccepted++;
  }

  /** Makes every path of the peer a former one. */
  leaveAll(peer: PeerId): void {
    for (const { siblings } of this.crowds.values()) siblings.get(peer)?.leave();
  }

  /** Called when the path is judged again, while the columns still hold the old verdict. */
  judge(crowd: Crowd, path: PathId, accepted: AttrsId, reason: number): void {
    const counts = crowd.siblings.get(this.paths.peer(path));
    if (counts === undefined) return;
    counts.remove(path, this.paths.accepted(path), this.paths.reason(path));
    counts.add(path, accepted, reason);
  }

  private startCounting(crowd: Crowd, peer: PeerId): void {
    const pathId = (path: PathId): number => this.paths.pathId(path);
    crowd.siblings.set(peer, new SiblingCounts({ pathId }, this.places));
    const single = peer < crowd.row.length ? crowd.row[peer] : none;
    if (single !== none) this.count(crowd, single as PathId, 1);
  }

  private count(crowd: Crowd, path: PathId, by: 1 | -1): void {
    const counts = crowd.siblings.get(this.paths.peer(path));
    if (counts === undefined) return;
    const { paths } = this;
    if (paths.isFormer(path)) {
      if (paths.accepted(path) !== none) counts.formerAccepted += by;
      return;
    }
    counts.paths += by;
    if (by > 0) counts.add(path, paths.accepted(path), paths.reason(path));
    else counts.remove(path, paths.accepted(path), paths.reason(path));
  }

  private hashOf(path: PathId): number {
    const { paths } = this;
    return this.hash(paths.prefix(path), paths.peer(path), paths.pathId(path));
  }

  private hash(prefix: PrefixId, peer: PeerId, pathId: number): number {
    const { words } = this.keyed;
    words[0] = prefix;
    words[1] = peer;
    words[2] = pathId;
    return this.keyed.ofWords(3);
  }
}
