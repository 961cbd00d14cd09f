import type { CoherenceState } from '#services/coherence.ts';
import type { ProbeState } from '#services/probe.ts';
import type { DropReason } from '#session/host.ts';
import type { FamilyName } from '#wire/constants.ts';
import type { FailoverStage, FailoverTrigger, UpdateErrorAction } from '../names.ts';
import type { PeerView } from './peer.ts';

/** What the core counts, as the Prometheus page needs it. These are shapes only. */

/**
 * A histogram that the core keeps in plain fields. `counts[i]` counts observations ≤ `bounds[i]`; the last one counts
 * all.
 */
export interface HistogramView {
  bounds: readonly number[];
  counts: readonly number[];
  sum: number;
}

/** What the Prometheus page needs beyond `peers()` and `status()`. Counters start with the daemon. */
export interface MetricsView {
  peers: PeerMetricsView[];
  families: {
    family: FamilyName;
    prefixes: number;
    paths: number;
    best_changes: number;
    memory_bytes: number;
  }[];
  config: {
    hash: string;
    last_reload_ok: boolean;
    last_reload_success_s: number;
    /** A reload is waiting to be confirmed. */
    is_confirm_pending: boolean;
    /** The last confirmed configuration was to be used, but could not be read. */
    is_confirmed_lost: boolean;
  };
  best_path_seconds: HistogramView;
  /** Slices of the RIB's work. Timers fire and sockets are read in between. */
  slice_seconds: HistogramView;
  /** From reading an UPDATE from the socket to writing it to the last client. */
  update_propagation_seconds: {
    afi: 'ipv4' | 'ipv6';
    kind: 'announce' | 'withdraw';
    histogram: HistogramView;
  }[];
  /** From the event that took a service address away from its node to writing the change to the last client. */
  failover_seconds: { trigger: FailoverTrigger; histogram: HistogramView }[];
  /** How long addresses that moved took to reach each stage; `silent` ends where the others begin. */
  failover_stage_seconds: { stage: FailoverStage; histogram: HistogramView }[];
  /** Absent without a `state_dir`. */
  history?: { is_written: boolean; size_bytes: number; dropped: number };
  /** Addresses of services beyond those that have series of their own. */
  service_series_dropped: number;
  drains: { id: string; target: string; is_overdue: boolean }[];
  /** Nodes whose addresses are probed. */
  probes: { service: string; node: string; state: ProbeState }[];
  probe_brakes: { service: string; is_on: boolean }[];
  /** The saved drains could not be read. */
  are_drains_lost: boolean;
  /** Which peers were up before the start could not be read. */
  is_state_lost: boolean;
  /**
   * `counts`: addresses by state. `disagreeing`: those of them for which the sibling offers another next hop, or none.
   */
  siblings: {
    sibling: string;
    is_heard: boolean;
    counts: Partial<Record<CoherenceState, number>>;
    disagreeing: ReadonlySet<string>;
  }[];
  bmp_collectors: { collector: string; is_connected: boolean }[];
  /** The configured caches. A cache is up if it is connected and its data is in use. */
  rpki_caches: { cache: string; is_up: boolean }[];
  rpki_vrps: { family: FamilyName; count: number }[];
  rpki_aspas: number;
  /** How often the BFD brake was applied. */
  bfd_brake_applied: number;
  timer_lateness_seconds: { keepalive: HistogramView; hold: HistogramView };
}

export interface PeerMetricsView {
  view: PeerView;
  /** Nothing is advertised to it, deliberately. */
  is_shadow: boolean;
  /** Drained by an operator. */
  is_drained: boolean;
  /** Unix seconds. */
  last_state_change_s: number;
  established_transitions: number;
  session_drops: Partial<Record<DropReason, number>>;
  bytes: { received: number; sent: number };
  notifications: { direction: 'in' | 'out'; code: number; subcode: number; count: number }[];
  update_errors: Record<UpdateErrorAction, number>;
  last_message_s: { received?: number; sent?: number };
  output_queue_bytes: number;
  limits: { family: FamilyName; counts: 'accepted' | 'received'; limit: number }[];
  prefix_changes: {
    family: FamilyName;
    direction: 'in' | 'out';
    announce: number;
    withdraw: number;
  }[];
  /** Paths refused since the start. */
  rejected: { family: FamilyName; reason: string; count: number }[];
}
