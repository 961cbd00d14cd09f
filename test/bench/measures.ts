/** Figures of one phase by name: `wallSec`, `cpuSec`, `peakMb`, … */
export type Figures = Readonly<Record<string, number>>;

/** What a run of a workload measured, by phase. */
export type Measures = Readonly<Record<string, Figures>>;

/** A run that brought no figures, and why. */
export interface Failure {
  readonly failed: string;
  /** Too slow rather than wrong: further rounds would be, too. */
  readonly didNotFinish: boolean;
}

export type Outcome = { readonly measures: Measures } | Failure;

export function median(values: readonly number[]): number {
  return percentile(values, 0.5);
}

/** Of unsorted values; `share` 0..1. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  if (share === 0.5 && sorted.length % 2 === 0) {
    return (sorted[sorted.length / 2 - 1] + sorted[sorted.length / 2]) / 2;
  }
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))];
}
