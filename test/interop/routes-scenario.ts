import { isDeepStrictEqual } from 'node:util';
import { expect, it } from 'vitest';
import type { Page } from '#api/queries.ts';
import type { PathView } from '#api/views/path.ts';
import { BirdRouter } from '#support/daemons/bird.ts';
import type { Exabgp } from '#support/daemons/exabgp.ts';
import { FrrRouter } from '#support/daemons/frr.ts';
import { GobgpRouter } from '#support/daemons/gobgp.ts';
import { asFingerpost } from '#support/daemons/make-route-server.ts';
import type { Nginx } from '#support/daemons/nginx.ts';
import { OpenbgpdRouter } from '#support/daemons/openbgpd.ts';
import type { Candidate, RouteServer } from '#support/daemons/route-server.ts';
import type { Router } from '#support/daemons/router.ts';
import { describeInterop, itFingerpost } from '#support/requirements.ts';
import { waitFor } from '#support/wait.ts';
import { withLab } from './lab-test.ts';
import {
  type Lab,
  nodePeer,
  routerPeer,
  startWebServers,
  waitForNextHops,
  waitForPage,
} from './lab.ts';
import { addressOf, type Plan } from './plan.ts';

/** Real ExaBGP nodes, the route server, and a router of each make. */
export function describeRoutes(plan: Plan): void {
  describeInterop(`routes over ${plan.family}`, programs, () => {
    const stage = withLab(plan, setStage);
    const [first, second, third] = plan.services;
    const [w1, w2, w3] = plan.nodes.map(({ address }) => address);
    const published = { [first]: w3, [second]: w2, [third]: w1 };

    it('brings up a session with every node and every router', async () => {
      const { routeServer } = stage();
      await waitFor(
        'every session',
        () => routeServer.established(),
        (names) => names.length === plan.nodes.length + routerNumbers.length - 1,
      );
      for (const router of stage().routers) {
        await waitFor(`${router.name} to say so too`, () => router.isEstablished(), Boolean);
      }
    });

    it('has the best and the backup of the published table', async () => {
      const { routeServer } = stage();
      const want = {
        [first]: ['W3 100 best', 'W2 101', 'W1 102'],
        [second]: ['W2 100 best', 'W1 101', 'W3 102'],
        [third]: ['W1 100 best', 'W3 101', 'W2 102'],
      };
      await waitFor(
        'the published ranking',
        async () => rankings(await routeServer.candidates()),
        (seen) => isDeepStrictEqual(seen, want),
      );
    });

    itFingerpost('prints the same by `show route -j`', async () => {
      const page: Page<PathView> = JSON.parse(
        await asFingerpost(stage().routeServer).cli('show', 'route', '-j'),
      );
      const best = page.items.filter((path) => path.best);
      expect(best.map(({ prefix, peer }) => `${prefix} ${peer}`)).toEqual([
        `${first} W3`,
        `${second} W2`,
        `${third} W1`,
      ]);
      expect(page.items.map(({ rank }) => rank)).toEqual([1, 2, 3, 1, 2, 3, 1, 2, 3]);
    });

    it.each(routerNumbers.slice(0, -1))(
      'gives $name the best route alone, next hop, MED and path as the node sent them',
      async ({ name }) => {
        const routes = await waitForNextHops(stage().router(name), published);
        expect(routes.map(({ med }) => med)).toEqual([100, 100, 100]);
        expect(routes.map(({ asPath }) => asPath)).toEqual([[65001], [65001], [65001]]);
      },
    );

    it('lets the kernels of BIRD routers send each address to its node', async () => {
      const gateways = plan.gateways.map(({ backboneAddress }) => backboneAddress);
      await waitForKernel(stage().router('ER2'), {
        [addressOf(first)]: `${gateways[2]} eth0`,
        [addressOf(second)]: `${gateways[1]} eth0`,
        [addressOf(third)]: `${gateways[0]} eth0`,
      });
      await waitForKernel(stage().router('DR6'), {
        [addressOf(first)]: `${gateways[2]} eth0`,
        [addressOf(second)]: `${gateways[1]} eth0`,
        [addressOf(third)]: `${w1} eth1`,
      });
      const { host } = stage().router('ER2');
      await waitForPage(host, first, 'W3');
      await waitForPage(host, second, 'W2');
      await waitForPage(host, third, 'W1');
    });

    it('gives a router that connects late the whole table, then End-of-RIB', async () => {
      const { lab } = stage();
      const late = lab.birdRouter('LATE', lateNumber, { bgp: 'debug all;' });
      await waitForNextHops(late, published);
      await waitFor(
        'End-of-RIB',
        () => late.daemon.log,
        (log) => log.includes('Got END-OF-RIB'),
      );
      const log = late.daemon.log;
      for (const prefix of plan.services) {
        expect(log.indexOf(`added [best] ${prefix}`)).toBeGreaterThan(0);
        expect(log.indexOf(`added [best] ${prefix}`)).toBeLessThan(log.indexOf('Got END-OF-RIB'));
      }
    });

    it('answers `birdc reload in` with every route again', async () => {
      const router = stage().router('ER2');
      if (!(router instanceof BirdRouter)) throw new Error('ER2 is a BIRD');
      const before = await updatesReceived(router);
      await router.bird.command('reload in RS9');
      await waitFor(
        'three more updates',
        () => updatesReceived(router),
        (count) => count >= before + 3,
      );
      expect(await router.isEstablished()).toBe(true);
      await waitForNextHops(router, published);
    });

    it('moves an address in every router when its web server stops, and back', async () => {
      const { webServers, routers } = stage();
      const moved = { [first]: w3, [second]: w2, [third]: w3 };
      await webServers[0].stop();
      await Promise.all(routers.map((router) => waitForNextHops(router, moved)));
      webServers[0].start();
      await Promise.all(routers.map((router) => waitForNextHops(router, published)));
    });

    it('withdraws from every router an address that no node announces any more', async () => {
      const { exabgps, routers } = stage();
      await exabgps[0].daemon.kill();
      await Promise.all(
        routers.map((router) => waitForNextHops(router, { ...published, [third]: w3 })),
      );
      await Promise.all(exabgps.map((exabgp) => exabgp.daemon.kill()));
      await Promise.all(routers.map((router) => waitForNextHops(router, {})));
    });
  });
}

