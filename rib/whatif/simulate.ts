import type { PeerId } from '#policy/ids.ts';
import type { Prefix } from '#wire/nlri.ts';
import type { RibPeerSettings } from '../rib-peer.ts';
import type { Rib } from '../rib.ts';
import type { PeerMask } from '../tables/peer-sets.ts';
import type { OverlayAttrs } from './overlay-attrs.ts';
import { maskOfAll, onlyFor, Overlay, type SimulatedPrefix } from './overlay.ts';
import { eachPrefixOf, peersOf, readRows } from './path-row.ts';

/** A peer of a simulation; its judges must use the simulation's own attribute sets. */
export interface SimulatedPeer {
  readonly id: PeerId;
  readonly settings: RibPeerSettings;
  /** It is sent what it may have: it is Established, or about to be, and not a shadow. */
  readonly isServed: boolean;
  /** Its session ends, so what it announced is removed. */
  readonly isLost?: boolean;
}

/** One prefix before and after; valid during the call only, as are the ids in it. */
export interface PrefixOutcome {
  readonly prefix: Prefix;
  readonly before: SimulatedPrefix;
  readonly after: SimulatedPrefix;
}

/**
 * Yields what would become of each prefix that these peers have a path of if they were gone: for each of the sets of
 * peers by itself, with its index. The generator provides the slices: it yields after each prefix, and rows that change
 * meanwhile may be missed or seen twice. Reads the live RIB and does not write to it.
 */
export function* simulateLosses(
  live: Rib,
  attrs: OverlayAttrs,
  peers: readonly SimulatedPeer[],
  losses: readonly ReadonlySet<PeerId>[],
  visit: (loss: number, outcome: PrefixOutcome) => void,
): Generator<void> {
  const served = servedOf(peers);
  const lossesOf = indexByPeer(losses);
  const masks = losses.map(maskOfAll);
  for (const rib of live.families) {
    const overlay = new Overlay(live, rib.tables.family, attrs, live.ranks, peers);
    for (const { id, prefix } of eachPrefixOf(rib)) {
      yield;
      const touched = new Set(peersOf(rib, id).flatMap((peer) => lossesOf.get(peer) ?? []));
      if (touched.size === 0) continue;
      attrs.sweepIfDue();
      const rows = readRows(live, rib, id, attrs, () => false);
      const shown = overlay.show(rib.tables.prefixes.read(id, prefix), rows);
      const was = overlay.stateOf(shown, served);
      for (const loss of touched) {
        const left = served & ~masks[loss];
        const before = onlyFor(was, left);
        const taken = overlay.take(shown, rows, losses[loss]);
        visit(loss, { prefix, before, after: overlay.stateOf(shown, left) });
        for (const row of taken) overlay.put(shown, row);
        yield;
      }
      overlay.clear(shown);
    }
  }
}

/** Returns the peers that are sent routes. */
export function servedOf(peers: readonly SimulatedPeer[]): PeerMask {
  return maskOfAll(peers.filter(({ isServed }) => isServed).map(({ id }) => id));
}

function indexByPeer(losses: readonly ReadonlySet<PeerId>[]): ReadonlyMap<PeerId, number[]> {
  const index = new Map<PeerId, number[]>();
  losses.forEach((peers, loss) => {
    for (const peer of peers) index.set(peer, [...(index.get(peer) ?? []), loss]);
  });
  return index;
}
