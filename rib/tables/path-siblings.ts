import { none, type PathId, type PeerId, type PrefixId } from '#policy/ids.ts';
import { limitPaths } from '#policy/reasons.ts';
import type { PathTable } from './path-table.ts';

/**
 * The siblings of a path: the other paths that its peer has of the same prefix (RFC 7911). Former paths are siblings of
 * former ones only. Without path identifiers there are none; in a crowd they are counted and not visited.
 */
export class PathSiblings {
  private readonly paths: PathTable;

  constructor(paths: PathTable) {
    this.paths = paths;
  }

  /** Returns whether the path has any. */
  has(path: PathId): boolean {
    const { paths } = this;
    if (!paths.hasPathIds) return false;
    const crowd = paths.crowdOf(paths.prefix(path));
    if (crowd === undefined) return this.find(path, () => true) !== none;
    return (crowd.siblings.get(paths.peer(path))?.paths ?? 0) > 1;
  }

  /** Returns whether one of them is accepted. */
  hasAccepted(path: PathId): boolean {
    const { paths } = this;
    if (!paths.hasPathIds) return false;
    if (paths.crowdOf(paths.prefix(path)) !== undefined) return this.accepted(path) > 0;
    return this.find(path, (other) => paths.accepted(other) !== none) !== none;
  }

  /** Returns how many of them are accepted. */
  accepted(path: PathId): number {
    const { paths } = this;
    if (!paths.hasPathIds) return 0;
    const prefix = paths.prefix(path);
    const crowd = paths.crowdOf(prefix);
    if (crowd !== undefined) {
      const counts = crowd.siblings.get(paths.peer(path));
      const accepted = paths.isFormer(path) ? counts?.formerAccepted : counts?.accepted;
      return Math.max(0, (accepted ?? 0) - Number(paths.accepted(path) !== none));
    }
    let count = 0;
    for (let other = paths.first(prefix); other !== none; other = paths.next(other)) {
      if (this.areSiblings(path, other) && paths.accepted(other) !== none) count++;
    }
    return count;
  }

  /** Returns whether one of them is refused for this reason. */
  hasRefused(path: PathId, reason: number): boolean {
    const { paths } = this;
    if (!paths.hasPathIds) return false;
    const crowd = paths.crowdOf(paths.prefix(path));
    if (crowd === undefined) {
      return this.find(path, (other) => paths.reason(other) === reason) !== none;
    }
    const refused = crowd.siblings.get(paths.peer(path))?.refused[reason] ?? 0;
    return refused > Number(paths.accepted(path) === none && paths.reason(path) === reason);
  }

  /** Returns the path of the peer and prefix that is refused as `limit_paths` and has the lowest identifier, or 0. */
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
