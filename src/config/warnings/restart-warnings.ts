import type { Config, GracefulRestartConfig, PeerConfig } from '../config.ts';

type Families = Extract<GracefulRestartConfig, { readonly kind: 'families' }>;

interface RestartWarning {
  readonly isSo: (terms: Families, peer: PeerConfig, config: Config) => boolean;
  readonly message: (terms: Families) => string;
}

const rows: readonly RestartWarning[] = [
  {
    isSo: ({ helper, restarter }) => !helper && !restarter,
    message: () =>
      'graceful_restart with neither helper nor restarter has the effect of notify_only',
  },
  {
    isSo: ({ helper }, peer) => helper && peer.import !== 'none' && !peer.observer,
    message: (terms) =>
      `graceful_restart helper: if the peer dies, its routes are kept for ${howLong(terms)}, whatever hold_time is`,
  },
  {
    isSo: ({ restarter }, peer) => restarter && peer.export !== 'none',
    message: (terms) =>
      'graceful_restart restarter: when this route server stops or dies, the peer keeps its routes ' +
      `for ${howLong(terms)}, including those of nodes that die in that time`,
  },
  {
    isSo: ({ restarter }, peer, { startGate }) =>
      restarter && peer.export !== 'none' && startGate === undefined,
    message: () =>
      'graceful_restart restarter without start_gate: End-of-RIB is sent before our other peers are ' +
      'back, and the peer then removes the routes that it has kept',
  },
];

/** Returns what graceful restart means if a peer may be dead rather than restarting. */
export function restartWarnings(config: Config, peer: PeerConfig): string[] {
  const terms = peer.gracefulRestart;
  if (terms.kind !== 'families') return [];
  return rows.filter((row) => row.isSo(terms, peer, config)).map((row) => row.message(terms));
}

function howLong({ restartTimeSec, longLivedSec = 0 }: Families): string {
  const first = `up to ${restartTimeSec} s (restart_time)`;
  return longLivedSec === 0
    ? first
    : `${first} and then ${longLivedSec} s as the last resort (long_lived)`;
}
