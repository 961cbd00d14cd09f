import { expect, it } from 'vitest';
import type { BirdRouter } from '#support/daemons/bird.ts';
import { announce } from '#support/daemons/exabgp.ts';
import type { RouteServer } from '#support/daemons/route-server.ts';
import { describeInterop } from '#support/requirements.ts';
import { holdsFor } from '#support/wait.ts';
import { withLab } from './lab-test.ts';
import { type Lab, nodePeer, routerPeer, waitForNextHops } from './lab.ts';
import { ipv4Plan, ipv6Plan, type Plan } from './plan.ts';

interface Stage {
  readonly routeServer: RouteServer;
  readonly right: readonly BirdRouter[];
  readonly wrong: readonly BirdRouter[];
}

/**
 * For each protection (RFC 2385, RFC 5082), a router that uses it, and others that do not or use it wrongly.
 * The node's ExaBGP has a TCP MD5 key too.
 */
function setStage(lab: Lab): Stage {
  const { plan } = lab;
  const [node] = plan.nodes;
  const peers = [
    nodePeer(node, { password: 'node-secret' }),
    routerPeer('MD5', plan.router(30), { password: 'router-secret' }),
    routerPeer('WRONGMD5', plan.router(31), { password: 'router-secret' }),
    routerPeer('NOMD5', plan.router(32), { password: 'router-secret' }),
    routerPeer('GTSM', plan.router(33), { gtsm: true }),
    routerPeer('NOGTSM', plan.router(34), { gtsm: true }),
  ];
  const routeServer = lab.routeServer({ plan, peers });
  const right = [
    lab.birdRouter('MD5', 30, { bgp: 'password "router-secret";' }),
    lab.birdRouter('GTSM', 33, { bgp: 'ttl security on;' }),
  ];
  const wrong = [
    lab.birdRouter('WRONGMD5', 31, { bgp: 'password "another";' }),
    lab.birdRouter('NOMD5', 32),
    lab.birdRouter('NOGTSM', 34, { bgp: 'multihop 2;' }),
  ];
  const first = [announce(node, plan.services[0])];
  const options = "md5-password 'node-secret';";
  lab.exabgp(lab.nodes[0], { kind: 'commands', first }, options);
  return { routeServer, right, wrong };
}

function describeProtection(plan: Plan): void {
  describeInterop(`TCP MD5 and GTSM over ${plan.family}`, ['bird', 'exabgp'], () => {
    const stage = withLab(plan, setStage);

    it('accept a peer that has the key, or sends TTL 255', async () => {
      const want = { [plan.services[0]]: plan.nodes[0].address };
      await Promise.all(stage().right.map((router) => waitForNextHops(router, want)));
    });

    it('refuse a peer that has another key or none, or sends a lower TTL', async () => {
      const { routeServer } = stage();
      await holdsFor(
        'three sessions and no more',
        2,
        async () => (await routeServer.established()).toSorted(),
        (names) => names.join(' ') === 'GTSM MD5 W1',
      );
      for (const router of stage().wrong) expect(await router.routes()).toEqual([]);
    });
  });
}

describeProtection(ipv6Plan);
describeProtection(ipv4Plan);
