import type { PeerId } from '#policy/ids.ts';
import type { FamilyRib } from '../family-rib.ts';
import type { RibPeer } from '../rib-peer.ts';
import type { AttrTable } from '../tables/attr-table.ts';

/** For each row of paths, this many bytes of new sets must have arrived before all rows are walked again. */
const newBytesPerRow = 16;

/**
 * The limit for the bytes of the attribute sets that the paths of a peer refer to, whether other peers refer to them
 * too or not. Nothing is counted per path: the bytes of sets that were new when the peer sent them are added up, and
 * only when their sum exceeds the limit is it determined which of them its paths still refer to. So a limit is noticed
 * when it is exceeded by an eighth, or by 16 bytes for each path of the server if that is more.
 */
export class AttributeLimit {
  private readonly attrs: AttrTable;
  private readonly families: readonly FamilyRib[];

  constructor(attrs: AttrTable, families: readonly FamilyRib[]) {
    this.attrs = attrs;
    this.families = families;
  }

  /**
   * Adds the bytes of sets that were new in an UPDATE of the peer. Returns the bytes of all its sets if they are more
   * than it may have.
   */
  add(peer: RibPeer, newBytes: number): number | undefined {
    const { settings, attributeBytes } = peer;
    const { maxAttributeBytes: limit } = settings;
    attributeBytes.added += newBytes;
    if (limit === undefined || attributeBytes.counted + attributeBytes.added <= limit)
      return undefined;
    const rows = this.families.reduce((sum, { tables }) => sum + tables.paths.limit, 0);
    if (attributeBytes.added < Math.max(limit / 8, rows * newBytesPerRow)) return undefined;
    attributeBytes.counted = this.count(peer.id);
    attributeBytes.added = 0;
    return attributeBytes.counted > limit ? attributeBytes.counted : undefined;
  }

  private count(peer: PeerId): number {
    const named = new Uint8Array(this.attrs.limit);
    for (const { tables } of this.families) tables.paths.markReceived(peer, named);
    return this.attrs.bytesOf(named);
  }
}
