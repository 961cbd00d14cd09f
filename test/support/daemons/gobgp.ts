import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Host } from '../netns.ts';
import type { Daemon } from '../process.ts';
import type { Router, RouterConfig, SeenRoute } from './router.ts';

/** GoBGP as a router; its API listens inside the namespace. */
export class GobgpRouter implements Router {
  readonly name: string;
  readonly host: Host;
  readonly daemon: Daemon;
  private readonly family: string;

  constructor(host: Host, config: RouterConfig) {
    this.name = config.name;
    this.host = host;
    this.family = config.plan.family;
    const configFile = join(host.folder, 'gobgpd.toml');
    writeFileSync(configFile, gobgpRouterConfig(config));
    const options = ['-p', '--pprof-disable', '--api-hosts', '127.0.0.1:50051'];
    this.daemon = host.start('gobgpd', ['gobgpd', '-f', configFile, ...options]);
  }

  command(words: string): Promise<string> {
    return this.host.run(['gobgp', '-j', ...words.split(' ')]);
  }

  async isEstablished(): Promise<boolean> {
    const neighbors: GobgpNeighbor[] = JSON.parse(await this.command('neighbor'));
    return neighbors[0]?.state?.session_state === sessionEstablished;
  }

  async routes(): Promise<SeenRoute[]> {
    const table: GobgpTable = JSON.parse(await this.command(`global rib -a ${this.family}`));
    return Object.entries(table).flatMap(([prefix, paths]) =>
      paths.map((path) => gobgpRoute(prefix, path)),
    );
  }
}

/** api.PeerState.SessionState.ESTABLISHED */
const sessionEstablished = 6;

interface GobgpNeighbor {
  readonly state?: { readonly session_state?: number };
}

type GobgpTable = Readonly<Record<string, readonly GobgpPath[]>>;

interface GobgpPath {
  readonly best?: boolean;
  readonly attrs: readonly GobgpAttribute[];
}

/** By `type`, the number of the attribute; only the fields that are used. */
interface GobgpAttribute {
  readonly type: number;
  readonly nexthop?: string;
  readonly metric?: number;
  readonly as_paths?: readonly { readonly asns: readonly number[] }[];
}

function gobgpRoute(prefix: string, path: GobgpPath): SeenRoute {
  const attribute = (...types: number[]): GobgpAttribute | undefined =>
    path.attrs.find(({ type }) => types.includes(type));
  const med = attribute(4)?.metric;
  return {
    prefix,
    nextHop: attribute(3, 14)?.nexthop ?? '',
    asPath: (attribute(2)?.as_paths ?? []).flatMap(({ asns }) => asns),
    ...(med === undefined ? {} : { med }),
    best: path.best ?? false,
  };
}

function gobgpRouterConfig(config: RouterConfig): string {
  const { plan, routerId, as, neighbor, capabilities = {} } = config;
  const { addPath = false, password } = capabilities;
  return `
[global.config]
  as = ${as}
  router-id = "${routerId}"
[[neighbors]]
  [neighbors.config]
    peer-as = ${neighbor.as}
    neighbor-address = "${neighbor.address}"
    ${password === undefined ? '' : `auth-password = "${password}"`}
  [neighbors.timers.config]
    connect-retry = 1
    idle-hold-time-after-reset = 1
  [neighbors.ebgp-multihop.config]
    enabled = true
    multihop-ttl = 10
  [[neighbors.afi-safis]]
    [neighbors.afi-safis.config]
      afi-safi-name = "${plan.family}-unicast"
    [neighbors.afi-safis.add-paths.config]
      receive = ${addPath}
`;
}
