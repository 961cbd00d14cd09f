import type { Clock } from '#clock.ts';

const minuteMs = 60_000;
/** How many events of one kind are reported individually in a minute; the others are counted. */
const mostPerMinute = 10;

/** Lets a few events a minute through, so that a thousand of them do not drown everything else. */
export class FewPerMinute {
  private readonly clock: Clock;
  private startMs = -Infinity;
  private reported = 0;
  private unreported = 0;

  constructor(clock: Clock) {
    this.clock = clock;
  }

  /** Calls `tell` with the number of events that were suppressed before, or not at all. */
  pass(tell: (keptBack: number) => void): void {
    const now = this.clock.monotonic();
    if (now - this.startMs >= minuteMs) {
      this.startMs = now;
      this.reported = 0;
    }
    if (this.reported++ >= mostPerMinute) {
      this.unreported++;
      return;
    }
    const keptBack = this.unreported;
    this.unreported = 0;
    tell(keptBack);
  }
}
