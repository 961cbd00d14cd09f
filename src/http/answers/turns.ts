import type { Clock } from '#clock.ts';

/** Slices that are shorter are put together in a turn, for this long. */
const severalMs = 2;
/** A turn of the event loop without a slice that is shorter than this had no other work. */
const idleMs = 1;
/** The daemon's own work gets three quarters of the time, but no more than this before the next slice. */
const ownWorkMs = 20;

/**
 * Divides the event loop between all clients of the HTTP server and the daemon's own work. A turn of the loop continues
 * one answer by a slice, however many others wait; they are served in the order of arrival. However many clients
 * request however much, BGP waits for one slice at most, and a busy daemon makes few of them.
 */
export class Turns {
  private readonly clock: Clock;
  private readonly waiting: (() => void)[] = [];
  private isArmed = false;
  private turnBeganMs = 0;
  /** Whether this turn already has a slice in it. */
  private hasSlice = false;
  /** How much time the daemon's own work may still take before the next slice. */
  private ownMs = 0;

  constructor(clock: Clock) {
    this.clock = clock;
  }

  /** Resolves when the next slice of an answer may be made; a slice takes a few milliseconds. */
  next(): Promise<void> {
    const isShort = this.hasSlice && this.clock.monotonic() - this.turnBeganMs < severalMs;
    if (isShort) return Promise.resolve();
    return new Promise((resolve) => {
      this.waiting.push(resolve);
      this.arm();
    });
  }

  private arm(): void {
    if (this.isArmed) return;
    this.isArmed = true;
    this.clock.soon(() => this.turn());
  }

  private turn(): void {
    this.isArmed = false;
    this.endTurn();
    this.hasSlice = this.ownMs <= 0 && this.waiting.length > 0;
    if (this.hasSlice) this.waiting.shift()?.();
    if (this.hasSlice || this.waiting.length > 0) this.arm();
  }

  private endTurn(): void {
    const nowMs = this.clock.monotonic();
    const tookMs = nowMs - this.turnBeganMs;
    this.turnBeganMs = nowMs;
    if (this.hasSlice) this.ownMs = Math.min(2 * tookMs, ownWorkMs - tookMs);
    else this.ownMs = tookMs < idleMs ? 0 : this.ownMs - tookMs;
  }
}
