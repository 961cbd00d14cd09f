/**
 * How the outside watches the daemon: plain snapshots made when asked, and rare events. The shapes
 * are the API's JSON (product.md section 4); what is absent is left out. Nothing here is per UPDATE.
 */

import type { ChangesView, SimulationView, Supposition, Work } from './changes.ts';
import type { MetricsView } from './metrics.ts';

export type FamilyName = 'ipv4_unicast' | 'ipv6_unicast';
export type StateName =
  'idle' | 'connect' | 'active' | 'open_sent' | 'open_confirm' | 'established';
export type PeerKind = 'client' | 'source' | 'observer';

/** RFC 3339 UTC with milliseconds. */
export type Timestamp = string;

export interface PathView {
  prefix: string;
  peer: string;
  node?: string;
  best: boolean;
  /** 1 = best; accepted paths only. */
  rank?: number;
  accepted: boolean;
  reason?: string;
  drained?: boolean;
  /** The peer may no longer stand by it: its session was lost, or it sends everything again. */
  stale?: boolean;
  next_hop: string;
  /** A set is an inner list. */
  as_path: (number | number[])[];
  origin: 'igp' | 'egp' | 'incomplete';
  med?: number;
  local_pref?: number;
  atomic_aggregate?: boolean;
  aggregator?: { asn: number; address: string };
  communities: string[];
  large_communities: string[];
  ext_communities: string[];
  otc?: number;
  unknown_attributes: { type: number; flags: number; value: string }[];
  received_at: Timestamp;
  path_id?: number;
}

export interface PrefixCounts {
  received: number;
  accepted: number;
  rejected: number;
  blocked: number;
  best: number;
  advertised: number;
  /** Of those received: kept for the peer, which has not announced them again (RFC 4724, RFC 7313). Paths. */
  stale: number;
}

/** Routes of a family that have outlived a session (RFC 4724, RFC 9494). */
export interface StaleView {
  /** The peer is awaited; has not come back in time, its routes are the last resort; is back, its End-of-RIB is awaited. */
  stage: 'restarting' | 'long_lived' | 'resynchronizing';
  /** Paths that were not announced again yet. */
  stale: number;
  /** They go then, if nothing happens before. */
  until: Timestamp;
}

export interface LimitView {
  limit: number;
  action: 'block' | 'warning' | 'restart' | 'shutdown';
  used: number;
}

export interface MessageCounts {
  open: number;
  update: number;
  notification: number;
  keepalive: number;
  route_refresh: number;
}

export interface CapabilityView {
  code: number;
  name: string;
  /** Decoded value, shape by capability. */
  value?: unknown;
}

export interface ErrorView {
  at: Timestamp;
  text: string;
  code?: number;
  subcode?: number;
  direction?: 'sent' | 'received';
}

/** What was wrong with an UPDATE of a peer (RFC 7606). */
export interface UpdateErrorView {
  at: Timestamp;
  /** As in `malformed:…`; `update` where it was none of one attribute. */
  attribute: string;
  outcome: UpdateErrorAction;
  text: string;
  /** The path attributes it came with, or the data of our NOTIFICATION, as hex; at most 4096 bytes. */
  bytes: string;
  /** Of all of them. */
  length: number;
  /** How often it came in a row. */
  count: number;
}

