import { headerBytes, MessageType } from '#wire/constants.ts';
import { Framer } from '#wire/framer.ts';
import { decodeRouteRefresh, type RouteRefresh } from '#wire/message.ts';
import {
  decodeNotification,
  type Notification,
  NotificationError,
  notificationKind,
  notificationOf,
} from '#wire/notification.ts';
import { decodeOpen, type Open } from '#wire/open.ts';
import { UpdateDecoder } from '#wire/update-decoder.ts';
import type { Update } from '#wire/update.ts';
import { errorEvent } from './fsm-notification.ts';
import type { Event, State } from './fsm.ts';
import type { PeerCounters, PeerHost } from './host.ts';
import type { Negotiated } from './negotiate.ts';
import { noDetail } from './session-down.ts';

/** What the reader needs of the peer. */
export interface ReaderOwner {
  readonly counters: PeerCounters;
  readonly host: Pick<PeerHost, 'internalError' | 'received'>;
}

/**
 * Frames, counts and decodes what the peer sends, and says which event of the FSM each message is. An error of the
 * peer is an event too, so that it ends only this session.
 */
export class MessageReader {
  /** The details of the message last read. */
  detail = noDetail;
  /** The UPDATE last decoded; it is overwritten by the next one. */
  update: Update | undefined;
  /** The ROUTE-REFRESH last decoded. */
  refresh: RouteRefresh | undefined;
  /** Set once the peer's OPEN has been accepted. */
  negotiated: Negotiated | undefined;
  private framer = new Framer();
  private readonly decoder = new UpdateDecoder();
  private readonly owner: ReaderOwner;
  private readonly negotiate: (open: Open) => Negotiated | undefined;

  /** `negotiate` says what the peer's OPEN leads to; it throws a NotificationError if the OPEN is not acceptable. */
  constructor(owner: ReaderOwner, negotiate: (open: Open) => Negotiated | undefined) {
    this.owner = owner;
    this.negotiate = negotiate;
  }

  /** Takes bytes; the chunk must not change until `next` has returned `undefined`. */
  push(chunk: Uint8Array): void {
    this.framer.push(chunk);
  }

  /** Returns the event of the next message; `undefined` if no whole message is there. */
  next(state: State): Event | undefined {
    this.detail = noDetail;
    try {
      return this.framer.next() ? this.decode(state) : undefined;
    } catch (error) {
      if (error instanceof NotificationError) {
        this.detail = { notification: error, text: error.message };
        return errorEvent(error.code);
      }
      this.owner.host.internalError(error);
      this.detail = { notification: notificationOf('cease'), text: 'internal error' };
      return 'AutomaticStop';
    }
  }

  /** Drops the bytes that are left of a connection that has ended. */
  clear(): void {
    this.framer = new Framer();
  }

  /** Bodies that the state does not use are not decoded: their event alone ends the session. */
  private decode(state: State): Event {
    const { bytes, type, start, end } = this.framer;
    const { host, counters } = this.owner;
    const { received } = counters;
    host.received?.(bytes, start - headerBytes, end);
    switch (type) {
      case MessageType.update:
        received.update++;
        if (this.negotiated !== undefined && state === 'Established')
          this.update = this.decoder.decode(bytes, start, end, this.negotiated.decode);
        return 'UpdateMsg';
      case MessageType.keepalive:
        received.keepalive++;
        return 'KeepAliveMsg';
      case MessageType.open:
        received.open++;
        if (state === 'OpenSent') this.readOpen(decodeOpen(bytes, start, end));
        return 'BgpOpen';
      case MessageType.notification:
        received.notification++;
        return this.readNotification(decodeNotification(bytes, start, end));
      default:
        received.routeRefresh++;
        if (state === 'Established') this.refresh = decodeRouteRefresh(bytes, start, end);
        return 'RouteRefreshMsg';
    }
  }

  private readOpen(open: Open): void {
    this.negotiated = this.negotiate(open);
    if (this.negotiated !== undefined)
      this.framer.extendedMessages = this.negotiated.extendedMessageReceive;
  }

  private readNotification(notification: Notification): Event {
    this.detail = { notification };
    const kind = notificationKind(notification.code, notification.subcode);
    return kind === 'unsupportedVersionNumber' ? 'NotifMsgVerErr' : 'NotifMsg';
  }
}
