import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { hasEnded } from '#support/process.ts';
import type { OpenFields } from '#support/raw-message.ts';
import { RawSpeaker } from '#support/raw-speaker.ts';
import { waitFor } from '#support/wait.ts';
import { openFields } from './bench.ts';

const main = new URL('../../src/main.ts', import.meta.url).pathname;

export interface ProcessOptions {
  readonly env?: Readonly<Record<string, string>>;
  /** Descriptors handed over as 3, 4… with `LISTEN_FDS` and `LISTEN_PID`. */
  readonly sockets?: readonly number[];
  readonly uid?: number;
  /** The network namespace of the process. */
  readonly namespace?: string;
  /** Where the log goes, instead of `output`. */
  readonly stdout?: number;
}

/** `fingerpost run` as a process of its own, in a folder of its own that every user may use. */
export class DaemonProcess {
  readonly folder: string;
  child: ChildProcess;
  /** Standard output and error. */
  output = '';
  private readonly options: ProcessOptions;
  private readonly speakers: RawSpeaker[] = [];

  /** Uses the existing folder of another process, if given. */
  constructor(yaml: string, options: ProcessOptions = {}, folder?: string) {
    this.options = options;
    this.folder = folder ?? mkdtempSync(join(tmpdir(), 'fingerpost-run-'));
    if (folder === undefined) {
      chmodSync(this.folder, 0o777);
      this.write(yaml);
    }
    this.child = this.spawn();
  }

  /** Starts the same again after it has ended. */
  async restart(): Promise<void> {
    this.child = this.spawn();
    await this.ready();
  }

  /** Starts another one with the same configuration. */
  beside(): DaemonProcess {
    return new DaemonProcess('', this.options, this.folder);
  }

  get file(): string {
    return join(this.folder, 'fp.yaml');
  }

  get control(): string {
    return join(this.folder, 'control', 'fp.sock');
  }

  write(yaml: string): void {
    const head = 'router_id: 9.9.9.9\nlocal_as: 65002\nstart_gate: 0\n';
    const http = yaml.includes('http:') ? '' : 'http: { listen: [] }\n';
    writeFileSync(this.file, `${head}control: { socket: control/fp.sock }\n${http}${yaml}`);
  }

  async ask<Value>(path: string, method = 'GET'): Promise<Value> {
    return JSON.parse(await this.text(path, method)) as Value;
  }

  async text(path: string, method = 'GET'): Promise<string> {
    const outgoing = request({ socketPath: this.control, path, method });
    outgoing.end();
    const [response] = await once(outgoing, 'response');
    let text = '';
    for await (const chunk of response) text += String(chunk);
    return text;
  }

  private spawn(): ChildProcess {
    const { env = {}, sockets = [], uid, stdout, namespace } = this.options;
    const handed = sockets.length === 0 ? '' : `LISTEN_FDS=${sockets.length} LISTEN_PID=$$ `;
    const script = `${handed}exec "$0" "$@"`;
    const words = ['sh', '-c', script, process.execPath, main, 'run', '-c', this.file];
    const inside = namespace === undefined ? [] : ['ip', 'netns', 'exec', namespace];
    const [program, ...args] = [...inside, ...words];
    const child = spawn(program, args, {
      env: { PATH: process.env.PATH, ...env },
      stdio: ['ignore', stdout ?? 'pipe', 'pipe', ...sockets],
      ...(uid !== undefined && { uid, gid: uid }),
    });
    for (const stream of [child.stdout, child.stderr]) {
      stream?.on('data', (chunk) => (this.output += String(chunk)));
    }
    return child;
  }

  /** Waits until the control socket answers. */
  async ready(): Promise<void> {
    const look = async () => hasEnded(this.child) || this.ask('/api/v1/status');
    await waitFor('the daemon', look, () => true);
    if (hasEnded(this.child)) throw new Error(this.output);
  }

  /** A peer at this address whose session with port `port` of 127.0.0.9 is up, and stays so until `hangUp`. */
  async establish(
    from: string,
    port: number,
    fields: Partial<OpenFields> = {},
  ): Promise<RawSpeaker> {
    const speaker = RawSpeaker.connect({ from, to: '127.0.0.9', port });
    this.speakers.push(speaker);
    await speaker.establish({ ...openFields, routerId: from, ...fields });
    speaker.keepAlive(900);
    return speaker;
  }

  /** Ends every session of `establish`. */
  hangUp(): void {
    for (const speaker of this.speakers.splice(0)) speaker.close();
  }

  /** A line of /proc/PID/status: `Uid` gives `0 0 0 0`. */
  status(key: string): string {
    const text = readFileSync(`/proc/${this.child.pid}/status`, 'utf8');
    const line = text.split('\n').find((one) => one.startsWith(`${key}:`)) ?? '';
    return line
      .slice(key.length + 1)
      .trim()
      .replaceAll('\t', ' ');
  }

  /** The exit status; null if a signal has ended the process. */
  async ended(): Promise<number | null> {
    if (!hasEnded(this.child)) await once(this.child, 'close');
    return this.child.exitCode;
  }

  async stop(): Promise<number | null> {
    this.child.kill('SIGTERM');
    return this.ended();
  }

  async close(): Promise<void> {
    this.hangUp();
    this.child.kill('SIGKILL');
    await this.ended();
    rmSync(this.folder, { recursive: true, force: true });
  }
}
