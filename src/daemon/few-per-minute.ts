import type { Clock } from '#clock.ts';

const minuteMs = 60_000;
/** How many events of one kind are reported individually in a minute; the others are counted. */
const mostPerMinute = 10;

/** Lets a few events a minute through, so that a thousand of them do not drown everything else. */
export class FewPerMinute {
  private readonly clock: Clock;
  private startMs = -Infinity;
  private told = 0;
  private untold = 0;

  constructor(clock: Clock) {
    this.clock = clock;
  }

  /** Calls `tell` with the number of events that were suppressed before, or not at all. */
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
