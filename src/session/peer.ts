import type { Family } from '#wire/constants.ts';
import { encodeNotification, notificationOf } from '#wire/notification.ts';
import { endOf, mayComeBack } from './cease.ts';
import { judgeCollision, type Verdict } from './collision.ts';
import { newCounters } from './counters.ts';
import { type DialFailure, Dialling } from './dialling.ts';
import type { State } from './fsm.ts';
import { GracefulRestart } from './graceful-restart.ts';
import type {
  Connection,
  ConnectionLoss,
  PeerCounters,
  PeerHost,
  RouteRefreshSubtype,
  SessionDown,
  StopReason,
} from './host.ts';
import { IdleHold } from './idle-hold.ts';
import { jitter } from './jitter.ts';
import { isPeersFault, type LastError, lastErrorAfter, refusalText } from './last-error.ts';
import type { Negotiated } from './negotiate.ts';
import { PeerSessions } from './peer-sessions.ts';
import { isHelpedRestart, isHelper } from './restart-terms.ts';
import { notificationText } from './session-down.ts';
import { type FamilyOff, Session, type SessionOwner } from './session.ts';
import type { SessionSettings } from './settings.ts';

/** Identifies one connection for the shell; calls with one that has ended do nothing. */
export type SessionHandle = Session;

/**
 * One configured peer: its administrative state, the connection that we dial, the one that the peer dials,
 * which of them becomes the session, and when we try again.
 *
 * In Idle the peer is stopped, or held after an error for which it must wait, and its connections are refused.
 * At all other times a connection is accepted. Times are milliseconds of one monotonic clock.
 */
export class Peer implements SessionOwner {
  settings: SessionSettings;
  readonly host: PeerHost;
  readonly random: () => number;
  readonly counters: PeerCounters = newCounters();
  lastError: LastError | undefined;
  readonly gracefulRestart: GracefulRestart;
  /** As last reported by `PeerHost.stateChanged`. */
  state: State = 'Idle';
  private readonly sessions = new PeerSessions();
  private readonly dialling = new Dialling(this, this.sessions);
  private isIdle = true;
  private idleHoldDeadline = Infinity;
  private readonly idleHold = new IdleHold();

  constructor(settings: SessionSettings, host: PeerHost, random: () => number) {
    this.settings = settings;
    this.host = host;
    this.random = random;
    this.gracefulRestart = new GracefulRestart((family, event) => host.stale(family, event));
  }

  /**
   * ManualStart: dials at once unless the peer is passive. Does nothing if it is already running; ends an idle
   * hold.
   */
  start(now: number): void {
    if (!this.isIdle) return;
    this.idleHold.reset();
    this.leaveIdle(now);
  }

  /**
   * ManualStop: sends Cease on every connection. `reset`, `configChange` and `bfdDown` start again at once. What failed
   * with the settings that `configChange` replaces says nothing about the new ones, and is forgotten.
   */
  stop(now: number, reason: StopReason): void {
    if (reason.kind === 'configChange') {
      this.lastError = undefined;
      this.dialling.lastFailure = undefined;
    }
    this.enterIdle(Infinity, now);
    for (const session of this.sessions.all()) {
      session.handle('ManualStop', now, endOf(reason, session.negotiated));
    }
    if (!mayComeBack(reason)) this.gracefulRestart.dropAll();
    switch (reason.kind) {
      case 'reset':
      case 'configChange':
      case 'bfdDown':
        return this.start(now);
      case 'outOfResources':
      case 'limit':
        if (reason.restartAfterMs !== undefined)
          this.idleHoldDeadline = now + reason.restartAfterMs;
        return;
      default:
    }
  }

  /**
   * Sets new settings without a reset: those that an OPEN carries take effect with the next session. If they
   * must take effect now, the caller stops the peer with `configChange`.
   */
  changeSettings(settings: SessionSettings, now: number): void {
    this.settings = settings;
    if (!isHelper(settings.gracefulRestart)) this.gracefulRestart.dropAll();
    if (this.isIdle) return;
    if (settings.passive) this.dialling.end(now);
    else if (!this.sessions.hasConnection) this.dialling.begin(now, now);
    this.refreshState();
  }

  /**
   * If connections are refused because of an error of the peer, returns how much longer and why, as text: `42 s
   * after 2/2, because the peer sent AS 65009`. Returns `undefined` if they are accepted, or the peer is
   * stopped.
   */
  refusal(now: number): string | undefined {
    const until = this.idleHoldUntil;
    return until === undefined ? undefined : refusalText(until - now, this.lastError);
  }

