import type { Clock } from '#clock.ts';

/** Answers whose slices are shorter do several in a turn, for so long. */
const severalMs = 2;
/** A turn of the event loop without a slice that is shorter than this had no other work. */
const idleMs = 1;
/** The daemon's own work has three quarters of the time, but no more than this before the next slice. */
const ownWorkMs = 20;

/**
 * Shares the event loop between all who ask over HTTP and the daemon's own work: a turn of the loop goes on
 * with one answer, by a slice, whoever else waits; they are served in the order they came. However many clients
 * want however much, BGP waits for a slice at most, and the slices of a busy daemon are few.
 */
export class Turns {
  private readonly clock: Clock;
  private readonly waiting: (() => void)[] = [];
  private isArmed = false;
  private turnBeganMs = 0;
  /** Whether the turn has a slice in it. */
  private hasSlice = false;
  /** What the daemon's own work may still take before the next slice. */
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
