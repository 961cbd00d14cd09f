import { type Cause, causeOfEnd } from '#api/events/causes.ts';
import type { PeerConfig } from '#config/config.ts';
import type { SessionEnds } from '#mrt/session-records.ts';
import type { PeerConnections } from '#net/peer-connections.ts';
import type { LimitReached } from '#rib/rib-events.ts';
import type { State } from '#session/fsm.ts';
import type { PeerHost, RouteRefreshSubtype, SessionDown, StaleEvent } from '#session/host.ts';
import type { Negotiated } from '#session/negotiate.ts';
import type { Peer } from '#session/peer.ts';
import { families, type Family } from '#wire/constants.ts';
import type { Notification, NotificationError } from '#wire/notification.ts';
import type { Update } from '#wire/update.ts';
import { peerDownOf } from '../bmp/peer-down.ts';
import type { FoundCause } from '../record/causes.ts';
import { stateName } from '../views/names.ts';
import type { PeerContext } from './peer-context.ts';
import type { PeerReports } from './peer-reports.ts';
import type { PeerRoutes } from './peer-routes.ts';
import { familyNames } from './peer-statistics.ts';
import { dialOptions } from './session-settings.ts';

type SignsOfLife = Pick<FoundCause, 'silentMs' | 'kernelHeardMs'>;

/** The peer whose session it is. */
export interface SessionOwner {
  readonly name: string;
  readonly isConnected: boolean;
  readonly config: PeerConfig;
  readonly session: Peer;
  readonly connections: PeerConnections;
  readonly routes: PeerRoutes;
  readonly reports: PeerReports;
  /** The session leaves Idle, so no limit holds the peer any longer. */
  leftIdle(): void;
  /** No connection is left. */
  disconnected(): void;
  limitReached(reached: LimitReached): void;
}

/** Reports what happens in a peer's session to the RIB, the start gate, readiness and the log. */
export class SessionEvents implements PeerHost {
  private readonly peer: SessionOwner;
  private readonly context: PeerContext;
  /** The address of the present or last session: a reload may have changed that of the peer. */
  private address: string;
  private enteredMs: number;
  private endedMs: number | undefined;
  private end: SessionDown | undefined;
  /** Sent or received, by a connection of the peer. */
  private lastNotification: Notification | undefined;
  /** When the hold timer expired: how long before that the peer's kernel had been heard. */
  private kernelHeardMs: number | undefined;

  constructor(peer: SessionOwner, context: PeerContext) {
    this.peer = peer;
    this.context = context;
    this.address = peer.config.addressText;
    this.enteredMs = context.clock.monotonic();
  }

  /** When the session entered its present state, by the monotonic clock. */
  get stateSinceMs(): number {
    return this.enteredMs;
  }

  /** When the last session ended, by the monotonic clock. */
  get downAtMs(): number | undefined {
    return this.endedMs;
  }

  /** How the last session ended. */
  get lastEnd(): SessionDown | undefined {
    return this.end;
  }

  dial(): void {
    const { connections, config } = this.peer;
    connections.dial(dialOptions(config, this.context.own));
  }

  cancelDial(): void {
    this.peer.connections.cancelDial();
  }

  stateChanged(from: State, to: State): void {
    this.enteredMs = this.context.clock.monotonic();
    if (from === 'Idle') this.peer.leftIdle();
    const states = { old_state: stateName(from), new_state: stateName(to) };
    this.peer.reports.emit({ event: 'peer_state', ...states });
    const { mrt } = this.context;
    if (mrt.isRecording) mrt.stateChanged(this.ends(), from, to);
    if (!this.peer.isConnected) this.peer.disconnected();
  }

  received(bytes: Uint8Array, start: number, end: number): void {
    const { mrt } = this.context;
    if (!mrt.isRecording) return;
    const { asnBytes = 4, addPath = [false, false] } = this.peer.session.negotiated?.decode ?? {};
    mrt.message({ ...this.ends(), asnBytes, addPath }, bytes, start, end);
  }

  established(negotiated: Negotiated): void {
    const { name, config, connections, routes, reports } = this.peer;
    this.address = config.addressText;
    reports.sessionBegan();
    const connection = connections.current;
    routes.sessionBegan(negotiated, connection?.local.address ?? new Uint8Array(0));
    this.context.bmp.sessionUp({
      ribId: routes.ribId,
      name,
      negotiated,
      local: connection?.local ?? { address: new Uint8Array(0), port: 0 },
      remote: { address: config.address, port: connection?.remote.port ?? 0 },
      hasRoutes: families.some(({ family }) => routes.counts(family).received > 0),
    });
    this.context.gate?.peerUp(name, negotiated.gracefulRestart?.restarting);
    reports.emit({ event: 'peer_up', address: this.address, peer_as: negotiated.peerAs });
  }

