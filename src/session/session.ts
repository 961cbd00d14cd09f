import { type Family, MessageType } from '#wire/constants.ts';
import { Framer } from '#wire/framer.ts';
import { decodeRouteRefresh, encodeKeepalive, type RouteRefresh } from '#wire/message.ts';
import {
  decodeNotification,
  encodeNotification,
  type Notification,
  NotificationError,
  notificationKind,
  notificationOf,
} from '#wire/notification.ts';
import { decodeOpen, encodeOpen, type Open } from '#wire/open.ts';
import { type DisabledFamily, type Update, UpdateDecoder } from '#wire/update.ts';
import type { Direction, Verdict } from './collision.ts';
import { errorEvent, notificationToSend } from './fsm-notification.ts';
import { type Action, cellOf, type Event, type State } from './fsm.ts';
import type { GracefulRestart } from './graceful-restart.ts';
import type {
  Connection,
  PeerCounters,
  PeerHost,
  RouteRefreshSubtype,
  SessionDown,
} from './host.ts';
import { jitter, keepaliveDeadline } from './jitter.ts';
import { negotiate, type Negotiated } from './negotiate.ts';
import { OpenRefreshes } from './open-refreshes.ts';
import { buildOpen } from './our-open.ts';
import { type Detail, notificationText, sessionDown } from './session-down.ts';
import type { SessionSettings } from './settings.ts';

/** A family of a session whose routes the peer has spoilt (RFC 7606 §2, AFI/SAFI disable). */
export interface FamilyOff {
  readonly family: Family;
  readonly atMs: number;
  /** What was wrong, and what the peer has probably done: one line for people. */
  readonly text: string;
}

/** What a session needs of the peer that owns it. */
export interface SessionOwner {
  readonly settings: SessionSettings;
  readonly host: PeerHost;
  readonly counters: PeerCounters;
  readonly random: () => number;
  /**
   * Runs collision detection once the peer's OPEN is acceptable; closes the other connection if that one lost.
   */
  judge(session: Session, now: number): Verdict;
  readonly gracefulRestart: GracefulRestart;
  /** The ConnectRetryTimer has expired before the peer answered (RFC 4271 §8.2.2). */
  unanswered(now: number): void;
  /** Called after each transition; `down` is set if the connection has ended. */
  moved(session: Session, from: State, down: SessionDown | undefined, now: number): void;
}

/** "A HoldTimer value of 4 minutes is suggested" for OpenSent (RFC 4271 §8.2.2). */
const largeHoldTimeMs = 240_000;

const nothing: Detail = {};

/**
 * One connection with the peer and its FSM, from the dial (or from accepting it) to the last byte.
 * Times are milliseconds of one monotonic clock; a deadline of Infinity is a stopped timer.
 */
export class Session {
  readonly direction: Direction;
  state: State = 'Idle';
  /** Set once the peer's OPEN has been accepted. */
  negotiated: Negotiated | undefined;
  establishedAtMs = 0;
  /** In the order in which they were disabled. */
  readonly disabledFamilies: FamilyOff[] = [];
  holdDeadline = Infinity;
  private keepaliveDeadline = Infinity;
  private connectRetryDeadline = Infinity;
  /** Runs only while bytes wait to be sent (RFC 9687 §3: an idle session is not a stuck one). */
  private sendHoldDeadline = Infinity;
  /** The hold deadline for which the socket is now being read until it is empty. */
  private lapsedDeadline = 0;
  private holdMs = 0;
  private connection: Connection | undefined;
  private framer = new Framer();
  private readonly decoder = new UpdateDecoder();
  private sentOpen: Open | undefined;
  /** The details of the message that is being handled. */
  private detail: Detail = nothing;
  private update: Update | undefined;
  private refresh: RouteRefresh | undefined;
  private readonly openRefreshes = new OpenRefreshes();
  private hasWarnedOfEarlyRefresh = false;
  private readonly owner: SessionOwner;

  constructor(owner: SessionOwner, direction: Direction) {
    this.owner = owner;
    this.direction = direction;
  }

  /** Dials now or at `dialAt`; an incoming connection waits for `attach`. */
  start(now: number, dialAt: number): void {
    if (dialAt <= now) return this.handle('AutomaticStart', now);
    this.handle('AutomaticStartWithPassiveTcpEstablishment', now);
    this.connectRetryDeadline = dialAt;
  }

