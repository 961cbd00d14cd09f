import type { DomainName, PeerTable } from '#api/names.ts';
import type {
  EventPage,
  EventQuery,
  FailoverPage,
  FailoverQuery,
  Meant,
  Page,
  PageRequest,
  Queries,
  RouteQuery,
  Work,
} from '#api/queries.ts';
import type { BfdListView } from '#api/views/bfd.ts';
import type { BmpView } from '#api/views/bmp.ts';
import type { CoherenceView } from '#api/views/coherence.ts';
import type { ConfigHistoryView } from '#api/views/config-history.ts';
import type { DoctorItem } from '#api/views/doctor.ts';
import type { DrainView, NodeEffectView } from '#api/views/drain.ts';
import type { Explanation } from '#api/views/explain.ts';
import type { MetricsView } from '#api/views/metrics.ts';
import type { PathView } from '#api/views/path.ts';
import type { PeerView, SourceView } from '#api/views/peer.ts';
import type { RpkiView } from '#api/views/rpki.ts';
import type {
  ServiceAddressView,
  ServiceRows,
  ServiceRowsRequest,
  ServiceView,
} from '#api/views/service.ts';
import type { ReadyView, StatusView } from '#api/views/status.ts';
import type { TroubleView } from '#api/views/trouble.ts';
import { timestamp, wallTime } from '#clock.ts';
import { withoutEffect } from '#config/without-effect.ts';
import { interfaceAddresses } from '#os/interfaces.ts';
import type { FamilyView } from '#rib/view.ts';
import { nearest } from '#text/nearest.ts';
import { formatPrefix } from '#text/prefix.ts';
import type { FamilyName } from '#wire/constants.ts';
import { domainsOf } from '../changes/domains.ts';
import type { Reloads } from '../changes/reloads.ts';
import type { Daemon } from '../daemon.ts';
import { bySeverity, diagnosePeer, diagnoseSite } from '../doctor/doctor.ts';
import type { PeerFacts, SiteFacts } from '../doctor/facts.ts';
import { factsOf, rivalsOf, surroundingsOf } from '../doctor/gather.ts';
import { inSlices } from '../in-slices.ts';
import { ValidityViews } from '../rpki/validity-views.ts';
import { historyView, keptView } from './config-views.ts';
import { DrainViews } from './drain-views.ts';
import { ExplainViews } from './explain-views.ts';
import { lastServed } from './last-served.ts';
import { meantBy } from './meant.ts';
import { MetricsViews } from './metrics-views.ts';
import { ObservedViews } from './observed-views.ts';
import { PathViews } from './path-views.ts';
import { PeerViews } from './peer-views.ts';
import { recordedEvents, recordedFailovers } from './record-queries.ts';
import { prefixIn, RibQueries } from './rib-queries.ts';
import { ServiceViews } from './service-views.ts';
import { TroubleViews } from './trouble/trouble-views.ts';

/** For how long a time in which the daemon did not run is a finding. */
const stallShownMs = 60 * 60 * 1000;

/** The daemon as HTTP sees it. */
export class DaemonQueries implements Queries {
  private readonly daemon: Daemon;
  private readonly reloads: Pick<Reloads, 'confirmBy'>;
  private readonly peerViews: PeerViews;
  private readonly ribQueries: RibQueries;
  private readonly serviceViews: ServiceViews;
  private readonly drainViews: DrainViews;
  private readonly troubleViews: TroubleViews;
  private readonly metricsViews: MetricsViews;

  constructor(daemon: Daemon, reloads: Pick<Reloads, 'confirmBy'>) {
    const { rib, view, clock, peers, services } = daemon;
    this.daemon = daemon;
    this.reloads = reloads;
    this.peerViews = new PeerViews(view, clock, (name) => daemon.bfd.view(name));
    this.drainViews = new DrainViews(daemon);
    this.troubleViews = new TroubleViews(daemon, reloads);
    this.metricsViews = new MetricsViews(daemon, reloads, this.peerViews, this.drainViews);
    this.serviceViews = new ServiceViews(peers, services.addresses, services.audits);
    const pathViews = new PathViews(view, clock, (id) => peers.withId(id));
    const validity = new ValidityViews(daemon.rpki.data, () => ({
      origins: daemon.config.rpki !== undefined,
      paths: daemon.config.rpki?.aspa === true,
    }));
    const explains = new ExplainViews(rib, view, peers, pathViews, validity);
    const observed = new ObservedViews(daemon.observed.view, clock, peers);
    this.ribQueries = new RibQueries(
      view,
      peers,
      pathViews,
      this.peerViews,
      explains,
      observed,
      () => clock.monotonic(),
    );
  }

