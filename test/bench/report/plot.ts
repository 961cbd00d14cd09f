import type { Make } from '../daemons/contender.ts';
import type { Trial } from '../plan.ts';
import { fanOutPoints, growthPoints } from './growth.ts';
import type { Results } from './results.ts';
import {
  document,
  element,
  label,
  line,
  linearScale,
  logScale,
  path,
  type Point,
  type Scale,
} from './svg.ts';
import { targetText, type Verdict } from './verdict.ts';

const width = 900;
const left = 230;
const right = 720;
const rowHeight = 20;
const chartHeight = 220;

const colours: Readonly<Record<Make, string>> = {
  fingerpost: '#d1495b',
  bird: '#00798c',
  frr: '#edae49',
  openbgpd: '#30638e',
  gobgp: '#6a994e',
};

/** The whole picture: the ratio to the best of the others for each measure, then cost against size. */
export function plot(
  verdicts: readonly Verdict[],
  trials: readonly Trial[],
  makes: readonly Make[],
  results: Results,
  caption: string,
): string {
  const parts: Part[] = [
    title(caption),
    ratios(verdicts),
    ...growthCharts(trials, makes, results),
    ...fanOutChart(trials, makes, results),
  ];
  let height = 0;
  const placed = parts.map((part) => {
    const moved = element('g', { transform: `translate(0 ${height})` }, part.content);
    height += part.height;
    return moved;
  });
  return document(width, height + 20, placed.join('\n'));
}

interface Part {
  readonly height: number;
  readonly content: string;
}

function title(caption: string): Part {
  const lines = caption.split('\n');
  const text = lines.map((words, at) => label(20, 48 + 16 * at, words, { fill: '#666' }));
  const head = label(20, 26, 'fingerpost against the best other daemon', { 'font-size': 16 });
  return { height: 60 + 16 * lines.length, content: head + text.join('') };
}

/** A bar from 1 to the ratio, which goes to the left if we are better, and a tick at the target. */
function ratios(verdicts: readonly Verdict[]): Part {
  const shown = verdicts.filter(({ ratio }) => ratio !== undefined);
  const scale = logScale(0.1, 10, left, right);
  const bottom = shown.length * rowHeight + 10;
  const ticks = [0.1, 0.25, 0.5, 1, 2, 4, 10].map(
    (value) =>
      line([scale(value), 0], [scale(value), bottom], value === 1 ? {} : { stroke: '#ddd' }) +
      label(scale(value), bottom + 16, `${value}×`, { 'text-anchor': 'middle' }),
  );
  const bars = shown.map((verdict, at) => ratioBar(verdict, at * rowHeight + 8, scale));
  return { height: bottom + 50, content: ticks.join('') + bars.join('') };
}

function ratioBar({ row, ratio = 1, isMet }: Verdict, y: number, scale: Scale): string {
  const from = Math.min(scale(1), scale(ratio));
  const bar = {
    x: Math.round(from),
    y,
    width: Math.max(1, Math.round(Math.abs(scale(ratio) - scale(1)))),
    height: rowHeight - 8,
    fill: isMet === undefined ? '#999' : isMet ? '#2a9d63' : '#d1495b',
  };
  const goal = row.target?.kind === 'timesBest' ? scale(row.target.factor) : undefined;
  const tick =
    goal === undefined ? '' : line([goal, y - 3], [goal, y + rowHeight - 5], { stroke: '#000' });
  const words = `${ratio.toFixed(2)}×  ${targetText(row.target)}`;
  return [
    label(left - 10, y + 10, row.label, { 'text-anchor': 'end' }),
    element('rect', bar),
    tick,
    label(right + 12, y + 10, words),
  ].join('');
}

interface Series {
  readonly name: string;
  readonly colour: string;
  readonly dashes?: string;
  readonly points: readonly Point[];
}

function growthCharts(trials: readonly Trial[], makes: readonly Make[], results: Results): Part[] {
  const measured = makes.map((make) => ({ make, points: growthPoints(trials, results, make) }));
  const series = (figure: 'coldUsPerPath' | 'warmUsPerPath' | 'bytesPerPath'): Series[] =>
    measured
      .filter(({ points }) => points.length > 1)
      .map(({ make, points }) => ({
        name: make,
        colour: colours[make],
        points: points.map((point) => [point.paths, point[figure]]),
      }));
  return [
    ...chart('CPU µs per path, loaded into an empty daemon', 'paths', series('coldUsPerPath')),
    ...chart('CPU µs per path, announced again', 'paths', series('warmUsPerPath')),
    ...chart('bytes per path, over the empty daemon', 'paths', series('bytesPerPath')),
  ];
}

function fanOutChart(trials: readonly Trial[], makes: readonly Make[], results: Results): Part[] {
  const series = makes.flatMap((make): Series[] => {
    const points = fanOutPoints(trials, results, make);
    if (points.length < 2) return [];
    const user: Point[] = points.map(({ routers, userUsPerUpdate }) => [routers, userUsPerUpdate]);
    const all: Point[] = points.map(({ routers, userUsPerUpdate, systemUsPerUpdate }) => [
      routers,
      userUsPerUpdate + systemUsPerUpdate,
    ]);
    const colour = colours[make];
    return [
      { name: `${make}, with system`, colour, points: all },
      { name: `${make}, user`, colour, dashes: '4 3', points: user },
    ];
  });
  return chart('CPU µs per change of a best route', 'routers', series);
}

/** Lines over a logarithmic x axis; nothing if there are no points. */
function chart(words: string, unit: string, series: readonly Series[]): Part[] {
  if (series.length === 0) return [];
  const all = series.flatMap(({ points }) => points);
  const sizes = [...new Set(all.map(([size]) => size))].sort((a, b) => a - b);
  const top = Math.max(...all.map(([, value]) => value)) * 1.1;
  const x = logScale(sizes[0], sizes[sizes.length - 1], 90, right - 40);
  const y = linearScale(top, chartHeight, 30);
  const grid = [0, 0.25, 0.5, 0.75, 1].map((share) => {
    const value = share * top;
    const place = y(value);
    return (
      line([90, place], [right - 40, place], { stroke: '#ddd' }) +
      label(80, place + 4, value < 10 ? value.toFixed(1) : `${Math.round(value)}`, {
        'text-anchor': 'end',
      })
    );
  });
  const axis = sizes.map((size) =>
    label(x(size), chartHeight + 18, `${size}`, { 'text-anchor': 'middle' }),
  );
  const lines = series.map(({ points, colour, dashes }) =>
    path(
      points.map(([size, value]) => [x(size), y(value)]),
      colour,
      dashes,
    ),
  );
  const legend = series.map(({ name, colour }, at) =>
    label(right - 20, 40 + 16 * at, name, { fill: colour }),
  );
  const head = label(20, 14, `${words}, against ${unit}`, { 'font-size': 14 });
  return [
    { height: chartHeight + 50, content: [head, ...grid, ...axis, ...lines, ...legend].join('') },
  ];
}
