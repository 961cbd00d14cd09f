import { type AttrsId, none, type PathId, type PeerId, type PrefixId } from '#policy/ids.ts';
import { limitBlocked, limitPaths } from '#policy/reasons.ts';
import { BlockedQueue, QueuePlaces } from '../in/blocked-queue.ts';
import { widen } from './columns.ts';
import { HashIndex, maskOf } from './hash/hash-index.ts';
import { KeyedHash } from './hash/keyed-hash.ts';
import { isStale, Staleness } from './staleness.ts';

/** The columns of the paths that crowds read. */
export interface CrowdPaths {
  prefix(path: PathId): PrefixId;
  peer(path: PathId): PeerId;
  pathId(path: PathId): number;
  accepted(path: PathId): AttrsId;
  reason(path: PathId): number;
  staleness(path: PathId): number;
}

/** How many paths there are, how many of them are accepted, and how many does a limit of their peer keep out. */
class Tally {
  received = 0;
  accepted = 0;
  blocked = 0;

  count(accepted: AttrsId, reason: number, by: number): void {
    this.received += by;
    if (accepted !== none) this.accepted += by;
    else if (reason === limitBlocked) this.blocked += by;
  }

  set({ received, accepted, blocked }: Tally): void {
    this.received = received;
    this.accepted = accepted;
    this.blocked = blocked;
  }
}

const nothing: Tally = new Tally();

/** How many paths one peer has of one prefix, under any path identifiers. */
class SiblingCounts {
  /** All but former paths. */
  readonly all = new Tally();
  /** Those of them that are not stale. */
  readonly lasting = new Tally();
  formerAccepted = 0;
  /** Those that are refused as `limit_paths`, lowest identifier first; former paths may be among them. */
  readonly waiting: BlockedQueue;

  constructor({ pathId }: Pick<CrowdPaths, 'pathId'>, places: QueuePlaces) {
    this.waiting = new BlockedQueue(places, (a, b) => pathId(a) < pathId(b));
  }

  /** Makes all paths former ones except these. */
  leaveBut(others: Tally): void {
    this.formerAccepted += this.all.accepted - others.accepted;
    this.all.set(others);
    this.lasting.set(others);
    if (others.received === 0) this.waiting.clear();
  }

  get isEmpty(): boolean {
    return this.all.received === 0 && this.formerAccepted === 0;
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

  /** Called when the path, which is not a former one, becomes stale (-1), or is no longer stale (1). */
  last(crowd: Crowd, path: PathId, by: 1 | -1): void {
    const { paths } = this;
    const counts = crowd.siblings.get(paths.peer(path));
    counts?.lasting.count(paths.accepted(path), paths.reason(path), by);
  }

  /** Makes every path of the peer stale, at once: a visit to each crowd, and to none of its paths. */
  markStale(peer: PeerId): void {
    for (const { siblings } of this.crowds.values()) siblings.get(peer)?.lasting.set(nothing);
  }

  /** Makes every path of the peer a former one, like `markStale`. */
  leaveAll(peer: PeerId): void {
    for (const { siblings } of this.crowds.values()) siblings.get(peer)?.leaveBut(nothing);
  }

  /** Makes every stale path of the peer a former one, like `markStale`. */
  leaveStale(peer: PeerId): void {
    for (const { siblings } of this.crowds.values()) {
      const counts = siblings.get(peer);
      counts?.leaveBut(counts.lasting);
    }
  }

  /** Called when the path is judged again, while the columns still hold the old verdict. */
  judge(crowd: Crowd, path: PathId, accepted: AttrsId, reason: number): void {
    const { paths } = this;
    const counts = crowd.siblings.get(paths.peer(path));
    if (counts === undefined) return;
    this.countAs(counts, path, paths.accepted(path), paths.reason(path), -1);
    this.countAs(counts, path, accepted, reason, 1);
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
    if (paths.staleness(path) !== Staleness.former) {
      return this.countAs(counts, path, paths.accepted(path), paths.reason(path), by);
    }
    if (paths.accepted(path) !== none) counts.formerAccepted += by;
    if (by < 0 && counts.waiting.has(path)) counts.waiting.remove(path);
  }

  private countAs(
    { all, lasting, waiting }: SiblingCounts,
    path: PathId,
    accepted: AttrsId,
    reason: number,
    by: 1 | -1,
  ): void {
    all.count(accepted, reason, by);
    if (!isStale(this.paths.staleness(path))) lasting.count(accepted, reason, by);
    if (reason !== limitPaths) return;
    if (by > 0) waiting.add(path);
    else waiting.remove(path);
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
