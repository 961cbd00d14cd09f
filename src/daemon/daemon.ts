import { type Clock, monotonicUsec, timestamp } from '#clock.ts';
import type { Config } from '#config/config.ts';
import type { TcpStream } from '#net/handle.ts';
import { PeerTimer } from '#net/peer-timer.ts';
import { LoopTurns } from '#net/turns.ts';
import { bootId } from '#os/boot.ts';
import { hostName } from '#os/interfaces.ts';
import { threadUsedMs } from '#os/thread-time.ts';
import type { Rib } from '#rib/rib.ts';
import { RibView } from '#rib/view.ts';
import type { Peer } from '#session/peer.ts';
import { Bfd } from './bfd/bfd.ts';
import { BgpListener, type BgpListenerParts } from './bgp-listener.ts';
import { Bmp } from './bmp/bmp.ts';
import { configStoreOf, KeptConfigs, type StartedFrom } from './changes/kept-configs.ts';
import type { ConfigFollower } from './config-follower.ts';
import { Drains } from './drains/drains.ts';
import { EffectQuery } from './drains/effects.ts';
import { whyNotEnded } from './drains/end-of-drain.ts';
import { drainsFileOf } from './drains/stored-drains.ts';
import { EventBus } from './event-bus.ts';
import { LastPaths } from './last-paths.ts';
import { Mrt } from './mrt/mrt.ts';
import { IncomingConnections } from './peers/incoming-connections.ts';
import { MaxPaths } from './peers/max-paths.ts';
import { OwnAddresses } from './peers/own-addresses.ts';
import { peerContextOf } from './peers/peer-context.ts';
import { PeerLifecycle } from './peers/peer-lifecycle.ts';
import { RunningPeers } from './peers/running-peers.ts';
import { Probes } from './probes/probes.ts';
import { startProbeThread } from './probes/start-probe-thread.ts';
import { Propagation } from './propagation.ts';
import { Pump } from './pump.ts';
import { Readiness } from './readiness.ts';
import { Journal } from './record/journal.ts';
import { followingRib, wiredRib } from './rib-wiring.ts';
import { Rpki } from './rpki/rpki.ts';
import { RunningConfig } from './running-config.ts';
import { bandsOf } from './services/service-patterns.ts';
import { WatchedServices } from './services/watched-services.ts';
import { CoherenceWatch } from './siblings/coherence-watch.ts';
import { ObservedRib } from './siblings/observed-rib.ts';
import { ObservedRoutes } from './siblings/observed-routes.ts';
import type { SiblingRoutes } from './siblings/sibling-routes.ts';
import { Stalls } from './stalls.ts';
import type { StartGate } from './start-gate.ts';
import { Startup } from './startup.ts';
import { Timings } from './timings.ts';
import { Upkeep } from './upkeep.ts';

export interface DaemonOptions extends Pick<BgpListenerParts, 'handedSockets' | 'store'> {
  readonly clock: Clock;
  readonly version: string;
  /** The daemon cannot continue: Cease has been sent to all peers, and the process must end with status 70. */
  readonly onFatal: () => void;
  /** Absent: it starts with the file. */
  readonly startedFrom?: StartedFrom;
}

/**
 * The route server: it creates its parts and connects them, starts and stops them. Everything that happens enters
 * through one of them and runs to its end before the next event is handled.
 */
export class Daemon {
  readonly clock: Clock;
  readonly version: string;
  readonly startedWallMs: number;
  readonly startedMs: number;
  readonly configuration: RunningConfig;
  readonly kept: KeptConfigs;
  readonly events: EventBus;
  readonly rib: Rib;
  readonly view: RibView;
  readonly journal: Journal;
  readonly observed = new ObservedRib();
  readonly peers = new RunningPeers();
  readonly lifecycle: PeerLifecycle;
  readonly maxPaths: MaxPaths;
  readonly own: OwnAddresses;
  readonly listener: BgpListener;
  readonly incoming: IncomingConnections;
  readonly propagation: Propagation;
  readonly services: WatchedServices;
  readonly readiness: Readiness;
  readonly drains: Drains;
  readonly siblings: SiblingRoutes;
  readonly effects: EffectQuery;
  readonly coherence: CoherenceWatch;
  readonly probes: Probes;
  readonly lastPaths: LastPaths;
  readonly bfd: Bfd;
  readonly rpki: Rpki;
  readonly mrt: Mrt;
  readonly bmp: Bmp;
  /** Parts that a reload changes once the peers follow the new configuration, in this order. */
  readonly followers: readonly ConfigFollower[];
  readonly timings = new Timings();
  readonly stalls: Stalls;
  /** In which sockets are read and written, and the RIB works. */
  readonly turns: LoopTurns;
  private readonly onFatal: () => void;
  private readonly startup: Startup;
  private readonly timer: PeerTimer;
  private readonly pump: Pump;
  private readonly upkeep: Upkeep;
  /** Present once it is stopping. */
  private stopping: Promise<void> | undefined;
  private hasBug = false;