const programs = [
  'bird',
  '/usr/lib/frr/bgpd',
  'gobgpd',
  '/usr/sbin/bgpd',
  'exabgp',
  'exabgp-healthcheck',
  'nginx',
  'curl',
] as const;

const lateNumber = 30;

/** The last router connects late. */
const routerNumbers = [
  { name: 'ER2', number: 2 },
  { name: 'DR6', number: 6 },
  { name: 'FRR', number: 3 },
  { name: 'GOBGP', number: 20 },
  { name: 'OPENBGPD', number: 21 },
  { name: 'LATE', number: lateNumber },
];

interface Stage {
  readonly routeServer: RouteServer;
  readonly routers: readonly Router[];
  readonly webServers: readonly Nginx[];
  readonly exabgps: readonly Exabgp[];
  readonly router: (name: string) => Router;
}

function setStage(lab: Lab): Stage {
  const { plan } = lab;
  const clients = routerNumbers.map(({ name, number }) => routerPeer(name, plan.router(number)));
  const peers = [...plan.nodes.map((node) => nodePeer(node)), ...clients];
  const routeServer = lab.routeServer({ plan, peers });
  const hosted = (name: string, number: number) =>
    [lab.backboneHost(name, plan.router(number)), lab.routerConfig(name, number)] as const;
  const routers: Router[] = [
    new BirdRouter(...hosted('ER2', 2)),
    // It only accepts connections.
    new BirdRouter(lab.gateway('DR6'), lab.routerConfig('DR6', 6), { bgp: 'passive;' }),
    new FrrRouter(...hosted('FRR', 3)),
    new GobgpRouter(...hosted('GOBGP', 20)),
    new OpenbgpdRouter(...hosted('OPENBGPD', 21)),
  ];
  const webServers = startWebServers(lab);
  const exabgps = lab.nodes.map((node) => lab.exabgp(node));
  const router = (name: string): Router => {
    const found = routers.find((each) => each.name === name);
    if (found === undefined) throw new Error(`no router ${name}`);
    return found;
  };
  return { routeServer, routers, webServers, exabgps, router };
}

/** By prefix: `W3 100 best`, `W2 101`, ... in order of MED. */
function rankings(candidates: readonly Candidate[]): Record<string, string[]> {
  const byPrefix = Map.groupBy(candidates, ({ prefix }) => prefix);
  const ranked = [...byPrefix].map(([prefix, paths]) => {
    const sorted = paths.toSorted((a, b) => a.med - b.med);
    return [prefix, sorted.map(({ peer, med, best }) => `${peer} ${med}${best ? ' best' : ''}`)];
  });
  return Object.fromEntries(ranked);
}

interface KernelRoute {
  readonly dst: string;
  readonly gateway: string;
  readonly dev: string;
}

function waitForKernel(router: Router, want: Readonly<Record<string, string>>): Promise<unknown> {
  return waitFor(
    `${router.name}'s kernel to lead as its table says`,
    () => kernelGateways(router),
    (seen) => isDeepStrictEqual(seen, want),
  );
}

async function kernelGateways(router: Router): Promise<Record<string, string>> {
  const routes = await Promise.all(
    ['-4', '-6'].map(async (family): Promise<KernelRoute[]> => {
      const argv = ['ip', family, '-j', 'route', 'show', 'proto', 'bird'];
      return JSON.parse(await router.host.run(argv));
    }),
  );
  return Object.fromEntries(
    routes.flat().map(({ dst, gateway, dev }) => [dst, `${gateway} ${dev}`]),
  );
}

async function updatesReceived(router: BirdRouter): Promise<number> {
  const text = await router.bird.command('show protocols all RS9');
  return Number(/Import updates:\s+(\d+)/.exec(text)?.[1]);
}