  /** The TCP connection is established: sends our OPEN. */
  attach(connection: Connection, now: number): void {
    this.connection = connection;
    this.handle(this.direction === 'outgoing' ? 'TcpCrAcked' : 'TcpConnectionConfirmed', now);
  }

  get hasConnection(): boolean {
    return this.connection !== undefined;
  }

  /** Runs one cell of the table. */
  handle(event: Event, now: number, detail: Detail = nothing): void {
    const from = this.state;
    const cell = cellOf(from, event);
    // The state changes before the actions run: one of them may call the owner, who may stop this session.
    this.state = cell.next;
    const hadConnection = this.hasConnection;
    const sent = notificationToSend(cell.actions, from, event, detail);
    for (const action of cell.actions) this.act(action, now, sent);
    if (from === cell.next) return;
    if (cell.next === 'Established') this.establishedAtMs = now;
    const isLeft = hadConnection && !this.hasConnection;
    this.owner.moved(this, from, isLeft ? sessionDown(event, detail, sent) : undefined, now);
  }

  /** Takes what the socket has read; the chunk belongs to the session until this returns. */
  receive(chunk: Uint8Array, now: number): void {
    if (!this.hasConnection) return;
    const { bytes, lastMessageMs } = this.owner.counters;
    bytes.received += chunk.length;
    lastMessageMs.received = now;
    this.framer.push(chunk);
    while (this.hasConnection && this.receiveMessage(now));
  }

  /** Reports that nothing is left to read: a hold deadline that has passed may now be judged. */
  readDry(now: number): void {
    if (now < this.holdDeadline) return;
    this.owner.host.timerJudged('hold', now - this.holdDeadline);
    this.handle('HoldTimerExpires', now);
  }

  /** Reports that the socket took bytes; `queuedBytes` still wait. */
  wrote(now: number, queuedBytes: number): void {
    const isWaiting = this.hasConnection && queuedBytes > 0;
    this.sendHoldDeadline = isWaiting ? this.sendHoldFrom(now) : Infinity;
  }

  /** Writes whole messages; in Established only. */
  send(bytes: Uint8Array, type: 'update' | 'routeRefresh', messages: number, now: number): void {
    if (this.state !== 'Established') return;
    this.owner.counters.sent[type] += messages;
    this.write(bytes, now);
  }

  sendKeepalive(now: number): void {
    this.owner.counters.sent.keepalive++;
    this.write(encodeKeepalive(), now);
  }

  /** Sends a keepalive that is due; no other timer is judged. */
  keepAlive(now: number): void {
    if (now < this.keepaliveDeadline) return;
    this.owner.host.timerJudged('keepalive', now - this.keepaliveDeadline);
    this.handle('KeepaliveTimerExpires', now);
  }

  tick(now: number): void {
    this.keepAlive(now);
    if (now >= this.connectRetryDeadline) {
      if (this.state === 'Connect') this.owner.unanswered(now);
      this.handle('ConnectRetryTimerExpires', now);
    }
    if (now >= this.sendHoldDeadline) this.handle('SendHoldTimerExpires', now);
    for (const family of this.openRefreshes.takeOverdue(now)) {
      this.owner.host.routeRefresh(family, 'overdue');
    }
    if (now >= this.holdDeadline && this.lapsedDeadline !== this.holdDeadline) {
      this.lapsedDeadline = this.holdDeadline;
      this.connection?.readUntilDry();
    }
  }

  /**
   * Returns when `tick` is to be called next; a hold deadline that has passed waits for `readDry`, not for a
   * tick.
   */
  nextDeadline(): number {
    const hold = this.lapsedDeadline === this.holdDeadline ? Infinity : this.holdDeadline;
    return Math.min(
      hold,
      this.keepaliveDeadline,
      this.connectRetryDeadline,
      this.sendHoldDeadline,
      this.openRefreshes.nextDeadline(),
    );
  }

  /** This process was stalled: time in which the peer could not be heard does not count. */
  forgive(latenessMs: number): void {
    this.holdDeadline += latenessMs;
    this.sendHoldDeadline += latenessMs;
    this.openRefreshes.forgive(latenessMs);
  }

  /** Returns false if no whole message is there. An UPDATE of an Established session takes a shortcut. */
  private receiveMessage(now: number): boolean {
    this.detail = nothing;
    const event = this.readMessage();
    if (event === undefined) return false;
    if (event === 'UpdateMsg' && this.state === 'Established') this.takeUpdate(now);
    else if (event === 'BgpOpen' && this.state === 'OpenSent') this.takeOpen(now);
    else if (event === 'NotifMsg' || event === 'NotifMsgVerErr') this.takeNotification(event, now);
    else this.handle(event, now, this.detail);
    return true;
  }

