import type { MetricsView } from '#api/views/metrics.ts';
import type { Clock } from '#clock.ts';
import type { RibView } from '#rib/view.ts';
import { families } from '#wire/constants.ts';
import { Histogram } from './histogram.ts';

/** The NLRI of one family that have been written to clients since the start. */
type Written = RibView['families'][number]['written'];

/** Seconds. */
const bounds = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5];

/**
 * How long input waits until it has been written to the last client, measured once per slice of work. The oldest input
 * of the slice counts, so no figure is better than the truth.
 */
export class Propagation {
  private readonly rib: RibView;
  private readonly clock: Clock;
  private readonly rows = families.map(() => ({
    announced: new Histogram(bounds),
    withdrawn: new Histogram(bounds),
  }));
  /** When the oldest input arrived that may not have been advertised yet. */
  private oldestMs: number | undefined;

  constructor(rib: RibView, clock: Clock) {
    this.rib = rib;
    this.clock = clock;
  }

  /** Something was read that may change what clients are sent. */
  read(nowMs: number): void {
    this.oldestMs ??= nowMs;
  }

  /** Does a slice of work and observes what it wrote. */
  during(work: () => void): void {
    const before = this.rib.families.map(({ written }) => ({ ...written }));
    work();
    this.observe(before);
  }

  view(): MetricsView['update_propagation_seconds'] {
    return this.rows.flatMap(({ announced, withdrawn }, family) => {
      const afi = family === 0 ? ('ipv4' as const) : ('ipv6' as const);
      return [
        { afi, kind: 'announce' as const, histogram: announced.view() },
        { afi, kind: 'withdraw' as const, histogram: withdrawn.view() },
      ];
    });
  }

  private observe(before: readonly Written[]): void {
    const since = this.oldestMs;
    if (since === undefined) return;
    const seconds = (this.clock.monotonic() - since) / 1000;
    for (const { family } of families) {
      const { written } = this.rib.families[family];
      for (const kind of ['announced', 'withdrawn'] as const) {
        if (written[kind] > before[family][kind]) this.rows[family][kind].observe(seconds);
      }
    }
    if (!this.rib.hasWork) this.oldestMs = undefined;
  }
}
