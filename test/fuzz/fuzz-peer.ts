import { systemClock } from '#clock.ts';
import type { Daemon } from '#daemon/daemon.ts';
import { OwnAddresses } from '#daemon/peers/own-addresses.ts';
import type { RunningPeer } from '#daemon/peers/running-peer.ts';
import { sendSettings } from '#daemon/peers/session-settings.ts';
import type { ExportSettings, ImportSettings } from '#policy/policy.ts';
import type { ManualClock } from '#support/manual-clock.ts';
import { keepalive, MessageType, open, routeRefresh } from '#support/raw-message.ts';
import { naiveImport } from '../oracle/policy-oracle.ts';
import type { NaiveNlri, NaiveRoute } from '../oracle/rib-oracle.ts';
import { RouterTable } from '../rib/router-table.ts';
import { type Ending, ExpectedRestart, latenessMs } from './expected-restart.ts';
import { ExpectedSession, type LimitRule } from './expected-session.ts';
import { Line } from './line.ts';
import type { FuzzPeerPlan } from './peers.ts';

/** Something that must not happen; the text is the finding. */
export class Finding extends Error {}

const keepaliveEveryMs = 20_000;
const ourAddress = Uint8Array.of(10, 0, 9, 9);
const ours = new OwnAddresses(systemClock).list();

/** One peer of the daemon: what it does, and what that must lead to. */
export class FuzzPeer {
  readonly plan: FuzzPeerPlan;
  /** All routes that it has announced and that must still be there. */
  readonly memory: ExpectedRestart;
  line: Line | undefined;
  /** When the connection, or its OPEN, arrived. */
  lineSinceMs = 0;
  /** From OpenConfirm on. */
  expected: ExpectedSession | undefined;
  /** What a router holds while its session is up. */
  table: RouterTable | undefined;
  /** A router that reads nothing for the moment, so what it holds may be old. */
  isLagging = false;
  /** How its sessions ended, `3/1`; empty: by the peer itself. */
  onEnded: (ending: string) => void = () => undefined;
  private readonly daemon: Daemon;
  private readonly clock: ManualClock;

  constructor(plan: FuzzPeerPlan, daemon: Daemon, clock: ManualClock) {
    this.plan = plan;
    this.daemon = daemon;
    this.clock = clock;
    this.memory = new ExpectedRestart(plan.restart, ({ route, prefix }) => {
      if (route.malformed !== undefined) return undefined;
      const outcome = naiveImport(this.importSettings, route.attributes, prefix);
      return 'route' in outcome ? outcome.route : undefined;
    });
  }

  /** Absent while a peer of the range has not connected, or has been forgotten. */
  get known(): RunningPeer | undefined {
    return this.daemon.peers.named(this.name);
  }

  get running(): RunningPeer {
    const { known } = this;
    if (known === undefined) throw new Finding(`${this.name} is not there`);
    return known;
  }

  /** Whether it has a connection, in any state. */
  get isConnected(): boolean {
    return this.line?.isOver === false;
  }

  get name(): string {
    return this.plan.name;
  }

  get isHonest(): boolean {
    return this.plan.open !== undefined;
  }

  get isUp(): boolean {
    return this.expected?.isUp === true;
  }

  /** Brings an honest peer up and keeps it alive. */
  establish(): void {
    this.comeUp();
    this.clock.every(keepaliveEveryMs, () => this.say(keepalive(), []));
    this.judge();
  }

  /** Begins another session of an honest peer, with a refresh of both families during the first table. */
  rejoin(): void {
    this.forget();
    this.isLagging = false;
    this.comeUp();
    this.say(Uint8Array.from(Buffer.concat([routeRefresh(1), routeRefresh(2)])), []);
    this.judge();
  }

  private comeUp(): void {
    if (this.plan.open === undefined) throw new Finding(`${this.name} is not honest`);
    this.call();
    this.say(open(this.plan.open), []);
    this.say(keepalive(), []);
  }

  /**
   * Connects again, and gives up the earlier connection without a message. Returns false if it must not be answered.
   */
  call(): boolean {
    // A second connection beside a session is one of `stray`.
    if (this.isUp) return true;
    this.forget();
    if (!this.isAnswered()) return false;
    this.line = this.newLine();
    this.lineSinceMs = this.clock.monotonic();
    return true;
  }

  /**
   * It has lost its session unnoticed, and connects again: with graceful restart the old session is dropped (RFC 4724
   * §5).
   */
  recall(bytes: Uint8Array): void {
    const { line: old, expected } = this;
    if (old === undefined || expected?.isUp !== true) return;
    const line = this.newLine();
    line.receive(bytes);
    if (!old.isOver) return line.hangUp();
    const { gracefulRestart } = expected.negotiated;
    const isHelped = this.memory.isHelper && (gracefulRestart?.families.length ?? 0) > 0;
    if (!isHelped || old.notification !== undefined) {
      throw new Finding(`a second call has ended the session of ${this.name}`);
    }
    this.leave({});
    this.line = line;
    this.expectSession();
  }

  /** Sends bytes, cut into chunks, and tells the twin what to expect of them. */
  say(bytes: Uint8Array, cuts: readonly number[]): void {
    const { line } = this;
    if (line === undefined || line.isOver) return;
    const now = this.clock.monotonic();
    const wasExpected = this.expected;
    if (wasExpected !== undefined) wasExpected.receive(bytes, now);
    const bounds = cuts.filter((cut) => cut < bytes.length).toSorted((a, b) => a - b);
    [0, ...bounds].forEach((from, at) => line.receive(bytes.slice(from, bounds[at])));
    if (wasExpected === undefined) this.expectSession();
  }

