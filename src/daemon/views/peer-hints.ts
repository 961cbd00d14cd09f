import type { BfdView } from '#api/views/bfd.ts';
import type { RunningPeer } from '../peers/running-peer.ts';

/** Something that is known about a session in addition to its last error. */
export interface Hint {
  readonly kind: 'bfd' | 'refusal' | 'dial' | 'silence';
  readonly text: string;
}

/** An honest peer would have connected within this time. */
const patienceMs = 10_000;

/** A peer that speaks BFD has been heard by then. */
const bfdPatienceMs = 60_000;

/**
 * Returns why a peer that is not up may not come up, in addition to its last error: what we do, and what the kernel
 * shows only in counters. For one that is up, returns what does not protect it as configured.
 */
export function hintsOf(peer: RunningPeer, bfd: BfdView | undefined, nowMs: number): Hint[] {
  if (peer.isUp) return bfdHint(peer, bfd, nowMs);
  if (peer.isConnected || !peer.isEnabled) return [];
  return [
    hint('refusal', refusalHint(peer, nowMs)),
    hint('dial', dialHint(peer)),
    hint('silence', silenceHint(peer, nowMs)),
  ].flat();
}

function hint(kind: Hint['kind'], text: string | undefined): Hint[] {
  return text === undefined ? [] : [{ kind, text }];
}

function bfdHint({ session }: RunningPeer, bfd: BfdView | undefined, nowMs: number): Hint[] {
  const { establishedAtMs = nowMs, negotiated } = session;
  if (bfd === undefined || bfd.state === 'up' || nowMs - establishedAtMs < bfdPatienceMs) return [];
  const holdTime = negotiated?.holdTimeSec ?? 0;
  const instead = holdTime === 0 ? 'nothing' : `the hold timer (${holdTime} s)`;
  const what = bfd.detect_ms === 0 ? 'never heard' : 'not up';
  return hint('bfd', `bfd: ${what}; detection is ${instead}`);
}

/** Connections are refused for a while because of what the peer has done. */
function refusalHint({ name, session }: RunningPeer, nowMs: number): string | undefined {
  const refusal = session.refusal(nowMs);
  if (refusal === undefined) return undefined;
  return `incoming connections are refused for another ${refusal}; 'reset ${name}' allows them now`;
}

/** What the peer sent is its last error; that nobody answers now is shown in addition. */
function dialHint({ session }: RunningPeer): string | undefined {
  const { lastError, lastDialFailure } = session;
  if (lastError?.direction !== 'received' || lastDialFailure === undefined) return undefined;
  if (lastDialFailure.atMs <= lastError.atMs) return undefined;
  return `our last connection attempt failed: ${lastDialFailure.text}`;
}

/** A connection with another MD5 key than ours, or with one if we have none, is dropped by the kernel. */
function silenceHint(peer: RunningPeer, nowMs: number): string | undefined {
  const { config, stateSinceMs, lastIncomingMs, session } = peer;
  const isSilent = nowMs - Math.max(stateSinceMs, lastIncomingMs ?? 0) >= patienceMs;
  const hasNoAnswer = session.lastDialFailure?.isUnanswered === true;
  if (!isSilent || !(config.passive || hasNoAnswer) || !session.mayAccept()) return undefined;
  const what = config.passive
    ? `the peer has not connected${lastIncomingMs === undefined ? '' : ' again'}`
    : 'the peer neither answers nor connects';
  if (config.password === undefined) {
    return (
      `${what}; if it uses an MD5 key, \`password\` is missing here: the kernel silently ` +
      'drops connections with a key (nstat -az TcpExtTCPMD5Unexpected counts them)'
    );
  }
  return (
    `${what}; possible MD5 mismatch: the kernel silently drops connections without the right key ` +
    '(nstat -az "TcpExtTCPMD5*" counts them)'
  );
}
