import { none, type PathId, type PeerId, type PrefixId } from '#policy/ids.ts';
import { limitBlocked } from '#policy/reasons.ts';
import type { Family } from '#wire/constants.ts';
import type { Prefix } from '#wire/nlri.ts';
import type { Rib } from '../rib.ts';
import type { PeerRanks } from '../tables/peer-ranks.ts';
import { Slice } from '../work/slice.ts';
import type { OverlayAttrs } from './overlay-attrs.ts';
import { Overlay, type OverlayPeer } from './overlay.ts';
import { eachPrefixOf, type PathRow, peersOf, readRows } from './path-row.ts';

/**
 * Determines what limits do when settings change, for one family. Paths that new policy accepts and that were not
 * accepted before come in by order of address while there is space, so all of a peer's paths must have been judged
 * before any is accepted. Its cost grows with the prefixes that have a path waiting for space.
 */
export class Admission {
  /** Peers whose session a limit would end. */
  readonly ended = new Set<PeerId>();
  private readonly live: Rib;
  private readonly attrs: OverlayAttrs;
  private readonly overlay: Overlay;
  private readonly peers: ReadonlySet<PeerId>;
  private readonly family: Family;

  /** `peers` are those with limits that are judged again. */
  constructor(
    live: Rib,
    family: Family,
    attrs: OverlayAttrs,
    ranks: PeerRanks,
    peers: readonly OverlayPeer[],
  ) {
    this.live = live;
    this.attrs = attrs;
    this.family = family;
    this.overlay = new Overlay(live, family, attrs, ranks, peers);
    this.peers = new Set(peers.map(({ id }) => id));
    for (const id of this.peers) this.takeCounts(id);
    this.overlay.rib.adjRibIn.limits.onReached = (peer, { limit: { action } }) => {
      if (action !== 'restart' && action !== 'shutdown') return;
      this.ended.add(peer.id);
      peer.counts[family].isFlushing = true;
    };
  }

  /** Decides in slices; afterwards `judged` can be called. */
  *decide(): Generator<void> {
    if (this.peers.size === 0) return;
    for (const { id, prefix } of eachPrefixOf(this.live.families[this.family])) {
      yield;
      this.judge(id, prefix);
    }
    const { waiting } = this.overlay.rib.adjRibIn;
    for (const id of this.peers) {
      const task = waiting.admitting(this.overlay.peer(id));
      while (!task.step(new Slice(1))) yield;
    }
  }

  /** Returns the result for a path that had to wait for space; `undefined` for all others. */
  judged(
    prefix: Prefix,
    { peer, pathId }: PathRow,
  ): Pick<PathRow, 'accepted' | 'reason'> | undefined {
    if (!this.peers.has(peer)) return undefined;
    const { prefixes, paths } = this.overlay.rib.tables;
    const id = prefixes.find(prefix);
    const path = id === none ? none : paths.find(id, peer, pathId);
    if (path === none) return undefined;
    const found = path as PathId;
    return { accepted: paths.accepted(found), reason: paths.reason(found) };
  }

  private takeCounts(id: PeerId): void {
    const { received, accepted } = this.live.peer(id).counts[this.family];
    Object.assign(this.overlay.peer(id).counts[this.family], { received, accepted });
  }

  /** Judges the paths that these peers have of the prefix; they stay if one of them waits. */
  private judge(prefix: PrefixId, words: Prefix): void {
    const { live, attrs, peers, overlay } = this;
    const rib = live.families[this.family];
    if (!peersOf(rib, prefix).some((peer) => peers.has(peer))) return;
    attrs.sweepIfDue();
    const rows = readRows(live, rib, prefix, attrs, (peer) => peers.has(peer));
    const own = rows.filter((row) => peers.has(row.peer)).map(unblocked);
    const id = overlay.show(rib.tables.prefixes.read(prefix, words), own);
    const { tables } = overlay.rib;
    const shown = own.map(({ peer, pathId }) => tables.paths.find(id, peer, pathId));
    shown.forEach((it, at) => own[at].received !== none && overlay.rejudge(it));
    if (shown.some((it) => tables.paths.reason(it) === limitBlocked)) overlay.settle(id);
    else overlay.clear(id);
  }
}

/** Returns the row without its block, because it has to be determined again. */
function unblocked(row: PathRow): PathRow {
  return row.reason === limitBlocked ? { ...row, reason: 0 } : row;
}
