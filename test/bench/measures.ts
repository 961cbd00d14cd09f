/** Figures of one phase by name: `wallSec`, `cpuSec`, `peakMb`, … */
export type Figures = Readonly<Record<string, number>>;

/** What a run of a workload measured, by phase. */
export type Measures = Readonly<Record<string, Figures>>;

/** A run: the phases that came to their end, and why the others did not. */
export interface Outcome {
  readonly measures: Measures;
  readonly failure?: Failure;
}

export interface Failure {
  readonly words: string;
  /** Too slow, rather than wrong. */
  readonly didNotFinish: boolean;
}

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
