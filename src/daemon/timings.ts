import { Histogram } from './histogram.ts';

/** Seconds. */
const latenessBounds = [0.001, 0.005, 0.01, 0.05, 0.1, 0.2, 0.5, 1, 2, 5];
const sliceBounds = [0.001, 0.002, 0.005, 0.01, 0.015, 0.02, 0.03, 0.05, 0.1, 0.2, 0.5, 1, 2, 5];
const bestPathBounds = [0.00001, 0.0001, 0.0005, 0.001, 0.005, 0.01, 0.05, 0.1];

/** How long the daemon's own work takes, and how late its timers are; in seconds, for the metrics. */
export class Timings {
  readonly bestPath = new Histogram(bestPathBounds);
  readonly slices = new Histogram(sliceBounds);
  readonly lateness = {
    keepalive: new Histogram(latenessBounds),
    hold: new Histogram(latenessBounds),
  };

  /** A KEEPALIVE or hold deadline was handled this many milliseconds late. */
  timerJudged(timer: 'keepalive' | 'hold', latenessMs: number): void {
    this.lateness[timer].observe(latenessMs / 1000);
  }
}
