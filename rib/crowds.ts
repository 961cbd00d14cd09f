import { type AttrsId, none, type PathId, type PeerId, type PrefixId } from '#policy/ids.ts';
import { rejectReasons } from '#policy/policy.ts';
import { BlockedQueue } from './in/blocked-queue.ts';
import { HashIndex } from './tables/hash-index.ts';
import { widen } from './tables/id-pool.ts';
import { KeyedHash } from './tables/keyed-hash.ts';

const limitPaths = rejectReasons.indexOf('limit_paths');

/** The columns of the paths, as far as crowds read them. */
export interface CrowdPaths {
  prefix(path: PathId): PrefixId;
  peer(path: PathId): PeerId;
  pathId(path: PathId): number;
  accepted(path: PathId): AttrsId;
  reason(path: PathId): number;
  isFormer(path: PathId): boolean;
}

/** How many paths one peer has of one prefix, under whatever path identifiers. Former ones are counted apart. */
export class SiblingCounts {
  paths = 0;
  accepted = 0;
  /** Accepted ones that are about to go. */
  formerAccepted = 0;
  /** By index into `rejectReasons`. */
  readonly refused = new Uint32Array(rejectReasons.length);
  /** Those that are refused as `limit_paths`, lowest identifier first. */
  readonly waiting: BlockedQueue;

  constructor({ pathId }: Pick<CrowdPaths, 'pathId'>) {
    this.waiting = new BlockedQueue((a, b) => pathId(a) < pathId(b));
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

  /** All of them are former from now on. */
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

/** A prefix with so many paths that walking its chain would cost more than all else. */
export class Crowd {
  /** Paths without identifier, by peer. */
  row = new Uint32Array(64);
  /** Of peers that have paths with identifiers. */
  readonly siblings = new Map<PeerId, SiblingCounts>();
  /** Accepted paths are chained before refused ones; the last of them, or 0. */
  lastAccepted = none as PathId;
}

/**
 * Crowded prefixes: with 200 nodes walking their chains was a quarter of the time of a churn (bench S2),
 * and one peer may send any number of path identifiers (RFC 7911). A path without one is found by its
 * peer, 4 bytes a peer and prefix; one with an identifier by prefix, peer and identifier, 16 to 32 bytes
 * a path.
 */
export class Crowds {
  private readonly crowds = new Map<PrefixId, Crowd>();
  /** The prefix that was looked for last, and its crowd: an UPDATE asks several times in a row. */
  private lastPrefix = none as PrefixId;
  private lastCrowd: Crowd | undefined;
  private readonly paths: CrowdPaths;
  private readonly keyed: KeyedHash;
  private readonly index = new HashIndex(0, {
    hashOf: (id) => this.hashOf(id as PathId),
    rekey: () => this.keyed.rekey(),
  });

  /** `seed` must not be known to peers: they choose path identifiers. */
  constructor(paths: CrowdPaths, seed: number) {
    this.paths = paths;
    this.keyed = new KeyedHash(seed);
  }

  get isEmpty(): boolean {
    return this.crowds.size === 0;
  }

  /** The crowd of the prefix, if it is one. */
  of(prefix: PrefixId): Crowd | undefined {
    if (prefix === this.lastPrefix) return this.lastCrowd;
    this.lastPrefix = prefix;
    return (this.lastCrowd = this.crowds.get(prefix));
  }

  /** The prefix is crowded from now on; `add` must follow for each of its paths. */
  form(prefix: PrefixId): Crowd {
    const crowd = new Crowd();
    this.crowds.set(prefix, crowd);
    this.lastPrefix = none as PrefixId;
    return crowd;
  }

  /** The prefix has no path left. */
  dissolve(prefix: PrefixId): void {
    this.crowds.delete(prefix);
    this.lastPrefix = none as PrefixId;
  }

  /** The path of the key, or 0. */
  find({ row }: Crowd, prefix: PrefixId, peer: PeerId, pathId: number): PathId {
    if (pathId === 0) return (peer < row.length ? row[peer] : none) as PathId;
    const { paths } = this;
    const hash = this.hash(prefix, peer, pathId);
    const { slots, mask } = this.index;
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

  /** The path, which is not marked yet, is a former one from now on. */
  leave(crowd: Crowd, path: PathId): void {
    this.count(crowd, path, -1);
    const counts = crowd.siblings.get(this.paths.peer(path));
    if (counts !== undefined && this.paths.accepted(path) !== none) counts.formerAccepted++;
  }

  /** Every path of the peer is a former one from now on. */
  leaveAll(peer: PeerId): void {
    for (const { siblings } of this.crowds.values()) siblings.get(peer)?.leave();
  }

  /** The path is judged anew; the columns still hold the old verdict. */
  judge(crowd: Crowd, path: PathId, accepted: AttrsId, reason: number): void {
    const counts = crowd.siblings.get(this.paths.peer(path));
    if (counts === undefined) return;
    counts.remove(path, this.paths.accepted(path), this.paths.reason(path));
    counts.add(path, accepted, reason);
  }

  private startCounting(crowd: Crowd, peer: PeerId): void {
    const pathId = (path: PathId): number => this.paths.pathId(path);
    crowd.siblings.set(peer, new SiblingCounts({ pathId }));
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