  down(end: SessionDown, kept: readonly boolean[]): void {
    const { kind, text } = end;
    this.end = end;
    const { name, routes, reports } = this.peer;
    const { clock, causes, gate, readiness, bmp } = this.context;
    this.endedMs = clock.monotonic();
    bmp.sessionDown(routes.ribId, peerDownOf(end, this.lastNotification));
    reports.sessionEnded();
    const cause = causes.current?.cause ?? { kind: causeOfEnd(end), peer: name, text };
    causes.run(causes.add({ cause, ...this.signsOfLife(cause) }), () => routes.sessionEnded(kept));
    gate?.peerDown(name);
    readiness.peerDown(name);
    reports.emit({ event: 'peer_down', address: this.address, reason: kind, text, cause });
    for (const { family } of families) if (kept[family]) reports.stale(family, 'kept');
  }

  stale(family: Family, event: StaleEvent): void {
    const { name, session, routes, reports } = this.peer;
    reports.stale(family, event);
    const isOver = event === 'over';
    const text = isOver
      ? 'graceful restart ended before the peer came back'
      : 'long-lived graceful restart began';
    this.context.causes.because({ kind: 'stale_over', peer: name, text }, () => {
      if (isOver) routes.endStale(family);
      else routes.keepLongLived(family);
    });
    this.context.wake(session);
  }

  private ends(): SessionEnds {
    const { config, routes, connections } = this.peer;
    const { localAs, address } = config;
    const localAddress = connections.current?.local.address;
    const unknown = new Uint8Array(address.length);
    const isSameFamily = localAddress?.length === address.length;
    return {
      peerAs: routes.peerAs,
      localAs,
      peerAddress: address,
      localAddress: isSameFamily ? localAddress : unknown,
    };
  }

  /** If the end was noticed by silence: how long ago the peer's process, and its kernel, had been heard. */
  private signsOfLife({ kind }: Cause): SignsOfLife {
    if (kind !== 'hold_timer' && kind !== 'bfd_down') return {};
    const { session } = this.peer;
    const silentMs = this.context.clock.monotonic() - session.counters.lastMessageMs.received;
    const { kernelHeardMs } = this;
    return { silentMs, ...(kernelHeardMs !== undefined && { kernelHeardMs }) };
  }

  update(update: Update, now: number): void {
    const { name, routes } = this.peer;
    const { propagation, gate, readiness, maxPaths, bmp } = this.context;
    propagation.read(now);
    const reached = routes.update(update, now);
    routes.earlyEndOfRib.update(update, now, (family) => routes.counts(family).received);
    if (gate?.isOpen === false) gate.update(name, update);
    if (update.endOfRib !== undefined) {
      readiness.endOfRib(name, update.endOfRib);
      bmp.endOfRib(routes.ribId, update.endOfRib);
    }
    maxPaths.enforce();
    if (reached !== undefined) this.peer.limitReached(reached);
  }

  /** The family's routes are removed, and no more of them are accepted; what we send is not affected. */
  familyDisabled(family: Family, { data, detail, message }: NotificationError): void {
    const { name, session, routes, reports } = this.peer;
    const { gate, readiness } = this.context;
    const text = detail ?? message;
    this.context.causes.because({ kind: 'family_disabled', peer: name, text }, () =>
      routes.drop(family),
    );
    gate?.endOfRib(name, family);
    readiness.endOfRib(name, family);
    reports.updateError({ attribute: 'update', outcome: 'family_disabled', text }, data, true);
    reports.emit({ event: 'family_disabled', family: familyNames[family], text });
    this.context.wake(session);
  }

  routeRefresh(family: Family, event: RouteRefreshSubtype | 'overdue'): void {
    const { session, routes, reports } = this.peer;
    switch (event) {
      case 'request':
        routes.sendAgain(family, session.negotiated?.enhancedRouteRefresh === true);
        break;
      case 'begin':
        if (routes.beginRefresh(family)) break;
        reports.warning('BoRR and its EoRR ignored: the peer sends BoRR too often (RFC 7313)');
        break;
      case 'end':
        this.endRefresh(family);
        break;
      case 'overdue':
        if (!this.endRefresh(family)) break;
        reports.warning(
          `no EoRR within refresh_stale_time of its BoRR: ${familyNames[family]} routes that were not announced ` +
            'again are removed (RFC 7313)',
        );
        break;
      default:
        return event satisfies never;
    }
    this.context.wake(session);
  }

  private endRefresh(family: Family): boolean {
    const { name, routes } = this.peer;
    return this.context.causes.because(
      { kind: 'refresh_sweep', peer: name, text: 'not announced again in its route refresh' },
      () => routes.endRefresh(family),
    );
  }

  notification(...what: Parameters<PeerHost['notification']>): void {
    const [, code, subcode, data] = what;
    this.lastNotification = { code, subcode, data };
    this.peer.reports.notification(...what);
  }

  timerJudged(timer: 'keepalive' | 'hold', latenessMs: number): void {
    // This is read before anything is sent, because a living kernel would acknowledge that.
    if (timer === 'hold') this.kernelHeardMs = this.peer.connections.current?.kernelHeardMs();
    this.context.timerJudged(timer, latenessMs);
  }

  warning(text: string): void {
    this.peer.reports.warning(text);
  }

  internalError(error: unknown): void {
    this.context.internalError(error, false);
  }
}
