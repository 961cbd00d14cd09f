import type { Peer } from './peer.ts';

/** Later than this is a stall of our own: garbage, a moved machine, SIGSTOP. */
const stallMs = 500;

/**
 * Ticks all peers by one timer of the shell's. After a stall of our own every deadline is late at once,
 * and no peer could be heard meanwhile: each hold deadline moves once by the lateness, and keepalives go
 * out before anything else. What a peer said meanwhile is then read before its hold time is judged.
 */
export class Ticker {
  /** Ticks that were late by more than 500 ms, and the latest of them. */
  stalls = 0;
  longestStallMs = 0;
  private dueMs = Infinity;

  /**
   * After something happened to the peer: its deadlines may have come nearer. Returns when to call
   * `tick`, Infinity if never; the timer must be set for this, no later.
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
