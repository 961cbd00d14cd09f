import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Bird } from '#support/daemons/bird.ts';
import type { SeenRoute } from '#support/daemons/router.ts';
import type { Host } from '#support/netns.ts';
import type { Program } from '#support/requirements.ts';
import { waitFor } from '#support/wait.ts';
import type { SpeakersPlan } from './twins/twins.ts';

/** A route server of another make that writes MRT files. */
export interface MrtMake {
  readonly title: string;
  readonly programs: readonly Program[];
  /** The beginning of the names of its files. */
  readonly files: readonly string[];
  start(host: Host, plan: SpeakersPlan): MrtServer;
}

export interface MrtServer {
  /** The folder of its files. */
  readonly folder: string;
  routes(): Promise<SeenRoute[]>;
  /** Lets its peers connect, if they would otherwise do so before it writes. */
  begin?(): Promise<void>;
}

const as = 64500;

function fileIn(host: Host, name: string, text: string): string {
  const path = join(host.folder, name);
  writeFileSync(path, text, { mode: 0o600 });
  return path;
}

const bird: MrtMake = {
  title: 'BIRD',
  programs: ['bird'],
  files: ['updates', 'rib'],
  start: (host, { routeServer, peers }) => {
    const server = new Bird(
      host,
      `
log stderr all;
router id ${routeServer.ipv4};
mrtdump "${join(host.folder, 'updates.mrt')}";
mrtdump protocols all;
protocol device { }
protocol mrt { table "master4"; filename "${join(host.folder, 'rib.%N.mrt')}"; period 2; }
${peers
  .map(
    (peer) => `protocol bgp ${peer.name} {
  local ${routeServer.ipv4} as ${as}; neighbor ${peer.address} as ${peer.as}; rs client; mrtdump all;
  connect delay time 1; connect retry time 1; error wait time 1, 2;
  ipv4 { import all; export none; };
}`,
  )
  .join('\n')}
`,
    );
    return { folder: host.folder, routes: () => server.routes() };
  },
};

const frr: MrtMake = {
  title: 'FRR',
  programs: ['/usr/lib/frr/bgpd'],
  files: ['updates', 'rib'],
  start: (host, { routeServer, peers }) => {
    const file = fileIn(
      host,
      'frr.conf',
      `log stdout
dump bgp all ${join(host.folder, 'updates.mrt')}
dump bgp routes-mrt ${join(host.folder, 'rib.%H%M%S.mrt')} 3
router bgp ${as}
 bgp router-id ${routeServer.ipv4}
 no bgp ebgp-requires-policy
${peers
  .map(
    (peer) => ` neighbor ${peer.address} remote-as ${peer.as}
 neighbor ${peer.address} timers connect 1
 neighbor ${peer.address} disable-connected-check`,
  )
  .join('\n')}
line vty
`,
    );
    const folders = ['-i', join(host.folder, 'bgpd.pid'), '--vty_socket', host.folder];
    const alone = ['--no_zebra', '--no_kernel', '--skip_runas', '-P', '0', '--log', 'stdout'];
    host.start('frr', ['/usr/lib/frr/bgpd', '-f', file, ...folders, ...alone]);
    const show = 'show bgp ipv4 unicast json';
    return {
      folder: host.folder,
      routes: async () => {
        const text = await host.run([
          'vtysh',
          '--vty_socket',
          host.folder,
          '-d',
          'bgpd',
          '-c',
          show,
        ]);
        const { routes = {} }: FrrTable = JSON.parse(text);
        return Object.entries(routes).flatMap(([prefix, paths]) =>
          paths.map(({ path, metric, nexthops, bestpath = false }) => ({
            prefix,
            nextHop: nexthops[0].ip,
            asPath: numbers(path),
            ...(metric !== undefined && { med: metric }),
            best: bestpath,
          })),
        );
      },
    };
  },
};

interface FrrTable {
  readonly routes?: Readonly<
    Record<
      string,
      readonly {
        readonly path: string;
        readonly metric?: number;
        readonly bestpath?: boolean;
        readonly nexthops: readonly { readonly ip: string }[];
      }[]
    >
  >;
}

