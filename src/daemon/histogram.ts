import type { HistogramView } from '#api/views/metrics.ts';

/** Counts observations under fixed upper bounds, as Prometheus reads them. */
export class Histogram {
  private readonly bounds: readonly number[];
  private readonly counts: Float64Array;
  private sum = 0;

  /** `bounds` ascending. */
  constructor(bounds: readonly number[]) {
    this.bounds = bounds;
    this.counts = new Float64Array(bounds.length + 1);
  }

  observe(value: number): void {
    let at = 0;
    while (at < this.bounds.length && value > this.bounds[at]) at++;
    this.counts[at]++;
    this.sum += value;
  }

  /** Cumulative; the last one counts all observations. */
  view(): HistogramView {
    let total = 0;
    const counts = [...this.counts].map((count) => (total += count));
    return { bounds: this.bounds, counts, sum: this.sum };
  }
}
