import type { ServiceConfig } from '#config/config.ts';
import { none, type PathId, type PeerId, type PrefixId } from '#policy/ids.ts';
import type { FamilyRib } from '#rib/family-rib.ts';
import type { Rib } from '#rib/rib.ts';
import { scratchPrefix } from '#rib/tables/prefix-table.ts';
import type { GuardedAddress, GuardedPath } from '#services/drain-guard.ts';
import { formatPrefix } from '#text/prefix.ts';
import type { RunningPeers } from '../peers/running-peers.ts';

/** What the guard looks at: every address that the targets announce, with all its accepted paths. */
export function* guardedAddresses(
  rib: Rib,
  peers: RunningPeers,
  targets: ReadonlySet<PeerId>,
  services: readonly ServiceConfig[],
): Generator<GuardedAddress> {
  for (const family of rib.families) {
    const { paths, prefixes, classes } = family.tables;
    for (let id = 1 as PrefixId; id < prefixes.limit; id++) {
      const accepted = acceptedPaths(family, id);
      if (!accepted.some((path) => targets.has(paths.peer(path)))) continue;
      const service = services.at(classes.service(id) - 1);
      const { name, minHealthy } = service ?? { name: '', minHealthy: 0 };
      yield {
        prefix: formatPrefix(prefixes.read(id, scratchPrefix(family.tables.family))),
        ...(classes.service(id) > 0 && { service: { name, minHealthy } }),
        paths: accepted.map((path) => guardedPath(family, peers, targets, path)),
      };
    }
  }
}

function guardedPath(
  { tables }: FamilyRib,
  peers: RunningPeers,
  targets: ReadonlySet<PeerId>,
  path: PathId,
): GuardedPath {
  const peer = tables.paths.peer(path);
  return {
    node: peers.withId(peer)?.config.node ?? '',
    isHealthy: tables.classes.of(path) === 0,
    isTargeted: targets.has(peer),
  };
}

function acceptedPaths({ tables: { paths } }: FamilyRib, prefix: PrefixId): PathId[] {
  const list: PathId[] = [];
  for (let path = paths.first(prefix); path !== none; path = paths.next(path)) {
    if (paths.accepted(path) !== none) list.push(path);
  }
  return list;
}
