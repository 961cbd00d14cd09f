import { expect, it } from 'vitest';
import type { BirdRouter } from '#support/daemons/bird.ts';
import { announce, type Exabgp } from '#support/daemons/exabgp.ts';
import { FrrRouter } from '#support/daemons/frr.ts';
import type { RouteServer } from '#support/daemons/route-server.ts';
import type { Router } from '#support/daemons/router.ts';
import { describeInterop } from '#support/requirements.ts';
import { timed, waitFor } from '#support/wait.ts';
import { withLab } from './lab-test.ts';
import { type Lab, nodePeer, routerPeer, waitForNextHops, waitForNotifications } from './lab.ts';
import { ipv6Plan } from './plan.ts';

const [first, second, third] = ipv6Plan.services;
const [w1, w2, w3] = ipv6Plan.nodes;
const published = { [first]: w3.address, [second]: w2.address, [third]: w1.address };

interface Stage {
  readonly routeServer: RouteServer;
  readonly bird: BirdRouter;
  readonly routers: readonly Router[];
  readonly exabgps: readonly Exabgp[];
}

function setStage(lab: Lab): Stage {
  const { plan } = lab;
  const peers = [
    ...plan.nodes.map((node) => nodePeer(node)),
    routerPeer('ER2', plan.router(2)),
    routerPeer('FRR', plan.router(3)),
  ];
  const routeServer = lab.routeServer({ plan, peers });
  const bird = lab.birdRouter('ER2', 2);
  const frrHost = lab.backboneHost('FRR', plan.router(3));
  const routers = [bird, new FrrRouter(frrHost, lab.routerConfig('FRR', 3))];
  const exabgps = lab.nodes.map((node, index) => {
    const own = announce(node.plan, [third, second, first][index]);
    return lab.exabgp(node, { kind: 'commands', first: [own] });
  });
  return { routeServer, bird, routers, exabgps };
}

describeInterop('the route server', ['bird', '/usr/lib/frr/bgpd', 'exabgp'], () => {
  const stage = withLab(ipv6Plan, setStage);
  const routersHave = (want: Readonly<Record<string, string>>) =>
    Promise.all(stage().routers.map((router) => waitForNextHops(router, want)));

  it('has every route in the routers at first', async () => {
    await routersHave(published);
  });

  it('stopped by SIGTERM, sends every peer 6/2 and ends with status 0', async () => {
    const { routeServer, bird, exabgps } = stage();
    const gone = await timed(async () => {
      expect(await routeServer.daemon.end()).toEqual({ code: 0, signal: null });
      await routersHave({});
    });
    console.info(`stopped in order: its routes gone after ${gone} s`);
    await waitForNotifications(routeServer, 'ER2', ['6/2']);
    await waitForNotifications(routeServer, 'FRR', ['6/2']);
    await waitFor(
      'the router to log it',
      () => bird.daemon.log,
      (log) => log.includes('Received: Administrative shutdown'),
    );
    for (const { daemon } of exabgps) {
      const said = 'notification received (6,2)';
      await waitFor(
        `the node to log: ${said}`,
        () => daemon.log,
        (log) => log.includes(said),
      );
    }
  });

  it('started again, has its routes in every router without any help', async () => {
    stage().routeServer.start();
    const back = await timed(() => routersHave(published));
    console.info(`stopped in order and started: routes back after ${back} s`);
  });

  it('killed -9, leaves no route behind in any router', async () => {
    const gone = await timed(async () => {
      await stage().routeServer.daemon.kill();
      await routersHave({});
    });
    console.info(`killed: its routes gone after ${gone} s`);
  });

  it('started after that, has its routes back as well', async () => {
    stage().routeServer.start();
    const back = await timed(() => routersHave(published));
    console.info(`killed and started: routes back after ${back} s`);
  });
});
