import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { request } from 'node:http';
import { parseDocument } from 'yaml';
import type { FailoverView } from '#api/events/failover.ts';
import type { Page } from '#api/queries.ts';
import type { BfdListView, BfdView } from '#api/views/bfd.ts';
import type { DrainView } from '#api/views/drain.ts';
import type { PathView } from '#api/views/path.ts';
import type { PeerView } from '#api/views/peer.ts';
import type { ServiceView } from '#api/views/service.ts';
import { fingerpostBfd } from './bfd-config.ts';
import type { LabHost } from './lab-host.ts';
import { type NodeName, nodes, routerAs, routers, routeServerAs, routeServers } from './plan.ts';
import type { Candidate, RouteServer } from './route-server.ts';

const plan = routeServers[2];
const label = 'fingerpost';
const root = new URL('../../', import.meta.url);
/** The output of `npm run build`, or the program that INTEROP_MAIN names. */
export const mainFile = new URL(process.env.INTEROP_MAIN ?? 'dist/main.js', root).pathname;
/** A BFD session that is younger than this ends no BGP session. */
const bfdTrustedMs = 11_000;
const exampleFile = new URL('deploy/examples/service-ha.yaml', root);

const siblings = routeServers.slice(0, 2).map(({ name }) => name);

/** To its siblings RS9 is one more router. */
const observer = {
  observer: true,
  peer_as: routeServerAs,
  local_as: routerAs,
  families: ['ipv6_unicast'],
  hold_time: 6,
  multihop: 10,
};

/** Probes give a second opinion on the nodes, which is reported and changes no ranking. */
const probe = { http: { port: 80 }, interval: '1s', timeout: '1s', fall: 3, rise: 2 };

/** How a command ended, and what it wrote. */
export interface CliResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * fingerpost with the example that people copy. It observes its siblings and probes the nodes, its files are in a
 * directory of the lab, and BFD is added on request.
 */
export class Rs9 implements RouteServer {
  readonly name = plan.name;
  readonly make = plan.make;
  readonly socket: string;
  private readonly host: LabHost;
  private readonly hasBfd: boolean;

  constructor(host: LabHost, hasBfd: boolean) {
    this.host = host;
    this.hasBfd = hasBfd;
    this.socket = host.file('control.sock');
  }

  get isRunning(): boolean {
    return this.host.isRunning(label);
  }

  start(): void {
    const file = this.host.write('fingerpost.yaml', this.config());
    this.host.start(label, [process.execPath, mainFile, 'run', '-c', file]);
  }

  stop(): Promise<void> {
    return this.host.end(label);
  }

  kill(): Promise<void> {
    return this.host.kill(label);
  }

  async established(): Promise<string[]> {
    const { items } = await this.ask<{ items: PeerView[] }>('/api/v1/peers?limit=1000');
    const peers = new Set<string>([...nodes, ...routers].map(({ name }) => name));
    const up = items.filter(({ state }) => state === 'established').map(({ name }) => name);
    return up.filter((name) => peers.has(name));
  }

  async sessionMark(node: NodeName): Promise<string> {
    return String((await this.peer(node)).flaps);
  }

  /** Returns the moves of addresses of services since a time, in Unix milliseconds. */
  async failovers(sinceMs: number): Promise<FailoverView[]> {
    const since = encodeURIComponent(new Date(sinceMs).toISOString());
    const url = `/api/v1/failovers?since=${since}`;
    return (await this.ask<{ items: FailoverView[] }>(url)).items;
  }

  /** Counts those that have been up for long enough to be trusted. */
  async bfdUp(): Promise<number> {
    const { items } = await this.ask<BfdListView>('/api/v1/bfd');
    return items.filter(isTrusted).length;
  }

  async candidates(): Promise<Candidate[]> {
    const { items } = await this.ask<Page<PathView>>('/api/v1/routes?limit=1000');
    const ranked = items.toSorted(
      (a, b) => a.prefix.localeCompare(b.prefix) || (a.rank ?? 0) - (b.rank ?? 0),
    );
    return ranked.flatMap(({ prefix, peer, med, best }) => {
      const node = nodes.find(({ name }) => name === peer);
      return node === undefined ? [] : [{ prefix, node: node.name, med: med ?? 0, best }];
    });
  }

  peer(name: string): Promise<PeerView> {
    return this.ask<PeerView>(`/api/v1/peers/${name}`);
  }

  /** Returns why it refused what the node announced, by prefix. */
  async rejected(node: NodeName): Promise<Record<string, string>> {
    const page = await this.ask<Page<PathView>>(`/api/v1/peers/${node}/rejected?limit=1000`);
    return Object.fromEntries(page.items.map(({ prefix, reason = '' }) => [prefix, reason]));
  }

  async drains(): Promise<DrainView[]> {
    return (await this.ask<{ items: DrainView[] }>('/api/v1/drains')).items;
  }

  service(name: string): Promise<ServiceView> {
    return this.ask(`/api/v1/services/${name}`);
  }

  /** Runs `fingerpost WORDS` as an operator on its host would. */
  cli(...words: readonly string[]): Promise<CliResult> {
    const [program, ...argv] = this.host.inside([process.execPath, mainFile, ...words]);
    return new Promise((resolve) => {
      execFile(program, [...argv, '-s', this.socket], (error, stdout, stderr) => {
        const code = typeof error?.code === 'number' ? error.code : 0;
        resolve({ code, stdout, stderr });
      });
    });
  }

  /**
   * Returns lines of its log that no daemon should write: exceptions, and what Node prints when it ends because of one.
   */
  failures(): string[] {
    const failed = /^\S*Error: |"internal_error"|^Node\.js v/;
    return this.lines().filter((line) => failed.test(line));
  }

  lines(): string[] {
    return this.log().trimEnd().split('\n');
  }

  log(): string {
    return this.host.log(label);
  }

  /** Waits until the peer comes back by itself, after `restart_after`. */
  async readmit(node: NodeName): Promise<void> {
    await this.ask(`/api/v1/peers/${node}/enable`, 'POST');
  }

  private config(): string {
    const document = parseDocument(readFileSync(exampleFile, 'utf8'));
    document.setIn(['control', 'socket'], this.socket);
    document.setIn(['state_dir'], this.host.file('state'));
    document.setIn(['siblings'], siblings);
    document.setIn(['services', 0, 'probe'], probe);
    for (const { name, address } of routeServers.slice(0, 2)) {
      document.addIn(['peers'], document.createNode({ ...observer, name, address }));
    }
    for (const group of this.hasBfd ? ['nodes', 'routers'] : []) {
      document.setIn(['peer_groups', group, 'bfd'], document.createNode(fingerpostBfd));
    }
    return document.toString();
  }

  /** Sends a request to the API over the control socket. */
  private ask<Body>(path: string, method = 'GET'): Promise<Body> {
    return new Promise((resolve, reject) => {
      const asked = request(
        { socketPath: this.socket, path, method, timeout: 30_000 },
        (answer) => {
          let text = '';
          answer.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
          answer.once('end', () => {
            if (answer.statusCode === 200) resolve(JSON.parse(text));
            else reject(new Error(`${method} ${path}: ${answer.statusCode} ${text}`));
          });
        },
      );
      asked.once('error', reject).once('timeout', () => asked.destroy(new Error('no answer')));
      asked.end();
    });
  }
}

function isTrusted({ state, since }: BfdView): boolean {
  return state === 'up' && Date.now() - Date.parse(since) > bfdTrustedMs;
}
