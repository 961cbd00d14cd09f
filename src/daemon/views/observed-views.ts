import type { PathView } from '#api/views/path.ts';
import type { Clock } from '#clock.ts';
import type { RibView } from '#rib/view.ts';
import type { RunningPeer } from '../peers/running-peer.ts';
import type { RunningPeers } from '../peers/running-peers.ts';
import { PathViews } from './path-views.ts';
import { type RowsOf, rowsWhere } from './route-listing.ts';

/** Makes the JSON of what observers have sent. It is shown as received, and never used. */
export class ObservedViews {
  /** The RIB of the observed routes. */
  readonly rib: RibView;
  private readonly paths: PathViews;

  constructor(rib: RibView, clock: Clock, peers: RunningPeers) {
    this.rib = rib;
    this.paths = new PathViews(rib, clock, (id) =>
      [...peers].find(({ routes }) => routes.observedId === id),
    );
  }

  /** Returns what the observer has sent; `undefined` for a peer that is none. */
  received({ routes: { observedId } }: RunningPeer): RowsOf | undefined {
    if (observedId === undefined) return undefined;
    return rowsWhere(
      (family, path) => family.peerOf(path) === observedId,
      (family, path) => unused(this.paths.received(family, path)),
    );
  }
}

/** One of several observers is best in their RIB, which means nothing. */
function unused(path: PathView): PathView {
  const { rank: _, drained: __, drained_by: ___, ...shown } = path;
  return { ...shown, best: false, accepted: false };
}
