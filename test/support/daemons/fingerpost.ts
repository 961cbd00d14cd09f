import { execFile } from 'node:child_process';
import { appendFileSync, existsSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import type { Page } from '#api/queries.ts';
import type { PathView } from '#api/views/path.ts';
import type { PeerView } from '#api/views/peer.ts';
import type { Host } from '../netns.ts';
import type { Daemon } from '../process.ts';
import { waitFor } from '../wait.ts';
import {
  type Candidate,
  collision,
  type LimitSpec,
  type PeerSpec,
  type RouteServer,
  routeServerAs,
  routeServerId,
  type RouteServerSpec,
} from './route-server.ts';

/** The daemon of this project, queried over its control socket and through its command line. */
export class Fingerpost implements RouteServer {
  readonly make = 'fingerpost';
  readonly socket: string;
  private readonly host: Host;
  readonly configFile: string;
  private current: Daemon;

  /** Takes a description for any make, or a configuration as it is, with `control.sock` in the host's directory. */
  constructor(host: Host, spec: RouteServerSpec | string) {
    this.host = host;
    this.socket = join(host.folder, 'control.sock');
    this.configFile = join(host.folder, 'fingerpost.yaml');
    const text = typeof spec === 'string' ? spec : fingerpostConfig(spec, this.socket);
    writeFileSync(this.configFile, text);
    this.current = this.launch();
  }

  get daemon(): Daemon {
    return this.current;
  }

  start(): void {
    this.current = this.launch();
  }

  async established(): Promise<string[]> {
    const { items } = await this.get<{ items: PeerView[] }>('/api/v1/peers?limit=1000');
    return items.filter(({ state }) => state === 'established').map(({ name }) => name);
  }

  async candidates(): Promise<Candidate[]> {
    const { items } = await this.get<Page<PathView>>('/api/v1/routes?limit=1000');
    return items.map(({ prefix, peer, best, med }) => ({ prefix, peer, best, med: med ?? 0 }));
  }

  notificationsSent(peer: string): string[] {
    return this.events()
      .filter((line) => line.event === 'notification' && line.direction === 'sent')
      .filter((line) => line.peer === peer)
      .map(({ code, subcode }) => `${code}/${subcode}`)
      .filter((each) => each !== collision);
  }

  /** Returns the lines of its JSON log. */
  events(): LogLine[] {
    const lines = this.current.log.split('\n').filter((line) => line.startsWith('{'));
    return lines.filter((line) => line.endsWith('}')).map((line): LogLine => JSON.parse(line));
  }

  peer(name: string): Promise<PeerView> {
    return this.get<PeerView>(`/api/v1/peers/${name}`);
  }

  async rejected(peer: string): Promise<PathView[]> {
    const path = `/api/v1/peers/${peer}/rejected?limit=1000`;
    return (await this.get<Page<PathView>>(path)).items;
  }

  reload(spec: RouteServerSpec): void {
    writeFileSync(this.configFile, fingerpostConfig(spec, this.socket));
    this.current.signal('SIGHUP');
  }

  /** Reloads the present configuration with one more line. */
  reloadWith(line: string): void {
    appendFileSync(this.configFile, `${line}\n`);
    this.current.signal('SIGHUP');
  }

  /** Runs `fingerpost WORDS -s SOCKET` and returns its stdout. */
  async cli(...words: string[]): Promise<string> {
    await waitFor('the control socket', () => existsSync(this.socket), Boolean);
    const argv = [mainFile, ...words, '-s', this.socket];
    const { stdout } = await promisify(execFile)(process.execPath, argv);
    return stdout;
  }

  /** Runs `fingerpost WORDS -s SOCKET`, which continues until it is ended. */
  follow(...words: string[]): Daemon {
    const argv = [process.execPath, mainFile, ...words, '-s', this.socket];
    return this.host.start(words[0], argv);
  }

  /** BGP is up before HTTP is loaded, so the first query waits for the control socket. */
  async get<Body>(path: string): Promise<Body> {
    await waitFor('the control socket', () => existsSync(this.socket), Boolean);
    return this.ask(path);
  }

  private ask<Body>(path: string): Promise<Body> {
    return new Promise((fulfil, reject) => {
      const options = { socketPath: this.socket, path, timeout: 30_000 };
      const asked = request(options, (answer) => {
        let text = '';
        answer.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
        answer.once('end', () => {
          if (answer.statusCode === 200) fulfil(JSON.parse(text));
          else reject(new Error(`GET ${path}: ${answer.statusCode} ${text}`));
        });
      });
      asked.once('error', reject).once('timeout', () => asked.destroy(new Error('no answer')));
      asked.end();
    });
  }

  private launch(): Daemon {
    const argv = [process.execPath, mainFile, 'run', '-c', this.configFile];
    return this.host.start('fingerpost', argv);
  }
}

/** Fields of a log line that tests look at. */
export interface LogLine {
  readonly event?: string;
  readonly peer?: string;
  readonly direction?: string;
  readonly code?: number;
  readonly subcode?: number;
  readonly level?: string;
  readonly msg?: string;
}

/** The sources, or the file that INTEROP_MAIN names, such as `dist/main.js`. */
const mainFile = resolve(
  new URL('../../..', import.meta.url).pathname,
  process.env.INTEROP_MAIN ?? 'src/main.ts',
);

/** Returns the usual configuration with the peers of the test. */
function fingerpostConfig(spec: RouteServerSpec, socket: string): string {
  const listen = spec.plan.family === 'ipv6' ? `[${spec.plan.routeServer}]` : spec.plan.routeServer;
  const patterns = spec.patterns ?? [spec.plan.servicePattern];
  const families = spec.isDualStack === true ? 'ipv4_unicast, ipv6_unicast' : spec.plan.familyName;
  return `
router_id: ${routeServerId}
local_as: ${routeServerAs}
listen: ["${listen}:179"]
http: { listen: 127.0.0.1:9179 }
control: { socket: ${socket} }
start_gate: ${spec.startGate ?? '0'}
log: { level: debug, format: json }

policies:
  only_loopbacks:
    - name: service loopbacks
      match: { prefix: ${JSON.stringify(patterns)} }
      then: accept

peer_groups:
  nodes:
    import: only_loopbacks
    export: none
    multihop: 10
    passive: true
    families: [${families}]
  routers:
    import: none
    export: all
    connect_retry: 1s
    idle_hold: 1s
    families: [${families}]

peers:
${spec.peers.map(fingerpostPeer).join('\n')}
`;
}

function fingerpostPeer(peer: PeerSpec): string {
  const keys = [
    `name: ${peer.name}`,
    `address: "${peer.address}"`,
    `group: ${peer.role}s`,
    `peer_as: ${peer.as}`,
    `hold_time: ${peer.holdTimeSec}`,
    ...(peer.idleHoldSec === undefined ? [] : [`idle_hold: ${peer.idleHoldSec}`]),
    ...(peer.limit === undefined ? [] : [`max_prefix: ${fingerpostLimit(peer.limit)}`]),
    ...(peer.password === undefined ? [] : [`password: "${peer.password}"`]),
    ...(peer.gtsm === true
      ? ['gtsm: true', ...(peer.role === 'router' ? ['multihop: 1'] : [])]
      : []),
    ...(peer.announces === true ? ['import: only_loopbacks'] : []),
    ...(peer.addPath === true ? ['add_path: send'] : []),
    ...(peer.gracefulRestart === undefined ? [] : [`graceful_restart: ${peer.gracefulRestart}`]),
    ...(peer.lenient === true ? ['accept_next_hop: any', 'enforce_first_as: false'] : []),
  ];
  return `  - { ${keys.join(', ')} }`;
}

function fingerpostLimit({ limit, action, restartAfterSec }: LimitSpec): string {
  return `{ limit: ${limit}, action: ${action}, restart_after: ${restartAfterSec}s }`;
}
