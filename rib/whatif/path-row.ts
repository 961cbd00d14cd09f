import { type AttrsId, none, type PathId, type PeerId, type PrefixId } from '#policy/ids.ts';
import type { FamilyRib } from '../family-rib.ts';
import type { Rib } from '../rib.ts';
import { scratchPrefix } from '../tables/prefix-table.ts';
import type { OverlayAttrs } from './overlay-attrs.ts';

/** A path as the live RIB holds it, with its attribute sets by the ids of an overlay. */
export interface PathRow {
  readonly peer: PeerId;
  readonly pathId: number;
  readonly receivedAt: number;
  readonly staleness: number;
  /** 0 if it will not be needed, because the path is not judged again. */
  readonly received: AttrsId;
  readonly accepted: AttrsId;
  readonly reason: number;
}

/**
 * Returns the paths of a prefix except those that are leaving, in the order in which a change of settings judges them.
 * `mayBeJudged` has the peers whose paths will be judged; malformed paths are refused whatever the settings are.
 */
export function readRows(
  live: Rib,
  { tables, adjRibIn }: FamilyRib,
  prefix: PrefixId,
  attrs: OverlayAttrs,
  mayBeJudged: (peer: PeerId) => boolean,
): PathRow[] {
  const { paths } = tables;
  const ids: PathId[] = [];
  for (let path = paths.first(prefix); path !== none; path = paths.next(path)) {
    if (!adjRibIn.leaving.has(path)) ids.push(path);
  }
  return ids
    .sort((a, b) => a - b)
    .map((path) => {
      const peer = paths.peer(path);
      const received = paths.received(path);
      const isJudged = mayBeJudged(peer) && !live.attrs.isMalformed(received);
      return {
        peer,
        pathId: paths.pathId(path),
        receivedAt: paths.receivedAt(path),
        staleness: paths.staleness(path),
        received: isJudged ? attrs.copyOf(received) : (none as AttrsId),
        accepted: attrs.copyOf(paths.accepted(path)),
        reason: paths.reason(path),
      };
    });
}

/** Yields every prefix of the family that has a path; `prefix` is scratch, which the reader fills. */
export function* eachPrefixOf({ tables }: FamilyRib) {
  const { prefixes, paths, family } = tables;
  const prefix = scratchPrefix(family);
  for (let id = 1 as PrefixId; id < prefixes.limit; id++) {
    if (paths.first(id) !== none) yield { id, prefix };
  }
}

/** Returns the peers of a prefix's paths; none if it has been removed meanwhile. */
export function peersOf({ tables: { paths } }: FamilyRib, prefix: PrefixId): PeerId[] {
  const peers: PeerId[] = [];
  for (let path = paths.first(prefix); path !== none; path = paths.next(path)) {
    peers.push(paths.peer(path));
  }
  return peers;
}
