import type { Family } from '#wire/constants.ts';
import { encodeKeepalive, encodeRouteRefresh, RefreshSubtype } from '#wire/message.ts';
import { encodeNotification, type Notification, NotificationError } from '#wire/notification.ts';
import { encodeOpen, type Open } from '#wire/open.ts';
import type { DisabledFamily } from '#wire/update.ts';
import type { Direction, Verdict } from './collision.ts';
import { notificationToSend } from './fsm-notification.ts';
import { type Action, cellOf, type Event, type State } from './fsm.ts';
import type { GracefulRestart } from './graceful-restart.ts';
import type {
  Connection,
  PeerCounters,
  PeerHost,
  RouteRefreshSubtype,
  SessionDown,
} from './host.ts';
import { MessageReader } from './message-reader.ts';
import { negotiate, type Negotiated } from './negotiate.ts';
import { buildOpen } from './our-open.ts';
import { RefreshReceiver } from './refresh-receiver.ts';
import { type Detail, noDetail, notificationText, sessionDown } from './session-down.ts';
import { SessionTimers } from './session-timers.ts';
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

/**
 * One connection with the peer and its FSM, from the dial (or from accepting it) to the last byte.
 * Times are milliseconds of one monotonic clock.
 */
export class Session {
  readonly direction: Direction;
  state: State = 'Idle';
  establishedAtMs = 0;
  /** In the order in which they were disabled. */
  readonly disabledFamilies: FamilyOff[] = [];
  private connection: Connection | undefined;
  private sentOpen: Open | undefined;
  private readonly timers = new SessionTimers();
  private readonly reader: MessageReader;
  private readonly refreshes: RefreshReceiver;
  private readonly owner: SessionOwner;

  constructor(owner: SessionOwner, direction: Direction) {
    this.owner = owner;
    this.direction = direction;
    this.reader = new MessageReader(owner, (open) => this.negotiate(open));
    this.refreshes = new RefreshReceiver(owner);
  }

  /** Set once the peer's OPEN has been accepted. */
  get negotiated(): Negotiated | undefined {
    return this.reader.negotiated;
  }

  get hasConnection(): boolean {
    return this.connection !== undefined;
  }

  /** Infinity if the hold timer does not run. */
  get holdDeadline(): number {
    return this.timers.hold;
  }

  /** Dials now or at `dialAt`; an incoming connection waits for `attach`. */
  start(now: number, dialAt: number): void {
    if (dialAt <= now) return this.handle('AutomaticStart', now);
    this.handle('AutomaticStartWithPassiveTcpEstablishment', now);
    this.timers.connectRetry = dialAt;
  }

  /** The TCP connection is established: sends our OPEN. */
  attach(connection: Connection, now: number): void {
    this.connection = connection;
    this.handle(this.direction === 'outgoing' ? 'TcpCrAcked' : 'TcpConnectionConfirmed', now);
  }

  /** Runs one cell of the table. */
  handle(event: Event, now: number, detail: Detail = noDetail): void {
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
    this.reader.push(chunk);
    while (this.hasConnection && this.receiveMessage(now));
  }

  /** Reports that nothing is left to read: a hold deadline that has passed may now be judged. */
  readDry(now: number): void {
    if (now < this.timers.hold) return;
    this.owner.host.timerJudged('hold', now - this.timers.hold);
    this.handle('HoldTimerExpires', now);
  }

  /** Reports that the socket took bytes; `queuedBytes` still wait. */
  wrote(now: number, queuedBytes: number): void {
    if (this.hasConnection && queuedBytes > 0) this.startSendHold(now);
    else this.timers.sendHold = Infinity;
  }

  /** Writes whole messages; in Established only. */
  send(bytes: Uint8Array, type: 'update' | 'routeRefresh', messages: number, now: number): void {
    if (this.state !== 'Established') return;
    this.owner.counters.sent[type] += messages;
    this.write(bytes, now);
  }

  /** Sends a ROUTE-REFRESH if the peer supports it: RFC 2918 §4, for begin and end RFC 7313 §4. */
  sendRouteRefresh(family: Family, subtype: RouteRefreshSubtype, now: number): void {
    const { negotiated } = this;
    const isSupported =
      subtype === 'request' ? negotiated?.routeRefresh : negotiated?.enhancedRouteRefresh;
    if (isSupported !== true) return;
    this.send(encodeRouteRefresh(family, RefreshSubtype[subtype]), 'routeRefresh', 1, now);
  }

  sendKeepalive(now: number): void {
    this.owner.counters.sent.keepalive++;
    this.write(encodeKeepalive(), now);
  }

  /** Sends a keepalive that is due; no other timer is judged. */
  keepAlive(now: number): void {
    if (now < this.timers.keepalive) return;
    this.owner.host.timerJudged('keepalive', now - this.timers.keepalive);
    this.handle('KeepaliveTimerExpires', now);
  }

