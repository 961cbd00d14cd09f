import type { Make } from '../daemons/contender.ts';
import type { Trial } from '../plan.ts';
import { fanOutPoints, growthPoints, marginalBytesPerPath } from './growth.ts';
import type { Results } from './results.ts';
import { targetText, type Verdict } from './verdict.ts';

/**
 * A row for each measure and a column for each daemon, with the ratio to the best of the others and whether the
 * target is met.
 */
export function verdictTable(
  verdicts: readonly Verdict[],
  makes: readonly Make[],
  results: Results,
): string {
  const head = ['', ...makes, 'ratio', 'target', ''];
  const body = verdicts.map(({ row, figures, ratio, isMet }) => [
    row.label,
    ...makes.map((make) => {
      const figure = figures.get(make);
      if (figure !== undefined) return number(figure, row.digits);
      const failure = results.failure(row.trial, make);
      if (failure === undefined) return '-';
      return failure.didNotFinish ? 'too slow' : 'failed';
    }),
    ratio === undefined ? '' : `${ratio.toFixed(2)}×`,
    targetText(row.target),
    isMet === undefined ? '' : isMet ? 'met' : 'MISSED',
  ]);
  return aligned([head, ...body]);
}

export function growthTable(
  trials: readonly Trial[],
  makes: readonly Make[],
  results: Results,
): string {
  const lines = makes.flatMap((make) => {
    const points = growthPoints(trials, results, make);
    const marginal = marginalBytesPerPath(points);
    return points.map((point, at) => [
      make,
      number(point.paths, 0),
      number(point.coldUsPerPath, 2),
      number(point.warmUsPerPath, 2),
      number(point.peakMb, 0),
      number(point.bytesPerPath, 0),
      marginal !== undefined && at === points.length - 1 ? number(marginal, 0) : '',
    ]);
  });
  if (lines.length === 0) return '';
  const head = ['', 'paths', 'load µs/path', 'again µs/path', 'peak MB', 'bytes/path', 'each more'];
  return aligned([head, ...lines]);
}

export function fanOutTable(
  trials: readonly Trial[],
  makes: readonly Make[],
  results: Results,
): string {
  const lines = makes.flatMap((make) =>
    fanOutPoints(trials, results, make).map((point) => [
      make,
      number(point.routers, 0),
      number(point.userUsPerUpdate, 2),
      number(point.systemUsPerUpdate, 2),
    ]),
  );
  if (lines.length === 0) return '';
  return aligned([['', 'routers', 'user µs/update', 'system µs/update'], ...lines]);
}

/** The largest share of a core that the load generator took in each trial. */
export function loadTable(
  trials: readonly Trial[],
  makes: readonly Make[],
  results: Results,
): string {
  const lines = trials.map(({ id }) => [
    id,
    ...makes.map((make) => {
      const shares = results.of(id, make).flatMap((outcome) => {
        const phases = Object.entries(outcome.measures).filter(([name]) => !spinning.has(name));
        return phases.map(([, { loadCpuSec, wallSec }]) => loadCpuSec / wallSec);
      });
      const busy = shares.filter((share) => Number.isFinite(share));
      return busy.length === 0 ? '-' : `${Math.round(Math.max(...busy) * 100)} %`;
    }),
  ]);
  return aligned([['load generator, of a core', ...makes], ...lines]);
}

/** Phases in which it waits without sleeping. */
const spinning = new Set(['flips', 'kill', 'empty']);

function number(value: number, digits: number): string {
  return value.toFixed(digits).replace(/\B(?=(\d{3})+(?!\d))(?<!\.\d*)/g, ' ');
}

/** The first column is aligned to the left, all others to the right. */
function aligned(lines: readonly (readonly string[])[]): string {
  const widths = lines[0].map((_, column) => Math.max(...lines.map((line) => line[column].length)));
  const text = (cell: string, column: number): string =>
    column === 0 ? cell.padEnd(widths[0]) : cell.padStart(widths[column]);
  return lines.map((line) => line.map(text).join('  ').trimEnd()).join('\n');
}
