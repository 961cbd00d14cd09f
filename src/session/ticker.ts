import type { Peer } from './peer.ts';

/**
 * A tick that is later than this means that our own process was stalled: garbage collection, a migrated
 * machine, SIGSTOP.
 */
const stallMs = 500;

/**
 * Ticks all peers by one timer of the shell. After a stall of this process every deadline is late at once, and
 * no peer could be heard meanwhile. Each hold deadline is then moved once by the lateness, keepalives are sent
 * before anything else, and what a peer sent meanwhile is read before its hold time is judged.
 */
export class Ticker {
  /** The number of ticks that were late by more than 500 ms, and when the latest of them was. */
  stalls = 0;
  longestStallMs = 0;
  private dueMs = Infinity;

  /**
   * To be called after something happened to the peer, since its deadlines may be nearer now. Returns when to
   * call `tick`, Infinity if never; the timer must be set for this time or earlier.
   */
  arm(peer: Peer): number {
    this.dueMs = Math.min(this.dueMs, peer.nextDeadline());
    return this.dueMs;
  }

  /** Returns when to call it next, as `arm` does. */
  tick(peers: Iterable<Peer>, now: number): number {
    const latenessMs = now - this.dueMs;
    if (latenessMs > stallMs) this.forgive(peers, latenessMs);
    this.dueMs = Infinity;
    const due: Peer[] = [];
    for (const peer of peers) {
      const deadline = peer.nextDeadline();
      if (deadline <= now) due.push(peer);
      else this.dueMs = Math.min(this.dueMs, deadline);
    }
    for (const peer of due) peer.keepAlive(now);
    for (const peer of due) peer.tick(now);
    for (const peer of due) this.arm(peer);
    return this.dueMs;
  }

  private forgive(peers: Iterable<Peer>, latenessMs: number): void {
    this.stalls++;
    this.longestStallMs = Math.max(this.longestStallMs, latenessMs);
    for (const peer of peers) peer.forgive(latenessMs);
  }
}
