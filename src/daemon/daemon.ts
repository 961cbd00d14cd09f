import { randomInt } from 'node:crypto';
import { type Cancel, type Clock, timestamp } from '#clock.ts';
import type { Config, DecisionConfig, PeerConfig, ServiceConfig } from '#config/config.ts';
import type { TcpStream } from '#net/handle.ts';
import { Listener, type ListenerOwner } from '#net/listener.ts';
import { PeerTimer } from '#net/peer-timer.ts';
import { ReadTurns } from '#net/read-turns.ts';
import type { PeerId } from '#policy/ids.ts';
import type { RibEvents } from '#rib/rib-events.ts';
import { Rib, type RibOptions } from '#rib/rib.ts';
import { AttrTable } from '#rib/tables/attr-table.ts';
import type { Peer } from '#session/peer.ts';
import { formatEndpoint } from '#text/address.ts';
import { EventBus } from './event-bus.ts';
import { Histogram } from './histogram.ts';
import { DynamicPeers } from './peers/dynamic-peers.ts';
import { HeldCalls } from './peers/held-calls.ts';
import { Callers } from './peers/incoming-connections.ts';
import { Judges } from './peers/judges.ts';
import { heaviest, isMakingRoom } from './peers/max-paths.ts';
import { OwnAddresses } from './peers/own-addresses.ts';
import type { PeerContext } from './peers/peer-context.ts';
import { RunningPeer } from './peers/running-peer.ts';
import { RunningPeers } from './peers/running-peers.ts';
import { identityOf } from './peers/session-settings.ts';
import { guardOf, placesOf } from './process/listening.ts';
import type { HandedSockets } from './process/socket-activation.ts';
import { StoredSockets } from './process/stored-sockets.ts';
import { Propagation } from './propagation.ts';
import { Pump } from './pump.ts';
import { Readiness } from './readiness.ts';
import { ServiceWatch } from './service-watch.ts';
import { StartGate } from './start-gate.ts';
import { bandsOf } from './views/service-patterns.ts';

/** How often it is looked for peers that have left long ago. */
const forgetEveryMs = 60_000;

/** Seconds. */
const latenessBounds = [0.001, 0.005, 0.01, 0.05, 0.1, 0.2, 0.5, 1, 2, 5];
const sliceBounds = [0.001, 0.002, 0.005, 0.01, 0.015, 0.02, 0.03, 0.05, 0.1, 0.2, 0.5, 1, 2, 5];
const bestPathBounds = [0.00001, 0.0001, 0.0005, 0.001, 0.005, 0.01, 0.05, 0.1];

export interface DaemonOptions {
  readonly clock: Clock;
  readonly version: string;
  /** The daemon cannot go on: Cease has been sent to all; the process must end with status 70. */
  readonly onFatal: () => void;
  /** Listening sockets of TCP that were handed over: used instead of `listen`, or ours of before a restart. */
  readonly handedSockets?: HandedSockets;
  /** Where sockets outlive a restart; absent: nowhere. */
  readonly store?: (state: string, fds?: readonly number[]) => void;
}

/**
 * The route server: owns the peers, the RIB, the listener, the timer and the pump. Everything that
 * happens enters here and runs to its end before the next thing does.
 */
export class Daemon {
  readonly clock: Clock;
  readonly version: string;
  readonly startedWallMs: number;
  readonly startedMs: number;
  readonly events: EventBus;
  readonly rib: Rib;
  readonly peers = new RunningPeers();
  readonly propagation: Propagation;
  readonly services: ServiceWatch;
  readonly readiness: Readiness;
  readonly bestPathSeconds = new Histogram(bestPathBounds);
  readonly sliceSeconds = new Histogram(sliceBounds);
  readonly lateness = {
    keepalive: new Histogram(latenessBounds),
    hold: new Histogram(latenessBounds),
  };
  config: Config;
  configLoadedWallMs: number;
  lastReloadOk = true;
  readonly callers: Callers;
  private readonly onFatal: () => void;
  private readonly own: OwnAddresses;
  private readonly handedSockets: HandedSockets;
  private readonly stored: StoredSockets;
  private readonly judges: Judges;
  private readonly turns: ReadTurns;
  private readonly timer: PeerTimer;
  private readonly pump: Pump;
  /** Absent when the configuration wants none. */
  readonly gate: StartGate | undefined;
  private readonly dynamic: DynamicPeers;
  private stopForgetting: Cancel | undefined;
  private readonly heldCalls = new HeldCalls();
  private listener: Listener | undefined;
  private isListening = false;
  /** The daemon ends: whatever takes several turns is given up. */
  isStopping = false;

