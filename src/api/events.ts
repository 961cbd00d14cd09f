import type { CoherenceState } from '#services/coherence.ts';
import type { ProbeState } from '#services/probe.ts';
import type { FamilyName } from '#wire/constants.ts';
import type { StateName, UpdateErrorAction } from './names.ts';

/** What happens rarely enough to be logged, one line each, and streamed. */
export type DaemonEvent =
  | { event: 'started'; version: string; router_id: string; local_as: number }
  | { event: 'listening'; address: string; what: 'bgp' | 'http' | 'control' }
  | { event: 'peer_up'; peer: string; address: string; peer_as: number }
  | { event: 'peer_down'; peer: string; address: string; reason: string; text: string }
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
      old_peer?: string;
      new_peer?: string;
      old_med?: number;
      new_med?: number;
      /** Of an address that nobody serves now: why. */
      text?: string;
    }
  /** Addresses at a sibling that have come into a state, or none any longer. */
  | { event: 'coherence'; peer: string; state: CoherenceState; count: number; text: string }
  /** `drain`: its id; `target`: `node w1`. */
  | { event: 'drain'; drain: string; target: string; text: string }
  | { event: 'undrain'; drain: string; target: string; text: string }
  | { event: 'drain_overdue'; drain: string; target: string; text: string }
  /** What was kept of drains cannot be read, or cannot be kept. */
  | { event: 'drain_failed'; text: string }
  | { event: 'config_loaded'; file: string; hash: string; text: string }
  | { event: 'config_refused'; file: string; text: string }
  | { event: 'unknown_source'; address: string; text: string }
  /** A request over HTTP that had no right to what it asked for. */
  | { event: 'auth_failed'; address: string; text: string }
  /** A BFD session came up or was lost, and what follows from it. */
  | { event: 'bfd'; peer: string; state: 'up' | 'down'; text: string }
  /** Many losses at once are taken for a fault of our own. */
  | { event: 'brake'; reason: string; text: string }
  | { event: 'probe'; service: string; node: string; state: ProbeState; text: string }
  | { event: 'warning'; peer?: string; text: string }
  | { event: 'start_failed'; text: string }
  | { event: 'stopping'; text: string }
  | { event: 'internal_error'; text: string; stack?: string };

/** RFC 3339 UTC with milliseconds. */
export type Timestamp = string;

export interface EventSource {
  /** Returns the function that ends the subscription. */
  subscribe(listener: (event: DaemonEvent, at: Timestamp) => void): () => void;
  /** Tells now what has been emitted: before a state is shown that comes of it. */
  flush(): void;
}
