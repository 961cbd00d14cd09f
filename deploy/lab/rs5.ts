import { chmodSync } from 'node:fs';
import { bfddConfig } from './bfd-config.ts';
import { frrRouteServerConfig, frrView } from './frr-config.ts';
import type { LabHost } from './lab-host.ts';
import { type NodeName, nodePlan, nodes, routers, routeServers } from './plan.ts';
import { type Candidate, inOrder, type RouteServer } from './route-server.ts';

const plan = routeServers[1];
const label = 'bgpd';

/**
 * A bgpd of FRR 8.4 that starts before zebra listens, or before it knows bfdd, never asks for its BFD sessions. In the
 * end bgpd replaces the shell, and the other two belong to its process group.
 */
const oneByOne = `
  folder=$1
  rm -f "$folder/zserv.api"
  $2 &
  until [ -S "$folder/zserv.api" ]; do sleep 0.05; done
  $3 &
  until vtysh --vty_socket "$folder" -d zebra -c 'show zebra client summary' | grep -q bfd; do sleep 0.05; done
  exec $4`;

/** FRR's bgpd. */
export class Rs5 implements RouteServer {
  readonly name = plan.name;
  readonly make = plan.make;
  private readonly host: LabHost;
  private readonly hasBfd: boolean;

  constructor(host: LabHost, hasBfd: boolean) {
    this.host = host;
    this.hasBfd = hasBfd;
  }

  get isRunning(): boolean {
    return this.host.isRunning(label);
  }

  start(): void {
    this.host.write('bgpd.conf', frrRouteServerConfig(plan, this.hasBfd));
    if (!this.hasBfd) {
      return this.host.start(label, [...this.argv('bgpd'), '--no_zebra', '--no_kernel']);
    }
    chmodSync(this.host.folder, 0o777);
    this.host.write('zebra.conf', 'log stdout\n');
    this.host.write('bfdd.conf', bfddConfig);
    const commands = [
      this.argv('zebra'),
      [...this.argv('bfdd'), '--bfdctl', this.host.file('bfdd.sock')],
      [...this.argv('bgpd'), '--no_kernel'],
    ].map((argv) => [...argv, '-z', this.host.file('zserv.api')].join(' '));
    this.host.start(label, ['sh', '-c', oneByOne, 'sh', this.host.folder, ...commands]);
  }

  /** bgpd runs as root, because its sockets are in a directory of ours; the others switch to a user of their own. */
  private argv(daemon: string): string[] {
    const files = [
      '-f',
      this.host.file(`${daemon}.conf`),
      '-i',
      this.host.file(`${daemon}.frr-pid`),
    ];
    const user = daemon === label ? ['--skip_runas'] : [];
    const ways = ['--vty_socket', this.host.folder, ...user, '-P', '0', '--log', 'stdout'];
    return [`/usr/lib/frr/${daemon}`, ...files, ...ways];
  }

  stop(): Promise<void> {
    return this.host.end(label);
  }

  kill(): Promise<void> {
    return this.host.kill(label);
  }

  log(): string {
    return this.host.log(label);
  }

  async established(): Promise<string[]> {
    const words = `show bgp view ${frrView} ipv6 unicast summary json`;
    const { peers = {} }: FrrSummary = JSON.parse(await this.command(words));
    return [...nodes, ...routers]
      .filter(({ address }) => peers[address]?.state === 'Established')
      .map(({ name }) => name);
  }

  async candidates(): Promise<Candidate[]> {
    const words = `show bgp view ${frrView} ipv6 unicast json`;
    const table: FrrTable = JSON.parse(await this.command(words));
    const candidates = Object.entries(table.routes ?? {}).flatMap(([prefix, paths]) =>
      paths.flatMap((path) => {
        const node = nodes.find(({ address }) => address === path.peerId);
        const { metric: med = 0, bestpath: best = false } = path;
        return node === undefined ? [] : [{ prefix, node: node.name, med, best }];
      }),
    );
    return candidates.toSorted(inOrder);
  }

  async readmit(node: NodeName): Promise<void> {
    await this.command(`clear bgp view ${frrView} ${nodePlan(node).address}`);
  }

  async sessionMark(node: NodeName): Promise<string> {
    const { address } = nodePlan(node);
    const words = `show bgp view ${frrView} neighbors ${address} json`;
    const neighbors: FrrNeighbors = JSON.parse(await this.command(words));
    return String(neighbors[address]?.connectionsDropped);
  }

  async bfdUp(): Promise<number> {
    const sessions: { readonly status: string }[] = JSON.parse(
      await this.command('show bfd peers json', 'bfdd'),
    );
    return sessions.filter(({ status }) => status === 'up').length;
  }

  private command(words: string, daemon = label): Promise<string> {
    return this.host.run(['vtysh', '--vty_socket', this.host.folder, '-d', daemon, '-c', words]);
  }
}

interface FrrSummary {
  readonly peers?: Readonly<Record<string, { readonly state: string }>>;
}

type FrrNeighbors = Readonly<Record<string, { readonly connectionsDropped: number }>>;

interface FrrTable {
  readonly routes?: Readonly<Record<string, readonly FrrPath[]>>;
}

interface FrrPath {
  readonly peerId: string;
  readonly metric?: number;
  readonly bestpath?: boolean;
}
