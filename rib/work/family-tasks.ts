import type { PeerId, PrefixId } from '#policy/ids.ts';
import type { FamilyRib } from '../family-rib.ts';
import type { FamilyTables } from '../family-tables.ts';
import type { RibPeer } from '../rib-peer.ts';
import type { Task } from './slice.ts';
import { afterwards, eachPathOf, eachPrefix } from './task.ts';

/** Returns a task that decides again among the paths of every prefix. */
export function redecidingAll({ tables }: FamilyRib): Task {
  return eachPrefix(tables, (prefix) => redecide(tables, prefix));
}

/** Returns a task that decides again among the paths of each prefix that the peer has a path of. */
export function redeciding({ tables }: FamilyRib, peer: PeerId): Task {
  return eachPathOf(tables, peer, (path) => redecide(tables, tables.paths.prefix(path)));
}

/** Clients that take several paths are sent other ones, too, when the class of a path changes. */
function redecide({ locRib }: FamilyTables, prefix: PrefixId): void {
  locRib.everyChange?.add(prefix);
  locRib.redecide(prefix);
}

/** Returns a task that judges again what the peer sent, and accepts what a limit had kept out. */
export function rejudging({ tables, adjRibIn }: FamilyRib, peer: RibPeer): Task {
  const rows = eachPathOf(tables, peer.id, (path) => adjRibIn.rejudge(peer, path));
  const admitting = adjRibIn.waiting.admitting(peer);
  return afterwards(rows, () => [admitting]);
}
