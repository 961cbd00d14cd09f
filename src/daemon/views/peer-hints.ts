import type { RunningPeer } from '../peers/running-peer.ts';

/** In this time an honest peer would have called. */
const patienceMs = 10_000;

/** What may be wrong with a peer that is not up, though nothing was said: the kernel tells of some faults in counters alone. */
export function hintsOf(peer: RunningPeer, nowMs: number): string[] {
  const { config, statistics, lastCallMs } = peer;
  if (peer.isConnected || !peer.isEnabled) return [];
  const { stateSinceMs } = statistics;
  const isSilent = nowMs - Math.max(stateSinceMs, lastCallMs ?? 0) >= patienceMs;
  if (config.password === undefined || !isSilent || !config.passive) return [];
  return [
    'no call has come; possible MD5 mismatch: calls without the right key are dropped in silence ' +
      '(nstat -az "TcpExtTCPMD5*" counts them)',
  ];
}
