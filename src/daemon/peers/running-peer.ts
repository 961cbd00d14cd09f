import type { PeerConfig } from '#config/config.ts';
import type { TcpStream } from '#net/handle.ts';
import { PeerConnections } from '#net/peer-connections.ts';
import type { PeerId } from '#policy/ids.ts';
import type { LimitReached } from '#rib/rib-events.ts';
import type { PeerCounts } from '#rib/rib-peer.ts';
import type { SessionDown } from '#session/host.ts';
import { Peer } from '#session/peer.ts';
import { families, type Family } from '#wire/constants.ts';
import { type Held, heldUntil } from './held.ts';
import { LimitMarks } from './limit-marks.ts';
import { limitStop } from './limit-stop.ts';
import type { CommonSettings, PeerContext } from './peer-context.ts';
import { PeerReports } from './peer-reports.ts';
import { PeerRoutes } from './peer-routes.ts';
import { familyNames } from './peer-statistics.ts';
import { SessionEvents, type SessionOwner } from './session-events.ts';
import { hopOptions, sessionSettings } from './session-settings.ts';

/** How long a peer that filled the RIB is kept out. */
const fullRetryMs = 60_000;

/** A configured peer at work: its configuration, its session and connections, and what operators do to it. */
export class RunningPeer implements SessionOwner {
  readonly session: Peer;
  readonly connections: PeerConnections;
  readonly routes: PeerRoutes;
  readonly reports: PeerReports;
  private readonly context: PeerContext;
  private readonly sessionEvents: SessionEvents;
  private currentConfig: PeerConfig;
  private disabledBy: Disabled | undefined;
  private heldBy: Held | undefined;
  private readonly limitMarks = new LimitMarks();
  private incomingMs: number | undefined;

  constructor(config: PeerConfig, common: CommonSettings, context: PeerContext) {
    this.currentConfig = config;
    this.context = context;
    this.reports = new PeerReports(this, context);
    this.sessionEvents = new SessionEvents(this, context);
    const settings = sessionSettings(config, common.identity);
    this.session = new Peer(settings, this.sessionEvents, Math.random);
    this.connections = new PeerConnections(this.session, {
      clock: context.clock,
      turns: context.turns,
      wake: () => context.wake(this.session),
      lagging: (isLagging) => this.setLagging(isLagging),
      internalError: (error) => context.internalError(error, true),
    });
    this.routes = new PeerRoutes(this, config, common.ownAddresses, context);
  }

  get config(): PeerConfig {
    return this.currentConfig;
  }

  get name(): string {
    return this.config.name;
  }

  get ribId(): PeerId {
    return this.routes.ribId;
  }

  /** The AS of the session, or else the first that is configured, or else 0. */
  get peerAs(): number {
    return this.routes.peerAs;
  }

  /** Set by an operator's command: it lasts through reloads and ends with the process. */
  get disabled(): Disabled | undefined {
    return this.disabledBy;
  }

  /** Set by a limit, until its session starts again. */
  get held(): Held | undefined {
    return this.heldBy;
  }

  /** By the monotonic clock; meaningless unless the peer is held. */
  get heldUntilMs(): number {
    const { held, config, context } = this;
    return held === undefined ? -Infinity : heldUntil(held, config, context.maxPaths.limit);
  }

  /** When the session entered its present state, by the monotonic clock. */
  get stateSinceMs(): number {
    return this.sessionEvents.stateSinceMs;
  }

  /** When the last session ended, by the monotonic clock. */
  get downAtMs(): number | undefined {
    return this.sessionEvents.downAtMs;
  }

  /** How the last session ended. */
  get lastEnd(): SessionDown | undefined {
    return this.sessionEvents.lastEnd;
  }

  /** When the peer last connected to us, by the monotonic clock. */
  get lastIncomingMs(): number | undefined {
    return this.incomingMs;
  }

  get isEnabled(): boolean {
    return this.config.enabled && this.disabled === undefined;
  }