  tick(now: number): void {
    this.keepAlive(now);
    if (now >= this.timers.connectRetry) {
      if (this.state === 'Connect') this.owner.unanswered(now);
      this.handle('ConnectRetryTimerExpires', now);
    }
    if (now >= this.timers.sendHold) this.handle('SendHoldTimerExpires', now);
    this.refreshes.tick(now);
    if (this.timers.takeLapsedHold(now)) this.connection?.readUntilDry();
  }

  /**
   * Returns when `tick` is to be called next; a hold deadline that has passed waits for `readDry`, not for a
   * tick.
   */
  nextDeadline(): number {
    return Math.min(this.timers.next(), this.refreshes.nextDeadline());
  }

  /** This process was stalled: time in which the peer could not be heard does not count. */
  forgive(latenessMs: number): void {
    this.timers.forgive(latenessMs);
    this.refreshes.forgive(latenessMs);
  }

  /** Returns false if no whole message is there. An UPDATE of an Established session takes a shortcut. */
  private receiveMessage(now: number): boolean {
    const event = this.reader.next(this.state);
    if (event === undefined) return false;
    if (event === 'UpdateMsg' && this.state === 'Established') this.takeUpdate(now);
    else if (event === 'BgpOpen' && this.state === 'OpenSent') this.takeOpen(now);
    else if (event === 'NotifMsg' || event === 'NotifMsgVerErr') this.takeNotification(event, now);
    else this.handle(event, now, this.reader.detail);
    return true;
  }

  private negotiate(open: Open): Negotiated | undefined {
    return this.sentOpen && negotiate(this.owner.settings, this.sentOpen, open);
  }

  /** The cell Established × UpdateMsg without the table: no allocation, no look-up. */
  private takeUpdate(now: number): void {
    this.timers.restartHold(now);
    this.deliverUpdate(now);
  }

  private takeOpen(now: number): void {
    if (this.owner.judge(this, now) === 'closeThis') return this.handle('OpenCollisionDump', now);
    this.handle('BgpOpen', now);
  }

  private takeNotification(event: Event, now: number): void {
    const { detail } = this.reader;
    if (detail.notification !== undefined) this.reportNotification('received', detail.notification);
    this.handle(event, now, detail);
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
    const { update } = this.reader;
    if (update === undefined) return;
    if (update.disabled !== undefined) this.disableFamily(update.disabled, now);
    try {
      this.owner.host.update(update, now);
      this.owner.gracefulRestart.heard(update, now);
    } catch (error) {
      if (!(error instanceof NotificationError)) throw error;
      this.handle('UpdateMsgErr', now, { notification: error, text: error.message });
    }
  }

  private act(action: Action, now: number, sent: Notification | undefined): void {
    switch (action) {
      case 'startConnectRetryTimer':
        return this.startConnectRetryTimer(now);
      case 'stopConnectRetryTimer':
        this.timers.connectRetry = Infinity;
        return;
      case 'dial':
        return this.owner.host.dial();
      case 'cancelDial':
        return this.owner.host.cancelDial();
      case 'sendOpen':
        return this.sendOpen(now);
      case 'startLargeHoldTimer':
        return this.timers.startLargeHold(now);
      case 'startHoldTimer':
        return this.timers.startHold(this.negotiated?.holdTimeSec, now);
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
    this.timers.startConnectRetry(settings.connectRetryMs, now, random);
  }

  private startKeepaliveTimer(now: number): void {
    this.timers.startKeepalive(this.negotiated?.keepaliveSec, now, this.owner.random);
  }

  /** A peer that accepts no data from now on is to be dropped, unless send_hold_time is 0. */
  private startSendHold(now: number): void {
    this.timers.startSendHold(this.owner.settings.sendHoldTimeMs, now);
  }

  private deliverRouteRefresh(now: number): void {
    const { refresh, negotiated } = this.reader;
    if (refresh !== undefined) this.refreshes.take(refresh, negotiated, now);
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
    this.reportNotification('sent', notification);
  }

  private reportNotification(direction: 'sent' | 'received', notification: Notification): void {
    const { code, subcode, data } = notification;
    this.owner.host.notification(direction, code, subcode, data, notificationText(notification));
  }

  private write(bytes: Uint8Array, now: number): void {
    if (this.connection === undefined) return;
    const { counters } = this.owner;
    counters.bytes.sent += bytes.length;
    counters.lastMessageMs.sent = now;
    if (this.timers.sendHold === Infinity) this.startSendHold(now);
    this.connection.write(bytes);
  }

  /** "Releases all BGP resources" of this connection; a machine that continues waits for another connection. */
  private release(): void {
    this.connection = undefined;
    this.reader.clear();
    this.timers.stopAll();
    this.refreshes.clear();
  }
}
