import type { Queries, Work } from '#api/queries.ts';
import type { HistogramView, MetricsView, PeerMetricsView } from '#api/views/metrics.ts';
import type { ServiceAddressView } from '#api/views/service.ts';
import type { StatusView } from '#api/views/status.ts';
import type { Clock } from '#clock.ts';
import type { FamilyName } from '#wire/constants.ts';

/** What a page is made from. */
export interface MetricsParts {
  readonly queries: Queries;
  readonly clock: Pick<Clock, 'wall'>;
  /** Returns how many clients read the event stream now. */
  readonly sseClients: () => number;
  /** The commit from which the program was built. */
  readonly revision?: string;
}

/** Everything that the rows read, collected within a few turns of the event loop. */
export interface Scrape {
  readonly view: MetricsView;
  readonly status: StatusView;
  readonly peers: readonly ScrapedPeer[];
  readonly services: readonly ServiceAddressView[];
  readonly sseClients: number;
  readonly revision: string;
  /** Unix milliseconds. */
  readonly wallMs: number;
}

export interface ScrapedPeer {
  readonly counted: PeerMetricsView;
  /** Labels: which peer it is, and with its kind in addition. */
  readonly identity: Labels;
  readonly common: Labels;
}

export function* scrapeOf({
  queries,
  clock,
  sseClients,
  revision = 'unknown',
}: MetricsParts): Work<Scrape> {
  const view = yield* queries.metrics();
  return {
    view,
    status: queries.status(),
    peers: view.peers.map(scrapedPeer),
    services: queries.serviceSeries(),
    sseClients: sseClients(),
    revision,
    wallMs: clock.wall(),
  };
}

function scrapedPeer(counted: PeerMetricsView): ScrapedPeer {
  const { name, address, peer_as: peerAs = '', group = '', kind } = counted.view;
  const identity = { peer: name, peer_address: address, peer_as: peerAs, peer_group: group };
  return { counted, identity, common: { ...identity, kind } };
}

/** A metric whose value the core counts: its name, its type and how it is read. */
export interface Row {
  readonly name: string;
  readonly type: 'gauge' | 'counter' | 'histogram';
  readonly help: string;
  samples(scrape: Scrape): Iterable<Sample>;
}

export type Labels = Readonly<Record<string, string | number>>;

/** A sample of one metric; `suffix` is that of a part of a histogram. */
export interface Sample {
  readonly labels: Labels;
  readonly value: number;
  readonly suffix?: '_bucket' | '_sum' | '_count';
}

/** A value and its labels, in addition to those of its peer or family. */
export type Value = readonly [own: Labels, value: number];

export function one(
  type: 'gauge' | 'counter',
  name: string,
  help: string,
  values: (scrape: Scrape) => readonly Value[],
): Row {
  return {
    name: `fingerpost_${name}`,
    type,
    help,
    *samples(scrape) {
      for (const [labels, value] of values(scrape)) yield { labels, value };
    },
  };
}

export function perPeer(
  type: 'gauge' | 'counter',
  name: string,
  help: string,
  values: (peer: PeerMetricsView) => readonly Value[],
): Row {
  return {
    name: `fingerpost_peer_${name}`,
    type,
    help,
    *samples(scrape) {
      for (const { common, identity, counted } of scrape.peers) {
        for (const [own, value] of values(counted)) {
          // A metric may have a label `kind` of its own, which replaces the kind of the peer.
          const peer = 'kind' in own ? identity : common;
          yield { labels: { ...peer, ...own }, value };
        }
      }
    },
  };
}

export function perFamily(
  type: 'gauge' | 'counter',
  name: string,
  help: string,
  value: (family: MetricsView['families'][number]) => number,
): Row {
  return one(type, `rib_${name}`, help, ({ view }) =>
    view.families.map((family) => [familyLabels(family.family), value(family)]),
  );
}

export function histogram(
  name: string,
  help: string,
  samples: (view: MetricsView) => Iterable<Sample>,
): Row {
  return {
    name: `fingerpost_${name}`,
    type: 'histogram',
    help,
    samples: (scrape) => samples(scrape.view),
  };
}

export function familyLabels(family: FamilyName): { afi: string; safi: string } {
  return family === 'ipv4_unicast'
    ? { afi: 'ipv4', safi: 'unicast' }
    : { afi: 'ipv6', safi: 'unicast' };
}

/** Returns 1 for true and 0 for false. */
export function bit(truth: boolean): number {
  return truth ? 1 : 0;
}

/** Returns the value if there is one. A series that is absent means "not known", whereas 0 would mean "at 0". */
export function known(own: Value[0], value: number | undefined): Value[] {
  return value === undefined ? [] : [[own, value]];
}

/** Yields the buckets of a histogram, which are cumulative already, then its sum and its count. */
export function* histogramSamples(view: HistogramView, common: Labels = {}): Generator<Sample> {
  const total = view.counts.at(-1) ?? 0;
  for (const [index, le] of view.bounds.entries()) {
    yield { suffix: '_bucket', labels: { ...common, le }, value: view.counts[index] };
  }
  yield { suffix: '_bucket', labels: { ...common, le: '+Inf' }, value: total };
  yield { suffix: '_sum', labels: common, value: view.sum };
  yield { suffix: '_count', labels: common, value: total };
}