  constructor(
    config: Config,
    { clock, version, onFatal, startedFrom: start = { from: 'file' }, ...sockets }: DaemonOptions,
  ) {
    const { observed, peers, timings } = this;
    this.clock = clock;
    this.turns = new LoopTurns(clock);
    this.version = version;
    this.onFatal = onFatal;
    this.startedWallMs = clock.wall();
    this.startedMs = clock.monotonic();
    this.configuration = new RunningConfig(config, clock);
    this.own = new OwnAddresses(clock);
    this.events = new EventBus(clock);
    const { events, own } = this;
    this.kept = new KeptConfigs({ clock, events, store: configStoreOf(config), start });
    this.rib = wiredRib(config.decision, clock, this);
    this.view = new RibView(this.rib);
    this.rib.setServices(bandsOf(config.services));
    const { rib, view } = this;
    this.timer = new PeerTimer({ [Symbol.iterator]: () => this.sessions() }, clock);
    this.maxPaths = new MaxPaths(view, peers, events, config);
    this.propagation = new Propagation(view, clock);
    const current = (): Config => this.config;
    const isHeldBack = (): boolean => this.startup.isHeldBack;
    const ribChanged = (): void => this.pump.schedule();
    const ranksChanged = (): void => this.ranksChanged();
    this.siblings = new ObservedRoutes({ observed, peers, config: current, isHeldBack });
    const { siblings, propagation } = this;
    // What the parts below share; each takes what it names.
    const shared = { clock, rib, view, peers, events, siblings, config: current };
    this.journal = new Journal(shared);
    const { causes, addressCauses, failovers } = this.journal;
    this.services = new WatchedServices({
      ...shared,
      causes: addressCauses,
      failovers,
      probeOf: (service, peer) => this.probes.stateOf(service, peer),
      isHeldBack,
    });
    const { addresses, states } = this.services;
    addresses.configure(config.services);
    this.pump = new Pump(rib, clock, this.turns, {
      observed: observed.rib,
      durations: timings.bestPath,
      slices: timings.slices,
      propagation,
      onWorked: () => this.services.moves.settle(),
      onBug: (error) => this.internalError(error, true),
    });
    this.startup = new Startup(config.startGate, {
      ...shared,
      causes,
      states,
      othersAwaited: () => this.rpki.awaited,
      opened: (unheard) => {
        this.readiness.gateOpened(unheard);
        this.pump.schedule();
      },
    });
    this.readiness = new Readiness(config, {
      clock,
      peers,
      isListening: () => this.listener.isOpen,
      gateWaitsFor: () => this.startup.awaited,
      onFailure: (text) => events.emit({ event: 'warning', text }),
      onLost: (text) => events.emit({ event: 'state_lost', text }),
      degradedBy: () => [
        ...(this.drains.areLost ? ['drains lost'] : []),
        ...(this.kept.isConfirmedLost ? ['confirmed configuration lost'] : []),
      ],
    });
    this.effects = new EffectQuery({ ...shared, rib: view });
    const known = { ...shared, causes, addresses };
    this.probes = new Probes({ ...known, startThread: startProbeThread, changed: ranksChanged });
    const { probes } = this;
    this.coherence = new CoherenceWatch({
      ...known,
      rib: view,
      observed: observed.view,
      serviceOf: (prefix) => rib.services?.serviceOf(prefix) ?? 0,
      probes,
    });
    this.lastPaths = new LastPaths({ ...known, probes, changed: ribChanged });
    this.drains = new Drains({
      ...known,
      boot: { id: bootId(), nowMs: () => Number(monotonicUsec()) / 1000 },
      file: drainsFileOf(config),
      whyNotNow: ({ target }) => whyNotEnded(this, target),
      changed: ranksChanged,
    });
    this.bfd = new Bfd(config, { clock, events, peers, own });
    this.rpki = new Rpki(config, {
      ...known,
      changed: ribChanged,
      internalError: (error) => this.internalError(error, false),
    });
    this.mrt = new Mrt(config, shared);
    const system = { sysDescr: `fingerpost ${version}`, sysName: hostName() };
    this.bmp = new Bmp(config, { ...shared, system });
    const { startedMs } = this;
    const context = peerContextOf(this);
    this.lifecycle = new PeerLifecycle(config, { peers, context, version, startedMs });
    const { dynamic } = this.lifecycle;
    this.incoming = new IncomingConnections({ clock, peers, dynamic, events });
    this.listener = new BgpListener({
      turns: this.turns,
      ...sockets,
      events,
      accept: (stream) => this.accept(stream),
    });
    this.upkeep = new Upkeep({ clock, peers, dynamic, addresses, states });
    this.stalls = new Stalls({
      clock,
      usedMs: threadUsedMs,
      warn: (text) => events.emit({ event: 'warning', text }),
    });
    const { readiness, bfd, rpki, mrt, bmp } = this;
    this.followers = [followingRib(rib), addresses, states, probes, readiness, bfd, rpki, mrt, bmp];
  }

  get config(): Config {
    return this.configuration.current;
  }

  /** Work that takes several turns is abandoned then. */
  get isStopping(): boolean {
    return this.stopping !== undefined;
  }

