import { execFileSync, spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { environment } from '#support/process.ts';
import { addressOctets, nodeAs } from '../addresses.ts';
import type { Figures, Measures } from '../measures.ts';
import { Load, type LoadShape } from './load.ts';
import { keyOf, type RouteAttributes, UpdateStream } from './messages.ts';
import { processFigures } from './process-figures.ts';
import { RouterTable } from './router-table.ts';
import type { LoadSession } from './session.ts';

/** The end of a phase: every router holds what is expected, or a condition of the workload holds. */
export interface Wait {
  readonly isDone?: () => boolean;
  /** The kernel is polled without sleeping, for latencies. */
  readonly isSpinning?: boolean;
  /** FRR closes some connections while it starts. */
  readonly mayLose?: boolean;
  /** Replaces the limit of the run, if it is less. */
  readonly atLeastSec?: number;
}

/** How a daemon is given its next configuration: files by their paths, then a command. */
export interface Reload {
  readonly files: Readonly<Record<string, string>>;
  readonly argv: readonly string[];
}

export interface StageOptions {
  readonly daemonPids: readonly number[];
  /** For each phase. */
  readonly limitSec: number;
  readonly reload?: Reload;
  /** The signal of a daemon that can be put into the state after long idling. */
  readonly ageSignal?: NodeJS.Signals;
  /** Prints `Measures` as JSON. */
  readonly ask?: readonly string[];
}

const sessionsAtOnce = 4;

/** What a workload runs on: the speakers, what routers are to hold, and the figures of the daemon. */
export class Stage {
  readonly load: Load;
  readonly measures: Record<string, Figures> = {};
  private readonly pids: readonly number[];
  private readonly limitSec: number;
  private readonly commands: Pick<StageOptions, 'reload' | 'ask' | 'ageSignal'>;

  constructor(shape: LoadShape, { daemonPids, limitSec, ...commands }: StageOptions) {
    this.commands = commands;
    this.load = new Load(shape);
    this.pids = daemonPids;
    this.limitSec = limitSec;
  }

  get nodes(): readonly LoadSession[] {
    return this.load.nodes;
  }

  get routers(): readonly LoadSession[] {
    return this.load.routers;
  }

  stream(node: number): NodeStream {
    return new NodeStream(this, node);
  }

  /** Sets what every router is to hold in the end; the phase that sends it must follow. */
  expect(prefix: number, route: RouteAttributes | undefined): void {
    this.load.expectation.keys[prefix] = route === undefined ? 0 : keyOf(route);
  }

  markerOf(node: number): number {
    return this.load.shape.prefixes + node;
  }

  /**
   * Brings sessions up and the daemon to rest. It is not measured, so only a few connect at a time and no backlog is
   * full.
   */
  establish(routers: readonly LoadSession[] = this.routers): void {
    const sessions = [...this.nodes, ...routers];
    for (let from = 0; from < sessions.length; from += sessionsAtOnce) {
      const some = sessions.slice(from, from + sessionsAtOnce);
      this.load.connect(some);
      this.wait('establish', {
        isDone: () => some.every(({ state }) => state === 'established'),
        mayLose: true,
      });
    }
    this.settle();
    this.load.forgiveLosses();
  }

  wait(what: string, wait: Wait = {}): void {
    const isDone = wait.isDone ?? (() => this.load.areRoutersRight());
    const limitSec = Math.max(this.limitSec, wait.atLeastSec ?? 0);
    this.load.until(what, isDone, limitSec, wait.isSpinning ?? false);
    const lost = wait.mayLose === true ? [] : this.load.lostSessions();
    if (lost.length > 0) throw new Error(`${what}: lost ${lost.join(', ')}`);
  }

  /** Makes the daemon load its next configuration, and does not wait for it. */
  reload(): void {
    const { reload } = this.commands;
    if (reload === undefined) throw new Error('the daemon has no other configuration');
    const { files, argv } = reload;
    for (const [path, text] of Object.entries(files)) writeFileSync(path, text);
    spawn(argv[0], argv.slice(1), { stdio: 'ignore', env: environment });
  }

  /** Sends the daemon the requests of people and programs, while all sessions wait. Each request is a phase. */
  ask(): void {
    const [command, ...args] = this.commands.ask ?? [];
    if (command === undefined) throw new Error('nobody knows what to ask this daemon');
    const text = execFileSync(command, args, { encoding: 'utf8', env: environment });
    Object.assign(this.measures, JSON.parse(text));
  }

  /** Measures `work` under this name, then waits until the daemon is at rest. */
  phase(name: string, work: () => void): void {
    this.load.recount();
    const before = this.figures();
    work();
    const after = this.figures();
    const spent = Object.keys(before).map((key) => [key, after[key] - before[key]]);
    const { rssMb, peakMb } = processFigures(this.pids);
    this.measures[name] = { ...Object.fromEntries(spent), rssMb, peakMb };
    this.settle();
  }

  /**
   * Puts a daemon into the state of one that has had nothing to do for long, if possible (daemons/age.ts), then
   * leaves it alone.
   */
  age(idleMs: number): void {
    const { ageSignal } = this.commands;
    if (ageSignal !== undefined) for (const pid of this.pids) process.kill(pid, ageSignal);
    this.load.during(idleMs);
    this.settle();
  }

  /** Adds to what `phase` has measured under this name. */
  note(name: string, figures: Figures): void {
    this.measures[name] = { ...this.measures[name], ...figures };
  }

  results(): Measures {
    return this.measures;
  }

  /** Runs the reader over this stream until it is compiled, so that the first phase does not pay for that. */
  warmUp(stream: NodeStream): void {
    const table = new RouterTable(this.load.expectation.keys);
    const octets = stream.bytes();
    for (let messages = 0; messages < 20_000;) {
      for (let at = 0; at < octets.length; messages++) {
        const end = at + octets.readUInt16BE(at + 16);
        this.load.reader.read(octets, at, end, table);
        at = end;
      }
    }
  }

  /** Waits until the daemon has used next to nothing for 100 ms, at most two seconds. */
  private settle(): void {
    for (let tries = 0; tries < 20; tries++) {
      const { cpuSec } = processFigures(this.pids);
      this.load.during(100);
      if (processFigures(this.pids).cpuSec - cpuSec < 0.004) return;
    }
  }

  private figures(): Record<string, number> {
    const own = process.cpuUsage();
    const { cpuSec, systemSec } = processFigures(this.pids);
    const received = (figure: (table: RouterTable) => number): number =>
      this.routers.reduce((sum, { table }) => sum + (table === undefined ? 0 : figure(table)), 0);
    return {
      wallSec: performance.now() / 1000,
      cpuSec,
      systemSec,
      loadCpuSec: (own.user + own.system) / 1e6,
      messages: received(({ messages }) => messages),
      updates: received(({ updates }) => updates),
      announcements: received(({ announcements }) => announcements),
      bytes: received(({ bytes }) => bytes),
    };
  }
}

/** What a node will send: it is written first, and sent at once. */
export class NodeStream {
  readonly node: number;
  private readonly stage: Stage;
  private readonly updates: UpdateStream;
  private readonly nextHop: Uint8Array;

  constructor(stage: Stage, node: number) {
    this.stage = stage;
    this.node = node;
    this.updates = new UpdateStream(stage.load.shape.family);
    this.nextHop = addressOctets(stage.nodes[node].speaker.address);
  }

  /** The plain route of this node with that MED. */
  route(med: number): RouteAttributes {
    return { nextHop: this.nextHop, asPath: [nodeAs], med };
  }

  announce(med: number, prefixes: ArrayLike<number>): void {
    this.announceRoute(this.route(med), prefixes);
  }

  /** All attributes except the next hop, which is that of the node. */
  announceRoute(route: Omit<RouteAttributes, 'nextHop'>, prefixes: ArrayLike<number>): void {
    const own = { ...route, nextHop: this.nextHop };
    this.stage.load.expectation.announced.add(keyOf(own));
    this.updates.announce(own, prefixes);
  }

  expect(prefix: number, med: number): void {
    this.stage.expect(prefix, this.route(med));
  }

  /** The prefix that only this node has and that is sent last: a router that holds it has received all the others. */
  marker(med: number): void {
    const marker = this.stage.markerOf(this.node);
    this.announce(med, [marker]);
    this.expect(marker, med);
  }

  endOfRib(): void {
    this.updates.endOfRib();
  }

  bytes(): Buffer {
    return this.updates.bytes();
  }

  send(): void {
    this.stage.nodes[this.node].send(this.bytes());
  }
}