  constructor(config: Config, options: DaemonOptions) {
    const { clock } = options;
    this.clock = clock;
    this.version = options.version;
    this.onFatal = options.onFatal;
    this.handedSockets = options.handedSockets ?? { activated: [], stored: [] };
    this.stored = new StoredSockets(options.store);
    this.startedWallMs = clock.wall();
    this.startedMs = clock.monotonic();
    this.config = config;
    this.configLoadedWallMs = this.startedWallMs;
    this.own = new OwnAddresses(clock);
    this.events = new EventBus(clock);
    this.turns = new ReadTurns(clock);
    this.rib = new Rib(this.ribOptions());
    this.judges = new Judges(this.rib.attrs, {
      nameOf: (peer) => this.peers.withId(peer)?.name ?? '',
      asOf: (peer) => this.peers.withId(peer)?.peerAs ?? 0,
    });
    this.timer = new PeerTimer({ [Symbol.iterator]: () => this.sessions() }, clock);
    this.propagation = new Propagation(this.rib, clock);
    this.services = new ServiceWatch(this.rib, clock, this.events, (id) => this.peers.withId(id));
    this.services.configure(config.services);
    this.rib.setServices(bandsOf(config.services));
    this.pump = new Pump(this.rib, clock, {
      durations: this.bestPathSeconds,
      slices: this.sliceSeconds,
      propagation: this.propagation,
      onWorked: () => this.services.settle(),
      onBug: (error) => this.internalError(error, true),
    });
    this.dynamic = new DynamicPeers({
      clock,
      peers: this.peers,
      config: () => this.config,
      add: (peer) => this.addPeer(peer, this.peerContext()),
      remove: (peer) => this.removePeer(peer),
    });
    this.callers = new Callers({
      clock,
      peers: this.peers,
      dynamic: this.dynamic,
      events: this.events,
    });
    this.gate = this.makeGate();
    this.readiness = new Readiness(config, {
      clock,
      peers: this.peers,
      isListening: () => this.isListening,
      gateWaitsFor: () => (this.gate?.isOpen === false ? this.gate.unheard : []),
      onFailure: (text) => this.events.emit({ event: 'warning', text }),
    });
    const context = this.peerContext();
    for (const peer of config.peers) this.peers.add(new RunningPeer(peer, context));
  }

  /**
   * Opens the listeners: the kernel answers calls and keeps them until `start`. Throws an error that is
   * the operator's; then nothing is open, and no peer has heard a word.
   */
  bind(): void {
    const { version, config } = this;
    const { routerIdText: router_id, localAs: local_as } = config;
    this.events.emit({ event: 'started', version, router_id, local_as });
    const guard = guardOf(config);
    const { activated, stored } = this.handedSockets;
    this.listener =
      Listener.adopt(activated, guard) ??
      Listener.bind(placesOf(config), guard, this.stored.usable(stored, guard));
    this.keepSockets();
  }

  /** Takes calls, and starts every peer. Rejects with a ListenError. */
  async start(): Promise<void> {
    if (this.listener === undefined) this.bind();
    await this.listener?.accept(this.listenerOwner());
    this.isListening = true;
    for (const address of this.listening)
      this.events.emit({ event: 'listening', address, what: 'bgp' });
    for (const peer of this.peers) peer.start();
    this.gate?.start();
    this.readiness.start();
    this.stopForgetting = this.clock.every(forgetEveryMs, () => {
      this.dynamic.forgetOld();
      this.services.forgetRetired();
    });
  }

