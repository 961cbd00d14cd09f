import type { LostSession } from '#api/views/trouble.ts';
import { type Clock, wallTime } from '#clock.ts';
import type { PlacedSession } from '#services/trouble.ts';
import type { RunningPeer } from '../../peers/running-peer.ts';

/**
 * Returns the peers whose sessions should be up: those that are configured, and those of a range that were here a while
 * ago.
 */
export function expectedPeers(peers: Iterable<RunningPeer>): RunningPeer[] {
  return [...peers].filter((peer) => !peer.isStranger && peer.config.enabled);
}

export function isLost(peer: RunningPeer): boolean {
  return !peer.isUp;
}

/** Returns where a session is, and when it was lost, so that what lost sessions have in common can be found. */
export function placedSession(peer: RunningPeer): PlacedSession {
  const { config, lastEnd, downAtMs } = peer;
  return {
    peer: peer.name,
    node: config.node,
    rack: config.rack,
    site: config.site,
    group: config.group,
    reason: lastEnd?.text,
    lostAtMs: peer.isUp ? undefined : downAtMs,
  };
}

/** Returns the session of a peer that is down: how it ended, and what brings it back. */
export function lostSession(peer: RunningPeer, clock: Clock): LostSession {
  const { config, downAtMs, lastEnd, disabled, session } = peer;
  const [isByItself, heals] = healing(peer);
  const ended = lastEnd?.text ?? session.lastError?.text ?? 'it has not been up since the start';
  return {
    peer: peer.name,
    node: config.node,
    ...(config.site !== undefined && { site: config.site }),
    ...(config.rack !== undefined && { rack: config.rack }),
    ...(downAtMs !== undefined && { since: wallTime(clock, downAtMs) }),
    text: disabled === undefined ? ended : 'disabled by an operator',
    heals_itself: isByItself,
    heals,
  };
}

function healing({ name, config, disabled, held, heldUntilMs }: RunningPeer): [boolean, string] {
  if (disabled !== undefined) return [false, `not by itself: enable ${name}`];
  if (held !== undefined && heldUntilMs === Infinity) {
    return [false, `not by itself: it exceeds its limit; fix that, then reset ${name}`];
  }
  if (held !== undefined) return [true, 'by itself, when the time of its limit is over'];
  return config.passive
    ? [true, 'by itself, when the peer connects: we do not dial it']
    : [true, 'by itself, when the peer answers: we keep dialling it'];
}
