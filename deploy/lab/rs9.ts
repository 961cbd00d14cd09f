import { readFileSync } from 'node:fs';
import { request } from 'node:http';
import type { PathView } from '#api/path.ts';
import type { PeerView } from '#api/peer.ts';
import type { Page } from '#api/queries.ts';
import type { LabHost } from './lab-host.ts';
import { type NodeName, nodes, routeServers } from './plan.ts';
import type { Candidate, RouteServer } from './route-server.ts';

const plan = routeServers[2];
const label = 'fingerpost';
const root = new URL('../../', import.meta.url);
/** What `npm run build` made, or what INTEROP_MAIN names. */
export const mainFile = new URL(process.env.INTEROP_MAIN ?? 'dist/main.js', root).pathname;
const exampleFile = new URL('deploy/examples/service-ha.yaml', root);

/** fingerpost, with the example that people copy: only where its socket lies is changed. */
export class Rs9 implements RouteServer {
  readonly name = plan.name;
  readonly make = plan.make;
  readonly socket: string;
  private readonly host: LabHost;

  constructor(host: LabHost) {
    this.host = host;
    this.socket = host.file('control.sock');
  }

  get isRunning(): boolean {
    return this.host.isRunning(label);
  }

  start(): void {
    const example = readFileSync(exampleFile, 'utf8');
    const config = example.replace('/run/fingerpost/control.sock', this.socket);
    if (config === example) throw new Error('service-ha.yaml: its control socket is elsewhere');
    const file = this.host.write('fingerpost.yaml', config);
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
    return items.filter(({ state }) => state === 'established').map(({ name }) => name);
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

  /** Why it refused what the node announced, by prefix. */
  async rejected(node: NodeName): Promise<Record<string, string>> {
    const page = await this.ask<Page<PathView>>(`/api/v1/peers/${node}/rejected?limit=1000`);
    return Object.fromEntries(page.items.map(({ prefix, reason = '' }) => [prefix, reason]));
  }

  /** Lines of its log that no daemon should write: exceptions, and what Node says when it ends by one. */
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

  /** Comes back by itself, after `restart_after`. */
  async readmit(node: NodeName): Promise<void> {
    await this.ask(`/api/v1/peers/${node}/enable`, 'POST');
  }

  /** Asks the API over the control socket. */
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