export interface PeerView {
  name: string;
  description?: string;
  group?: string;
  address: string;
  /** The peer range that it was made on demand from. */
  range?: string;
  port: number;
  peer_as?: number;
  local_as: number;
  kind: PeerKind;
  state: StateName;
  enabled: boolean;
  disabled?: { since: Timestamp; reason?: string };
  /** Of the present state. */
  since: Timestamp;
  uptime_s: number;
  router_id?: string;
  local_address?: string;
  hold_time_s?: number;
  keepalive_s?: number;
  /** Seconds until the hold timer expires. */
  hold_remaining_s?: number;
  capabilities: { sent: CapabilityView[]; received: CapabilityView[] };
  families: FamilyName[];
  import: string;
  export: string;
  prefixes: PrefixCounts & { per_family: Partial<Record<FamilyName, PrefixCounts>> };
  limit: { accepted?: LimitView; received?: LimitView };
  /** Absent where nothing has outlived a session. */
  graceful_restart?: Partial<Record<FamilyName, StaleView>>;
  messages: { received: MessageCounts; sent: MessageCounts };
  flaps: number;
  last_error?: ErrorView;
  /** What may keep it from coming up, where nothing was said. */
  hints?: string[];
  /** The last 16, newest last; only of one peer that is asked for by name. */
  update_errors?: UpdateErrorView[];
  node?: string;
  site?: string;
  rack?: string;
}

export interface StatusView {
  version: string;
  router_id: string;
  local_as: number;
  started_at: Timestamp;
  uptime_s: number;
  ready: boolean;
  degraded?: string[];
  config: {
    file: string;
    hash: string;
    loaded_at: Timestamp;
    last_reload_ok: boolean;
    /** When it goes back to the former one, unless confirmed. */
    confirm_by?: Timestamp;
  };
  peers: { configured: number; established: number };
  rib: { version: number; prefixes: number; paths: number };
  listening: string[];
  /** Calls that were nobody's, since the start. */
  unknown_sources: number;
  /** Configuration keys that are checked and kept, but have no effect in this version. */
  without_effect?: string[];
}

export interface ReadyView {
  ready: boolean;
  /** Why not, or what is missing though ready. */
  reasons: string[];
  degraded?: string[];
}

export interface RuleView {
  policy: string;
  name?: string;
  file: string;
  line: number;
}

/** A candidate and where it fell out; `ours` and `winners` are its and the winner's value at that step. */
export interface CandidateView extends PathView {
  lost_at?: string;
  ours?: string | number;
  winners?: string | number;
  /** "its MED is at most 99" */
  would_win_if?: string;
  /** The import rule that accepted or rejected it. */
  rule?: RuleView;
}

export interface ExportView {
  peer: string;
  sent?: PathView;
  /** `sent`, or why nothing is. */
  reason: string;
  rule?: RuleView;
}

export interface ExplainView {
  prefix: string;
  best?: PathView;
  candidates: CandidateView[];
  exports: ExportView[];
}

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

export type Lookup = 'exact' | 'longest' | 'longer' | 'shorter';

export interface RouteQuery {
  prefix?: string;
  lookup?: Lookup;
  peer?: string;
  community?: string;
  best?: boolean;
  family?: FamilyName;
}

export type PeerTable = 'received' | 'accepted' | 'rejected' | 'advertised';

export type ServiceStateName =
  'ok' | 'no_backup' | 'degraded' | 'only_down_paths' | 'absent' | 'unexpected_node' | 'tie';

/** A node's path to an address of a service, in order of rank. */
export interface ServicePathView {
  node: string;
  peer: string;
  med?: number;
  band: 'up' | 'disabled' | 'down' | 'unknown';
  healthy: boolean;
  best: boolean;
  drained?: boolean;
  site?: string;
  rack?: string;
}

export interface ServiceAddressView {
  prefix: string;
  state: ServiceStateName;
  /** Everything that is wrong, worst first, in words. */
  findings: string[];
  best?: string;
  best_med?: number;
  home?: string;
  at_home?: boolean;
  /** Healthy nodes after the best, the next to serve first. */
  backups: string[];
  paths: ServicePathView[];
  best_changes: number;
}

export interface ServiceView {
  name: string;
  /** The worst of its addresses. */
  state: ServiceStateName;
  min_healthy: number;
  prefixes: string[];
  addresses: ServiceAddressView[];
}

