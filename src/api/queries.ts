/**
 * How the outside reads the daemon: plain snapshots, made when asked for. The shapes are the API's JSON; what is
 * absent is left out.
 */
import type { FamilyName } from '#wire/constants.ts';
import type { BfdListView } from './bfd.ts';
import type { Work } from './changes.ts';
import type { CoherenceView } from './coherence.ts';
import type { ConfigHistoryView } from './config-history.ts';
import type { DoctorItem } from './doctor.ts';
import type { DrainView, NodeEffectView } from './drain.ts';
import type { EventView } from './event-view.ts';
import type { EventKind } from './events.ts';
import type { Explanation } from './explain.ts';
import type { FailoverCauseView, FailoverView } from './failover.ts';
import type { MetricsView } from './metrics.ts';
import type { DomainName, Lookup, PeerTable } from './names.ts';
import type { PathView } from './path.ts';
import type { PeerView } from './peer.ts';
import type { RpkiView } from './rpki.ts';
import type { ServiceAddressView, ServiceView } from './service.ts';
import type { ReadyView, StatusView } from './status.ts';
import type { TroubleView } from './trouble.ts';

export interface Page<Item> {
  items: Item[];
  /** Opaque; stable under change. */
  next_cursor?: string;
  rib_version: number;
}

export interface PageRequest {
  /** 1..1000 */
  limit: number;
  cursor?: string;
}

export interface RouteQuery {
  prefix?: string;
  lookup?: Lookup;
  peer?: string;
  /** Of either kind. */
  community?: string;
  large_community?: string;
  /** An AS number that stands anywhere in AS_PATH. */
  as?: number;
  best?: boolean;
  family?: FamilyName;
}

/** What is asked of the history; what is absent does not matter. */
export interface EventQuery {
  /** RFC 3339, or a duration before now: `2h`. */
  since?: string;
  until?: string;
  /** Name or address. */
  peer?: string;
  prefix?: string;
  service?: string;
  kind?: EventKind;
}

/** As `EventQuery`, of failovers. */
export interface FailoverQuery extends Omit<EventQuery, 'kind'> {
  /** What came of each cause, in place of each address. */
  group?: 'cause';
}

/** Newest first. */
export interface FailoverPage {
  items: (FailoverView | FailoverCauseView)[];
  next_cursor?: string;
  incomplete?: string;
}

/** Newest first. */
export interface EventPage {
  items: EventView[];
  /** Opaque; stable under change. */
  next_cursor?: string;
  /** The history cannot be read, and why: what is older is missing. */
  incomplete?: string;
}

/** Read side. `undefined` for an unknown peer or prefix; a bad argument throws `QueryError`. */
export interface Queries {
  status(): StatusView;
  ready(): ReadyView;
  /** There may be 1,000: made in slices, as all that may be long. */
  peers(): Work<PeerView[]>;
  peerNames(): string[];
  peer(nameOrAddress: string): PeerView | undefined;
  /** The name that was probably meant by one that no peer has. */
  nearestPeer(name: string): string | undefined;
  /** May give fewer than asked for, with a cursor, rather than keep BGP waiting; so may `peerRoutes`. */
  routes(query: RouteQuery, page: PageRequest): Page<PathView>;
  peerRoutes(peer: string, table: PeerTable, page: PageRequest): Page<PathView> | undefined;
  /** The refused paths of all peers; in pages as `routes`. */
  rejected(family: FamilyName | undefined, page: PageRequest): Page<PathView>;
  explain(prefix: string, peer?: string): Explanation | undefined;
  bfd(): BfdListView;
  rpki(): RpkiView;
  /** There may be 100,000 addresses. */
  services(): Work<ServiceView[]>;
  /** The addresses of services that have series of their own in the metrics: a few hundred at most. */
  serviceSeries(): ServiceAddressView[];
  serviceNames(): string[];
  service(name: string): ServiceView | undefined;
  coherence(): Work<CoherenceView>;
  /** What happened; rejects with a `QueryError` for a bad time or prefix. */
  events(query: EventQuery, page: PageRequest): Promise<EventPage>;
  failovers(query: FailoverQuery, page: PageRequest): Promise<FailoverPage>;
  /** What is wrong now; `since`: from when on changes of operators are listed. Rejects with a `QueryError` for a bad time. */
  trouble(since: string): Promise<TroubleView>;
  /** What is wrong with a peer, or with all of it; errors first. Nothing of an unknown peer. */
  doctor(peer: string | undefined): Work<DoctorItem[]>;
  /** Whether each has taken effect is found out in slices. */
  drains(): Work<DrainView[]>;
  /** `undefined` for an unknown id. */
  drainOf(id: string): Work<DrainView> | undefined;
  /** Whether routers still use the node, drained or not; throws a `QueryError` for an unknown one. */
  nodeEffect(node: string): Work<NodeEffectView>;
  /** The nodes that a drain would cover or covers; throws a `QueryError` for a name that no peer has. */
  nodesOf(kind: DomainName, name: string): string[];
  /** The configurations that ran, newest first. */
  configHistory(): ConfigHistoryView;
  /** The running configuration, secrets masked. */
  config(): unknown;
  /** Changes with boot, configuration and RIB: the ETag of routes. */
  version(): string;
  metrics(): Work<MetricsView>;
}

/** A request that cannot be met because of its own words; `kind` is stable, the text is for people. */
export class QueryError extends Error {
  readonly kind:
    | 'bad_prefix'
    | 'bad_cursor'
    | 'bad_time'
    | 'bad_community'
    | 'unknown_config'
    | 'unknown_peer'
    | 'unknown_node'
    | 'unknown_site'
    | 'unknown_rack';
  constructor(kind: QueryError['kind'], message: string) {
    super(message);
    this.kind = kind;
  }
}