  /**
   * Cease to every peer (6/2), but for those that are asked to keep our routes for a restart: their
   * sessions end without a word. `isBroken`: to all. Who has heard it and calls again is not refused
   * before the last has heard it. Resolves when the last bytes have gone out.
   */
  async stop(isBroken = false): Promise<void> {
    this.isStopping = true;
    this.events.emit({ event: 'stopping', text: 'fingerpost is stopping' });
    // Calls wait in the queue for the one that comes after us.
    if (this.stored.hasSome) this.listener?.close();
    this.gate?.stop();
    this.readiness.stop();
    this.stopForgetting?.();
    const closing = [...this.peers].map((peer) => peer.connections.gone());
    // Without a text (RFC 9003): it would say nothing more, and ExaBGP 4.2 stumbles over any.
    for (const peer of this.peers) peer.shutDown(isBroken ? 'shutdown' : 'restart');
    this.timer.stop();
    await Promise.all(closing);
    this.listener?.close();
  }

  /** After `bind`, instead of `start`: who waits in the queue is refused. */
  close(): void {
    this.stored.forget();
    this.listener?.closeForGood();
  }

  get hasHandedSockets(): boolean {
    return this.listener?.isAdopted === true;
  }

  get listening(): string[] {
    return (this.listener?.addresses ?? []).map((at) => formatEndpoint(at));
  }

  /** What peers of the present configuration work with. */
  peerContext(): PeerContext {
    return {
      clock: this.clock,
      rib: this.rib,
      judges: this.judges,
      events: this.events,
      turns: this.turns,
      identity: identityOf(this.config, this.version, this.startedMs),
      own: this.own,
      ownAddresses: this.own.list(),
      maxPaths: this.config.maxPaths,
      gate: this.gate,
      propagation: this.propagation,
      readiness: this.readiness,
      stirred: (session) => this.stirred(session),
      tooManyPaths: () => this.makeRoom(),
      strangerFailed: (address, why) => this.callers.tell(address, why),
      timerJudged: (timer, latenessMs) => this.lateness[timer].observe(latenessMs / 1000),
      internalError: (error, fatal) => this.internalError(error, fatal),
    };
  }

  /**
   * For a change that takes several turns: sessions are served meanwhile, but what is half done is
   * neither decided on nor advertised, and calls wait. To be ended by calling what it returns.
   */
  holdStill(): () => void {
    this.pump.hold();
    this.heldCalls.hold();
    return () => {
      this.heldCalls.release((stream) => this.called(stream));
      this.pump.release();
    };
  }

  addPeer(config: PeerConfig, context: PeerContext): RunningPeer {
    const peer = new RunningPeer(config, context);
    this.peers.add(peer);
    peer.start();
    return peer;
  }

  removePeer(peer: RunningPeer): void {
    peer.remove();
    this.peers.remove(peer);
    this.judges.forget(peer.name);
  }

  /**
   * What the listeners have to do with a new configuration: places, MD5 keys, least TTLs. Rejects with an
   * error that is the operator's; then everything is as it was.
   */
  async takeOverListening(config: Config): Promise<void> {
    const { listener } = this;
    if (listener === undefined) return;
    const guard = guardOf(config);
    if (listener.isAdopted) return listener.setGuard(guard);
    const change = await listener.change(placesOf(config), guard);
    change.commit();
    this.keepSockets(guard);
  }

  private keepSockets(guard = guardOf(this.config)): void {
    const { listener } = this;
    if (listener === undefined || listener.isAdopted) return;
    try {
      this.stored.keep(listener.fds, guard);
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      const text = `the listening sockets will not be kept across a restart: ${why}`;
      this.events.emit({ event: 'warning', text });
    }
  }

  /** Every prefix is decided again where this is news. */
  decideBy(decision: DecisionConfig, services: readonly ServiceConfig[] | undefined): void {
    this.rib.setDecision(decision);
    if (services !== undefined) this.rib.setServices(bandsOf(services));
    this.pump.schedule();
  }

  /** After a reload: what only the old configuration needed goes. */
  forgetOldJudges(): void {
    this.judges.keepOnly(new Set([...this.peers].flatMap((peer) => peer.judges)));
  }