  /**
   * Until when connections are refused and none is tried, by the caller's clock; `undefined`: neither is so, or without
   * end.
   */
  get idleHoldUntil(): number | undefined {
    return this.isIdle && this.idleHoldDeadline < Infinity ? this.idleHoldDeadline : undefined;
  }

  /** Moves the end of a hold; a deadline in the past ends it. Does nothing if the peer is not held. */
  holdUntil(deadline: number, now: number): void {
    if (!this.isIdle) return;
    if (deadline <= now) this.start(now);
    else this.idleHoldDeadline = deadline;
  }

  /**
   * Returns whether a connection from the peer is accepted; otherwise it is to be closed with `Cease/Connection
   * Rejected`.
   */
  mayAccept(): boolean {
    return !this.isIdle;
  }

  /**
   * Takes over a connection. Returns `undefined` if it is refused or no longer wanted, and already being
   * closed.
   */
  connected(connection: Connection, now: number): SessionHandle | undefined {
    return connection.direction === 'incoming'
      ? this.accept(connection, now)
      : this.dialling.connected(connection, now);
  }

  /** This is no error: a peer that only connects to us can never be dialled. */
  dialFailed(text: string, now: number): void {
    this.dialling.failed(text, now);
  }

  unanswered(now: number): void {
    this.dialling.unanswered(now);
  }

  receive(handle: SessionHandle, chunk: Uint8Array, now: number): void {
    handle.receive(chunk, now);
  }

  /** Reports FIN, RST or an error of the socket; `text` says which. */
  closed(
    handle: SessionHandle,
    text: string | undefined,
    now: number,
    tcp: ConnectionLoss = 'fin',
  ): void {
    if (!handle.hasConnection) return;
    handle.handle('TcpConnectionFails', now, { tcp, ...(text !== undefined && { text }) });
  }

  /** Reports that the socket held nothing more when it was last read. */
  readDry(handle: SessionHandle, now: number): void {
    handle.readDry(now);
  }

  /**
   * Reports that the socket took bytes and `queuedBytes` (0 or more) still wait; used by the send hold timer.
   */
  wrote(handle: SessionHandle, queuedBytes: number, now: number): void {
    handle.wrote(now, queuedBytes);
  }

  /** Sends whole UPDATE messages, `updates` in number; they are dropped unless the session is Established. */
  send(bytes: Uint8Array, updates: number, now: number): void {
    this.sessions.established?.send(bytes, 'update', updates, now);
  }

  /** Sends a ROUTE-REFRESH if the peer supports it: RFC 2918 §4, for begin and end RFC 7313 §4. */
  sendRouteRefresh(family: Family, subtype: RouteRefreshSubtype, now: number): void {
    this.sessions.established?.sendRouteRefresh(family, subtype, now);
  }

  /** Sends keepalives that are due, and nothing else; called between slices of long work. */
  keepAlive(now: number): void {
    this.sessions.keepAlive(now);
  }

  tick(now: number): void {
    this.gracefulRestart.tick(now);
    if (now >= this.idleHoldDeadline) this.leaveIdle(now);
    for (const session of this.sessions.all()) session.tick(now);
  }

  /** Returns when `tick` is to be called; Infinity if never. */
  nextDeadline(): number {
    return Math.min(
      this.idleHoldDeadline,
      this.gracefulRestart.nextDeadline(),
      this.sessions.nextDeadline(),
    );
  }

  /** Moves the hold deadlines after a stall of this process; see `Ticker`. */
  forgive(latenessMs: number): void {
    this.gracefulRestart.forgive(latenessMs);
    for (const session of this.sessions.all()) session.forgive(latenessMs);
  }

  /** Why the peer could not be reached when it was last dialled. */
  get lastDialFailure(): DialFailure | undefined {
    return this.dialling.lastFailure;
  }

  /** What was negotiated, from OpenConfirm on. */
  get negotiated(): Negotiated | undefined {
    return this.sessions.negotiated;
  }

  /** Families of the present session whose routes the peer has spoilt. */
  get disabledFamilies(): readonly FamilyOff[] {
    return this.sessions.established?.disabledFamilies ?? [];
  }

  /** Infinity if no hold timer runs. */
  get holdDeadline(): number {
    return this.sessions.established?.holdDeadline ?? Infinity;
  }

  /** When the session entered Established; `undefined` in other states. */
  get establishedAtMs(): number | undefined {
    return this.sessions.established?.establishedAtMs;
  }

