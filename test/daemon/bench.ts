import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import type { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ReloadOptions } from '#api/commands.ts';
import type { DaemonEvent } from '#api/events/events.ts';
import { type ExplainView, wholeExplanation } from '#api/views/explain.ts';
import type { PeerView } from '#api/views/peer.ts';
import { type Clock, systemClock } from '#clock.ts';
import { loadRecorded } from '#config/load-recorded.ts';
import { DaemonCommands } from '#daemon/changes/commands.ts';
import { Daemon } from '#daemon/daemon.ts';
import { DaemonQueries } from '#daemon/views/daemon-queries.ts';
import { freePort } from '#support/free-port.ts';
import {
  fourOctetAsCapability,
  ipv4UnicastCapability,
  ipv6UnicastCapability,
  type OpenFields,
} from '#support/raw-message.ts';
import { RawSpeaker } from '#support/raw-speaker.ts';
import { pause, waitFor } from '#support/wait.ts';

type EventOf<Name extends DaemonEvent['event']> = Extract<DaemonEvent, { event: Name }>;

export interface BenchOptions {
  readonly clock?: Clock;
  /** The addresses without ports [127.0.0.9]. */
  readonly listen?: readonly string[];
}

/** The daemon in this process, on a free port, with the configuration of the test. */
export class Bench {
  readonly daemon: Daemon;
  readonly commands: DaemonCommands;
  readonly queries: DaemonQueries;
  readonly events: DaemonEvent[] = [];
  readonly port: number;
  readonly file: string;
  hasFailed = false;
  /** Whether a command has ended the daemon. */
  hasEnded = false;
  private readonly folder: string;
  private readonly head: string;
  private readonly speakers: RawSpeaker[] = [];

  private constructor(folder: string, port: number, { clock = systemClock, listen }: BenchOptions) {
    this.folder = folder;
    this.port = port;
    this.head = head(port, listen);
    this.file = join(folder, 'fp.yaml');
    const { config, sources } = this.load();
    this.daemon = new Daemon(config, {
      clock,
      version: '0.0.0',
      onFatal: () => (this.hasFailed = true),
      startedFrom: { from: 'file', ...(sources !== undefined && { sources }) },
    });
    this.commands = new DaemonCommands(
      this.daemon,
      {
        prepare: async () => ({ commit: () => undefined, rollback: async () => undefined }),
        end: () => (this.hasEnded = true),
      },
      async (file, sent) => loadRecorded({ file, ...sent }),
    );
    this.queries = new DaemonQueries(this.daemon, this.commands.reloads);
    this.daemon.events.subscribe((event) => this.events.push(event));
  }

  /** `yaml` is the part of the file that follows `router_id`, `local_as` and `listen`. */
  static async start(yaml: string, options: BenchOptions = {}): Promise<Bench> {
    const folder = mkdtempSync(join(tmpdir(), 'fingerpost-test-'));
    const port = await freePort();
    writeFileSync(join(folder, 'fp.yaml'), head(port, options.listen) + yaml);
    const bench = new Bench(folder, port, options);
    await bench.daemon.start();
    return bench;
  }

  /** Writes the file again and reloads it. */
  async reload(yaml: string, how: ReloadOptions = {}) {
    this.write(yaml);
    return this.commands.reload(how);
  }

  /** Writes the file again without reloading it. */
  write(yaml: string, listen?: readonly string[]): void {
    writeFileSync(this.file, this.textOf(yaml, listen));
  }

  /** The text of the whole file. */
  textOf(yaml: string, listen?: readonly string[]): string {
    return (listen === undefined ? this.head : head(this.port, listen)) + yaml;
  }

  pause(ms: number): Promise<void> {
    return pause(ms);
  }

  /** Opens a connection from 127.0.x.y or ::1, which sends nothing yet. */
  call(from: string): RawSpeaker {
    const to = from.includes(':') ? '::1' : '127.0.0.9';
    const speaker = RawSpeaker.connect({ from, to, port: this.port });
    this.speakers.push(speaker);
    return speaker;
  }

  /** Establishes a session from such an address and keeps it alive. */
  async establish(from: string, fields: Partial<OpenFields> = {}): Promise<RawSpeaker> {
    const speaker = this.call(from);
    const routerId = from.includes(':') ? openFields.routerId : from;
    await speaker.establish({ ...openFields, routerId, ...fields });
    speaker.keepAlive(1000);
    await this.until(from, () => this.peer(from).state === 'established');
    return speaker;
  }

  /** Does the same as `establish`, over a connection that the test has opened. */
  async establishOver(socket: Socket, routerId: string): Promise<RawSpeaker> {
    const speaker = RawSpeaker.over(socket);
    this.speakers.push(speaker);
    await speaker.establish({ ...openFields, routerId });
    speaker.keepAlive(1000);
    return speaker;
  }

  peer(name: string): PeerView {
    const view = this.queries.peer(name);
    if (view === undefined) throw new Error(`no peer ${name}`);
    return view;
  }

  /** Returns every row of the listing. */
  explain(prefix: string, peer?: string): ExplainView | undefined {
    const explanation = this.queries.explain(prefix, peer);
    return explanation && wholeExplanation(explanation);
  }

  /** Returns the names of the listed peers in their order. */
  get names(): string[] {
    return this.queries.peerNames();
  }

  /** All events so far. */
  told<Name extends DaemonEvent['event']>(name: Name): EventOf<Name>[] {
    this.daemon.events.flush();
    return this.events.filter((event): event is EventOf<Name> => event.event === name);
  }

  /** The warnings so far whose text is about this; others may come whenever the machine is busy. */
  warnings(about: RegExp): EventOf<'warning'>[] {
    return this.told('warning').filter(({ text }) => about.test(text));
  }

  async until(what: string, condition: () => boolean): Promise<void> {
    await waitFor(what, condition, Boolean, { everyMs: 5 });
  }

  async close(): Promise<void> {
    for (const speaker of this.speakers) speaker.close();
    await this.daemon.stop();
    rmSync(this.folder, { recursive: true, force: true });
  }

  private load() {
    const outcome = loadRecorded({ file: this.file });
    if (outcome.ok) return outcome;
    throw new Error(outcome.problems.map(({ line, message }) => `${line} ${message}`).join('\n'));
  }
}

/** The session of a node in AS 65001. */
export const openFields: OpenFields = {
  as: 65001,
  holdTimeSec: 30,
  routerId: '127.0.1.1',
  capabilities: [ipv4UnicastCapability, ipv6UnicastCapability, fourOctetAsCapability(65001)],
};

function head(port: number, listen: readonly string[] = ['127.0.0.9']): string {
  const places = listen.map((address) => `"${address}:${port}"`).join(', ');
  return `router_id: 9.9.9.9\nlocal_as: 65002\nlisten: [${places}]\n`;
}
