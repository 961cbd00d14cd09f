import type { FamilyRib } from './family-rib.ts';
import type { PeerId } from './ids.ts';
import type { RibPeer } from './rib-peer.ts';
import type { Tables } from './tables.ts';
import type { Task } from './task.ts';
import { eachPath, eachPrefix } from './task.ts';

/** Decides anew among the paths of every prefix. */
export function redecidingAll({ tables }: FamilyRib): Task {
  return eachPrefix(tables, (prefix) => tables.locRib.redecide(prefix, false));
}

/** Decides anew among the paths of each prefix that the peer has a path of. */
export function redeciding({ tables }: FamilyRib, peer: PeerId): Task {
  const { paths, locRib } = tables;
  return eachPath(tables, (path) => {
    if (paths.peer(path) === peer) locRib.redecide(paths.prefix(path), false);
  });
}

/** Judges what the peer sent anew, and lets in what a limit had kept out. */
export function rejudging({ tables, adjRibIn }: FamilyRib, peer: RibPeer): Task {
  const { paths } = tables;
  const { step } = eachPath(tables, (path) => {
    if (paths.peer(path) === peer.id) adjRibIn.rejudge(peer, path);
  });
  return {
    step(rows) {
      if (step(rows)) return true;
      adjRibIn.admitBlocked(peer);
      return false;
    },
  };
}

/** Puts every prefix where clients are served from. */
export function sharingOut(tables: Tables, hasPathClients: boolean): Task {
  return eachPrefix(tables, (prefix) => {
    tables.dirty.add(prefix);
    if (hasPathClients) tables.dirtyPaths.add(prefix);
  });
}
