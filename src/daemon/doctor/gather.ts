import type { PeerTable } from '#api/names.ts';
import type { PathView } from '#api/path.ts';
import { families } from '#wire/constants.ts';
import type { RunningPeer } from '../peers/running-peer.ts';
import type { PeerViews } from '../views/peer-views.ts';
import type { RibQueries } from '../views/rib-queries.ts';
import type { PeerFacts } from './facts.ts';

/** How many routes of each table are looked at. */
const sample = 100;

/** Returns what the findings look at for one peer. */
export function factsOf(peer: RunningPeer, views: PeerViews, rib: RibQueries): PeerFacts {
  const { config, session, name, routes } = peer;
  const view = views.detail(peer);
  const first = (table: PeerTable, isAny: boolean): readonly PathView[] =>
    isAny ? (rib.peerRoutes(name, table, { limit: sample })?.items ?? []) : [];
  const { accepted, rejected } = view.prefixes;
  const dialFailure = session.state === 'Established' ? undefined : session.lastDialFailure?.text;
  return {
    config,
    view,
    hints: views.hints(peer),
    ...(dialFailure !== undefined && { dialFailure }),
    earlyEndOfRib: families
      .filter(({ family }) => routes.earlyEndOfRib.families.has(family))
      .map(({ name: family }) => family),
    accepted: first('accepted', accepted > 0),
    rejected: first('rejected', rejected > 0),
    withheld: first('withheld', view.kind === 'client' && peer.isUp),
  };
}