  get isUp(): boolean {
    return this.session.state === 'Established';
  }

  /** Whether its kernel has acknowledged everything that was written to it; meaningless while it is down. */
  get hasReceivedAll(): boolean {
    return this.connections.current?.isAcknowledged === true;
  }

  get isConnected(): boolean {
    return !['Idle', 'Connect', 'Active'].includes(this.session.state);
  }

  /** Whether it has been Established at any time since it was created. */
  get hasBeenUp(): boolean {
    return this.session.counters.establishedTransitions > 0;
  }

  /** It connected from a range and was never Established. Anyone may do that, so it is not listed. */
  get isStranger(): boolean {
    return this.config.range !== undefined && !this.hasBeenUp;
  }

  /** Whether its routes are waited for at the start, and after a restart. */
  get isAwaited(): boolean {
    const { import: policy, observer, range } = this.config;
    return this.isEnabled && policy !== 'none' && !observer && range === undefined;
  }

  get isObserver(): boolean {
    return this.config.observer;
  }

  get isClient(): boolean {
    return this.config.export !== 'none';
  }

  /** By `Family`; absent while not Established. */
  get negotiatedFamilies(): readonly boolean[] | undefined {
    return this.isUp ? this.session.negotiated?.families : undefined;
  }

  /** Returns what the RIB counts for it. */
  counts(family: Family): PeerCounts {
    return this.routes.counts(family);
  }

  /** Returns whether the peer may connect to this address of ours. */
  mayConnectTo(local: Uint8Array): boolean {
    const { localAddress } = this.config;
    return localAddress === undefined || localAddress.join() === local.join();
  }

  /** Takes over a connection that the peer has opened. */
  accept(stream: TcpStream): void {
    this.incomingMs = this.now();
    this.connections.accept(stream, hopOptions(this.config, this.context.own));
  }

  /** Starts the session unless an operator or the configuration has disabled the peer. */
  start(): void {
    if (this.isEnabled) this.session.start(this.now());
    this.context.wake(this.session);
  }

  disable(reason: string | undefined): void {
    this.disabledBy = {
      sinceWallMs: this.context.clock.wall(),
      ...(reason !== undefined && { reason }),
    };
    this.heldBy = undefined;
    this.stop('shutdown', reason);
  }

  enable(): void {
    this.disabledBy = undefined;
    this.start();
  }

  /** Ends the session, if there is one, and starts it again; a peer that was held is let in. */
  reset(reason: string | undefined): void {
    this.stop('reset', reason);
  }

  /** BFD has lost the peer (RFC 9384); its next connection is accepted. Does nothing unless Established. */
  bfdDown(text: string): void {
    if (!this.isUp) return;
    this.session.stop(this.now(), { kind: 'bfdDown', text });
    this.context.wake(this.session);
  }

  /** Asks the peer to send its routes again (RFC 2918); returns false if it does not support that. */
  refreshIn(): boolean {
    const { negotiated, disabledFamilies } = this.session;
    if (!this.isUp || negotiated?.routeRefresh !== true) return false;
    for (const { family } of families) {
      const isOff = disabledFamilies.some((off) => off.family === family);
      if (negotiated.families[family] && !isOff) {
        this.session.sendRouteRefresh(family, 'request', this.now());
      }
    }
    return true;
  }

  /** Sends the peer everything again. */
  refreshOut(): void {
    const { negotiated } = this.session;
    for (const { family } of families) {
      if (negotiated?.families[family] !== true) continue;
      this.routes.sendAgain(family, negotiated.enhancedRouteRefresh);
    }
    this.context.wake(this.session);
  }

