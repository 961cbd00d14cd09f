import { jitter, keepaliveDeadline } from './jitter.ts';

/** "A HoldTimer value of 4 minutes is suggested" for OpenSent (RFC 4271 §8.2.2). */
const largeHoldTimeMs = 240_000;

/**
 * The timers of one connection as deadlines: milliseconds of one monotonic clock, Infinity for a timer that does
 * not run.
 */
export class SessionTimers {
  hold = Infinity;
  keepalive = Infinity;
  connectRetry = Infinity;
  /** Runs only while bytes wait to be sent (RFC 9687 §3: an idle session is not a stuck one). */
  sendHold = Infinity;
  private holdMs = 0;
  /** The hold deadline for which the socket is now being read until it is empty. */
  private lapsedHold = 0;

  startLargeHold(now: number): void {
    this.holdMs = largeHoldTimeMs;
    this.restartHold(now);
  }

  /** 0 or `undefined` seconds stop the timer. */
  startHold(seconds: number | undefined, now: number): void {
    this.holdMs = negotiatedMs(seconds);
    this.restartHold(now);
  }

  /** The peer was heard. */
  restartHold(now: number): void {
    this.hold = now + this.holdMs;
  }

  /** 0 or `undefined` seconds stop the timer. */
  startKeepalive(seconds: number | undefined, now: number, random: () => number): void {
    this.keepalive = keepaliveDeadline(now, negotiatedMs(seconds), random);
  }

  startConnectRetry(ms: number, now: number, random: () => number): void {
    this.connectRetry = now + jitter(ms, random);
  }

  /** A peer that accepts no data for `ms` from now on is to be dropped; for 0 it never is. */
  startSendHold(ms: number, now: number): void {
    this.sendHold = ms === 0 ? Infinity : now + ms;
  }

  /**
   * Returns true once for each hold deadline that has passed: the socket must be read until it is empty before
   * the peer is judged.
   */
  takeLapsedHold(now: number): boolean {
    if (now < this.hold || this.lapsedHold === this.hold) return false;
    this.lapsedHold = this.hold;
    return true;
  }

  /** Returns the earliest deadline; a hold deadline that has been taken as lapsed no longer counts. */
  next(): number {
    const hold = this.lapsedHold === this.hold ? Infinity : this.hold;
    return Math.min(hold, this.keepalive, this.connectRetry, this.sendHold);
  }

  /** This process was stalled: time in which the peer could not be heard does not count. */
  forgive(latenessMs: number): void {
    this.hold += latenessMs;
    this.sendHold += latenessMs;
  }

  stopAll(): void {
    this.hold = Infinity;
    this.keepalive = Infinity;
    this.sendHold = Infinity;
    this.connectRetry = Infinity;
  }
}

/**
 * Returns Infinity for 0: "then the HoldTimer and KeepaliveTimer are not started" (RFC 4271 §8.2.2, event 19).
 */
function negotiatedMs(seconds: number | undefined): number {
  return seconds === undefined || seconds === 0 ? Infinity : seconds * 1000;
}