const gobgp: MrtMake = {
  title: 'GoBGP',
  programs: ['gobgpd'],
  // It writes tables once a minute at most.
  files: ['updates'],
  start: (host, { routeServer, peers }) => {
    // GoBGP reads the name of the dump as a time layout, digits included, so the name of a folder would be changed.
    const file = fileIn(
      host,
      'gobgpd.toml',
      `[global.config]
  as = ${as}
  router-id = "${routeServer.ipv4}"
[[mrt-dump]]
  [mrt-dump.config]
    dump-type = "updates"
    file-name = "updates.mrt"
`,
    );
    const options = ['-p', '--pprof-disable', '--api-hosts', '127.0.0.1:50051'];
    host.start('gobgpd', ['gobgpd', '-f', file, ...options]);
    return {
      folder: host.folder,
      // It opens the file last, after the peers of its configuration and its API; what comes before that is not in
      // the file.
      begin: async () => {
        const dump = join(host.folder, 'updates.mrt');
        await waitFor('GoBGP to open the file', () => existsSync(dump), Boolean, { seconds: 20 });
        for (const peer of peers) {
          await host.run(['gobgp', 'neighbor', 'add', peer.address, 'as', String(peer.as)]);
        }
      },
      routes: async () => {
        const text = await host.run(['gobgp', '-j', 'global', 'rib', '-a', 'ipv4']);
        const table: Readonly<Record<string, readonly GobgpPath[]>> = JSON.parse(text);
        return Object.entries(table).flatMap(([prefix, paths]) =>
          paths.map(({ attrs, best = false }) => {
            const med = attrs.find(({ type }) => type === 4)?.metric;
            return {
              prefix,
              nextHop: attrs.find(({ type }) => type === 3)?.nexthop ?? '',
              asPath: (attrs.find(({ type }) => type === 2)?.as_paths ?? []).flatMap(
                (it) => it.asns,
              ),
              ...(med !== undefined && { med }),
              best,
            };
          }),
        );
      },
    };
  },
};

interface GobgpPath {
  readonly best?: boolean;
  readonly attrs: readonly {
    readonly type: number;
    readonly nexthop?: string;
    readonly metric?: number;
    readonly as_paths?: readonly { readonly asns: readonly number[] }[];
  }[];
}

const openbgpd: MrtMake = {
  title: 'OpenBGPD',
  programs: ['/usr/sbin/bgpd'],
  files: ['updates', 'rib'],
  start: (host, { routeServer, peers }) => {
    mkdirSync('/run/openbgpd', { recursive: true });
    const socket = join(host.folder, 'bgpd.sock');
    const file = fileIn(
      host,
      'openbgpd.conf',
      `AS ${as}
router-id ${routeServer.ipv4}
socket "${socket}"
fib-update no
nexthop qualify via default
connect-retry 1
dump all in "${join(host.folder, 'updates.mrt')}"
dump table-v2 "${join(host.folder, 'rib.%H%M%S.mrt')}" 3
${peers
  .map(
    (peer) => `neighbor ${peer.address} {
  descr "${peer.name}"
  remote-as ${peer.as}
  announce IPv4 unicast
  enforce neighbor-as no
}`,
  )
  .join('\n')}
allow from any
deny to any
`,
    );
    host.start('openbgpd', ['/usr/sbin/bgpd', '-d', '-v', '-f', file]);
    return {
      folder: host.folder,
      routes: async () => {
        const text = await host.run(['bgpctl', '-j', '-s', socket, 'show', 'rib', 'inet', 'in']);
        const { rib = [] }: OpenbgpdRib = JSON.parse(text);
        return rib.map(({ prefix, exit_nexthop: nextHop, aspath, metric, best = false }) => ({
          prefix,
          nextHop,
          asPath: numbers(aspath),
          med: metric,
          best,
        }));
      },
    };
  },
};

interface OpenbgpdRib {
  readonly rib?: readonly {
    readonly prefix: string;
    readonly exit_nexthop: string;
    readonly aspath: string;
    readonly metric: number;
    readonly best?: boolean;
  }[];
}

function numbers(path: string): number[] {
  return path.split(' ').filter(Boolean).map(Number);
}

export const mrtMakes: readonly MrtMake[] = [bird, frr, gobgp, openbgpd];
