import type { LostSession } from '#api/trouble.ts';
import type { Clock } from '#clock.ts';
import type { PlacedSession } from '#services/trouble.ts';
import type { RunningPeer } from '../../peers/running-peer.ts';
import { wallTime } from '../path-views.ts';

/** Sessions that should be up: of peers that are configured, or of a range and were here a while ago. */
export function expectedPeers(peers: Iterable<RunningPeer>): RunningPeer[] {
  return [...peers].filter((peer) => !peer.isStranger && peer.config.enabled);
}

export function isLost(peer: RunningPeer): boolean {
  return !peer.isUp;
}

/** Where a session is, and when it was lost; what they have in common is looked for among them. */
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

/** The session of a peer that is down: how it ended, and what brings it back. */
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
    return [false, `not by itself: it is over its limit; see to that, then reset ${name}`];
  }
  if (held !== undefined) return [true, 'by itself, when the time of its limit is over'];
  return config.passive
    ? [true, 'by itself, when the peer connects: we do not dial it']
    : [true, 'by itself, when the peer answers: we go on dialling it'];
}
