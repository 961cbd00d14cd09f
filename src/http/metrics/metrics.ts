import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { Turns } from '../answers/turns.ts';
import { finished } from '../answers/work.ts';
import { birdMetricRows } from './bird-metric-rows.ts';
import { type MetricsParts, type Row, type Sample, scrapeOf } from './metric-row.ts';
import { metricRows } from './metric-rows.ts';

/** The pages that Prometheus reads; there is one of each for all listeners of a daemon. */
export interface Metrics {
  /** Makes the page in slices of some samples; requests that overlap get the same page. */
  page(): Promise<Buffer>;
  /** The same state under the names of bird_exporter. */
  birdPage(): Promise<Buffer>;
  readonly contentType: string;
  observeRequest(method: string, route: string, code: number, seconds: number): void;
}

/**
 * Gauges to which prom-client gives names in `_total`, which `promtool check metrics` refuses; their twins without the
 * suffix stay.
 */
const misnamed = [
  'nodejs_active_handles_total',
  'nodejs_active_requests_total',
  'nodejs_active_resources_total',
];

export function createMetrics(parts: MetricsParts & { readonly turns: Turns }): Metrics {
  const register = new Registry();
  const page = pageOf(metricRows, parts, register);
  // Every 10 ms, as is its default, would be three quarters of what an idle daemon uses.
  collectDefaultMetrics({ register, eventLoopMonitoringPrecision: 100 });
  for (const name of misnamed) register.removeSingleMetric(name);
  const requests = new Histogram({
    name: 'fingerpost_http_request_duration_seconds',
    help: 'Time from a request to the end of its response; the event stream is not counted.',
    labelNames: ['method', 'route', 'code'],
    buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
    registers: [register],
  });
  return {
    page,
    birdPage: pageOf(birdMetricRows, parts),
    contentType: register.contentType,
    observeRequest: (method, route, code, seconds) => {
      requests.observe({ method, route, code }, seconds);
    },
  };
}

/** Returns a function that makes a page of the rows, all read from one scrape, and of the other metrics that exist. */
function pageOf(
  rows: readonly Row[],
  parts: MetricsParts & { readonly turns: Turns },
  others?: Registry,
): () => Promise<Buffer> {
  const make = async (): Promise<Buffer> => {
    const scrape = await finished(parts.turns, scrapeOf(parts));
    const texts: Buffer[] = [];
    for (const row of rows) {
      for await (const text of printed(row, row.samples(scrape))) {
        texts.push(Buffer.from(text));
        await parts.turns.next();
      }
      texts.push(betweenMetrics);
    }
    if (others !== undefined) texts.push(Buffer.from(await others.metrics()));
    return Buffer.concat(texts);
  };
  let inFlight: Promise<Buffer> | undefined;
  return () => {
    inFlight ??= make().finally(() => {
      inFlight = undefined;
    });
    return inFlight;
  };
}

const betweenMetrics = Buffer.from('\n');
/** Samples that are printed at a time, which takes about a millisecond. */
const stepSamples = 250;
const classes = { gauge: Gauge, counter: Counter, histogram: Histogram };

/**
 * A metric whose values are read when the page is made: the core counts them in plain fields, and the library prints
 * them, some at a time. The library keeps no series, so what has been removed leaves none behind.
 */
async function* printed(
  { name, help, type }: Row,
  samples: Iterable<Sample>,
): AsyncGenerator<string> {
  const register = new Registry();
  const metric = new classes[type]({ name, help, registers: [register] });
  let values: object[] = [];
  const get = async () => ({ name, help, type, values });
  Object.assign(metric, { get, getForPromString: get });
  const take = async (): Promise<string> => {
    const text = await register.getSingleMetricAsString(name);
    values = [];
    return `${text}\n`;
  };
  let isFirst = true;
  for (const { labels, value, suffix = '' } of samples) {
    values.push({ metricName: `${name}${suffix}`, labels, value });
    if (values.length < stepSamples) continue;
    yield withoutHead(await take(), isFirst);
    isFirst = false;
  }
  if (isFirst || values.length > 0) yield withoutHead(await take(), isFirst);
}

/** Help and type are printed above the first samples only. */
function withoutHead(text: string, isFirst: boolean): string {
  return isFirst ? text : text.split('\n').slice(2).join('\n');
}