/** Read side. `undefined` for an unknown peer or prefix; a bad argument throws `QueryError`. */
export interface Queries {
  status(): StatusView;
  ready(): ReadyView;
  peers(): PeerView[];
  peer(nameOrAddress: string): PeerView | undefined;
  /** May give fewer than asked for, with a cursor, rather than keep BGP waiting; so may `peerRoutes`. */
  routes(query: RouteQuery, page: PageRequest): Page<PathView>;
  peerRoutes(peer: string, table: PeerTable, page: PageRequest): Page<PathView> | undefined;
  explain(prefix: string, peer?: string): ExplainView | undefined;
  services(): ServiceView[];
  service(name: string): ServiceView | undefined;
  /** The running configuration, secrets masked. */
  config(): unknown;
  /** Changes with boot, configuration and RIB: the ETag of routes. */
  version(): string;
  metrics(): MetricsView;
}

/** A request that cannot be met because of its own words; `kind` is stable, the text is for people. */
export class QueryError extends Error {
  readonly kind:
    | 'bad_prefix'
    | 'bad_cursor'
    | 'bad_community'
    | 'unknown_peer'
    | 'unknown_node'
    | 'unknown_site'
    | 'unknown_rack';
  constructor(kind: QueryError['kind'], message: string) {
    super(message);
    this.kind = kind;
  }
}

export interface ConfigProblem {
  file: string;
  line: number;
  column: number;
  message: string;
  /** The source line and a caret under the place. */
  excerpt?: string;
}

export type CommandOutcome =
  { ok: true; message: string } | { ok: false; message: string; problems?: ConfigProblem[] };

/** Write side; each has taken effect when it answers. `undefined` for an unknown peer. */
export interface Commands {
  enable(peer: string): CommandOutcome | undefined;
  disable(peer: string, reason?: string): CommandOutcome | undefined;
  reset(peer: string, reason?: string): CommandOutcome | undefined;
  refresh(peer: string, direction?: 'in' | 'out' | 'both'): CommandOutcome | undefined;
  /** Checks `text`, or the running file when absent; changes nothing. */
  checkConfig(text?: string): CommandOutcome;
  /** What a reload of `text`, or of the running file, would do; changes nothing. */
  plan(text?: string): PlanOutcome;
  /**
   * What would become of routes; changes nothing. At most `limit` changes are listed for each scenario.
   * Throws a `QueryError` for a name that nobody has.
   */
  simulate(supposed: Supposition, limit: number): SimulateOutcome;
  /** All or nothing. With `confirmS` it goes back after so many seconds unless `confirm` is called. */
  reload(confirmS?: number): Promise<CommandOutcome>;
  confirm(): CommandOutcome;
}

export type PeerEffectName = 'none' | 'policy' | 'refresh' | 'reset' | 'add' | 'remove';

/** What a reload would do, peer by peer, and to the process. */
export interface EffectsView {
  /** Of the configuration that would run. */
  hash: string;
  peers: { peer: string; effect: PeerEffectName; why: string[] }[];
  process: { key: string; effect: 'apply' | 'listen' | 'restart' }[];
}

/** As `EffectsView`, and what each router would gain, lose or see move. */
export interface PlanView extends EffectsView, ChangesView {}

export interface BadConfig {
  ok: false;
  message: string;
  problems: ConfigProblem[];
}

/** `changes` lists at most `limit`. */
export type PlanOutcome =
  { ok: true; plan: EffectsView; changes: (limit: number) => Work<ChangesView> } | BadConfig;

export type SimulateOutcome = { ok: true; work: Work<SimulationView> } | BadConfig;

export type FailoverTrigger = 'peer_down' | 'withdraw' | 'med_change';

export type UpdateErrorAction = 'treat_as_withdraw' | 'attribute_discard' | 'session_reset';

export type DropReason =
  | 'hold_timer_expired'
  | 'notification_sent'
  | 'notification_received'
  | 'tcp_closed'
  | 'admin_shutdown'
  | 'admin_reset'
  | 'max_prefix'
  | 'config'
  | 'collision';