  judge(session: Session, now: number): Verdict {
    const other = this.sessions.otherThan(session);
    if (other === undefined || session.negotiated === undefined) return 'keepBoth';
    const { peerRouterId: peerId, peerAs } = session.negotiated;
    const { routerId: localId, localAs } = this.settings;
    const ends = { localId, localAs, peerId, peerAs };
    const isRestart =
      session === this.sessions.second &&
      isHelpedRestart(this.settings.gracefulRestart, other.negotiated);
    const verdict = judgeCollision(session.direction, other.state, ends, isRestart);
    if (verdict === 'closeOther') this.closeOther(other, now);
    // A peer that has forgotten the first connection answers this with RST; its next connection is then
    // accepted.
    if (verdict === 'closeThis' && other === this.sessions.established) other.sendKeepalive(now);
    return verdict;
  }

  moved(session: Session, from: State, down: SessionDown | undefined, now: number): void {
    if (down !== undefined) this.ended(session, from, down, now);
    if (session.state === 'OpenConfirm') this.dialling.end(now);
    if (session.state === 'Established') return this.up(session, now);
    this.refreshState();
  }

  /** The connection of a peer that has restarted is dropped without a NOTIFICATION: its routes are kept. */
  private closeOther(other: Session, now: number): void {
    if (other !== this.sessions.established) return other.handle('OpenCollisionDump', now);
    other.handle('TcpConnectionFails', now, {
      text: 'the peer has restarted and opened a new connection',
    });
  }

  private up(session: Session, now: number): void {
    this.sessions.forget(session);
    this.sessions.established = session;
    this.counters.establishedTransitions++;
    this.refreshState();
    const { negotiated } = session;
    if (negotiated === undefined) return;
    this.host.established(negotiated);
    this.gracefulRestart.established(negotiated, this.settings.gracefulRestart, now);
  }

  /** Handles the end of a connection: removes it, reports it, and arranges for the next one. */
  private ended(session: Session, from: State, down: SessionDown, now: number): void {
    this.sessions.forget(session);
    const isLast = !this.sessions.hasConnection;
    this.lastError = lastErrorAfter(this.lastError, { down, from, isLast, atMs: now });
    if (from === 'Established') this.leftEstablished(session, down, now);
    // A stop has already arranged what follows; the other connection may still become the session.
    if (this.isIdle || !isLast) return;
    const { idleHoldMs, idleHoldMaxMs } = this.settings;
    const waitMs = this.idleHold.nextMs(idleHoldMs, idleHoldMaxMs);
    if (isPeersFault(down)) this.enterIdle(now + waitMs, now);
    else this.dialling.begin(now + jitter(waitMs, this.random), now);
  }

  private leftEstablished(session: Session, down: SessionDown, now: number): void {
    this.counters.drops.set(down.kind, (this.counters.drops.get(down.kind) ?? 0) + 1);
    const lastedMs = now - session.establishedAtMs;
    if (lastedMs >= this.settings.idleHoldMaxMs) this.idleHold.reset();
    const { gracefulRestart, settings } = this;
    const { negotiated } = session;
    const kept = gracefulRestart.lost(negotiated, settings.gracefulRestart, down, now);
    this.host.down(down, kept);
    gracefulRestart.tick(now);
  }

  private accept(connection: Connection, now: number): Session | undefined {
    if (this.isIdle) return this.reject(connection, now);
    const session = new Session(this, 'incoming');
    const older = this.sessions.accepted(session);
    session.start(now, Infinity);
    session.attach(connection, now);
    // Both were dialled by the peer, which has given up the older one or no longer knows it.
    older?.handle('OpenCollisionDump', now);
    return session;
  }

  private reject(connection: Connection, now: number): undefined {
    const notification = notificationOf('connectionRejected');
    const { code, subcode, data } = notification;
    connection.write(encodeNotification(notification));
    connection.close();
    this.counters.sent.notification++;
    const refusal = this.refusal(now);
    const text = notificationText(notification);
    const more = refusal === undefined ? '' : `: connections are refused for another ${refusal}`;
    this.host.notification('sent', code, subcode, data, text + more);
    return undefined;
  }

  private leaveIdle(now: number): void {
    this.isIdle = false;
    this.idleHoldDeadline = Infinity;
    this.dialling.begin(now, now);
    this.refreshState();
  }

  /**
   * Enters Idle: connections are refused and no dial starts until `deadline`; existing connections are not
   * touched.
   */
  private enterIdle(deadline: number, now: number): void {
    this.isIdle = true;
    this.idleHoldDeadline = deadline;
    this.dialling.end(now);
    this.refreshState();
  }

  private refreshState(): void {
    const from = this.state;
    const to = this.sessions.state(this.isIdle);
    if (from === to) return;
    this.state = to;
    this.host.stateChanged(from, to);
  }
}
