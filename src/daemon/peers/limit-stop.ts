import type { PeerConfig } from '#config/config.ts';
import type { LimitReached } from '#rib/rib-events.ts';
import type { StopReason } from '#session/host.ts';

/** Returns how a session ends that exceeded a limit: for a while, or until an operator lets it in again. */
export function limitStop(
  { maxPrefix, maxPrefixReceived }: PeerConfig,
  { family, counts, limit }: LimitReached,
): StopReason {
  const configured = (counts === 'accepted' ? maxPrefix : maxPrefixReceived)[family];
  const restarts = limit.action === 'restart' && configured !== undefined;
  return {
    kind: 'limit',
    family,
    limit: limit.limit,
    ...(restarts && { restartAfterMs: configured.restartAfterMs }),
  };
}