  /** Compares the state of the session with what it must be. */
  judge(): void {
    const { expected, line } = this;
    if (expected === undefined || line === undefined) return;
    const isOver = expected.ending !== undefined;
    if (isOver !== line.isOver || (isOver && expected.ending !== (line.notification ?? ''))) {
      const seen = line.isOver ? `ended by "${line.notification ?? ''}"` : 'stands';
      const wanted = isOver ? `ended by "${expected.ending}"` : 'stands';
      throw new Finding(`session of ${this.name} ${seen}, expected: ${wanted}`);
    }
    if (isOver) return this.ended(expected.ending ?? '');
    const { state } = this.running.session;
    const wanted = expected.isUp ? 'Established' : 'OpenConfirm';
    if (state !== wanted) throw new Finding(`${this.name} is ${state}, expected: ${wanted}`);
  }

  /** After time has passed: a peer whose hold time is over must have been sent a NOTIFICATION, and no other peer. */
  expireHold(): void {
    const { expected } = this;
    if (expected === undefined || expected.ending !== undefined) return;
    const { holdTimeSec } = expected.negotiated;
    if (holdTimeSec === 0) return;
    const overdueMs = this.clock.monotonic() - expected.heardAtMs - holdTimeSec * 1000;
    if (overdueMs < (this.line?.isOver === true ? 0 : latenessMs)) return;
    expected.ending = '4/0';
  }

  /** Hangs up: FIN. */
  forget(): void {
    this.line?.hangUp();
    this.leave({});
  }

  /** The connection has ended, and the other side has ended it. */
  leave(ending: Ending): void {
    const { expected, memory } = this;
    if (expected?.isUp === true) {
      memory.lost(expected.negotiated, ending, this.running.downAtMs ?? this.clock.monotonic());
    }
    this.line = undefined;
    this.expected = undefined;
    this.table = undefined;
  }

  lag(isLagging: boolean): void {
    this.isLagging = isLagging;
    if (isLagging) this.running.connections.lagging();
    else this.running.connections.drained();
  }

  get importSettings(): ImportSettings {
    const { config } = this.running;
    return {
      peerName: config.name,
      peerAs: this.memory.last?.peerAs ?? this.running.peerAs,
      peerAddress: config.address,
      localAs: config.localAs,
      localAddresses: ours,
      policy: config.import,
      missingMed: config.missingMed,
      acceptNextHop: config.acceptNextHop,
      enforceFirstAs: config.enforceFirstAs,
      allowAsSets: config.allowAsSets,
      ...(config.role !== undefined && { role: config.role }),
    };
  }

  get exportSettings(): ExportSettings | undefined {
    const { config } = this.running;
    if (config.export === 'none') return undefined;
    return {
      policy: config.export,
      localAs: config.localAs,
      rsClient: config.rsClient,
      // The connections have no addresses, so that none can be taken for our own.
      selfNextHop: [],
      toAnotherAs: (this.memory.last?.peerAs ?? this.running.peerAs) !== config.localAs,
      interpretWellKnown: config.communities === 'interpret_well_known',
      takesBlackholes: config.blackhole,
      ...(config.role !== undefined && { role: config.role }),
    };
  }

  private ended(ending: string): void {
    if (this.isHonest) throw new Finding(`${this.name} has lost its session: ${ending}`);
    this.onEnded(ending);
    const [code, subcode] = ending.split('/').map(Number);
    this.leave(this.expected?.notified ?? { code, subcode });
  }

  private newLine(): Line {
    return new Line(this.daemon, this.clock, this.running, (message) => this.read(message));
  }

  /** A connection from the range creates its peer. */
  private isAnswered(): boolean {
    const { address } = this.plan;
    if (address === undefined) return true;
    const [remote, local] = [address, ourAddress].map((it) => ({ address: it, port: 179 }));
    return typeof this.daemon.incoming.peerOf({ remote, local }) !== 'string';
  }

  /** The OPEN is assumed to be right; from there on the twin knows what must follow. */
  private expectSession(): void {
    const { session, config } = this.running;
    const { line } = this;
    if (line === undefined) return;
    if (line.isOver) {
      this.onEnded(line.notification ?? '');
      this.line = undefined;
      return;
    }
    if (session.state === 'Established') return this.forget();
    if (session.state !== 'OpenConfirm' || session.negotiated === undefined) return;
    const limit = config.maxPrefix[0];
    const rules = limit?.action === 'restart' ? { limit: this.limitRule(limit.limit) } : {};
    const now = this.clock.monotonic();
    this.lineSinceMs = now;
    this.expected = new ExpectedSession(session.negotiated, rules, this.memory, now);
    if (this.plan.isRouter === true) this.table = new RouterTable(sendSettings(session.negotiated));
  }

  /** By what the session settled. */
  private limitRule(limit: number): LimitRule {
    let settings: ImportSettings | undefined;
    const accepts = ({ attributes, malformed }: NaiveRoute, { prefix }: NaiveNlri): boolean => {
      settings ??= this.importSettings;
      return malformed === undefined && !('reason' in naiveImport(settings, attributes, prefix));
    };
    return { limit, accepts };
  }

  private read(message: Uint8Array): void {
    const { table } = this;
    if (table === undefined) return;
    if (message[18] === MessageType.update) table.receive(message, 1);
    if (message[18] !== MessageType.routeRefresh) return;
    const family = message[20] === 1 ? 0 : 1;
    if (message[21] === 1 || message[21] === 2) table.receiveRefresh(family, message[21]);
  }
}
