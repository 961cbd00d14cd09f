import { expect, it } from 'vitest';
import type { BirdRouter } from '#support/daemons/bird.ts';
import { announce } from '#support/daemons/exabgp.ts';
import type { RouteServer } from '#support/daemons/route-server.ts';
import type { Host } from '#support/netns.ts';
import {
  fourOctetAsCapability,
  ipv6Hex,
  ipv6UnicastCapability,
  ipv6Update,
  MessageType,
  readIPv6Update,
} from '#support/raw-message.ts';
import { RawSpeaker } from '#support/raw-speaker.ts';
import { describeInterop } from '#support/requirements.ts';
import { holdsFor, pause, waitFor } from '#support/wait.ts';
import { withLab } from './lab-test.ts';
import { type Lab, nodeAs, nodePeer, routerAs, routerPeer, waitForNextHops } from './lab.ts';
import { ipv6Plan } from './plan.ts';

const [first, second] = ipv6Plan.services;
const [w1] = ipv6Plan.nodes;
const nodeAddress = ipv6Plan.router(40);
const clientAddress = ipv6Plan.router(41);

interface Stage {
  readonly routeServer: RouteServer;
  readonly router: BirdRouter;
  readonly nodeHost: Host;
  readonly clientHost: Host;
}

const holdTimeSec = 6;

/**
 * Hold time 6 with all but ER2. The speakers keep their side of a session whatever they hear, so only the route
 * server can end one.
 */
function setStage(lab: Lab): Stage {
  const { plan } = lab;
  const peers = [
    nodePeer(w1, { holdTimeSec }),
    routerPeer('NODE', nodeAddress, { role: 'node', as: nodeAs, holdTimeSec }),
    routerPeer('CLIENT', clientAddress, { holdTimeSec }),
    routerPeer('ER2', plan.router(2)),
  ];
  const routeServer = lab.routeServer({ plan, peers });
  const router = lab.birdRouter('ER2', 2);
  lab.exabgp(lab.nodes[0], { kind: 'commands', first: [announce(w1, first)] });
  const nodeHost = lab.backboneHost('NODE', nodeAddress);
  return { routeServer, router, nodeHost, clientHost: lab.backboneHost('CLIENT', clientAddress) };
}

function openOf(as: number, routerId: string) {
  const capabilities = [ipv6UnicastCapability, fourOctetAsCapability(as)];
  return { as, holdTimeSec, routerId, capabilities };
}

describeInterop('a stall of eight seconds', ['bird', 'exabgp'], () => {
  const stage = withLab(ipv6Plan, setStage);

  it('drops no session that the peer itself kept', async () => {
    const { routeServer, router, nodeHost, clientHost } = stage();
    await waitForNextHops(router, { [first]: w1.address });
    const node = RawSpeaker.inside(nodeHost, { from: nodeAddress, to: ipv6Plan.routeServer });
    await node.establish(openOf(nodeAs, '1.1.1.40'));
    node.keepAlive(2000);
    node.send(ipv6Update({ prefix: second, nextHop: nodeAddress, asPath: [nodeAs], med: 1 }));
    const client = RawSpeaker.inside(clientHost, {
      from: clientAddress,
      to: ipv6Plan.routeServer,
    });
    await client.establish(openOf(routerAs, '1.1.1.41'));
    client.keepAlive(2000);
    await waitForNextHops(router, { [first]: w1.address, [second]: nodeAddress });

    routeServer.daemon.signal('SIGSTOP');
    await pause(8000);
    routeServer.daemon.signal('SIGCONT');

    // The hold timer of ExaBGP itself expired meanwhile, so it closed the session and comes back.
    await holdsFor(
      'both speakers up',
      3,
      () => [node.isClosed, client.isClosed],
      (closed) => closed.every((each) => !each),
    );
    expect(node.of(MessageType.notification)).toEqual([]);
    expect(client.of(MessageType.notification)).toEqual([]);
    for (const name of ['NODE', 'CLIENT', 'ER2']) {
      expect(routeServer.notificationsSent(name)).toEqual([]);
    }
    expect(router.daemon.log).not.toContain('session closed');
    const withdrawn = client
      .of(MessageType.update)
      .flatMap(({ body }) => readIPv6Update(body).withdrawn);
    expect(withdrawn).not.toContain(ipv6Hex(second));
    await waitForNextHops(router, { [first]: w1.address, [second]: nodeAddress });
  });

  it('leaves the route server in working order', async () => {
    const { routeServer } = stage();
    await waitFor(
      'W1 and ER2',
      () => routeServer.established(),
      (up) => up.includes('W1') && up.includes('ER2'),
    );
  });
});
