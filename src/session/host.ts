import type { Family } from '#wire/constants.ts';
import type { NotificationError } from '#wire/notification.ts';
import type { Update } from '#wire/update.ts';
import type { Direction } from './collision.ts';
import type { State } from './fsm.ts';
import type { Negotiated } from './negotiate.ts';

/** A TCP connection as the session sees it; made by the shell, one session each. */
export interface Connection {
  /** `outgoing`: we dialled. */
  readonly direction: Direction;
  /** Takes the bytes at once, in order; the buffer may be shared and is not changed afterwards. */
  write(bytes: Uint8Array): void;
  /** FIN after what was written; the shell bounds how long a peer may take to read it. */
  close(): void;
  /** At once: what is still queued is lost. */
  abort(): void;
  /**
   * The hold deadline has passed: read what the socket still holds, then call `Peer.readDry`. Until
   * then the session stays (a stall of our own must not be taken for one of the peer's).
   */
  readUntilDry(): void;
}

/** Why a session ended; the words of `fingerpost_peer_session_drops_total`. */
export const dropReasons = [
  'hold_timer_expired',
  'notification_sent',
  'notification_received',
  'tcp_closed',
  'admin_shutdown',
  'admin_reset',
  'bfd_down',
  'max_prefix',
  'config',
  'collision',
] as const;
export type DropReason = (typeof dropReasons)[number];

/** FIN, RST, or an error of this machine. */
export type ConnectionLoss = 'fin' | 'reset' | 'error';

export interface SessionDown {
  readonly kind: DropReason;
  /** For people, one line. */
  readonly text: string;
  /** How the connection was lost, if it was not ended by either side. */
  readonly tcp?: ConnectionLoss;
  /** Of the NOTIFICATION that ended it, if one did. */
  readonly code?: number;
  readonly subcode?: number;
  readonly direction?: 'sent' | 'received';
  /** What we found wrong, where the NOTIFICATION alone does not say it. */
  readonly why?: string;
}

/** What a Peer asks and tells its owner. Every call is synchronous; calling back into the Peer is allowed. */
export interface PeerHost {
  /** Answer later with `Peer.connected` or `Peer.dialFailed`. */
  dial(): void;
  /** The answer to the last `dial` is no longer wanted. */
  cancelDial(): void;
  established(negotiated: Negotiated): void;
  /**
   * Established was left. By `Family` what becomes of the peer's routes: where `kept` is true they stay,
   * stale, until `stale` says that it is over; else they go.
   */
  down(down: SessionDown, kept: readonly boolean[]): void;
  /** Of a family whose routes were kept; may come whatever the state. */
  stale(family: Family, event: StaleEvent): void;
  /**
   * Established only. Scratch, valid during the call; End-of-RIB included. A NotificationError thrown
   * here ends the session with that NOTIFICATION; anything else goes through to the caller of `receive`.
   */
  update(update: Update, now: number): void;
  /**
   * The peer's routes of the family cannot be told any more: they go, for the rest of the session (RFC 7606
   * §2). Ours are sent on. `error` is what would have ended a session that has no other family.
   */
  familyDisabled(family: Family, error: NotificationError): void;
  /** `overdue`: after a `begin` no `end` has come in time. */
  routeRefresh(family: Family, event: RouteRefreshSubtype | 'overdue'): void;
  stateChanged(from: State, to: State): void;
  /** `text` says it for people, shutdown text and all. */
  notification(
    direction: 'sent' | 'received',
    code: number,
    subcode: number,
    data: Uint8Array,
    text: string,
  ): void;
  /** A keepalive or hold deadline was judged this late (0 or more). */
  timerJudged(timer: 'keepalive' | 'hold', latenessMs: number): void;
  /** Something odd that changes nothing; for the log. */
  warning(text: string): void;
  /** A bug of ours in framing, decoding or the session; the connection has been closed. */
  internalError(error: unknown): void;
}

/**
 * `long_lived`: its stale routes become the last resort (RFC 9494 §4.2). `over`: those that are stale
 * still go.
 */
export type StaleEvent = 'long_lived' | 'over';

/** RFC 7313 §3.2: an ordinary request, Begin or End of Route Refresh. */
export type RouteRefreshSubtype = 'request' | 'begin' | 'end';

/** Why the operator, the configuration or a limit ends the sessions of a peer. */
export type StopReason =
  | { readonly kind: 'shutdown' | 'reset'; readonly text?: string }
  /** We are about to restart: without a word where the peer then keeps our routes, else as `shutdown`. */
  | { readonly kind: 'restart' }
  /** 6/3; the peer is removed. */
  | { readonly kind: 'deconfigured' }
  /** 6/10 (RFC 9384): BFD has lost the peer; it starts again at once. */
  | { readonly kind: 'bfdDown'; readonly text: string }
  /** 6/6; the peer starts again at once with its new settings. */
  | { readonly kind: 'configChange' }
  /** 6/8: the RIB is full; starts again after `restartAfterMs`. */
  | { readonly kind: 'outOfResources'; readonly restartAfterMs: number }
  /** 6/1; starts again after `restartAfterMs`, or never by itself. */
  | {
      readonly kind: 'limit';
      readonly family: Family;
      readonly limit: number;
      readonly restartAfterMs?: number;
    };

export interface MessageCounts {
  open: number;
  update: number;
  notification: number;
  keepalive: number;
  routeRefresh: number;
}

/** Since the peer was configured; a session's end changes nothing here. */
export interface PeerCounters {
  readonly received: MessageCounts;
  readonly sent: MessageCounts;
  readonly bytes: { received: number; sent: number };
  establishedTransitions: number;
  /** Sessions that were Established, by how they ended. */
  readonly drops: Map<DropReason, number>;
  /** Tick of the last message, ms; 0 if none. */
  readonly lastMessageMs: { received: number; sent: number };
}
