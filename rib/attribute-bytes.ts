import type { PeerId } from '#policy/ids.ts';
import type { FamilyRib } from './family-rib.ts';
import type { RibPeer } from './rib-peer.ts';
import type { AttrTable } from './tables/attr-table.ts';

/** Bytes of new sets that must have come for each row of paths before all rows are walked again. */
const newBytesPerRow = 16;

/**
 * What the attribute sets cost that the paths of a peer name, whoever else names them too. Nothing is
 * counted by path: the bytes of sets that were new when the peer sent them are added up, and only where
 * these go over its limit is it looked which of them its paths still name. So a limit is noticed when it
 * is passed by an eighth, or by 16 bytes for each path of the server where that is more.
 */
export class AttributeBytes {
  private readonly attrs: AttrTable;
  private readonly families: readonly FamilyRib[];

  constructor(attrs: AttrTable, families: readonly FamilyRib[]) {
    this.attrs = attrs;
    this.families = families;
  }

  /** The bytes, if they are more than the peer may have. To be asked after each of its UPDATEs that had a new set. */
  beyondLimit(peer: RibPeer): number | undefined {
    const { settings, attributeBytes } = peer;
    const { maxAttributeBytes: limit } = settings;
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