  /** The RIB may have work, and the session's deadlines may have changed. */
  stirred(session: Peer): void {
    this.timer.touch(session);
    this.pump.schedule();
  }

  private listenerOwner(): ListenerOwner {
    return {
      called: (stream) => {
        if (!this.heldCalls.take(stream)) this.called(stream);
      },
      acceptFailed: ({ message }) =>
        this.events.emit({
          event: 'warning',
          text: `an incoming connection could not be accepted: ${message}`,
        }),
    };
  }

  private called(stream: TcpStream): void {
    if (this.isStopping) stream.socket.destroy();
    else this.callers.called(stream);
  }

  private *sessions() {
    for (const peer of this.peers) yield peer.session;
  }

  private ribOptions(): RibOptions {
    const seed = randomInt(2 ** 48 - 1);
    return {
      seed,
      attrs: new AttrTable(seed),
      decision: this.config.decision,
      output: {
        send: (peer, bytes, messages) =>
          this.peers.withId(peer)?.session.send(bytes, messages, this.clock.monotonic()),
        sendRouteRefresh: (peer, family, subtype) =>
          this.peers
            .withId(peer)
            ?.session.sendRouteRefresh(family, refreshNames[subtype], this.clock.monotonic()),
      },
      events: this.ribEvents(),
    };
  }

  private ribEvents(): RibEvents {
    const peerOf = (id: PeerId): RunningPeer | undefined => this.peers.withId(id);
    return {
      limitReached: (peer, reached) => peerOf(peer)?.limitReached(reached),
      bestChanged: (...change) => this.services.bestChanged(...change),
      attributeErrors: (peer, errors, block) => peerOf(peer)?.attributeErrors(errors, block),
      tooManyAttributeBytes: (peer, bytes) => peerOf(peer)?.tooManyAttributeBytes(bytes),
      prefixIgnored: (peer, prefix) => peerOf(peer)?.prefixIgnored(prefix),
      routeRefused: (peer, prefix, reason) => peerOf(peer)?.routeRefused(prefix, reason),
      routeTooLong: (client, prefix) => peerOf(client)?.routeTooLong(prefix),
    };
  }

  private makeGate(): StartGate | undefined {
    const { startGate } = this.config;
    if (startGate === undefined) return undefined;
    this.rib.holdBack(true);
    return new StartGate(
      startGate,
      this.clock,
      () => this.peers,
      (unheard) => this.openGate(unheard),
    );
  }

  private openGate(unheard: readonly string[]): void {
    this.rib.holdBack(false);
    this.readiness.gateOpened(unheard);
    if (unheard.length > 0) {
      const text = `start gate timed out while waiting for ${unheard.join(', ')}`;
      this.events.emit({ event: 'warning', text });
    }
    this.pump.schedule();
  }

  /** `max_paths` is reached. */
  private makeRoom(): void {
    const { rib, peers } = this;
    const { maxPaths } = this.config;
    if (isMakingRoom(rib, peers, maxPaths)) return;
    const load = heaviest(rib, peers);
    if (load === undefined) return;
    const { peer, paths, expected } = load;
    const than =
      expected === 0 ? 'which has no limit configured' : `whose limits allow ${expected}`;
    const text = `max_paths ${maxPaths} reached: ${paths} paths come from this peer, ${than}`;
    this.events.emit({ event: 'warning', peer: peer.name, text });
    peer.endForLackOfRoom();
  }

  /** Nobody carries on with a RIB that may be wrong: Cease to all, and the process ends. */
  internalError(error: unknown, fatal: boolean): void {
    const { message, stack } = error instanceof Error ? error : new Error(String(error));
    const trace = stack === undefined ? {} : { stack };
    this.events.emit({ event: 'internal_error', text: message, ...trace });
    if (!fatal || this.isStopping) return;
    void this.stop(true).then(this.onFatal);
  }

  /** For status and the log. */
  get startedAt(): string {
    return timestamp(this.startedWallMs);
  }
}

const refreshNames = ['request', 'begin', 'end'] as const;
