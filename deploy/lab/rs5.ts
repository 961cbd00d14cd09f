import { frrRouteServerConfig, frrView } from './frr-config.ts';
import type { LabHost } from './lab-host.ts';
import { type NodeName, nodePlan, nodes, routers, routeServers } from './plan.ts';
import { type Candidate, inOrder, type RouteServer } from './route-server.ts';

const plan = routeServers[1];
const label = 'bgpd';

/** FRR's bgpd. */
export class Rs5 implements RouteServer {
  readonly name = plan.name;
  readonly make = plan.make;
  private readonly host: LabHost;

  constructor(host: LabHost) {
    this.host = host;
  }

  get isRunning(): boolean {
    return this.host.isRunning(label);
  }

  start(): void {
    const config = this.host.write('bgpd.conf', frrRouteServerConfig(plan));
    const files = ['-f', config, '-i', this.host.file('frr.pid'), '--vty_socket', this.host.folder];
    // As root, for its sockets are in a folder of ours.
    const ways = ['--no_zebra', '--no_kernel', '--skip_runas', '-P', '0', '--log', 'stdout'];
    this.host.start(label, ['/usr/lib/frr/bgpd', ...files, ...ways]);
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

  private command(words: string): Promise<string> {
    return this.host.run(['vtysh', '--vty_socket', this.host.folder, '-d', 'bgpd', '-c', words]);
  }
}

interface FrrSummary {
  readonly peers?: Readonly<Record<string, { readonly state: string }>>;
}

interface FrrTable {
  readonly routes?: Readonly<Record<string, readonly FrrPath[]>>;
}

interface FrrPath {
  readonly peerId: string;
  readonly metric?: number;
  readonly bestpath?: boolean;
}
