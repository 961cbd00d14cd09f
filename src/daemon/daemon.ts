import { type Clock, monotonicUsec, timestamp } from '#clock.ts';
import type { Config } from '#config/config.ts';
import { ConfigStore } from '#history/config-store.ts';
import { DurableFile } from '#history/durable-file.ts';
import type { TcpStream } from '#net/handle.ts';
import { PeerTimer } from '#net/peer-timer.ts';
import { bootId } from '#os/boot.ts';
import { hostName } from '#os/interfaces.ts';
import type { PeerId } from '#policy/ids.ts';
import type { Rib } from '#rib/rib.ts';
import { RibView } from '#rib/view.ts';
import type { Peer } from '#session/peer.ts';
import { Bfd } from './bfd/bfd.ts';
import { BgpListener, type BgpListenerParts } from './bgp-listener.ts';
import { Bmp } from './bmp/bmp.ts';
import { KeptConfigs, type StartedFrom } from './changes/kept-configs.ts';
import type { ConfigFollower } from './config-follower.ts';
import { Drains } from './drains/drains.ts';
import { EffectQuery } from './drains/effects.ts';
import { whyNotEnded } from './drains/end-of-drain.ts';
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
import { AddressCauses } from './record/address-causes.ts';
import { BestPathCounts } from './record/best-path-counts.ts';
import { Causes } from './record/causes.ts';
import { Failovers } from './record/failovers.ts';
import { History } from './record/history.ts';
import { KeptHistory } from './record/kept-history.ts';
import { Recorder } from './record/recorder.ts';
import { routersOf } from './record/routers.ts';
import { type AddressChanges, followingRib, wiredRib } from './rib-wiring.ts';
import { Rpki } from './rpki/rpki.ts';
import { RunningConfig } from './running-config.ts';
import { bandsOf } from './services/service-patterns.ts';
import { WatchedServices } from './services/watched-services.ts';
import { CoherenceWatch } from './siblings/coherence-watch.ts';
import { ObservedRib } from './siblings/observed-rib.ts';
import { ObservedRoutes } from './siblings/observed-routes.ts';
import { SiblingAgreement } from './siblings/sibling-agreement.ts';
import type { SiblingRoutes } from './siblings/sibling-routes.ts';
import { StartGate } from './start-gate.ts';
import { Timings } from './timings.ts';
import { Upkeep } from './upkeep.ts';

