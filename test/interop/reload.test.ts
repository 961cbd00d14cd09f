import { expect, it } from 'vitest';
import type { BirdRouter } from '#support/daemons/bird.ts';
import { announce, type Exabgp } from '#support/daemons/exabgp.ts';
import { asFingerpost } from '#support/daemons/make-route-server.ts';
import type { PeerSpec, RouteServer } from '#support/daemons/route-server.ts';
import { describeInterop, itFingerpost } from '#support/requirements.ts';
import { holdsFor, waitFor } from '#support/wait.ts';
import { withLab } from './lab-test.ts';
import { type Lab, nodePeer, routerPeer, waitForNextHops } from './lab.ts';
import { ipv6Plan } from './plan.ts';

const [first, second, third] = ipv6Plan.services;
const [node] = ipv6Plan.nodes;
const peers: readonly PeerSpec[] = [
  nodePeer(node),
  nodePeer(ipv6Plan.nodes[1]),
  routerPeer('ER2', ipv6Plan.router(2)),
];
const all = { [first]: node.address, [second]: node.address, [third]: node.address };

interface Stage {
  readonly routeServer: RouteServer;
  readonly router: BirdRouter;
  readonly exabgp: Exabgp;
}

function setStage(lab: Lab): Stage {
  const routeServer = lab.routeServer({ plan: ipv6Plan, peers });
  const router = lab.birdRouter('ER2', 2);
  const lines = ipv6Plan.services.map((prefix) => announce(node, prefix));
  const exabgp = lab.exabgp(lab.nodes[0], { kind: 'commands', first: lines });
  return { routeServer, router, exabgp };
}

describeInterop('a reload by SIGHUP', ['bird', 'exabgp'], () => {
  const stage = withLab(ipv6Plan, setStage);
  const connections = (): number => stage().exabgp.daemon.log.split('<< OPEN').length - 1;

  it('begins with the routes of the first configuration', async () => {
    await waitForNextHops(stage().router, all);
  });

  it('removes what a narrower policy refuses, without a reset', async () => {
    const { routeServer, router } = stage();
    routeServer.reload({ plan: ipv6Plan, peers, patterns: [first, second] });
    await waitForNextHops(router, { [first]: node.address, [second]: node.address });
    expect(routeServer.notificationsSent('W1')).toEqual([]);
    expect(routeServer.notificationsSent('ER2')).toEqual([]);
  });

  it('brings it back from the stored routes of ExaBGP, which does not support route refresh', async () => {
    const { routeServer, router } = stage();
    routeServer.reload({ plan: ipv6Plan, peers });
    await waitForNextHops(router, all);
    expect(connections()).toBe(1);
    expect(router.daemon.log.match(/BGP session established/g)).toHaveLength(1);
  });

  itFingerpost('of a broken file changes nothing and says where it is broken', async () => {
    const { router } = stage();
    const routeServer = asFingerpost(stage().routeServer);
    routeServer.reloadWith('hold_tiem: 3');
    const refused = await waitFor(
      'config_refused in the log',
      () => routeServer.events().find(({ event }) => event === 'config_refused'),
      (line) => line !== undefined,
    );
    expect(JSON.stringify(refused)).toContain('hold_tiem');
    await holdsFor(
      'all routes',
      0.5,
      () => router.routes(),
      (routes) => routes.length === 3,
    );
    expect(await routeServer.established()).toEqual(expect.arrayContaining(['ER2', 'W1']));
  });

  it('resets only the peer whose session changed, adds and removes peers', async () => {
    const { routeServer, router } = stage();
    const changed = [
      nodePeer(node),
      nodePeer(ipv6Plan.nodes[2]),
      routerPeer('ER2', ipv6Plan.router(2), { holdTimeSec: 12 }),
    ];
    routeServer.reload({ plan: ipv6Plan, peers: changed });
    await waitFor(
      'a second session of ER2',
      () => router.daemon.log.match(/BGP session established/g)?.length,
      (count) => count === 2,
    );
    await waitForNextHops(router, all);
    expect(connections()).toBe(1);
    expect(routeServer.notificationsSent('W1')).toEqual([]);
  });
});
