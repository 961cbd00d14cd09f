import type { Config, GracefulRestartConfig, PeerConfig } from '../config.ts';

type Families = Extract<GracefulRestartConfig, { readonly kind: 'families' }>;

interface RestartWarning {
  readonly isSo: (terms: Families, peer: PeerConfig, config: Config) => boolean;
  readonly message: (terms: Families) => string;
}

const rows: readonly RestartWarning[] = [
  {
    isSo: ({ helper, restarter }) => !helper && !restarter,
    message: () => 'graceful_restart with neither helper nor restarter is notify_only',
  },
  {
    isSo: ({ helper }, peer) => helper && peer.import !== 'none' && !peer.observer,
    message: (terms) =>
      `graceful_restart helper: if it dies, its routes stay for ${howLong(terms)}, hold_time or not`,
  },
  {
    isSo: ({ restarter }, peer) => restarter && peer.export !== 'none',
    message: (terms) =>
      'graceful_restart restarter: when this route server stops or dies, the peer keeps its routes ' +
      `for ${howLong(terms)}, those of nodes that die meanwhile too`,
  },
  {
    isSo: ({ restarter }, peer, { startGate }) =>
      restarter && peer.export !== 'none' && startGate === undefined,
    message: () =>
      'graceful_restart restarter without start_gate: End-of-RIB goes out before our own peers are ' +
      'back, and the peer drops what it has kept',
  },
];

/** What graceful restart means where a peer may be dead rather than restarting. */
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
