import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Host } from '../netns.ts';
import type { Daemon } from '../process.ts';
import type { Router, RouterConfig, SeenRoute } from './router.ts';

/** OpenBGPD as a router; the portable version installs nothing in Linux's kernel. */
export class OpenbgpdRouter implements Router {
  readonly name: string;
  readonly host: Host;
  readonly daemon: Daemon;
  private readonly family: string;
  private readonly socket: string;

  constructor(host: Host, config: RouterConfig) {
    this.name = config.name;
    this.host = host;
    this.family = config.plan.family;
    this.socket = join(host.folder, 'bgpd.sock');
    const configFile = join(host.folder, 'openbgpd.conf');
    // Debian's build chroots its children there; its unit creates the directory at boot.
    mkdirSync('/run/openbgpd', { recursive: true });
    // It refuses a configuration that others can write to.
    writeFileSync(configFile, openbgpdRouterConfig(config, this.socket), { mode: 0o600 });
    this.daemon = host.start('openbgpd', ['/usr/sbin/bgpd', '-d', '-v', '-f', configFile]);
  }

  command(words: string): Promise<string> {
    return this.host.run(['bgpctl', '-j', '-s', this.socket, ...words.split(' ')]);
  }

  async isEstablished(): Promise<boolean> {
    const shown: OpenbgpdNeighbors = JSON.parse(await this.command('show neighbor'));
    return shown.neighbors?.[0]?.state === 'Established';
  }

  async routes(): Promise<SeenRoute[]> {
    const family = this.family === 'ipv6' ? 'inet6' : 'inet';
    const shown: OpenbgpdRib = JSON.parse(await this.command(`show rib ${family}`));
    return (shown.rib ?? []).map((path) => ({
      prefix: path.prefix,
      nextHop: path.exit_nexthop,
      asPath: path.aspath.split(' ').filter(Boolean).map(Number),
      med: path.metric,
      best: path.best ?? false,
    }));
  }
}

interface OpenbgpdNeighbors {
  readonly neighbors?: readonly { readonly state: string }[];
}

interface OpenbgpdRib {
  readonly rib?: readonly OpenbgpdPath[];
}

interface OpenbgpdPath {
  readonly prefix: string;
  readonly exit_nexthop: string;
  readonly aspath: string;
  readonly metric: number;
  readonly best?: boolean;
}

function openbgpdRouterConfig(config: RouterConfig, socket: string): string {
  const { plan, routerId, as, neighbor, capabilities = {} } = config;
  const { addPath, twoOctetAs, announces } = capabilities;
  return `
AS ${as}
router-id ${routerId}
socket "${socket}"
fib-update no
nexthop qualify via default
connect-retry 1
${announces === undefined ? '' : `network ${announces}`}
neighbor ${neighbor.address} {
  descr "${neighbor.name}"
  remote-as ${neighbor.as}
  local-address ${config.address}
  multihop 10
  announce ${plan.family === 'ipv6' ? 'IPv6' : 'IPv4'} unicast
  announce add-path recv ${addPath === true ? 'yes' : 'no'}
  announce as-4byte ${twoOctetAs === true ? 'no' : 'yes'}
  enforce neighbor-as no
}
allow from any
${announces === undefined ? 'deny' : 'allow'} to any
`;
}