  status(): StatusView {
    const { config, clock, view, peers, startedMs } = this.daemon;
    const { file, hash } = config;
    const { ready, reasons, degraded } = this.ready();
    const sum = (of: (family: FamilyView) => number): number =>
      view.families.reduce((total, family) => total + of(family), 0);
    const unused = withoutEffect(config);
    const { confirmBy } = this.reloads;
    const historyFailure = this.daemon.journal.keptHistory?.failure;
    return {
      version: this.daemon.version,
      router_id: config.routerIdText,
      local_as: config.localAs,
      started_at: this.daemon.startedAt,
      uptime_s: Math.floor((clock.monotonic() - startedMs) / 1000),
      ready,
      ...(!ready && { not_ready: reasons }),
      ...(degraded !== undefined && { degraded }),
      config: {
        file,
        hash,
        loaded_at: timestamp(this.daemon.configuration.loadedWallMs),
        last_reload_ok: this.daemon.configuration.lastReloadOk,
        ...(confirmBy !== undefined && { confirm_by: confirmBy }),
        ...keptView(this.daemon.kept),
      },
      peers: {
        configured: [...peers].filter(({ config: { range }, isUp }) => range === undefined || isUp)
          .length,
        established: [...peers].filter(({ session }) => session.state === 'Established').length,
      },
      rib: {
        version: view.version,
        prefixes: sum(({ prefixCount }) => prefixCount),
        paths: sum(({ pathCount }) => pathCount),
      },
      listening: this.daemon.listener.addresses,
      ...(historyFailure !== undefined && { history_failure: historyFailure }),
      unknown_sources: this.daemon.incoming.unknown,
      ...(unused.length > 0 && { without_effect: unused }),
    };
  }

  ready(): ReadyView {
    return this.daemon.readiness.view();
  }

  peers(): Work<PeerView[]> {
    return inSlices(this.daemon.clock, this.ribQueries.peers());
  }

  peerNames(): string[] {
    return this.ribQueries.peerNames();
  }

  sources(): SourceView[] {
    return this.ribQueries.sources();
  }

  peer(nameOrAddress: string): PeerView | undefined {
    return this.ribQueries.peer(nameOrAddress);
  }

  nearestPeer(name: string): string | undefined {
    return nearest(
      name,
      Array.from(this.daemon.peers, (peer) => peer.name),
    );
  }

  meantBy(text: string): Work<Meant[]> {
    return inSlices(this.daemon.clock, meantBy(text, this.named()));
  }

  private *named(): Generator<Meant> {
    for (const name of this.peerNames()) yield { kind: 'peer', name };
    for (const kind of ['node', 'site', 'rack'] as const) {
      for (const name of domainsOf(this.daemon.peers, kind)) yield { kind, name };
    }
    for (const name of this.serviceNames()) yield { kind: 'service', name };
    for (const { text } of this.daemon.services.addresses.all()) {
      yield { kind: 'address', name: text };
    }
  }

  routes(query: RouteQuery, page: PageRequest): Page<PathView> {
    return this.ribQueries.routes(query, page);
  }

  peerRoutes(peer: string, table: PeerTable, page: PageRequest): Page<PathView> | undefined {
    return this.ribQueries.peerRoutes(peer, table, page);
  }

  rejected(family: FamilyName | undefined, page: PageRequest): Page<PathView> {
    return this.ribQueries.rejected(family, page);
  }

  /** A dark address of a service is answered for itself, although a shorter prefix may cover it. */
  explain(prefix: string, peer?: string): Explanation | undefined {
    const found = this.ribQueries.explain(prefix, peer);
    const asked = formatPrefix(prefixIn(prefix));
    const { services, clock } = this.daemon;
    for (const text of [asked, found?.prefix ?? asked]) {
      const last = lastServed(services.addresses, clock, text);
      if (last === undefined) continue;
      const about = found?.prefix === text ? found : { prefix: text, candidates: [], exports: [] };
      return { ...about, last_served: last };
    }
    return found;
  }

