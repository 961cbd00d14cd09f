import type { Make } from '../daemons/contender.ts';
import type { Trial } from '../plan.ts';
import type { Results } from './results.ts';

/** The cost of a path in a table of this size. */
export interface GrowthPoint {
  readonly paths: number;
  /** Loaded into an empty daemon, which has not run this code before. */
  readonly coldUsPerPath: number;
  /** Announced again over the full table. */
  readonly warmUsPerPath: number;
  readonly peakMb: number;
  /** Bytes above the RSS of the empty daemon. */
  readonly bytesPerPath: number;
}

export interface FanOutPoint {
  readonly routers: number;
  readonly userUsPerUpdate: number;
  readonly systemUsPerUpdate: number;
}

export function growthPoints(
  trials: readonly Trial[],
  results: Results,
  make: Make,
): GrowthPoint[] {
  return trials.flatMap(({ id, group, job }) => {
    if (group !== 'growth' || job.workload !== 'scale') return [];
    const { paths, repeats } = job.size;
    const figure = (phase: string, name: string): number =>
      results.figure(id, make, phase, name) ?? Number.NaN;
    const peakMb = figure('load', 'peakMb');
    const point = {
      paths,
      coldUsPerPath: (figure('load', 'cpuSec') * 1e6) / paths,
      warmUsPerPath: (figure('again', 'cpuSec') * 1e6) / paths / repeats,
      peakMb,
      bytesPerPath: ((peakMb - figure('empty', 'rssMb')) * 1e6) / paths,
    };
    return Number.isNaN(peakMb) ? [] : [point];
  });
}

export function fanOutPoints(
  trials: readonly Trial[],
  results: Results,
  make: Make,
): FanOutPoint[] {
  return trials.flatMap(({ id, group, job }) => {
    if (group !== 'fanout' || job.workload !== 'fanOut') return [];
    const userUsPerUpdate = results.figure(id, make, 'rounds', 'userUsPerUpdate');
    const systemUsPerUpdate = results.figure(id, make, 'rounds', 'systemUsPerUpdate');
    if (userUsPerUpdate === undefined || systemUsPerUpdate === undefined) return [];
    return [{ routers: job.size.routers, userUsPerUpdate, systemUsPerUpdate }];
  });
}

/** Bytes that each further path takes, from the second size on, so that the memory of the runtime does not count. */
export function marginalBytesPerPath(points: readonly GrowthPoint[]): number | undefined {
  const from = points.find(({ paths }) => paths >= 100_000);
  const to = points.at(-1);
  if (from === undefined || to === undefined || to.paths <= from.paths) return undefined;
  return ((to.peakMb - from.peakMb) * 1e6) / (to.paths - from.paths);
}
