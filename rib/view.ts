import type { AttrsId, PeerId, PrefixId } from '#policy/ids.ts';
import type { Family } from '#wire/constants.ts';
import type { ByteRange } from '#wire/octets.ts';
import type { PathAttributes } from '#wire/path-attributes.ts';
import { FamilyView } from './family-view.ts';
import type { RibPeer } from './rib-peer.ts';
import type { Rib } from './rib.ts';

export type { FamilyView, PathRecord } from './family-view.ts';

export interface AttributeBytes {
  /** With AS numbers of four octets; without MP_REACH_NLRI and LOCAL_PREF. */
  readonly block: ByteRange;
  /** 4 or 16 bytes. */
  readonly nextHop: ByteRange;
  /** As policy has set it; `undefined` where it has not. */
  readonly localPref: number | undefined;
}

export interface DecisionValues {
  readonly asPathLength: number;
  readonly origin: number;
  readonly med: number;
  readonly neighbourAs: number;
}

/**
 * What other folders may read of the RIB. It copies nothing and holds no state: everything is read from the tables when
 * it is requested.
 */
export class RibView {
  /** By `Family`. */
  readonly families: readonly FamilyView[];
  private readonly rib: Rib;

  constructor(rib: Rib) {
    this.rib = rib;
    this.families = rib.families.map((family) => new FamilyView(family));
  }

  /** Changes with everything that a reader could see. */
  get version(): number {
    return this.rib.version;
  }

  /** The number of paths that are held, including refused ones. */
  get heldPaths(): number {
    return this.rib.families.reduce((sum, { tables }) => sum + tables.paths.size, 0);
  }

  /** Returns how many of them each peer has. Walks all paths. */
  heldPathsByPeer(): ReadonlyMap<PeerId, number> {
    const counts = new Map<PeerId, number>();
    for (const family of this.families) {
      for (const path of family.everyPath()) {
        const peer = family.peerOf(path);
        counts.set(peer, (counts.get(peer) ?? 0) + 1);
      }
    }
    return counts;
  }

  peer(id: PeerId): RibPeer {
    return this.rib.peer(id);
  }

  attributes(id: AttrsId): PathAttributes {
    return this.rib.attrs.read(id);
  }

  /** A set of attributes as bytes of an UPDATE; both ranges are scratch, valid until the next call. */
  attributeBytes(id: AttrsId): AttributeBytes {
    const { attrs } = this.rib;
    const localPref = attrs.localPrefOf(id);
    return { nextHop: attrs.nextHopAt(id), block: attrs.blockAt(id), localPref };
  }

  /** Whether the set is one of spoiled attributes, whose routes are treated as withdrawn (RFC 7606 §2). */
  isMalformed(id: AttrsId): boolean {
    return this.rib.attrs.isMalformed(id);
  }

  /** Returns what the decision reads of a set of attributes. */
  decisionValues(id: AttrsId): DecisionValues {
    const { attrs } = this.rib;
    return {
      asPathLength: attrs.asPathLength(id),
      origin: attrs.origin(id),
      med: attrs.med(id),
      neighbourAs: attrs.neighbourAs(id),
    };
  }

  /** Returns `undefined` if there is no MED. */
  med(id: AttrsId): number | undefined {
    const { attrs } = this.rib;
    return attrs.hasMed(id) ? attrs.med(id) : undefined;
  }

  /** Returns the position of the peer's address among all, the lower address first. */
  addressRank(peer: PeerId): number {
    return this.rib.ranks.addressRank(peer);
  }

  /** Returns 0; 1 for a drained path of the peer with these attributes; 2 for a long-lived stale one. */
  demotion(peer: PeerId, accepted: AttrsId): number {
    return this.rib.ranks.demotion(peer, this.rib.attrs, accepted);
  }

  /** Returns whether this server drains the paths of the peer. */
  isDrained(peer: PeerId): boolean {
    return this.rib.ranks.isDrained(peer);
  }

  /** Returns which side drains an accepted path, if one does; the server if both do. */
  drainedBy(peer: PeerId, accepted: AttrsId): 'server' | 'node' | undefined {
    const { ranks, attrs } = this.rib;
    if (ranks.isDrained(peer)) return 'server';
    return ranks.isShuttingDown(peer, attrs, accepted) ? 'node' : undefined;
  }

  /** Returns the number of prefixes that the peer has been sent; paths, if it takes several of a prefix. */
  advertisedCount(peer: PeerId, family: Family): number {
    return this.rib.families[family].outbound.advertisedTo(this.rib.peer(peer));
  }

  /** Whether something still has to be decided or advertised. */
  get hasWork(): boolean {
    return this.rib.hasWork;
  }

  /** Returns whether the prefix still has to be decided or advertised. */
  isPending(family: Family, prefix: PrefixId): boolean {
    return this.rib.families[family].outbound.isPending(prefix);
  }

  /** Whether nothing of the last change of a prefix that is pending has been sent to any client yet. */
  isUnsent(family: Family, prefix: PrefixId): boolean {
    return this.rib.families[family].outbound.isUnsent(prefix);
  }
}