  /** An internal error ends it, or has happened while it stopped. */
  get isBroken(): boolean {
    return this.hasBug;
  }

  /** Absent when the configuration wants none. */
  get gate(): StartGate | undefined {
    return this.startup.gate;
  }

  /** For status and the log. */
  get startedAt(): string {
    return timestamp(this.startedWallMs);
  }

  /**
   * Opens the listeners: the kernel answers and queues connections until `start`. Throws an error that the operator can
   * fix; then nothing is open, and nothing has been sent to a peer.
   */
  bind(): void {
    const { version, config } = this;
    const { routerIdText: router_id, localAs: local_as } = config;
    this.events.emit({ event: 'started', version, router_id, local_as });
    this.listener.bind(config);
  }

  /** Accepts connections, and starts every peer. Rejects with a ListenError. */
  async start(): Promise<void> {
    this.journal.start();
    this.kept.started(this.config);
    this.drains.load();
    await this.listener.open(this.config);
    for (const peer of this.peers) peer.start();
    this.bfd.start();
    this.rpki.start();
    this.mrt.start();
    this.bmp.start();
    this.startup.start();
    this.readiness.start();
    this.drains.start();
    this.coherence.start();
    this.probes.start();
    this.upkeep.start();
  }

  /**
   * Sends Cease to every peer (6/2) except those that are asked to keep our routes for a restart: their sessions end
   * without a NOTIFICATION. After an internal error it is sent to all. A peer that has received it and connects again is not
   * refused before the last peer has received it. Resolves when the last bytes have been sent. A second call
   * waits for the same end.
   */
  stop(): Promise<void> {
    if (this.stopping !== undefined) return this.stopping;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.stopping = promise;
    void this.end()
      .catch((error: unknown) => this.internalError(error, true))
      .finally(resolve);
    return promise;
  }

  /** After an internal error any part may throw; the others are stopped all the same. */
  private async end(): Promise<void> {
    const kind = this.hasBug ? 'shutdown' : 'restart';
    const { listener, startup, readiness, drains, coherence, probes, lastPaths, upkeep } = this;
    this.events.emit({ event: 'stopping', text: 'fingerpost is stopping' });
    // Connections wait in the queue for the next process.
    if (listener.isKept) this.attempt(() => listener.close());
    const { services, journal } = this;
    const first = [startup, readiness, drains, coherence, probes, lastPaths, upkeep, services];
    for (const part of [...first, journal.failovers]) this.attempt(() => part.stop());
    // What the ends of the sessions would leave as best, one after the other, concerns no router.
    this.pump.hold();
    const closing = [...this.peers].map((peer) => peer.connections.gone());
    // No text is sent (RFC 9003): it would add nothing, and ExaBGP 4.2 cannot handle any.
    for (const peer of this.peers) this.attempt(() => peer.shutDown(kind));
    for (const { connections } of this.peers) this.attempt(() => connections.close());
    this.attempt(() => this.timer.stop());
    await Promise.all([...closing, ...[this.bfd, this.rpki].map((part) => this.ended(part))]);
    this.attempt(() => listener.close());
    this.attempt(() => this.events.flush());
    await Promise.all([journal, this.mrt, this.bmp].map((part) => this.ended(part)));
  }

  private attempt(step: () => void): void {
    try {
      step();
    } catch (error) {
      this.internalError(error, true);
    }
  }

  private async ended(part: { stop(): Promise<void> }): Promise<void> {
    await part.stop().catch((error: unknown) => this.internalError(error, true));
  }

  /** To be called after `bind`, instead of `start`: connections that wait in the queue are refused. */
  close(): void {
    this.listener.closeForGood();
  }

  /**
   * For a change that takes several turns: sessions are served meanwhile, but what is half done is neither decided nor
   * advertised, and connections wait. Ends when the returned function is called.
   */
  holdStill(): () => void {
    this.pump.hold();
    this.listener.hold();
    return () => {
      this.listener.release();
      if (!this.isStopping) this.pump.release();
    };
  }

  /**
   * No part continues with a RIB that may be wrong: if the error is `fatal`, Cease is sent to all peers and the process
   * ends.
   */
  internalError(error: unknown, fatal: boolean): void {
    const { message, stack } = error instanceof Error ? error : new Error(String(error));
    const trace = stack === undefined ? {} : { stack };
    this.events.emit({ event: 'internal_error', text: message, ...trace });
    if (!fatal) return;
    this.hasBug = true;
    if (this.isStopping) return;
    void this.stop().then(this.onFatal);
  }

  /** The RIB may have work, and the session's deadlines may have changed. */
  wake(session: Peer): void {
    this.timer.touch(session);
    this.pump.schedule();
  }

  /** A drain or a probe changes the rank of paths, which may be all that changes for an address. */
  private ranksChanged(): void {
    this.pump.schedule();
    this.services.states.lookAgain(this.journal.causes.current);
  }

  private accept(stream: TcpStream): void {
    if (this.isStopping) stream.socket.destroy();
    else this.incoming.accept(stream);
  }

  private *sessions() {
    for (const peer of this.peers) yield peer.session;
  }
}