  /**
   * Frames and decodes a message. An error thrown here is the peer's, or a bug of ours, and ends only this
   * session.
   */
  private readMessage(): Event | undefined {
    try {
      return this.framer.next() ? this.decodeMessage() : undefined;
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

  /** Bodies that the state does not use are not decoded: their event alone ends the session. */
  private decodeMessage(): Event {
    const { bytes, type, start, end } = this.framer;
    const { received } = this.owner.counters;
    switch (type) {
      case MessageType.update:
        received.update++;
        if (this.negotiated !== undefined && this.state === 'Established')
          this.update = this.decoder.decode(bytes, start, end, this.negotiated.decode);
        return 'UpdateMsg';
      case MessageType.keepalive:
        received.keepalive++;
        return 'KeepAliveMsg';
      case MessageType.open:
        received.open++;
        if (this.state === 'OpenSent') this.readOpen(decodeOpen(bytes, start, end));
        return 'BgpOpen';
      case MessageType.notification:
        received.notification++;
        return this.readNotification(decodeNotification(bytes, start, end));
      default:
        received.routeRefresh++;
        if (this.state === 'Established') this.refresh = decodeRouteRefresh(bytes, start, end);
        return 'RouteRefreshMsg';
    }
  }

  private readOpen(open: Open): void {
    if (this.sentOpen === undefined) return;
    this.negotiated = negotiate(this.owner.settings, this.sentOpen, open);
    this.framer.extendedMessages = this.negotiated.extendedMessageReceive;
  }

  private readNotification(notification: Notification): Event {
    this.detail = { notification };
    const kind = notificationKind(notification.code, notification.subcode);
    return kind === 'unsupportedVersionNumber' ? 'NotifMsgVerErr' : 'NotifMsg';
  }

  /** The cell Established × UpdateMsg without the table: no allocation, no look-up. */
  private takeUpdate(now: number): void {
    this.holdDeadline = now + this.holdMs;
    this.deliverUpdate(now);
  }

  private takeOpen(now: number): void {
    if (this.owner.judge(this, now) === 'closeThis') return this.handle('OpenCollisionDump', now);
    this.handle('BgpOpen', now);
  }

  private takeNotification(event: Event, now: number): void {
    const { notification } = this.detail;
    if (notification !== undefined) this.tell('received', notification);
    this.handle(event, now, this.detail);
  }

  private disableFamily({ family, error }: DisabledFamily, now: number): void {
    this.disabledFamilies.push({ family, atMs: now, text: error.detail ?? error.message });
    this.owner.gracefulRestart.disabled(family);
    this.owner.host.familyDisabled(family, error);
  }

  /**
   * Only a NotificationError concerns the peer; any other error means that the RIB may be wrong, and is passed
   * up.
   */
  private deliverUpdate(now: number): void {
    if (this.update === undefined) return;
    if (this.update.disabled !== undefined) this.disableFamily(this.update.disabled, now);
    try {
      this.owner.host.update(this.update, now);
      this.owner.gracefulRestart.heard(this.update, now);
    } catch (error) {
      if (!(error instanceof NotificationError)) throw error;
      this.handle('UpdateMsgErr', now, { notification: error, text: error.message });
    }
  }

  /** RFC 7313 §5: another subtype "MUST" be ignored. */
  private deliverRouteRefresh(now: number): void {
    if (this.refresh === undefined) return;
    const { afi, safi, family } = this.refresh;
    const subtype = refreshSubtypes.at(this.refresh.subtype);
    if (subtype === undefined) return;
    if (family !== undefined && this.negotiated?.families[family] === true)
      return this.takeRefresh(family, subtype, now);
    this.owner.host.warning(`ROUTE-REFRESH for AFI ${afi} SAFI ${safi}, which was not negotiated`);
  }

  /** RFC 7313 §4: before the peer's End-of-RIB its BoRR and EoRR "MUST" be ignored, and that is logged. */
  private takeRefresh(family: Family, subtype: RouteRefreshSubtype, now: number): void {
    const { gracefulRestart, host, settings } = this.owner;
    if (subtype !== 'request' && gracefulRestart.awaitsEndOfRib(family)) {
      return this.warnOfEarlyRefresh();
    }
    if (subtype === 'begin') this.openRefreshes.begin(family, now + settings.refreshStaleTimeMs);
    if (subtype === 'end') this.openRefreshes.end(family);
    host.routeRefresh(family, subtype);
  }

  private warnOfEarlyRefresh(): void {
    if (this.hasWarnedOfEarlyRefresh) return;
    this.hasWarnedOfEarlyRefresh = true;
    this.owner.host.warning('BoRR or EoRR before End-of-RIB is ignored (RFC 7313)');
  }

  private act(action: Action, now: number, sent: Notification | undefined): void {
    switch (action) {
      case 'startConnectRetryTimer':
        return this.startConnectRetryTimer(now);
      case 'stopConnectRetryTimer':
        this.connectRetryDeadline = Infinity;
        return;
      case 'dial':
        return this.owner.host.dial();
      case 'cancelDial':
        return this.owner.host.cancelDial();
      case 'sendOpen':
        return this.sendOpen(now);
      case 'startLargeHoldTimer':
        return this.startHoldTimer(largeHoldTimeMs, now);
      case 'startHoldTimer':
        return this.startHoldTimer(negotiatedMs(this.negotiated?.holdTimeSec), now);
      case 'startKeepaliveTimer':
        return this.startKeepaliveTimer(now);
      case 'sendKeepalive':
        return this.sendKeepalive(now);
      case 'sendNotification':
      case 'sendFsmError':
        if (sent !== undefined) this.sendNotification(sent, now);
        return;
      case 'dropConnection':
        this.connection?.close();
        return this.release();
      case 'abortConnection':
        this.connection?.abort();
        return this.release();
      case 'deliverUpdate':
        return this.deliverUpdate(now);
      case 'deliverRouteRefresh':
        return this.deliverRouteRefresh(now);
      default:
        return action satisfies never;
    }
  }

  /** The machine of an incoming connection never dials. */
  private startConnectRetryTimer(now: number): void {
    if (this.direction === 'incoming') return;
    const { settings, random } = this.owner;
    this.connectRetryDeadline = now + jitter(settings.connectRetryMs, random);
  }

  private startHoldTimer(ms: number, now: number): void {
    this.holdMs = ms;
    this.holdDeadline = now + ms;
  }

  private startKeepaliveTimer(now: number): void {
    const ms = negotiatedMs(this.negotiated?.keepaliveSec);
    this.keepaliveDeadline = keepaliveDeadline(now, ms, this.owner.random);
  }

  private sendOpen(now: number): void {
    const open = buildOpen(this.owner.settings, now);
    this.sentOpen = open;
    this.owner.counters.sent.open++;
    this.write(encodeOpen(open), now);
  }

  private sendNotification(notification: Notification, now: number): void {
    this.owner.counters.sent.notification++;
    this.write(encodeNotification(notification), now);
    this.tell('sent', notification);
  }

  private tell(direction: 'sent' | 'received', notification: Notification): void {
    const { code, subcode, data } = notification;
    this.owner.host.notification(direction, code, subcode, data, notificationText(notification));
  }

  private write(bytes: Uint8Array, now: number): void {
    if (this.connection === undefined) return;
    const { counters } = this.owner;
    counters.bytes.sent += bytes.length;
    counters.lastMessageMs.sent = now;
    if (this.sendHoldDeadline === Infinity) this.sendHoldDeadline = this.sendHoldFrom(now);
    this.connection.write(bytes);
  }

  /** Returns when a peer that accepts no data from now on is to be dropped; Infinity if send_hold_time is 0. */
  private sendHoldFrom(now: number): number {
    const { sendHoldTimeMs } = this.owner.settings;
    return sendHoldTimeMs === 0 ? Infinity : now + sendHoldTimeMs;
  }

  /** "Releases all BGP resources" of this connection; a machine that continues waits for another connection. */
  private release(): void {
    this.connection = undefined;
    this.framer = new Framer();
    this.holdDeadline = Infinity;
    this.keepaliveDeadline = Infinity;
    this.sendHoldDeadline = Infinity;
    this.connectRetryDeadline = Infinity;
    this.openRefreshes.clear();
  }
}

/** The subtypes by their Message Subtype number (RFC 7313 §3.2). */
const refreshSubtypes: readonly RouteRefreshSubtype[] = ['request', 'begin', 'end'];

/**
 * Returns Infinity for 0: "then the HoldTimer and KeepaliveTimer are not started" (RFC 4271 §8.2.2, event 19).
 */
function negotiatedMs(seconds: number | undefined): number {
  return seconds === undefined || seconds === 0 ? Infinity : seconds * 1000;
}
