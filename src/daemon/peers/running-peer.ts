import type { DaemonEvent } from '#api/events.ts';
import type { PeerConfig } from '#config/config.ts';
import type { TcpStream } from '#net/handle.ts';
import { PeerConnections } from '#net/peer-connections.ts';
import type { PeerId } from '#policy/ids.ts';
import { type ExportJudge, type ImportJudge, rejectReasons } from '#policy/policy.ts';
import type { LimitReached } from '#rib/in/adj-rib-in.ts';
import type { RibPeerSettings } from '#rib/rib-peer.ts';
import type { AttributeErrors } from '#rib/tables/attr-table.ts';
import type { State } from '#session/fsm.ts';
import type { PeerHost, RouteRefreshSubtype, SessionDown, StaleEvent } from '#session/host.ts';
import type { Negotiated } from '#session/negotiate.ts';
import { Peer } from '#session/peer.ts';
import { formatPrefix } from '#text/prefix.ts';
import { families, type Family } from '#wire/constants.ts';
import { type Prefix, writeNlri } from '#wire/nlri.ts';
import type { NotificationError } from '#wire/notification.ts';
import type { Update } from '#wire/update.ts';
import { stateName } from '../views/names.ts';
import { type Held, heldUntil } from './held.ts';
import type { SessionFacts } from './judges.ts';
import { limitStop } from './limit-stop.ts';
import type { PeerContext, PeerEvent } from './peer-context.ts';
import { familyNames, PeerStatistics } from './peer-statistics.ts';
import { RefreshMarks } from './refresh-marks.ts';
import { Refusals } from './refusals.ts';
import { ribSettings } from './rib-settings.ts';
import { dialOptions, hopOptions, sendSettings, sessionSettings } from './session-settings.ts';
import { staleText } from './stale-routes.ts';
import { type UpdateError, UpdateErrors } from './update-errors.ts';

/** How long a peer that filled the RIB stays away. */
const roomRetryMs = 60_000;

/** A configured peer at work: its session, its connections, and its place in the RIB. */
export class RunningPeer implements PeerHost {
  readonly session: Peer;
  readonly connections: PeerConnections;
  readonly ribId: PeerId;
  readonly statistics: PeerStatistics;
  readonly updateErrors = new UpdateErrors();
  /** Tick of the last call that reached us. */
  lastCallMs: number | undefined;
  config: PeerConfig;
  /** When the last session ended, by the monotonic clock. */
  downAtMs: number | undefined;
  /** By the operator's command: lasts through reloads, ends with the process. */
  disabled: { readonly sinceWallMs: number; readonly reason?: string } | undefined;
  /** By a limit, until its session starts again. */
  held: Held | undefined;
  private context: PeerContext;
  private facts: SessionFacts | undefined;
  private readonly refreshes = new RefreshMarks();
  private ribSettings: RibPeerSettings | undefined;
  /** Of the session that stands, or the last one: a reload may have changed that of the peer. */
  private sessionAddress: string;
  /** In this session: a prefix that no route can have. */
  private hasIgnored = false;
  /** In this session: that a route is too long for it was logged. */
  private hasToldTooLong = false;
  private readonly refusals: Refusals;

  constructor(config: PeerConfig, context: PeerContext) {
    const { clock, turns } = context;
    this.refusals = new Refusals(clock, (text) => this.warning(text));
    this.config = config;
    this.sessionAddress = config.addressText;
    this.context = context;
    this.statistics = new PeerStatistics(clock.monotonic());
    this.session = new Peer(sessionSettings(config, context.identity), this, Math.random);
    this.connections = new PeerConnections(this.session, {
      clock,
      turns,
      stirred: () => this.context.stirred(this.session),
      lagging: (isLagging) => this.setLagging(isLagging),
      internalError: (error) => this.context.internalError(error, true),
    });
    const settings = this.makeRibSettings();
    this.ribSettings = settings;
    this.ribId = context.rib.addPeer(settings);
  }

  get name(): string {
    return this.config.name;
  }

  /** The AS of the session, else the first that is configured, else 0. */
  get peerAs(): number {
    const { peerAs } = this.config;
    return this.facts?.peerAs ?? (peerAs.kind === 'list' ? peerAs.asns[0] : 0);
  }

  /** The judges in use. */
  get judges(): readonly (ImportJudge | ExportJudge | undefined)[] {
    return [this.ribSettings?.importJudge, this.ribSettings?.exportJudge];
  }

  get isEnabled(): boolean {
    return this.config.enabled && this.disabled === undefined;
  }

  get isUp(): boolean {
    return this.session.state === 'Established';
  }

  /** By the monotonic clock; meaningless unless it is held. */
  get heldUntilMs(): number {
    return this.held === undefined
      ? -Infinity
      : heldUntil(this.held, this.config, this.context.maxPaths);
  }

