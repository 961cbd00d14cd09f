import type { Clock } from '#clock.ts';

/** A wall clock that differs by this much from the monotonic one has been set. */
const jumpMs = 60 * 60 * 1000;
/** The clock is trusted after it has been steady for this long. */
const believedAfterMs = 6 * 60 * 60 * 1000;

/**
 * The time by which rows of the history and dumps grow old. A wall clock that is wrong by years for a while must not
 * remove everything, so it is not trusted until it has been steady for some hours, both after a start and after it was
 * set.
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

  /** Unix ms; `undefined` while the clock is not trusted. */
  now(): number | undefined {
    const wallMs = this.clock.wall();
    const now = this.clock.monotonic();
    const aheadMs = wallMs - now;
    if (Math.abs(aheadMs - this.aheadMs) > jumpMs) this.setMs = now;
    this.aheadMs = aheadMs;
    return now - this.setMs < believedAfterMs ? undefined : wallMs;
  }
}
