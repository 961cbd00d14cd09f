import type { Family } from '#wire/constants.ts';
import type { NotificationError } from '#wire/notification.ts';
import type { Update } from '#wire/update.ts';
import type { Direction } from './collision.ts';
import type { State } from './fsm.ts';
import type { Negotiated } from './negotiate.ts';

/** A TCP connection as the session sees it. The shell makes one for each session. */
export interface Connection {
  /** `outgoing`: we dialled the peer. */
  readonly direction: Direction;
  /** Takes the bytes at once and in order; the buffer may be shared and is not changed afterwards. */
  write(bytes: Uint8Array): void;
  /** Sends FIN after what was written; the shell bounds how long the peer may take to read it. */
  close(): void;
  /** Closes at once: queued data is lost. */
  abort(): void;
  /**
   * Called when the hold deadline has passed: read what the socket still holds, then call `Peer.readDry`. Until
   * then the session stays up (a stall of our own must not be taken for one of the peer's).
   */
  readUntilDry(): void;
}

/** Why a session ended; these words are labels of `fingerpost_peer_session_drops_total`. */
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

/** How a TCP connection was lost: FIN, RST, or an error of this machine. */
export type ConnectionLoss = 'fin' | 'reset' | 'error';

export interface SessionDown {
  readonly kind: DropReason;
  /** One line for people. */
  readonly text: string;
  /** How the connection was lost, if neither side ended it. */
  readonly tcp?: ConnectionLoss;
  /** The code of the NOTIFICATION that ended it, if one did. */
  readonly code?: number;
  readonly subcode?: number;
  readonly direction?: 'sent' | 'received';
  /** What we found wrong, if the NOTIFICATION alone does not say it. */
  readonly why?: string;
}

/**
 * What a Peer asks of its owner and reports to it. Every call is synchronous; calling back into the Peer is
 * allowed.
 */
export interface PeerHost {
  /** Dials the peer; answer later with `Peer.connected` or `Peer.dialFailed`. */
  dial(): void;
  /** The result of the last `dial` is no longer wanted. */
  cancelDial(): void;
  established(negotiated: Negotiated): void;
  /**
   * The session has left Established. `kept` says, by `Family`, what becomes of the peer's routes: where it is
   * true they stay, stale, until `stale` reports that this is over; otherwise they are removed.
   */
  down(down: SessionDown, kept: readonly boolean[]): void;
  /** Concerns a family whose routes were kept; may be called in any state. */
  stale(family: Family, event: StaleEvent): void;
  /** A message as it came, header included, before it is decoded. */
  received?(bytes: Uint8Array, start: number, end: number): void;
  /**
   * Called in Established only. The update is scratch, valid during the call; End-of-RIB is included. A
   * NotificationError thrown here ends the session with that NOTIFICATION; any other error passes through to
   * the caller of `receive`.
   */
  update(update: Update, now: number): void;
  /**
   * The peer's routes of the family can no longer be identified: they are removed and stay so for the session
   * (RFC 7606 §2). Ours are still sent. `error` is what would have ended a session with no other family.
   */
  familyDisabled(family: Family, error: NotificationError): void;
  /** `overdue`: a `begin` was not followed by an `end` in time. */
  routeRefresh(family: Family, event: RouteRefreshSubtype | 'overdue'): void;
  stateChanged(from: State, to: State): void;
  /** `text` says it for people, with the shutdown text. */
  notification(
    direction: 'sent' | 'received',
    code: number,
    subcode: number,
    data: Uint8Array,
    text: string,
  ): void;
  /** A keepalive or hold deadline was judged this many milliseconds late (0 or more). */
  timerJudged(timer: 'keepalive' | 'hold', latenessMs: number): void;
  /** Something unusual that changes nothing; for the log. */
  warning(text: string): void;
  /** A bug of ours in framing, decoding or the session; the connection has been closed. */
  internalError(error: unknown): void;
}

/**
 * `long_lived`: the stale routes become the last resort (RFC 9494 §4.2). `over`: those that are still stale are
 * to be removed.
 */
export type StaleEvent = 'long_lived' | 'over';

/** RFC 7313 §3.2: an ordinary request, Begin or End of Route Refresh. */
export type RouteRefreshSubtype = 'request' | 'begin' | 'end';

/** Why the operator, the configuration or a limit ends the sessions of a peer. */
export type StopReason =
  | { readonly kind: 'shutdown' | 'reset'; readonly text?: string }
  /**
   * The daemon is about to restart: the connection is closed without a NOTIFICATION if the peer then keeps our
   * routes, otherwise as for `shutdown`.
   */
  | { readonly kind: 'restart' }
  /** 6/3; the peer is removed. */
  | { readonly kind: 'deconfigured' }
  /** 6/10 (RFC 9384): BFD has lost the peer; the peer starts again at once. */
  | { readonly kind: 'bfdDown'; readonly text: string }
  /** 6/6; the peer starts again at once with its new settings. */
  | { readonly kind: 'configChange' }
  /** 6/8: the RIB is full; the peer starts again after `restartAfterMs`. */
  | { readonly kind: 'outOfResources'; readonly restartAfterMs: number }
  /** 6/1: the peer starts again after `restartAfterMs`, or not until an operator starts it. */
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

/** Counters since the peer was configured; the end of a session does not change them. */
export interface PeerCounters {
  readonly received: MessageCounts;
  readonly sent: MessageCounts;
  readonly bytes: { received: number; sent: number };
  establishedTransitions: number;
  /** How often an Established session ended, by its reason. */
  readonly drops: Map<DropReason, number>;
  /** Monotonic milliseconds of the last message; 0 if there was none. */
  readonly lastMessageMs: { received: number; sent: number };
}