  get isConnected(): boolean {
    return !['Idle', 'Connect', 'Active'].includes(this.session.state);
  }

  /** Established at some time since it was made. */
  get hasBeenUp(): boolean {
    return this.session.counters.establishedTransitions > 0;
  }

  /** It has called from a range and was never Established: anybody may, so it is not listed. */
  get isStranger(): boolean {
    return this.config.range !== undefined && !this.hasBeenUp;
  }

  /** Whether the peer may call this address of ours. */
  isCalledAt(local: Uint8Array): boolean {
    const { localAddress } = this.config;
    return localAddress === undefined || localAddress.join() === local.join();
  }

  /** Starts the session unless an operator or the configuration has disabled the peer. */
  start(): void {
    if (this.isEnabled) this.session.start(this.now());
    this.context.stirred(this.session);
  }

  called(stream: TcpStream): void {
    this.lastCallMs = this.now();
    this.connections.called(stream, hopOptions(this.config, this.context.own));
  }

  disable(reason: string | undefined): void {
    const text = reason === undefined ? {} : { reason };
    this.disabled = { sinceWallMs: this.context.clock.wall(), ...text };
    this.held = undefined;
    this.session.stop(this.now(), {
      kind: 'shutdown',
      ...(reason !== undefined && { text: reason }),
    });
    this.context.stirred(this.session);
  }

  enable(): void {
    this.disabled = undefined;
    this.start();
  }

  /** Ends the session, if there is one, and begins anew; a peer held back is let go. */
  reset(reason: string | undefined): void {
    this.session.stop(this.now(), { kind: 'reset', ...(reason !== undefined && { text: reason }) });
    this.context.stirred(this.session);
  }

  /** Asks the peer to send again (RFC 2918); false where it does not know how. */
  refreshIn(): boolean {
    const { negotiated } = this.session;
    if (this.session.state !== 'Established' || negotiated?.routeRefresh !== true) return false;
    for (const { family } of families) {
      const isOff = this.session.disabledFamilies.some((off) => off.family === family);
      if (negotiated.families[family] && !isOff) {
        this.session.sendRouteRefresh(family, 'request', this.now());
      }
    }
    return true;
  }

  /** Sends the peer everything again. */
  refreshOut(): void {
    for (const { family } of families) {
      if (this.session.negotiated?.families[family] === true) this.sendAgain(family);
    }
  }

  /**
   * New configuration. `resets`: what an OPEN or the connection carries has changed. Else no session
   * is touched: policy and limits are applied to what was received.
   */
  applyConfig(config: PeerConfig, context: PeerContext, resets: boolean): void {
    const wasEnabled = this.isEnabled;
    const now = this.now();
    this.config = config;
    this.context = context;
    this.session.changeSettings(sessionSettings(config, context.identity), now);
    if (!this.isEnabled) {
      this.held = undefined;
      this.session.stop(now, { kind: 'shutdown' });
    } else if (!wasEnabled) this.session.start(now);
    else if (resets) this.session.stop(now, { kind: 'configChange' });
    else if (this.held !== undefined) this.session.holdUntil(this.heldUntilMs, now);
    this.refreshRibSettings();
    context.stirred(this.session);
  }

  /** What the RIB would be told of the peer under another configuration, or by other judges. */
  settingsUnder(
    config: PeerConfig,
    context: Pick<PeerContext, 'judges' | 'ownAddresses'>,
  ): RibPeerSettings {
    return ribSettings(config, this.facts, context, this.ribSettings);
  }

  /** For good: 6/3, and its paths go. */
  remove(): void {
    this.session.stop(this.now(), { kind: 'deconfigured' });
    this.context.rib.removePeer(this.ribId);
    this.context.stirred(this.session);
  }

  /** The daemon ends; `restart`: it is likely to be back soon. */
  shutDown(kind: 'shutdown' | 'restart'): void {
    this.session.stop(this.now(), { kind });
  }

  /** The RIB is full, and this peer has filled it: 6/8, back after a while. */
  endForLackOfRoom(): void {
    this.endHeld('max_paths', this.context.maxPaths);
  }

  /** The attributes of its routes have more bytes than it may have: 6/8, back after a while. */
  tooManyAttributeBytes(bytes: number): void {
    const { maxAttributeBytes: limit } = this.config;
    this.warning(
      `max_attribute_bytes ${limit} reached: the attributes of its routes have ${bytes} bytes; ` +
        `the session is ended for ${roomRetryMs / 1000} s`,
    );
    this.endHeld('max_attribute_bytes', limit);
  }

