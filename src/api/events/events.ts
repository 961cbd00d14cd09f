import type { ServiceState } from '#services/audit.ts';
import type { CoherenceState } from '#services/coherence.ts';
import type { ProbeState } from '#services/probe.ts';
import type { FamilyName } from '#wire/constants.ts';
import type { By } from '../by.ts';
import type { StateName, UpdateErrorAction } from '../names.ts';
import type { Cause } from './causes.ts';
import type { FailoverCauseView, FailoverView } from './failover.ts';

/** Everything that happens rarely enough to be logged, one line each, and to be streamed and recorded. */
export type DaemonEvent =
  | { event: 'started'; version: string; router_id: string; local_as: number }
  | { event: 'listening'; address: string; what: 'bgp' | 'http' | 'control' }
  | { event: 'peer_up'; peer: string; address: string; peer_as: number }
  | {
      event: 'peer_down';
      peer: string;
      address: string;
      reason: string;
      text: string;
      cause?: Cause;
    }
  | { event: 'peer_state'; peer: string; old_state: StateName; new_state: StateName; text?: string }
  | {
      event: 'notification';
      peer: string;
      direction: 'sent' | 'received';
      code: number;
      subcode: number;
      text: string;
    }
  | { event: 'update_error'; peer: string; action: UpdateErrorAction; reason: string; text: string }
  | { event: 'family_disabled'; peer: string; family: FamilyName; text: string }
  | { event: 'limit_hit'; peer: string; family: FamilyName; limit: number; action: string }
  | { event: 'limit_cleared'; peer: string; family: FamilyName }
  | {
      event: 'best_changed';
      prefix: string;
      service?: string;
      old_peer?: string;
      new_peer?: string;
      old_med?: number;
      new_med?: number;
      /** Why no node serves the address now. */
      text?: string;
      cause?: Cause;
    }
  /** The number of addresses at a sibling that have come into a state, or no longer are in any. */
  | { event: 'coherence'; peer: string; state: CoherenceState; count: number; text: string }
  /** `drain` is its id; `target` is like `node w1`. */
  | { event: 'drain'; drain: string; target: string; text: string; by?: By; comment?: string }
  | { event: 'undrain'; drain: string; target: string; text: string; by?: By }
  | { event: 'drain_overdue'; drain: string; target: string; text: string }
  /** The saved drains cannot be read, or drains cannot be saved. */
  | { event: 'drain_failed'; text: string }
  /** Which peers were up before the start cannot be read. */
  | { event: 'state_lost'; text: string }
  /** An address of a service has changed its state. */
  | {
      event: 'service_state';
      service: string;
      prefix: string;
      /** Absent if it had not been audited before. */
      old_state?: ServiceState;
      new_state: ServiceState;
      /** What is wrong, or who serves the address. */
      text: string;
      cause?: Cause;
      cause_id?: string;
      /** One of many that were logged as one line. */
      is_counted?: true;
    }
  /** Many addresses of a service have come into a state at once, or all were audited for the first time. */
  | {
      event: 'service_state';
      service: string;
      new_state: ServiceState;
      count: number;
      /** A few of them. */
      examples: string[];
      text: string;
      is_worse: boolean;
      cause?: Cause;
      cause_id?: string;
    }
  | {
      event: 'failover';
      prefix: string;
      service?: string;
      /** The peer that was lost or that changed something. */
      peer?: string;
      cause: Cause;
      cause_id: string;
      failover: FailoverView;
    }
  /** What followed from one cause, once everything is decided. */
  | { event: 'failover'; peer?: string; cause: Cause; cause_id: string; summary: FailoverCauseView }
  | { event: 'config_loaded'; file: string; hash: string; text: string; by?: By }
  | { event: 'config_refused'; file: string; text: string; by?: By }
  | { event: 'config_confirmed'; hash: string; by?: By }
  /** The last confirmed configuration was to be used, but cannot be read. */
  | { event: 'config_lost'; text: string }
  /**
   * `by` is the operator who went back, or who loaded the configuration that was not confirmed in time; `cause` tells
   * which.
   */
  | { event: 'config_rolled_back'; file: string; hash: string; text: string; by?: By; cause: Cause }
  /** A command of an operator: `disable W1`, with the reason that was given. */
  | {
      event: 'command';
      text: string;
      peer?: string;
      node?: string;
      comment?: string;
      /** False if it was refused. */
      ok: boolean;
      by: By;
    }
  | { event: 'note'; text: string; by: By }
  | { event: 'unknown_source'; address: string; text: string }
  /** A request over HTTP that had no right to what it asked for. */
  | { event: 'auth_failed'; address: string; text: string }
  /** A BFD session came up or was lost, and the consequence. */
  | { event: 'bfd'; peer: string; state: 'up' | 'down'; text: string }
  /** Many losses at once are treated as a fault of our own host. */
  | { event: 'brake'; reason: string; text: string }
  /** The node has withdrawn the last path of an address, and the path is kept until then. */
  | {
      event: 'last_path_kept';
      prefix: string;
      service: string;
      peer: string;
      node: string;
      until: Timestamp;
      text: string;
    }
  | { event: 'probe'; service: string; node: string; state: ProbeState; text: string }
  | { event: 'warning'; peer?: string; text: string }
  | OtherEvent
  | { event: 'start_failed'; text: string }
  | { event: 'stopping'; text: string }
  | { event: 'internal_error'; text: string; stack?: string };

/** Events whose text says everything, about what runs beside BGP. */
interface OtherEvent {
  event: 'rpki_cache' | 'bmp';
  /** `warn` if an operator should look, otherwise `info`. */
  level?: 'info' | 'warn';
  /** Names the object first: `w1 drained until 14:00`. */
  text: string;
  peer?: string;
  node?: string;
  prefix?: string;
  service?: string;
  cause?: Cause;
}

export type EventKind = DaemonEvent['event'];

/** RFC 3339 UTC with milliseconds. */
export type Timestamp = string;

/** `id` is unique and grows, also across restarts. */
export type EventListener = (event: DaemonEvent, at: Timestamp, id: string) => void;

/**
 * Returns when an event id was taken, as Date.now() says it. It may be later than that, but never earlier, because ids
 * grow even if the clock is set back.
 */
export function idTakenMs(id: string): number {
  return parseInt(id, 36) / 1000;
}

/** Returns whether an event id is older than the other one. */
export function isBefore(id: string, other: string): boolean {
  return parseInt(id, 36) < parseInt(other, 36);
}

export interface EventSource {
  /** Returns the function that ends the subscription. */
  subscribe(listener: EventListener): () => void;
  /** Delivers now what has been emitted, before a state is shown that results from it. */
  flush(): void;
}
