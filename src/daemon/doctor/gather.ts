import type { PeerTable } from '#api/names.ts';
import type { PathView } from '#api/views/path.ts';
import { families } from '#wire/constants.ts';
import type { RunningPeer } from '../peers/running-peer.ts';
import type { PeerViews } from '../views/peer-views.ts';
import type { RibQueries } from '../views/rib-queries.ts';
import type { PeerFacts, Rivals, Surroundings } from './facts.ts';

/** How many routes of each table are looked at. */
const sample = 100;

/** Returns what the findings look at for one peer. Yields after each table. */
export function* factsOf(
  peer: RunningPeer,
  views: PeerViews,
  rib: RibQueries,
): Generator<void, PeerFacts> {
  const { config, session, name, routes } = peer;
  const view = views.detail(peer);
  const first = (table: PeerTable, isAny: boolean): readonly PathView[] =>
    isAny ? (rib.peerRoutes(name, table, { limit: sample })?.items ?? []) : [];
  const accepted = first('accepted', view.prefixes.accepted > 0);
  yield;
  const rejected = first('rejected', view.prefixes.rejected > 0);
  yield;
  const withheld = first('withheld', view.kind === 'client' && peer.isUp);
  yield;
  const dialFailure = session.state === 'Established' ? undefined : session.lastDialFailure?.text;
  return {
    config,
    view,
    hints: views.hints(peer),
    ...(dialFailure !== undefined && { dialFailure }),
    earlyEndOfRib: families
      .filter(({ family }) => routes.earlyEndOfRib.families.has(family))
      .map(({ name: family }) => family),
    accepted,
    rejected,
    withheld,
  };
}

/** Returns what findings about one peer need to know about all. */
export function surroundingsOf(peers: readonly PeerFacts[]): Surroundings {
  let longest = 0;
  let hasObserver = false;
  for (const { view } of peers) {
    hasObserver ||= view.kind === 'observer';
    if (view.kind === 'source') longest = Math.max(longest, view.hold_time_s ?? 0);
  }
  return { hasObserver, ...(longest > 0 && { longestSourceHoldTimeSec: longest }) };
}

/**
 * Returns the accepted paths of the peers by prefix, for prefixes that have several. Yields after each peer and prefix.
 */
export function* rivalsOf(peers: readonly PeerFacts[]): Generator<void, Rivals[]> {
  const byPrefix = new Map<string, PathView[]>();
  for (const { accepted } of peers) {
    for (const path of accepted) {
      const paths = byPrefix.get(path.prefix);
      if (paths === undefined) byPrefix.set(path.prefix, [path]);
      else paths.push(path);
    }
    yield;
  }
  const rivals: Rivals[] = [];
  for (const [prefix, paths] of byPrefix) {
    if (paths.length > 1) {
      rivals.push({ prefix, paths: paths.toSorted((a, b) => (a.rank ?? 0) - (b.rank ?? 0)) });
    }
    yield;
  }
  return rivals;
}
