import { type AttrsId, none, type PathId, type PeerId, type PrefixId } from '#policy/ids.ts';
import type { FamilyRib } from '../family-rib.ts';
import type { Rib } from '../rib.ts';
import type { OverlayAttrs } from '../whatif/overlay-attrs.ts';
import { scratchPrefix } from './prefix-table.ts';

/** A path as the live RIB holds it, its attribute sets by the ids of an overlay. */
export interface PathRow {
  readonly peer: PeerId;
  readonly pathId: number;
  readonly receivedAt: number;
  readonly staleness: number;
  /** 0 where nobody is going to ask: the path is not judged again. */
  readonly received: AttrsId;
  readonly accepted: AttrsId;
  readonly reason: number;
}

/**
 * The paths of a prefix but for those that leave, in the order in which a change of settings has them judged. `mayBeJudged`:
 * peers whose paths are going to be; malformed ones are refused whatever the settings.
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

/** Every prefix of the family that has a path; `prefix` is scratch, for the reader to fill. */
export function* eachPrefixOf({ tables }: FamilyRib) {
  const { prefixes, paths, family } = tables;
  const prefix = scratchPrefix(family);
  for (let id = 1 as PrefixId; id < prefixes.limit; id++) {
    if (paths.first(id) !== none) yield { id, prefix };
  }
}

/** The peers of a prefix's paths; none where it has gone meanwhile. */
export function peersOf({ tables: { paths } }: FamilyRib, prefix: PrefixId): PeerId[] {
  const peers: PeerId[] = [];
  for (let path = paths.first(prefix); path !== none; path = paths.next(path)) {
    peers.push(paths.peer(path));
  }
  return peers;
}
