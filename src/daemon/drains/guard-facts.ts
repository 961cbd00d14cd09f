import type { ServiceConfig } from '#config/config.ts';
import { none, type PathId, type PeerId } from '#policy/ids.ts';
import type { FamilyView, RibView } from '#rib/view.ts';
import type { GuardedAddress, GuardedPath } from '#services/drain-guard.ts';
import { formatPrefix } from '#text/prefix.ts';
import type { ViewedPeer } from '../views/viewed-peer.ts';

/** The peers as the guard reads them. */
interface GuardedPeers {
  withId(id: PeerId): ViewedPeer | undefined;
}

/**
 * Yields what the guard examines: every address that the targets announce, with all its accepted paths, and `undefined`
 * for each other address, so that the guard can work in slices. `isSilent` returns whether the probe of the service
 * says that the node of the peer does not answer, and that counts.
 */
export function* guardedAddresses(
  rib: RibView,
  peers: GuardedPeers,
  targets: ReadonlySet<PeerId>,
  services: readonly ServiceConfig[],
  isSilent: (service: string, peer: PeerId) => boolean = () => false,
): Generator<GuardedAddress | undefined> {
  for (const family of rib.families) {
    for (const id of family.everyPrefix()) {
      const accepted = family.paths(id, (path) => family.accepted(path) !== none);
      if (!accepted.some((path) => targets.has(family.peerOf(path)))) {
        yield undefined;
        continue;
      }
      const service = services.at(family.service(id) - 1);
      const { name, minHealthy } = service ?? { name: '', minHealthy: 0 };
      yield {
        prefix: formatPrefix(family.prefix(id)),
        ...(family.service(id) > 0 && { service: { name, minHealthy } }),
        paths: accepted.map((path) => {
          const row = guardedPath(family, peers, targets, path);
          const isHealthy = row.isHealthy && !isSilent(name, family.peerOf(path));
          return { ...row, isHealthy };
        }),
      };
    }
  }
}

function guardedPath(
  family: FamilyView,
  peers: GuardedPeers,
  targets: ReadonlySet<PeerId>,
  path: PathId,
): GuardedPath {
  const peer = family.peerOf(path);
  return {
    node: peers.withId(peer)?.config.node ?? '',
    isHealthy: family.isHealthy(path),
    isTargeted: targets.has(peer),
  };
}
