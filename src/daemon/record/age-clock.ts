import type { Clock } from '#clock.ts';

/** A wall clock that gains so much on the monotonic one has been set ahead. */
const jumpMs = 60 * 60 * 1000;
/** It is believed again when it has kept its time for so long. */
const believedAfterMs = 24 * 60 * 60 * 1000;

/**
 * The time by which the history ages. A wall clock that is wrong by years for a minute must not remove everything:
 * after a jump ahead, and after a start, events age only as time goes by, until the clock has kept its time for a day.
 */
export class AgeClock {
  private readonly clock: Pick<Clock, 'wall' | 'monotonic'>;
  private lastWallMs: number;
  private lastMs: number;
  /** By how much the wall clock is ahead of what is believed. */
  private aheadMs = 0;
  private jumpedMs: number;

  constructor(clock: Pick<Clock, 'wall' | 'monotonic'>) {
    this.clock = clock;
    this.lastWallMs = clock.wall();
    this.lastMs = this.jumpedMs = clock.monotonic();
  }

  /** The last event was of this time, by the wall clock of a process before; unix ms. */
  continueFrom(wallMs: number): void {
    this.aheadMs = Math.max(0, this.lastWallMs - wallMs);
  }

  /** Unix ms; never later than the wall clock. */
  now(): number {
    const wallMs = this.clock.wall();
    const now = this.clock.monotonic();
    const gainedMs = wallMs - this.lastWallMs - (now - this.lastMs);
    this.lastWallMs = wallMs;
    this.lastMs = now;
    if (Math.abs(gainedMs) > jumpMs) {
      this.aheadMs = Math.max(0, this.aheadMs + gainedMs);
      this.jumpedMs = now;
    }
    if (now - this.jumpedMs >= believedAfterMs) this.aheadMs = 0;
    return wallMs - this.aheadMs;
  }
}
