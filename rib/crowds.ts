import { widen } from './tables/id-pool.ts';
import type { PathId, PeerId, PrefixId } from '#policy/ids.ts';
import { none } from '#policy/ids.ts';

/**
 * Paths by peer, for prefixes that so many peers announce that walking the chain costs more than all
 * else: with 200 nodes a quarter of the time of a churn (bench S2). 4 bytes a peer and crowded
 * prefix, less than the paths that make it one. Of paths without identifiers only.
 */
export class Crowds {
  private readonly rows = new Map<PrefixId, Uint32Array>();

  get isEmpty(): boolean {
    return this.rows.size === 0;
  }

  /** The peer's path or 0; `undefined` for a prefix that is not crowded. */
  find(prefix: PrefixId, peer: PeerId): PathId | undefined {
    const row = this.rows.get(prefix);
    if (row === undefined) return undefined;
    return (peer < row.length ? row[peer] : none) as PathId;
  }

  /** The prefix is crowded from now on; `set` must follow for each of its paths. */
  form(prefix: PrefixId): void {
    this.rows.set(prefix, new Uint32Array(64));
  }

  /** Nothing where the prefix is not crowded. `path` 0: the peer has none any more. */
  set(prefix: PrefixId, peer: PeerId, path: PathId): void {
    let row = this.rows.get(prefix);
    if (row === undefined) return;
    if (peer >= row.length) this.rows.set(prefix, (row = widen(row, peer * 2)));
    row[peer] = path;
  }

  /** The prefix has no path left. */
  dissolve(prefix: PrefixId): void {
    this.rows.delete(prefix);
  }

  clear(): void {
    this.rows.clear();
  }
}
