import type { Rib } from '../../rib/rib.ts';
import type { Clock } from '../clock.ts';
import type { Histogram } from './histogram.ts';

/** Prefixes a slice: a few ms, between which timers fire and sockets are read. */
const slicePrefixes = 8192;

/** Drives the second half of the walk: a slice in each turn of the event loop while the RIB has work. */
export class Pump {
  private readonly rib: Rib;
  private readonly clock: Clock;
  private readonly durations: Histogram;
  /** An error thrown inside the RIB: it may be wrong, and nobody may carry on with it. */
  private readonly onBug: (error: unknown) => void;
  private isScheduled = false;

  constructor(rib: Rib, clock: Clock, durations: Histogram, onBug: (error: unknown) => void) {
    this.rib = rib;
    this.clock = clock;
    this.durations = durations;
    this.onBug = onBug;
  }

  /** To be called after anything that may have given the RIB work. */
  schedule(): void {
    if (this.isScheduled || !this.rib.hasWork) return;
    this.isScheduled = true;
    this.clock.soon(() => this.run());
  }

  private run(): void {
    this.isScheduled = false;
    const startMs = this.clock.monotonic();
    try {
      this.rib.work(slicePrefixes);
    } catch (error) {
      this.onBug(error);
      return;
    }
    this.durations.observe((this.clock.monotonic() - startMs) / 1000);
    this.schedule();
  }
}
