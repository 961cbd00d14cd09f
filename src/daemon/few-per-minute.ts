import type { Clock } from '#clock.ts';

const minuteMs = 60_000;
/** Events of one kind that are told one by one in a minute; the others are counted. */
const mostPerMinute = 10;

/** Lets a few events a minute through: a thousand of them must not drown what else is told. */
export class FewPerMinute {
  private readonly clock: Clock;
  private startMs = -Infinity;
  private told = 0;
  private untold = 0;

  constructor(clock: Clock) {
    this.clock = clock;
  }

  /** Calls `tell` with how many were kept back before, or not at all. */
  pass(tell: (keptBack: number) => void): void {
    const now = this.clock.monotonic();
    if (now - this.startMs >= minuteMs) {
      this.startMs = now;
      this.told = 0;
    }
    if (this.told++ >= mostPerMinute) {
      this.untold++;
      return;
    }
    const keptBack = this.untold;
    this.untold = 0;
    tell(keptBack);
  }
}