/** Without a start gate, the states of services are reported when peers have had this long to come back. */
const firstToldMs = 5000;

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
  /** The causes of what the RIB does; whoever changes something through it states the reason. */
  readonly causes: Causes;
  readonly recorder: Recorder;
  /** What was recorded, with a `state_dir` also from before this start. */
  readonly history: History;
  /** Absent without a `state_dir`. */
  readonly keptHistory: KeptHistory | undefined;
  readonly failovers: Failovers;
  readonly rib: Rib;
  readonly view: RibView;
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
  /** Absent when the configuration wants none. */
  readonly gate: StartGate | undefined;
  readonly bfd: Bfd;
  readonly rpki: Rpki;
  readonly mrt: Mrt;
  readonly bmp: Bmp;
  /** Parts that a reload changes once the peers follow the new configuration, in this order. */
  readonly followers: readonly ConfigFollower[];
  readonly timings = new Timings();
  private readonly onFatal: () => void;
  private readonly bestPathCounts: BestPathCounts;
  private readonly timer: PeerTimer;
  private readonly pump: Pump;
  private readonly upkeep: Upkeep;
  private hasStopped = false;

  constructor(
    config: Config,
    { clock, version, onFatal, startedFrom: start = { from: 'file' }, ...sockets }: DaemonOptions,
  ) {
    const { observed, peers, timings } = this;
    this.clock = clock;
    this.version = version;
    this.onFatal = onFatal;
    this.startedWallMs = clock.wall();
    this.startedMs = clock.monotonic();
    this.configuration = new RunningConfig(config, clock);
    this.own = new OwnAddresses(clock);
    this.events = new EventBus(clock);
    const { events, own } = this;
    this.kept = new KeptConfigs({ clock, events, store: configStoreOf(config), start });
    this.recorder = new Recorder(clock, events);
    this.keptHistory = this.makeKeptHistory(config);
    this.history = new History(this.recorder, this.keptHistory);
    this.rib = wiredRib(config.decision, clock, peers, this.addressChanges(), (peer, bytes) =>
      this.bmp.updatesSent(peer, bytes),
    );
    this.view = new RibView(this.rib);
    this.rib.setServices(bandsOf(config.services));
    const { recorder, rib, view } = this;
    const nameOf = (id: PeerId): string | undefined => peers.withId(id)?.name;
    this.bestPathCounts = new BestPathCounts({ clock, view, nameOf, recorder });
    this.causes = new Causes({ because: rib.because, clock, takeId: () => events.takeId() });
    this.timer = new PeerTimer({ [Symbol.iterator]: () => this.sessions() }, clock);
    this.maxPaths = new MaxPaths(view, peers, events, config);
    this.propagation = new Propagation(view, clock);
    const isGateClosed = (): boolean => this.gate?.isOpen === false;
    const current = (): Config => this.config;
    const { causes, propagation } = this;
    this.siblings = new ObservedRoutes({ observed, peers, config: current, isGateClosed });
    const { siblings } = this;
    const addressCauses = new AddressCauses({ view, causes, nameOf });
    this.failovers = new Failovers({
      clock,
      events,
      routers: () => routersOf(peers, view),
      stayed: (causeId) => addressCauses.stayed(causeId),
      siblings: new SiblingAgreement({ rib: view, peers, siblings }),
    });
    this.services = new WatchedServices({
      clock,
      view,
      events,
      peers,
      causes: addressCauses,
      failovers: this.failovers,
      probeOf: (service, peer) => this.probes.stateOf(service, peer),
      isHeldBack: isGateClosed,
    });
    const { addresses, states } = this.services;
    addresses.configure(config.services);
    this.pump = new Pump(rib, clock, {
      observed: observed.rib,
      durations: timings.bestPath,
      slices: timings.slices,
      propagation,
      onWorked: () => this.services.moves.settle(),
      onBug: (error) => this.internalError(error, true),
    });
    this.gate = this.makeGate(config);
    this.readiness = new Readiness(config, {
      clock,
      peers,
      isListening: () => this.listener.isOpen,
      gateWaitsFor: () => (this.gate?.isOpen === false ? this.gate.unheard : []),
      onFailure: (text) => events.emit({ event: 'warning', text }),
      onLost: (text) => events.emit({ event: 'state_lost', text }),
      degradedBy: () => this.degradedBy(),
    });
    // What the parts below share; each takes what it names.
    const shared = {
      clock,
      rib,
      view,
      peers,
      events,
      causes,
      addresses,
      siblings,
      config: current,
    };
    this.effects = new EffectQuery({ ...shared, rib: view });
    this.probes = new Probes({
      ...shared,
      startThread: startProbeThread,
      changed: () => this.ranksChanged(),
    });
    const { probes } = this;
    this.coherence = new CoherenceWatch({
      ...shared,
      rib: view,
      observed: observed.view,
      serviceOf: (prefix) => rib.services?.serviceOf(prefix) ?? 0,
      probes,
    });
    this.lastPaths = new LastPaths({ ...shared, probes, changed: () => this.pump.schedule() });
    this.drains = new Drains({
      ...shared,
      boot: { id: bootId(), nowMs: () => Number(monotonicUsec()) / 1000 },
      file: drainsFileOf(config),
      whyNotNow: ({ target }) => whyNotEnded(this, target),
      changed: () => this.ranksChanged(),
    });
    this.bfd = new Bfd(config, { clock, events, peers, own });
    this.rpki = new Rpki(config, {
      clock,
      events,
      rib,
      causes: this.causes,
      changed: () => this.pump.schedule(),
      internalError: (error) => this.internalError(error, false),
    });
    this.mrt = new Mrt(config, { clock, events, view, peers });
    const system = { sysDescr: `fingerpost ${version}`, sysName: hostName() };
    this.bmp = new Bmp(config, { clock, events, rib, view, peers, system });
    const { startedMs } = this;
    const context = peerContextOf(this);
    this.lifecycle = new PeerLifecycle(config, { peers, context, version, startedMs });
    const { dynamic } = this.lifecycle;
    this.incoming = new IncomingConnections({ clock, peers, dynamic, events });
    this.listener = new BgpListener({
      ...sockets,
      events,
      accept: (stream) => this.accept(stream),
    });
    this.upkeep = new Upkeep({ clock, peers, dynamic, addresses, states });
    const { readiness, bfd, rpki, mrt, bmp } = this;
    this.followers = [followingRib(rib), addresses, states, probes, readiness, bfd, rpki, mrt, bmp];
  }

  get config(): Config {
    return this.configuration.current;
  }

  /** Work that takes several turns is abandoned then. */
  get isStopping(): boolean {
    return this.hasStopped;
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
    this.keptHistory?.start();
    this.kept.started(this.config);
    this.bestPathCounts.start();
    this.drains.load();
    await this.listener.open(this.config);
    for (const peer of this.peers) peer.start();
    this.bfd.start();
    this.rpki.start();
    this.mrt.start();
    this.bmp.start();
    if (this.gate === undefined) this.clock.after(firstToldMs, () => this.services.states.begin());
    else this.gate.start();
    this.readiness.start();
    this.drains.start();
    this.coherence.start();
    this.probes.start();
    this.upkeep.start();
  }

  /**
   * Sends Cease to every peer (6/2) except those that are asked to keep our routes for a restart: their sessions end
   * without a NOTIFICATION. With `isBroken` it is sent to all. A peer that has received it and connects again is not
   * refused before the last peer has received it. Resolves when the last bytes have been sent.
   */
  async stop(isBroken = false): Promise<void> {
    this.hasStopped = true;
    this.events.emit({ event: 'stopping', text: 'fingerpost is stopping' });
    // Connections wait in the queue for the next process.
    if (this.listener.isKept) this.listener.close();
    this.gate?.stop();
    this.readiness.stop();
    this.drains.stop();
    this.coherence.stop();
    this.probes.stop();
    this.lastPaths.stop();
    this.upkeep.stop();
    const closing = [...this.peers].map((peer) => peer.connections.gone());
    // No text is sent (RFC 9003): it would add nothing, and ExaBGP 4.2 cannot handle any.
    for (const peer of this.peers) peer.shutDown(isBroken ? 'shutdown' : 'restart');
    this.timer.stop();
    await Promise.all([...closing, this.bfd.stop(), this.rpki.stop()]);
    this.listener.close();
    this.events.flush();
    this.bestPathCounts.stop();
    await Promise.all([this.keptHistory?.stop(), this.mrt.stop(), this.bmp.stop()]);
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
      this.pump.release();
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
    if (!fatal || this.isStopping) return;
    void this.stop(true).then(this.onFatal);
  }

  /** The RIB may have work, and the session's deadlines may have changed. */
  wake(session: Peer): void {
    this.timer.touch(session);
    this.pump.schedule();
  }

  /** A drain or a probe changes the rank of paths, which may be all that changes for an address. */
  private ranksChanged(): void {
    this.pump.schedule();
    this.services.states.lookAgain(this.causes.current);
  }

  private accept(stream: TcpStream): void {
    if (this.isStopping) stream.socket.destroy();
    else this.incoming.accept(stream);
  }

  private *sessions() {
    for (const peer of this.peers) yield peer.session;
  }

  /** Who is notified of changes of the RIB: first the services, then the parts that count or wait. */
  private addressChanges(): AddressChanges {
    return {
      bestChanged: (family, prefix, from, to) => {
        const isWatched = this.services.moves.bestChanged(family, prefix, from, to);
        if (!isWatched) this.bestPathCounts.add(family, from, to);
      },
      pathChanged: (family, prefix, path, was, isGone) =>
        this.services.pathChanged(family, prefix, path, was, isGone),
      pathKept: (peer, family, prefix, path, untilMs) => {
        this.lastPaths.kept(peer, family, prefix, path, untilMs);
        this.services.addressChanged(family, prefix, undefined);
      },
    };
  }

  private degradedBy(): string[] {
    return [
      ...(this.drains.areLost ? ['drains lost'] : []),
      ...(this.kept.isConfirmedLost ? ['confirmed configuration lost'] : []),
    ];
  }

  private makeKeptHistory({ stateDir }: Config): KeptHistory | undefined {
    if (stateDir === undefined) return undefined;
    const { clock, events, recorder } = this;
    const limits = (): Config['history'] => this.config.history;
    return new KeptHistory({ clock, events, recorder, directory: stateDir, limits });
  }

  private makeGate({ startGate }: Config): StartGate | undefined {
    if (startGate === undefined) return undefined;
    this.rib.holdBack(true);
    return new StartGate(
      startGate,
      this.clock,
      () => this.peers,
      () => this.rpki.awaited,
      (unheard) => this.openGate(unheard),
    );
  }

  private openGate(unheard: readonly string[]): void {
    this.rib.holdBack(false);
    this.readiness.gateOpened(unheard);
    const isTimeOver = unheard.length > 0;
    const late = `start gate timed out while waiting for ${unheard.join(', ')}`;
    const text = isTimeOver ? late : 'start gate opened: all nodes have been heard';
    this.services.states.begin(this.causes.once({ kind: 'start_gate', text }));
    if (isTimeOver) this.events.emit({ event: 'warning', text });
    this.pump.schedule();
  }
}

function configStoreOf({ stateDir, file }: Config): ConfigStore | undefined {
  return stateDir === undefined ? undefined : new ConfigStore(stateDir, file);
}

function drainsFileOf({ stateDir }: Config): DurableFile | undefined {
  return stateDir === undefined ? undefined : new DurableFile(stateDir, 'drains.json');
}
