import type { AttrsId, PeerId } from '#policy/ids.ts';
import type { Rib } from '#rib/rib.ts';
import type { DrainedBy } from '#services/audit.ts';

/** Who drains an accepted path, if anybody does; the server where both do. */
export function drainedBy(
  { ranks, attrs }: Rib,
  peer: PeerId,
  accepted: AttrsId,
): { drainedBy?: DrainedBy } {
  if (ranks.isDrained(peer)) return { drainedBy: 'server' };
  return ranks.isShuttingDown(peer, attrs, accepted) ? { drainedBy: 'node' } : {};
}
