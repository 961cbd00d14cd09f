import type { Clock } from '#clock.ts';

/** A wall clock that gains or loses so much on the monotonic one has been set. */
const jumpMs = 60 * 60 * 1000;
/** It is believed when it has kept its time for so long. */
const believedAfterMs = 6 * 60 * 60 * 1000;

/**
 * The time by which the history ages. A wall clock that is wrong by years for a while must not remove everything:
 * it is not believed until it has kept its time for some hours, after a start and after it was set.
 */
export class AgeClock {
  private readonly clock: Pick<Clock, 'wall' | 'monotonic'>;
  private aheadMs: number;
  private setMs: number;

  constructor(clock: Pick<Clock, 'wall' | 'monotonic'>) {
    this.clock = clock;
    this.aheadMs = clock.wall() - clock.monotonic();
    this.setMs = clock.monotonic();
  }

  /** Unix ms; `undefined` while the clock is not believed. */
  now(): number | undefined {
    const wallMs = this.clock.wall();
    const now = this.clock.monotonic();
    const aheadMs = wallMs - now;
    if (Math.abs(aheadMs - this.aheadMs) > jumpMs) this.setMs = now;
    this.aheadMs = aheadMs;
    return now - this.setMs < believedAfterMs ? undefined : wallMs;
  }
}
