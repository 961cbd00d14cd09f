/** Figures of one phase by name: `wallSec`, `cpuSec`, `peakMb`, … */
export type Figures = Readonly<Record<string, number>>;

/** What a run of a workload measured, by phase. */
export type Measures = Readonly<Record<string, Figures>>;

/** The phases of a run that were completed, and why the others were not. */
export interface Outcome {
  readonly measures: Measures;
  readonly failure?: Failure;
}

export interface Failure {
  readonly words: string;
  /** It was too slow, not wrong. */
  readonly didNotFinish: boolean;
}

export function median(values: readonly number[]): number {
  return percentile(values, 0.5);
}

/** The quantile of unsorted values; `share` is 0..1. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  if (share === 0.5 && sorted.length % 2 === 0) {
    return (sorted[sorted.length / 2 - 1] + sorted[sorted.length / 2]) / 2;
  }
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))];
}
