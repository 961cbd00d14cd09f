import {
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { PeerView } from '#api/views/peer.ts';
import type { ReadyView, StatusView } from '#api/views/status.ts';
import { freePort } from '#support/free-port.ts';
import { Daemon } from '#support/process.ts';
import { waitFor } from '#support/wait.ts';

const mainFile = resolve(import.meta.dirname, '../../src/main.ts');

/** USER_HZ, which is fixed in Linux. */
const ticksPerSecond = 100;

/** Where the daemon listens; every peer has an address of its own in 127/8. */
export const serverAddress = '127.0.0.9';

/** The real daemon in a process of its own, over loopback. */
export class Server {
  readonly port: number;
  readonly httpPort: number;
  readonly folder: string;
  readonly socket: string;
  private readonly head: string;
  private daemon: Daemon;

  private constructor(folder: string, [port, httpPort]: readonly number[], peers: string) {
    this.folder = folder;
    this.port = port;
    this.httpPort = httpPort;
    this.socket = join(folder, 'control.sock');
    this.head = `
router_id: 9.9.9.9
local_as: 65002
listen: ["${serverAddress}:${port}"]
http: { listen: "${serverAddress}:${httpPort}" }
control: { socket: ${this.socket} }
state_dir: ${this.stateDir}
log: { level: info, format: json }
`;
    this.configure(peers);
    this.daemon = this.launch();
  }

  /** Starts the daemon with what follows the global keys: `peers` and what they need. */
  static async start(peers: string): Promise<Server> {
    const folder = mkdtempSync(join(tmpdir(), 'fingerpost-soak-'));
    const ports = [await freePort(), await freePort()];
    const server = new Server(folder, ports, peers);
    try {
      await server.listening();
      return server;
    } catch (error) {
      await server.close();
      throw error;
    }
  }

  get pid(): number {
    return this.daemon.pid;
  }

  get isRunning(): boolean {
    return this.daemon.isRunning;
  }

  get log(): string {
    return this.daemon.log;
  }

  get configFile(): string {
    return join(this.folder, 'fingerpost.yaml');
  }

  get stateDir(): string {
    return join(this.folder, 'state');
  }

  get stateFile(): string {
    return join(this.stateDir, 'state.json');
  }

  /** The state file as it is; empty if there is none. */
  remembered(): string {
    return existsSync(this.stateFile) ? readFileSync(this.stateFile, 'utf8') : '';
  }

  /** Returns the lines of the log that have this event. */
  told(event: string): string[] {
    return this.log.split('\n').filter((line) => line.includes(`"event":"${event}"`));
  }

  /** Resident memory, MiB. */
  get rssMib(): number {
    return this.memoryMib('VmRSS');
  }

  /** The most since the start, MiB. */
  get highestRssMib(): number {
    return this.memoryMib('VmHWM');
  }

  /** What the daemon's metric shows since its start: `20 to 50 ms`. */
  async longestSlice(): Promise<string> {
    const page = await this.page('/metrics');
    const rows = [...page.matchAll(/^fingerpost_slice_seconds_bucket{le="([^"]+)"} (\d+)$/gm)];
    const at = rows.findIndex(([, , count]) => count === rows.at(-1)?.[2]);
    const [from = 0, to] = [rows[at - 1], rows[at]].map((row) => Number(row?.[1]) * 1000);
    return `${from || 0} to ${to} ms`;
  }

  /** CPU seconds of all its threads since its start. */
  get cpuSeconds(): number {
    const stat = readFileSync(`/proc/${this.pid}/stat`, 'latin1');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return (Number(fields[11]) + Number(fields[12])) / ticksPerSecond;
  }

  /** The lines of `/metrics` that are not comments. */
  async seriesCount(): Promise<number> {
    const page = await this.page('/metrics');
    return page.split('\n').filter((line) => line !== '' && !line.startsWith('#')).length;
  }

  get openFiles(): number {
    return readdirSync(`/proc/${this.pid}/fd`).length;
  }

  /** Replaces the file in one step, as editors do, because a reload may be reading it. */
  configure(peers: string): void {
    writeFileSync(`${this.configFile}.new`, this.head + peers);
    renameSync(`${this.configFile}.new`, this.configFile);
  }

  signal(signal: NodeJS.Signals): void {
    process.kill(this.pid, signal);
  }

  async killAndRestart(): Promise<void> {
    await this.daemon.kill();
    this.daemon = this.launch();
    await this.listening();
  }

  async status(): Promise<StatusView> {
    return this.get<StatusView>('/api/v1/status');
  }

  /** Requests `/readyz`, whatever its status is. */
  async readiness(): Promise<ReadyView> {
    return JSON.parse(await this.page('/readyz', 'GET', [200, 503]));
  }

  async peer(name: string): Promise<PeerView> {
    return this.get<PeerView>(`/api/v1/peers/${name}`);
  }

  /** Returns the values of a metric by peer. */
  async metric(name: string): Promise<Map<string, number>> {
    const page = await this.page('/metrics');
    const rows = page.matchAll(new RegExp(`^${name}{[^}]*peer="([^"]+)"[^}]*} ([0-9.e+]+)$`, 'gm'));
    return new Map([...rows].map(([, peer, value]) => [peer, Number(value)]));
  }

  /** Over the control socket. */
  async get<Body>(path: string): Promise<Body> {
    return JSON.parse(await this.page(path));
  }

  /** Gives a command, which must be accepted. */
  async post(path: string): Promise<void> {
    await this.page(path, 'POST');
  }

  private memoryMib(row: string): number {
    const status = readFileSync(`/proc/${this.pid}/status`, 'latin1');
    return Number(new RegExp(`^${row}:\\s+(\\d+)`, 'm').exec(status)?.[1] ?? 0) / 1024;
  }

  private page(path: string, method = 'GET', statuses = [200]): Promise<string> {
    const where = { socketPath: this.socket, path, method, timeout: 60_000 };
    return new Promise((fulfil, reject) => {
      const asked = request(where, (answer) => {
        let text = '';
        answer.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
        answer.once('end', () => {
          if (statuses.includes(answer.statusCode ?? 0)) fulfil(text);
          else reject(new Error(`${method} ${path}: ${answer.statusCode} ${text}`));
        });
      });
      asked.once('error', reject).once('timeout', () => asked.destroy(new Error('no answer')));
      asked.end();
    });
  }

  async close(): Promise<void> {
    await this.daemon.end();
    rmSync(this.folder, { recursive: true, force: true });
  }

  private launch(): Daemon {
    const argv = [process.execPath, mainFile, 'run', '-c', this.configFile];
    return new Daemon('fingerpost', argv, {});
  }

  private async listening(): Promise<void> {
    const look = async (): Promise<boolean> =>
      !this.daemon.isRunning || (await this.status()).listening.length > 0;
    await waitFor('the daemon to listen', look, Boolean);
    if (!this.daemon.isRunning) throw new Error(this.daemon.report());
  }
}
