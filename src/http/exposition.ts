import type { HistogramView } from '../watch.ts';

/**
 * Prometheus text format 0.0.4 for what the core counts in plain fields. Written here rather than by
 * the client library, which can neither take over a histogram counted elsewhere nor print ten
 * thousand series without hashing each one's labels.
 */

/** Of one metric; `suffix` is of a histogram's parts. */
export interface Sample {
  /** Made by `labels`; may be empty. */
  readonly labels: string;
  readonly value: number;
  readonly suffix?: '_bucket' | '_sum' | '_count';
}

export interface Metric {
  readonly name: string;
  readonly type: 'gauge' | 'counter' | 'histogram';
  readonly help: string;
}

/** `peer="W1",direction="in"`: one side of the joint of several, never with braces. */
export function labels(pairs: Readonly<Record<string, string | number>>): string {
  return Object.entries(pairs)
    .map(([name, value]) => `${name}="${escaped(String(value))}"`)
    .join(',');
}

/** Either side may be empty. */
export function joined(left: string, right: string): string {
  return left === '' || right === '' ? left + right : `${left},${right}`;
}

/** A metric with its header, each line ended; a metric without samples still tells its name and type. */
export function exposition(metric: Metric, samples: Iterable<Sample>): string {
  let text = `# HELP ${metric.name} ${metric.help}\n# TYPE ${metric.name} ${metric.type}\n`;
  for (const { labels: inner, value, suffix = '' } of samples) {
    text += `${metric.name}${suffix}${inner === '' ? '' : `{${inner}}`} ${number(value)}\n`;
  }
  return text;
}

/** The buckets of a histogram, cumulative already, its sum and its count. */
export function* histogramSamples(view: HistogramView, common = ''): Generator<Sample> {
  const total = view.counts.at(-1) ?? 0;
  for (const [index, bound] of view.bounds.entries()) {
    const value = view.counts[index];
    yield { suffix: '_bucket', labels: joined(common, labels({ le: bound })), value };
  }
  yield { suffix: '_bucket', labels: joined(common, labels({ le: '+Inf' })), value: total };
  yield { suffix: '_sum', labels: common, value: view.sum };
  yield { suffix: '_count', labels: common, value: total };
}

function escaped(value: string): string {
  return value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
}

function number(value: number): string {
  if (value === Infinity) return '+Inf';
  return value === -Infinity ? '-Inf' : String(value);
}
