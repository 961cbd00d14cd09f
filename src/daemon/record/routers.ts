import type { RibView } from '#rib/view.ts';
import type { RunningPeer } from '../peers/running-peer.ts';
import type { RouterProgress } from './handed-over.ts';

/** Returns the routers that are sent routes now, each with the progress of its present connection. */
export function routersOf(peers: Iterable<RunningPeer>, rib: RibView): RouterProgress[] {
  return [...peers].flatMap((peer) => {
    const isServed = peer.isUp && peer.isClient && !peer.config.shadow;
    const connection = isServed ? peer.connections.current : undefined;
    if (connection === undefined) return [];
    return {
      name: peer.name,
      isBehind: () => rib.families.some((family) => family.isBehind(peer.ribId)),
      writtenBytes: () => connection.writtenBytes,
      sentAtMs: (bytes) => connection.sentAtMs(bytes),
      acknowledgedBytes: () => connection.acknowledgedBytes,
    };
  });
}
