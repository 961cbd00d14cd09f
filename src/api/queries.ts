/**
 * How clients read the daemon: plain snapshots, made when they are requested. The shapes are the API's JSON; what does
 * not apply is left out.
 */
import type { FamilyName } from '#wire/constants.ts';
import type { CauseKind } from './events/causes.ts';
import type { EventView } from './events/event-view.ts';
import type { EventKind } from './events/events.ts';
import type { FailoverCauseView, FailoverView } from './events/failover.ts';
import type { DomainName, Lookup, PeerTable } from './names.ts';

import type { BfdListView } from './views/bfd.ts';
import type { BmpView } from './views/bmp.ts';
import type { CoherenceView } from './views/coherence.ts';
import type { ConfigHistoryView } from './views/config-history.ts';
import type { DoctorItem } from './views/doctor.ts';
import type { DrainView, NodeEffectView } from './views/drain.ts';
import type { Explanation } from './views/explain.ts';
import type { MetricsView } from './views/metrics.ts';
import type { PathView } from './views/path.ts';
import type { PeerView, SourceView } from './views/peer.ts';
import type { RpkiView } from './views/rpki.ts';
import type {
  ServiceAddressView,
  ServiceRows,
  ServiceRowsRequest,
  ServiceView,
} from './views/service.ts';
import type { ReadyView, StatusView } from './views/status.ts';
import type { TroubleView } from './views/trouble.ts';

/** Work in slices of a few milliseconds; the daemon does its own work in between. */
export type Work<Value> = Generator<void, Value>;

export interface Page<Item> {
  items: Item[];
  /** Opaque; stays valid while routes change. */
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
  /** A community of either kind. */
  community?: string;
  large_community?: string;
  /** An AS number anywhere in AS_PATH. */
  as?: number;
  best?: boolean;
  family?: FamilyName;
}

/** Something that has a name: a part of the network, or an address of a service, as the API writes it. */
export interface Meant {
  kind: DomainName | 'service' | 'address';
  name: string;
}

/** What to look for in the history; absent fields match everything. */
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

/** As `EventQuery`, for failovers. */
export interface FailoverQuery extends Omit<EventQuery, 'kind'> {
  /** Returns one item per cause instead of one per address. */
  group?: 'cause';
  /** The kind of the cause. */
  kind?: CauseKind;
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
  /** Opaque; stays valid while routes change. */
  next_cursor?: string;
  /** Why the history cannot be read; older events are missing then. */
  incomplete?: string;
}

/**
 * The read side of the API. Methods return `undefined` for an unknown peer or prefix, and throw a `QueryError` for a
 * bad argument.
 */
export interface Queries {
  status(): StatusView;
  ready(): ReadyView;
  /** There may be 1,000 peers, so the list is made in slices, like everything that may be long. */
  peers(): Work<PeerView[]>;
  peerNames(): string[];
  /** Returns the peers that may announce anything. */
  sources(): SourceView[];
  peer(nameOrAddress: string): PeerView | undefined;
  /** Returns the name that was probably meant by a name that no peer has. */
  nearestPeer(name: string): string | undefined;
  /** Returns the names and the addresses of services that were probably meant by a text, three at most. */
  meantBy(text: string): Work<Meant[]>;
  /** May return fewer items than requested, with a cursor, rather than delay BGP; so may `peerRoutes`. */
  routes(query: RouteQuery, page: PageRequest): Page<PathView>;
  peerRoutes(peer: string, table: PeerTable, page: PageRequest): Page<PathView> | undefined;
  /** Returns the refused paths of all peers, in pages as `routes` does. */
  rejected(family: FamilyName | undefined, page: PageRequest): Page<PathView>;
  explain(prefix: string, peer?: string): Explanation | undefined;
  bfd(): BfdListView;
  rpki(): RpkiView;
  bmp(): BmpView;
  /** There may be 100,000 addresses. */
  services(): Work<ServiceView[]>;
  /** Returns a few addresses out of all that there may be, and counts the others. */
  serviceRows(request: ServiceRowsRequest): Work<ServiceRows>;
  /** Returns the address of a service by its prefix, as the API writes it. */
  serviceAddress(prefix: string): ServiceAddressView | undefined;
  /** Returns the addresses of services that have metrics series of their own: a few hundred at most. */
  serviceSeries(): ServiceAddressView[];
  serviceNames(): string[];
  service(name: string): ServiceView | undefined;
  coherence(): Work<CoherenceView>;
  /** Returns what happened. Rejects with a `QueryError` for a bad time or prefix. */
  events(query: EventQuery, page: PageRequest): Promise<EventPage>;
  failovers(query: FailoverQuery, page: PageRequest): Promise<FailoverPage>;
  /**
   * Returns what is wrong now. Changes made by operators are listed from `since` on. Rejects with a `QueryError` for a
   * bad time.
   */
  trouble(since: string): Promise<TroubleView>;
  /** Returns what is wrong with a peer, or with everything, errors first. Empty for an unknown peer. */
  doctor(peer: string | undefined): Work<DoctorItem[]>;
  /** Whether each drain has taken effect is determined in slices. */
  drains(): Work<DrainView[]>;
  /** `undefined` for an unknown id. */
  drainOf(id: string): Work<DrainView> | undefined;
  /**
   * Returns whether routers still use the node, whether it is drained or not. Throws a `QueryError` for an unknown one.
   */
  nodeEffect(node: string): Work<NodeEffectView>;
  /**
   * Returns the nodes that a drain covers or would cover. Throws a `QueryError` for a name that neither a drain nor a
   * peer has.
   */
  nodesOf(kind: DomainName, name: string): string[];
  /** Returns the configurations that ran, newest first. */
  configHistory(): ConfigHistoryView;
  /** Returns the running configuration with secrets masked. */
  config(): unknown;
  /** Returns the ETag of routes, which changes with each start, configuration and change of the RIB. */
  version(): string;
  metrics(): Work<MetricsView>;
}

/** A request that cannot be answered because of its own arguments. `kind` is stable, the text is for people. */
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