  private endHeld(by: 'max_paths' | 'max_attribute_bytes', limit: number): void {
    const sinceMs = this.now();
    this.session.stop(sinceMs, { kind: 'outOfResources', restartAfterMs: roomRetryMs });
    this.held = { by, limit, sinceMs, restartAfterMs: roomRetryMs };
  }

  get negotiatedFamilies(): readonly boolean[] | undefined {
    const { session } = this;
    return session.state === 'Established' ? session.negotiated?.families : undefined;
  }

  get isAwaited(): boolean {
    const { import: policy, observer, range } = this.config;
    return this.isEnabled && policy !== 'none' && !observer && range === undefined;
  }

  get isClient(): boolean {
    return this.config.export !== 'none';
  }

  /** RFC 7606 at work: counted for each UPDATE, told once a minute for each attribute; `block` is kept. */
  attributeErrors({ malformed, discarded }: AttributeErrors, block: Uint8Array): void {
    const outcome = malformed === undefined ? 'attribute_discard' : 'treat_as_withdraw';
    const { name: attribute, text } = malformed ?? discarded[0];
    this.updateError({ attribute, outcome, text }, block);
  }

  /** Counted for each UPDATE, told once a session; never was there (BIRD's "bogus route"). */
  prefixIgnored(prefix: Prefix): void {
    const bytes = new Uint8Array(17);
    const end = writeNlri(bytes, 0, prefix);
    const text = `NLRI: ${formatPrefix(prefix)} is not a valid prefix for a route`;
    const error = { attribute: 'nlri', outcome: 'treat_as_withdraw', text } as const;
    this.updateError(error, bytes.subarray(0, end), this.hasIgnored);
    this.hasIgnored = true;
  }

  /** The first of this session for the reason; what else is said of malformed routes and limits suffices. */
  routeRefused(prefix: Prefix, code: number): void {
    const reason = rejectReasons[code];
    if (reason.startsWith('malformed:') || reason === 'limit_blocked') return;
    const counts = this.context.rib.peer(this.ribId).counts[prefix.family];
    this.refusals.first(reason, formatPrefix(prefix), () => counts.rejected[code]);
  }

  /** Logged once a session; `show route noexport` lists them all. */
  routeTooLong(prefix: Prefix): void {
    if (this.hasToldTooLong) return;
    this.hasToldTooLong = true;
    this.warning(
      `a route for ${formatPrefix(prefix)} is too long for the messages of this session and is not sent; ` +
        'the peer is sent the next path that fits (too_long)',
    );
  }

  /** Told, and the session ended where that is the limit's action. */
  limitReached(reached: LimitReached): void {
    const { limit, action } = reached.limit;
    this.emit({ event: 'limit_hit', family: familyNames[reached.family], limit, action });
    if (action === 'restart' || action === 'shutdown') {
      const sinceMs = this.now();
      const by = reached.counts === 'accepted' ? 'max_prefix' : 'max_prefix_received';
      this.session.stop(sinceMs, limitStop(this.config, reached));
      this.held = { by, family: reached.family, limit, sinceMs };
    }
  }

  dial(): void {
    this.connections.dial(dialOptions(this.config, this.context.own));
  }

  cancelDial(): void {
    this.connections.cancelDial();
  }

  established(negotiated: Negotiated): void {
    const { rib } = this.context;
    const { peerAs, peerRouterId } = negotiated;
    const localAddress = this.connections.current?.local.address ?? new Uint8Array(0);
    const { extendedNextHop } = negotiated;
    this.facts = { peerAs, localAddress, extendedNextHop };
    this.sessionAddress = this.config.addressText;
    this.hasIgnored = false;
    this.hasToldTooLong = false;
    this.refreshes.clear();
    this.refreshRibSettings();
    rib.peerUp(this.ribId, peerRouterId, sendSettings(negotiated));
    this.context.gate?.peerUp(this.name, negotiated.gracefulRestart?.restarting);
    this.emit({ event: 'peer_up', address: this.config.addressText, peer_as: peerAs });
  }

  down({ kind, text }: SessionDown, kept: readonly boolean[]): void {
    this.downAtMs = this.now();
    this.refusals.end();
    this.context.rib.peerDown(this.ribId, kept);
    this.context.gate?.peerDown(this.name);
    this.context.readiness.peerDown(this.name);
    const address = this.sessionAddress;
    this.emit({ event: 'peer_down', address, reason: kind, text });
    for (const { family } of families) if (kept[family]) this.tellStale(family, 'kept');
  }

  stale(family: Family, event: StaleEvent): void {
    const { rib, stirred } = this.context;
    this.tellStale(family, event);
    if (event === 'over') rib.endStale(this.ribId, family);
    else rib.keepLongLived(this.ribId, family);
    stirred(this.session);
  }

