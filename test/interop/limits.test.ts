import { expect, it } from 'vitest';
import type { BirdRouter } from '#support/daemons/bird.ts';
import { announce, type Exabgp, withdraw } from '#support/daemons/exabgp.ts';
import { Fingerpost } from '#support/daemons/fingerpost.ts';
import type { LimitSpec, RouteServer } from '#support/daemons/route-server.ts';
import { describeInterop } from '#support/requirements.ts';
import { holdsFor, waitFor } from '#support/wait.ts';
import { withLab } from './lab-test.ts';
import { type Lab, nodePeer, routerPeer, waitForNotifications } from './lab.ts';
import { ipv6Plan, type NodePlan } from './plan.ts';

/** A fourth node behind the gateway of W1. */
const fourth: NodePlan = {
  ...ipv6Plan.nodes[0],
  name: 'W4',
  address: '2001:db8:6::14',
  routerId: '1.1.1.14',
};

const limited = [
  { node: ipv6Plan.nodes[0], action: 'block' },
  { node: ipv6Plan.nodes[1], action: 'warning' },
  { node: ipv6Plan.nodes[2], action: 'restart' },
  { node: fourth, action: 'shutdown' },
] as const satisfies readonly { node: NodePlan; action: LimitSpec['action'] }[];

interface Stage {
  readonly routeServer: RouteServer;
  readonly router: BirdRouter;
  readonly exabgps: Readonly<Record<LimitSpec['action'], Exabgp>>;
}

function setStage(lab: Lab): Stage {
  const { plan } = lab;
  const nodes = limited.map(({ node, action }) =>
    nodePeer(node, { limit: { limit: 10, action, restartAfterSec: 2 } }),
  );
  const peers = [...nodes, routerPeer('ER2', plan.router(2))];
  const routeServer = lab.routeServer({ plan, peers });
  const router = lab.birdRouter('ER2', 2);
  const hosts = [...lab.nodes, lab.addNode(fourth)];
  const start = (index: number): Exabgp => {
    const { node } = limited[index];
    const first = ownPrefixes(node).map((prefix) => announce(node, prefix));
    // The seven routes that the filter refuses do not count.
    const refused = refusedPrefixes.map((prefix) => announce(node, prefix));
    return lab.exabgp(hosts[index], { kind: 'commands', first: [...refused, ...first] });
  };
  const exabgps = { block: start(0), warning: start(1), restart: start(2), shutdown: start(3) };
  return { routeServer, router, exabgps };
}

const refusedPrefixes = [1, 2, 3, 4, 5, 6, 7].map((last) => `2001:db8:31::${last}/128`);

/** Ten service addresses that no other node has: `2001:db8:30::a0b0`. */
function ownPrefixes(node: NodePlan): string[] {
  return [...Array(10).keys()].map((index) => prefixOf(node, index));
}

function prefixOf(node: NodePlan, index: number): string {
  return `2001:db8:30::${node.name.slice(1)}:${(index + 0x10).toString(16)}/128`;
}

/**
 * One more than the limit; it is the lowest of the node's addresses, so that it is accepted first when there is
 * space.
 */
function eleventh(node: NodePlan): string {
  return prefixOf(node, -1);
}

describeInterop('the eleventh route, the limit being ten', ['bird', 'exabgp'], () => {
  const stage = withLab(ipv6Plan, setStage);

  const routesOf = async ({ address }: NodePlan): Promise<string[]> => {
    const routes = await stage().router.routes();
    return routes.filter(({ nextHop }) => nextHop === address).map(({ prefix }) => prefix);
  };
  const waitForCount = (node: NodePlan, count: number): Promise<string[]> =>
    waitFor(
      `${count} routes of ${node.name}`,
      () => routesOf(node),
      (routes) => routes.length === count,
    );

  it('is absent at first: with ten routes per node no limit is reached', async () => {
    for (const { node } of limited) await waitForCount(node, 10);
    expect(await stage().routeServer.established()).toHaveLength(5);
  });

  it('is blocked under block, and accepted by itself when there is space', async () => {
    const { routeServer, exabgps } = stage();
    const [{ node }] = limited;
    exabgps.block.say(announce(node, eleventh(node)));
    if (routeServer instanceof Fingerpost) {
      const rejected = await waitFor(
        'limit_blocked',
        () => routeServer.rejected('W1'),
        (paths) => paths.some(({ reason }) => reason === 'limit_blocked'),
      );
      const blocked = rejected.filter(({ reason }) => reason === 'limit_blocked');
      expect(blocked.map(({ prefix }) => prefix)).toEqual([eleventh(node)]);
    }
    await holdsFor(
      'ten routes',
      0.5,
      () => routesOf(node),
      (routes) => routes.length === 10,
    );
    expect(await routesOf(node)).not.toContain(eleventh(node));
    expect(await routeServer.established()).toContain('W1');
    if (routeServer.make === 'bird') return; // BIRD forgets what it blocked
    exabgps.block.say(withdraw(node, prefixOf(node, 5)));
    await waitFor(
      'the eleventh in place of the withdrawn',
      () => routesOf(node),
      (routes) => routes.includes(eleventh(node)) && routes.length === 10,
    );
  });

  it('is accepted under warning', async () => {
    const { routeServer, exabgps } = stage();
    const { node } = limited[1];
    exabgps.warning.say(announce(node, eleventh(node)));
    expect(await waitForCount(node, 11)).toContain(eleventh(node));
    expect(await routeServer.established()).toContain('W2');
  });

  it('ends the session with 6/1 under restart, and the peer is accepted again after a while', async () => {
    const { routeServer, exabgps } = stage();
    const { node } = limited[2];
    exabgps.restart.say(announce(node, eleventh(node)));
    await waitForCount(node, 0);
    // Until it is withdrawn, the route ends each new session too.
    await waitFor(
      '6/1',
      () => routeServer.notificationsSent('W3'),
      (sent) => sent.length > 0,
    );
    expect(new Set(routeServer.notificationsSent('W3'))).toEqual(new Set(['6/1']));
    await waitFor(
      'the node to say so',
      () => exabgps.restart.daemon.log,
      (log) => log.includes('notification received (6,1)'),
    );
    exabgps.restart.say(withdraw(node, eleventh(node)));
    await waitForCount(node, 10);
  });

  it('ends the session with 6/1 under shutdown, until an operator enables the peer', async () => {
    const { routeServer, exabgps } = stage();
    const { node } = limited[3];
    exabgps.shutdown.say(announce(node, eleventh(node)));
    await waitForCount(node, 0);
    await waitForNotifications(routeServer, 'W4', ['6/1']);
    exabgps.shutdown.say(withdraw(node, eleventh(node)));
    await holdsFor(
      'the session down',
      3,
      () => routeServer.established(),
      (up) => !up.includes('W4'),
    );
    if (!(routeServer instanceof Fingerpost)) return;
    await routeServer.cli('enable', 'W4');
    await waitForCount(node, 10);
  });

  it('never disturbed the others', async () => {
    const { routeServer } = stage();
    for (const name of ['W1', 'W2', 'ER2']) {
      expect(routeServer.notificationsSent(name)).toEqual([]);
    }
    expect(await routesOf(limited[1].node)).toHaveLength(11);
  });
});
