import { none, type PathId, type PeerId, type PrefixId } from '#policy/ids.ts';
import { limitBlocked, limitPaths } from '#policy/reasons.ts';
import type { PathTable } from './path-table.ts';
import { isStale } from './staleness.ts';

/** As what a path counts: any does as received. */
export type Counted = 'received' | 'accepted' | 'blocked';

/**
 * The siblings of a path: the other paths that its peer has of the same prefix (RFC 7911). Former paths are siblings of
 * former ones only. Without path identifiers there are none; in a crowd they are counted and not visited.
 */
export class PathSiblings {
  private readonly paths: PathTable;

  constructor(paths: PathTable) {
    this.paths = paths;
  }

  /** Returns whether the path, which is not a former one, has any that count as this. */
  has(path: PathId, as: Counted): boolean {
    return this.hasAmong('all', path, as);
  }

  /** As `has`, for a path that is not stale, and among those that are not either. */
  hasLasting(path: PathId, as: Counted): boolean {
    return this.hasAmong('lasting', path, as);
  }

  /** Returns how many of them are accepted. */
  accepted(path: PathId): number {
    const { paths } = this;
    if (!paths.hasPathIds) return 0;
    const prefix = paths.prefix(path);
    const crowd = paths.crowdOf(prefix);
    if (crowd !== undefined) {
      const counts = crowd.siblings.get(paths.peer(path));
      const accepted = paths.isFormer(path) ? counts?.formerAccepted : counts?.all.accepted;
      return Math.max(0, (accepted ?? 0) - Number(paths.accepted(path) !== none));
    }
    let count = 0;
    for (let other = paths.first(prefix); other !== none; other = paths.next(other)) {
      if (this.areSiblings(path, other) && paths.accepted(other) !== none) count++;
    }
    return count;
  }

  /**
   * Returns the path of the peer and prefix that is refused as `limit_paths` and has the lowest identifier, or 0. It
   * may be a former one, for which `stopWaiting` must be called.
   */
  firstWaiting(prefix: PrefixId, peer: PeerId): PathId {
    const { paths } = this;
    const crowd = paths.crowdOf(prefix);
    if (crowd !== undefined) {
      return crowd.siblings.get(peer)?.waiting.first() ?? (none as PathId);
    }
    let lowest = none as PathId;
    for (let path = paths.first(prefix); path !== none; path = paths.next(path)) {
      if (paths.peer(path) !== peer || paths.reason(path) !== limitPaths) continue;
      if (paths.isFormer(path)) continue;
      if (lowest === none || paths.pathId(path) < paths.pathId(lowest)) lowest = path;
    }
    return lowest;
  }

  /** Takes a former path out of the way of the others that wait. */
  stopWaiting(path: PathId): void {
    const { paths } = this;
    const crowd = paths.crowdOf(paths.prefix(path));
    crowd?.siblings.get(paths.peer(path))?.waiting.remove(path);
  }

  private hasAmong(which: 'all' | 'lasting', path: PathId, as: Counted): boolean {
    const { paths } = this;
    if (!paths.hasPathIds) return false;
    const crowd = paths.crowdOf(paths.prefix(path));
    if (crowd !== undefined) {
      const siblings = crowd.siblings.get(paths.peer(path));
      return (siblings?.[which][as] ?? 0) > Number(this.counts(path, as));
    }
    const isOne = (other: PathId): boolean =>
      (which === 'all' || !isStale(paths.staleness(other))) && this.counts(other, as);
    return this.find(path, isOne) !== none;
  }

  private counts(path: PathId, as: Counted): boolean {
    const { paths } = this;
    if (as === 'received') return true;
    if (as === 'accepted') return paths.accepted(path) !== none;
    return paths.accepted(path) === none && paths.reason(path) === limitBlocked;
  }

  private find(path: PathId, matches: (other: PathId) => boolean): PathId {
    const { paths } = this;
    let other = paths.first(paths.prefix(path));
    for (; other !== none; other = paths.next(other)) {
      if (this.areSiblings(path, other) && matches(other)) break;
    }
    return other;
  }

  private areSiblings(path: PathId, other: PathId): boolean {
    const { paths } = this;
    if (other === path || paths.peer(other) !== paths.peer(path)) return false;
    return paths.isFormer(other) === paths.isFormer(path);
  }
}