  /**
   * Applies a new configuration. `resets` means that something in the OPEN or of the connection has changed. Otherwise
   * the session is not touched: policy and limits are applied to what was received.
   */
  applyConfig(config: PeerConfig, common: CommonSettings, resets: boolean): void {
    const wasEnabled = this.isEnabled;
    const now = this.now();
    this.currentConfig = config;
    this.session.changeSettings(sessionSettings(config, common.identity), now);
    if (!this.isEnabled) {
      this.heldBy = undefined;
      this.session.stop(now, { kind: 'shutdown' });
    } else if (!wasEnabled) this.session.start(now);
    else if (resets) this.session.stop(now, { kind: 'configChange' });
    else if (this.held !== undefined) this.session.holdUntil(this.heldUntilMs, now);
    this.routes.applyConfig(config, common.ownAddresses);
    this.context.wake(this.session);
  }

  /** Removes the peer for good: the session ends with 6/3, and its paths are removed. */
  remove(): void {
    this.session.stop(this.now(), { kind: 'deconfigured' });
    this.routes.remove();
    this.context.wake(this.session);
  }

  /** The daemon is shutting down; `restart` means that it is likely to be back soon. */
  shutDown(kind: 'shutdown' | 'restart'): void {
    this.session.stop(this.now(), { kind });
  }

  leftIdle(): void {
    this.heldBy = undefined;
  }

  disconnected(): void {
    if (this.isStranger) this.context.strangerLeft(this.name);
  }

  /** Logs the limit, and ends the session if that is the limit's action. */
  limitReached(reached: LimitReached): void {
    const { limit, action } = reached.limit;
    const { family, counts } = reached;
    this.reports.emit({ event: 'limit_hit', family: familyNames[family], limit, action });
    this.limitMarks.reached(family, counts);
    if (action !== 'restart' && action !== 'shutdown') return;
    const sinceMs = this.now();
    const by = counts === 'accepted' ? 'max_prefix' : 'max_prefix_received';
    this.session.stop(sinceMs, limitStop(this.config, reached));
    this.heldBy = { by, family, limit, sinceMs };
  }

  /** To be called now and then: reports limits that were reached and no longer are. */
  tellClearedLimits(): void {
    if (this.held !== undefined) return;
    const { maxPrefix, maxPrefixReceived } = this.config;
    const cleared = this.limitMarks.takeCleared((family) => {
      const { accepted, received, blocked } = this.counts(family);
      const limits = {
        accepted: maxPrefix[family]?.limit,
        received: maxPrefixReceived[family]?.limit,
      };
      return { accepted, received, blocked, limits };
    });
    for (const family of cleared) {
      this.reports.emit({ event: 'limit_cleared', family: familyNames[family] });
    }
  }

  /**
   * The RIB is full, and this peer has filled it: the session ends with 6/8, and the peer may come back after a while.
   */
  endForMaxPaths(): void {
    this.endHeld('max_paths', this.context.maxPaths.limit);
  }

  /**
   * The attributes of its routes have more bytes than it may have: the session ends with 6/8, and the peer may come
   * back after a while.
   */
  tooManyAttributeBytes(bytes: number): void {
    const { maxAttributeBytes: limit } = this.config;
    this.reports.warning(
      `max_attribute_bytes ${limit} reached: the attributes of its routes have ${bytes} bytes; ` +
        `the session is ended for ${fullRetryMs / 1000} s`,
    );
    this.endHeld('max_attribute_bytes', limit);
  }

  private endHeld(by: 'max_paths' | 'max_attribute_bytes', limit: number): void {
    const sinceMs = this.now();
    this.session.stop(sinceMs, { kind: 'outOfResources', restartAfterMs: fullRetryMs });
    this.heldBy = { by, limit, sinceMs, restartAfterMs: fullRetryMs };
  }

  private stop(kind: 'shutdown' | 'reset', reason: string | undefined): void {
    this.session.stop(this.now(), { kind, ...(reason !== undefined && { text: reason }) });
    this.context.wake(this.session);
  }

  private setLagging(isLagging: boolean): void {
    this.routes.setLagging(isLagging);
    this.context.wake(this.session);
  }

  private now(): number {
    return this.context.clock.monotonic();
  }
}

/** Since when an operator has disabled the peer, and the reason given. */
interface Disabled {
  readonly sinceWallMs: number;
  readonly reason?: string;
}
