import type { State } from './fsm.ts';

export type Direction = 'incoming' | 'outgoing';

/** Which of two connections with one peer is kept. */
export type Verdict = 'keepBoth' | 'closeThis' | 'closeOther';

/** The two ends as their OPENs name them: 4-octet AS numbers, identifiers as unsigned 32 bits. */
export interface Ends {
  readonly localId: number;
  readonly localAs: number;
  readonly peerId: number;
  readonly peerAs: number;
}

/**
 * Judges the connection whose OPEN has just arrived against the peer's other connection (RFC 4271 §6.8).
 *
 * In OpenConfirm the other connection has proved to be alive; one that still waits for its OPEN may be dead and
 * is judged when (and if) that OPEN arrives. An Established connection is kept, whatever the identifiers: a
 * collision with it "causes closing of the newly created connection". The exception is `isRestart`: the
 * connection of a peer that restarts gracefully replaces it (RFC 4724 §5).
 */
export function judgeCollision(
  direction: Direction,
  other: State,
  ends: Ends,
  isRestart = false,
): Verdict {
  if (other === 'Established') return isRestart ? 'closeOther' : 'closeThis';
  if (other !== 'OpenConfirm') return 'keepBoth';
  const winner: Direction = isLocalDominant(ends) ? 'outgoing' : 'incoming';
  return direction === winner ? 'closeOther' : 'closeThis';
}

/**
 * Returns whether we are the dominant end, the one with the higher identifier or, if these are equal, the higher AS.
 * The connection that the dominant end dialled is kept (RFC 6286 §2.3).
 */
function isLocalDominant(ends: Ends): boolean {
  if (ends.localId !== ends.peerId) return ends.localId > ends.peerId;
  return ends.localAs > ends.peerAs;
}
