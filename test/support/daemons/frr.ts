import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Host } from '../netns.ts';
import type { Daemon } from '../process.ts';
import type { Router, RouterConfig, SeenRoute } from './router.ts';

/** FRR's bgpd as a router, without zebra: it learns routes and installs none. */
export class FrrRouter implements Router {
  readonly name: string;
  readonly host: Host;
  readonly daemon: Daemon;
  private readonly family: string;
  private readonly neighbor: string;

  constructor(host: Host, config: RouterConfig, options: FrrRouterOptions = {}) {
    this.name = config.name;
    this.host = host;
    this.family = config.plan.family;
    this.neighbor = config.neighbor.address;
    const configFile = join(host.folder, 'bgpd.conf');
    writeFileSync(configFile, frrRouterConfig(config, options));
    const files = [
      '-f',
      configFile,
      '-i',
      join(host.folder, 'bgpd.pid'),
      '--vty_socket',
      host.folder,
    ];
    // Without zebra and the kernel; as root, because the sockets are in a directory of ours.
    const ways = ['--no_zebra', '--no_kernel', '--skip_runas', '-P', '0', '--log', 'stdout'];
    this.daemon = host.start('frr', ['/usr/lib/frr/bgpd', ...files, ...ways]);
  }

  command(words: string): Promise<string> {
    return this.host.run(['vtysh', '--vty_socket', this.host.folder, '-d', 'bgpd', '-c', words]);
  }

  async isEstablished(): Promise<boolean> {
    const summary: FrrSummary = JSON.parse(
      await this.command(`show bgp ${this.family} unicast summary json`),
    );
    return summary.peers?.[this.neighbor]?.state === 'Established';
  }

  async routes(): Promise<SeenRoute[]> {
    const table: FrrTable = JSON.parse(await this.command(`show bgp ${this.family} unicast json`));
    return Object.entries(table.routes ?? {}).flatMap(([prefix, paths]) =>
      paths.map((path) => ({
        prefix,
        nextHop: path.nexthops[0].ip,
        asPath: path.path.split(' ').filter(Boolean).map(Number),
        ...(path.metric === undefined ? {} : { med: path.metric }),
        best: path.bestpath ?? false,
      })),
    );
  }
}

interface FrrSummary {
  readonly peers?: Readonly<Record<string, { readonly state: string }>>;
}

interface FrrTable {
  readonly routes?: Readonly<Record<string, readonly FrrPath[]>>;
}

interface FrrPath {
  readonly path: string;
  readonly metric?: number;
  readonly bestpath?: boolean;
  readonly nexthops: readonly { readonly ip: string }[];
}

export interface FrrRouterOptions {
  /** Keeps the routes of a route server that restarts. */
  readonly helpsRestarts?: boolean;
}

function frrRouterConfig(
  { plan, routerId, as, neighbor, capabilities = {} }: RouterConfig,
  { helpsRestarts = false }: FrrRouterOptions,
): string {
  const { password, twoOctetAs, announces } = capabilities;
  return `
log stdout
debug bgp neighbor-events
router bgp ${as}
 bgp router-id ${routerId}
 no bgp ebgp-requires-policy
 no bgp default ipv4-unicast
 ${helpsRestarts ? '' : 'bgp graceful-restart-disable'}
 neighbor ${neighbor.address} remote-as ${neighbor.as}
 neighbor ${neighbor.address} timers connect 1
 neighbor ${neighbor.address} disable-connected-check
 ${password === undefined ? '' : `neighbor ${neighbor.address} password ${password}`}
 ${twoOctetAs === true ? `neighbor ${neighbor.address} dont-capability-negotiate` : ''}
 no bgp network import-check
 address-family ${plan.family} unicast
  neighbor ${neighbor.address} activate
  ${announces === undefined ? '' : `network ${announces}`}
 exit-address-family
!
line vty
`;
}