  update(update: Update, now: number): void {
    this.context.propagation.read(now);
    const { rib, gate, maxPaths, readiness } = this.context;
    const reached = rib.update(this.ribId, update, now);
    if (gate?.isOpen === false) gate.update(this.name, update);
    if (update.endOfRib !== undefined) readiness.endOfRib(this.name, update.endOfRib);
    if (rib.pathCount > maxPaths) this.context.tooManyPaths();
    if (reached !== undefined) this.limitReached(reached);
  }

  /** Its routes go, and nobody waits for more of them; what we send stays as it is. */
  familyDisabled(family: Family, { data, detail, message }: NotificationError): void {
    const { rib, gate, readiness, stirred } = this.context;
    const text = detail ?? message;
    rib.dropFamily(this.ribId, family);
    gate?.endOfRib(this.name, family);
    readiness.endOfRib(this.name, family);
    this.updateError({ attribute: 'update', outcome: 'family_disabled', text }, data, true);
    this.emit({ event: 'family_disabled', family: familyNames[family], text });
    stirred(this.session);
  }

  routeRefresh(family: Family, subtype: RouteRefreshSubtype): void {
    const { rib } = this.context;
    switch (subtype) {
      case 'request':
        return this.sendAgain(family);
      case 'begin':
        return this.markStale(family);
      case 'end':
        if (!this.refreshes.end(family)) return;
        rib.endStale(this.ribId, family);
        return this.context.stirred(this.session);
      default:
        return subtype satisfies never;
    }
  }

  stateChanged(from: State, to: State): void {
    this.statistics.stateSinceMs = this.now();
    if (from === 'Idle') this.held = undefined;
    this.emit({ event: 'peer_state', old_state: stateName(from), new_state: stateName(to) });
  }

  notification(
    direction: 'sent' | 'received',
    code: number,
    subcode: number,
    data: Uint8Array,
    text: string,
  ): void {
    const isSent = direction === 'sent';
    this.statistics.countNotification(isSent ? 'out' : 'in', code, subcode);
    if (isSent && code === 3) {
      this.updateError({ attribute: 'update', outcome: 'session_reset', text }, data);
    }
    this.emit({ event: 'notification', direction, code, subcode, text });
  }

  timerJudged(timer: 'keepalive' | 'hold', latenessMs: number): void {
    this.context.timerJudged(timer, latenessMs);
  }

  warning(text: string): void {
    this.emit({ event: 'warning', text });
  }

  internalError(error: unknown): void {
    this.context.internalError(error, false);
  }

  private updateError(error: UpdateError, bytes: Uint8Array, isTold = false): void {
    const { attribute, outcome: action, text } = error;
    this.statistics.updateErrors[action]++;
    if (!this.updateErrors.add(error, bytes, this.now()) || isTold) return;
    this.emit({ event: 'update_error', action, reason: attribute, text });
  }

  private now(): number {
    return this.context.clock.monotonic();
  }

  /** Of a stranger only why its call came to nothing, now and then: else events grow with calls. */
  private emit(event: PeerEvent): void {
    if (this.isStranger) {
      const { event: kind } = event;
      if (kind === 'notification' || kind === 'warning') {
        this.context.strangerFailed(this.config.addressText, event.text);
      }
      return;
    }
    this.context.events.emit({ ...event, peer: this.name } as DaemonEvent);
  }

  private tellStale(family: Family, event: StaleEvent | 'kept'): void {
    const { stale } = this.context.rib.peer(this.ribId).counts[family];
    const text = staleText(stale, familyNames[family], event);
    if (text !== undefined) this.warning(text);
  }

  private sendAgain(family: Family): void {
    const enhanced = this.session.negotiated?.enhancedRouteRefresh === true;
    this.context.rib.sendAgain(this.ribId, family, enhanced);
    this.context.stirred(this.session);
  }

  private markStale(family: Family): void {
    const { rib } = this.context;
    const rows = rib.families[family].tables.paths.limit;
    if (this.refreshes.begin(family, rows, this.now())) return rib.markStale(this.ribId, family);
    this.warning('BoRR and its EoRR ignored: the peer sends BoRR too often (RFC 7313)');
  }

  private setLagging(isLagging: boolean): void {
    this.context.rib.setLagging(this.ribId, isLagging);
    this.context.stirred(this.session);
  }

  private refreshRibSettings(): void {
    const settings = this.makeRibSettings();
    const isSame = (Object.keys(settings) as (keyof RibPeerSettings)[]).every(
      (key) => settings[key] === this.ribSettings?.[key],
    );
    if (isSame) return;
    this.ribSettings = settings;
    this.context.rib.replaceSettings(this.ribId, settings);
  }

  private makeRibSettings(): RibPeerSettings {
    return ribSettings(this.config, this.facts, this.context, this.ribSettings);
  }
}
