import type { RunningClock } from '#api/views/trouble.ts';
import { wallTime } from '#clock.ts';
import { targetText } from '#services/drain.ts';
import type { Reloads } from '../../changes/reloads.ts';
import type { Daemon } from '../../daemon.ts';
import { familyNames } from '../../peers/peer-statistics.ts';
import type { RunningPeer } from '../../peers/running-peer.ts';

type Parts = Pick<Daemon, 'clock' | 'drains' | 'peers' | 'gate' | 'rib' | 'config'>;

/** Returns what ends by itself and changes something then, the first to end first. */
export function runningClocks(
  daemon: Parts,
  { confirmBy }: Pick<Reloads, 'confirmBy'>,
): RunningClock[] {
  const { clock, drains, peers, gate, rib, config } = daemon;
  const at = (ms: number): string => wallTime(clock, ms);
  const keptEndMs = rib.nextKeptEndMs;
  const clocks: RunningClock[] = [
    ...(gate === undefined || gate.isOpen
      ? []
      : [
          {
            kind: 'start_gate' as const,
            ends_at: at(gate.latestMs),
            text: `the start gate opens: routers are sent nothing until then; waiting for ${gate.unheard.join(' ')}`,
          },
        ]),
    ...(confirmBy === undefined
      ? []
      : [
          {
            kind: 'confirm' as const,
            ends_at: confirmBy,
            text: `configuration ${config.hash.slice(0, 8)} is reverted unless it is confirmed`,
          },
        ]),
    ...Array.from(drains).flatMap((drain) => {
      const until = drains.untilOf(drain);
      if (until === undefined) return [];
      const overdue = drains.overdueOf(drain);
      const text =
        overdue === undefined
          ? `the drain of ${targetText(drain.target)} ends`
          : `the time of the drain of ${targetText(drain.target)} is over, but it stays in force: ${overdue}`;
      return [{ kind: 'drain' as const, ends_at: until, text }];
    }),
    ...[...peers].flatMap((peer) => clocksOf(peer, at)),
    ...(keptEndMs === undefined
      ? []
      : [
          {
            kind: 'kept_path' as const,
            ends_at: at(keptEndMs),
            text: 'the next last path that is kept is removed, and its address becomes dark',
          },
        ]),
  ];
  return clocks.toSorted((a, b) => (a.ends_at < b.ends_at ? -1 : 1));
}

function clocksOf(peer: RunningPeer, at: (ms: number) => string): RunningClock[] {
  const { name, session, held, heldUntilMs, isEnabled } = peer;
  const stale = session.gracefulRestart.stale.map(({ family, untilMs }) => ({
    kind: 'stale' as const,
    ends_at: at(untilMs),
    text: `${name}: its ${familyNames[family]} routes, which are kept while it restarts, are removed`,
  }));
  if (!isEnabled) return stale;
  if (held !== undefined && Math.abs(heldUntilMs) < Infinity) {
    const text = `${name} may connect again, after it exceeded its limit`;
    return [...stale, { kind: 'restart_after', ends_at: at(heldUntilMs), text }];
  }
  const { idleHoldUntil } = session;
  if (idleHoldUntil === undefined) return stale;
  const text = `${name} may connect again, and we dial it unless it is passive`;
  return [...stale, { kind: 'back_off', ends_at: at(idleHoldUntil), text }];
}
