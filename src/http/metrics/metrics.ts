import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { Turns } from '../answers/turns.ts';
import { birdMetricRows } from './bird-metric-rows.ts';
import { type MetricsParts, type Row, type Sample, type Scrape, scrapeOf } from './metric-row.ts';
import { metricRows } from './metric-rows.ts';

/** The pages that Prometheus reads; one of each for all listeners of a daemon. */
export interface Metrics {
  /** Made in slices, a metric each; calls that overlap get the same page. */
  page(): Promise<string>;
  /** The same state by the names of bird_exporter. */
  birdPage(): Promise<string>;
  readonly contentType: string;
  observeRequest(method: string, route: string, code: number, seconds: number): void;
}

/** Gauges that prom-client names `_total`, which `promtool check metrics` refuses; their unsuffixed twins stay. */
const misnamed = [
  'nodejs_active_handles_total',
  'nodejs_active_requests_total',
  'nodejs_active_resources_total',
];

export function createMetrics(parts: MetricsParts & { readonly turns: Turns }): Metrics {
  const register = new Registry();
  const page = pageOf(register, metricRows, parts);
  // Every 10 ms, as is its habit, is three quarters of what an idle daemon uses.
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
    birdPage: pageOf(new Registry(), birdMetricRows, parts),
    contentType: register.contentType,
    observeRequest: (method, route, code, seconds) => {
      requests.observe({ method, route, code }, seconds);
    },
  };
}

/** Returns what makes a page of the rows, all read from one scrape, and of whatever else the register has. */
function pageOf(
  register: Registry,
  rows: readonly Row[],
  parts: MetricsParts & { readonly turns: Turns },
): () => Promise<string> {
  let scrape: Scrape | undefined;
  for (const row of rows) {
    mirror(register, row, async () => {
      await parts.turns.next();
      return row.samples((scrape ??= scrapeOf(parts)));
    });
  }
  let inFlight: Promise<string> | undefined;
  return () => {
    inFlight ??= register.metrics().finally(() => {
      inFlight = undefined;
      scrape = undefined;
    });
    return inFlight;
  };
}

const classes = { gauge: Gauge, counter: Counter, histogram: Histogram };

/**
 * A metric whose values are read when the page is made: the core counts them in plain fields, and the
 * library prints them. It keeps no series of its own, so that what has gone leaves none behind.
 */
function mirror(
  register: Registry,
  { name, help, type }: Row,
  read: () => Promise<Iterable<Sample>>,
): void {
  const metric = new classes[type]({ name, help, registers: [register] });
  const get = async () => ({
    name,
    help,
    type,
    values: Array.from(await read(), ({ labels, value, suffix = '' }) => ({
      metricName: `${name}${suffix}`,
      labels,
      value,
    })),
  });
  Object.assign(metric, { get, getForPromString: get });
}