  bfd(): BfdListView {
    return this.daemon.bfd.list();
  }

  rpki(): RpkiView {
    return this.daemon.rpki.view();
  }

  bmp(): BmpView {
    return this.daemon.bmp.view();
  }

  serviceRows(request: ServiceRowsRequest): Work<ServiceRows> {
    const { clock, config, services } = this.daemon;
    const stateOf = services.states.stateOf.bind(services.states);
    return inSlices(clock, this.serviceViews.rows(config.services, request, stateOf));
  }

  serviceAddress(prefix: string): ServiceAddressView | undefined {
    return this.serviceViews.addressOf(prefix);
  }

  serviceSeries(): ServiceAddressView[] {
    return this.serviceViews.withSeries();
  }

  *services(): Work<ServiceView[]> {
    const services: ServiceView[] = [];
    for (const service of this.daemon.config.services) {
      services.push(
        yield* inSlices(this.daemon.clock, this.serviceViews.serviceByAddress(service)),
      );
    }
    return services;
  }

  serviceNames(): string[] {
    return this.daemon.config.services.map(({ name }) => name);
  }

  service(name: string): ServiceView | undefined {
    const service = this.daemon.config.services.find((row) => row.name === name);
    return service === undefined ? undefined : this.serviceViews.service(service);
  }

  coherence(): Work<CoherenceView> {
    return inSlices(this.daemon.clock, this.daemon.coherence.view());
  }

  trouble(since: string): Promise<TroubleView> {
    return this.troubleViews.view(since);
  }

  doctor(name: string | undefined): Work<DoctorItem[]> {
    return inSlices(this.daemon.clock, this.diagnoses(name));
  }

  private *diagnoses(name: string | undefined): Generator<void, DoctorItem[]> {
    const { config, peers, rpki, journal, stalls, clock } = this.daemon;
    const historyFailure = journal.keptHistory?.failure;
    const stall = stalls.since(clock.monotonic() - stallShownMs);
    const known: PeerFacts[] = [];
    for (const peer of peers) {
      if (peer.isStranger) continue;
      known.push(yield* factsOf(peer, this.peerViews, this.ribQueries));
    }
    const site: SiteFacts = {
      config,
      routerId: config.routerIdText,
      peers: known,
      rivals: yield* rivalsOf(known),
      rpki: rpki.troubles(),
      ...(historyFailure !== undefined && { historyFailure }),
      ...(stall !== undefined && {
        stall: { text: stall.text, until: wallTime(clock, stall.untilMs) },
      }),
    };
    const wanted = name === undefined ? undefined : peers.find(name)?.name;
    const around = surroundingsOf(known);
    const items: DoctorItem[] = [];
    for (const peer of known) {
      if (name !== undefined && peer.view.name !== wanted) continue;
      items.push(...diagnosePeer(peer, around));
      yield;
    }
    const networks = interfaceAddresses().map(({ text, lengthBits }) => `${text}/${lengthBits}`);
    if (name === undefined) items.push(...(yield* diagnoseSite(site, networks)));
    return bySeverity(items);
  }

  drains(): Work<DrainView[]> {
    return this.drainViews.all();
  }

  drainOf(id: string): Work<DrainView> | undefined {
    return this.drainViews.one(id);
  }

  nodeEffect(node: string): Work<NodeEffectView> {
    return this.drainViews.ofNode(node);
  }

  nodesOf(kind: DomainName, name: string): string[] {
    return this.drainViews.nodesOf(kind, name);
  }

  events(query: EventQuery, page: PageRequest): Promise<EventPage> {
    return recordedEvents(this.daemon, query, page);
  }

  failovers(query: FailoverQuery, page: PageRequest): Promise<FailoverPage> {
    return recordedFailovers(this.daemon, query, page);
  }

  configHistory(): ConfigHistoryView {
    return historyView(this.daemon.kept);
  }

  config(): unknown {
    return this.daemon.config.asWritten;
  }

  version(): string {
    const { startedWallMs, config, rib } = this.daemon;
    return `${startedWallMs.toString(36)}-${config.hash}-${rib.version}`;
  }

  metrics(): Work<MetricsView> {
    return inSlices(this.daemon.clock, this.metricsViews.all());
  }
}
