import { expect, it } from 'vitest';
import type { Exabgp } from '#support/daemons/exabgp.ts';
import type { Nginx } from '#support/daemons/nginx.ts';
import type { RouteServer } from '#support/daemons/route-server.ts';
import type { Router } from '#support/daemons/router.ts';
import { fourOctetAsCapability, ipv6UnicastCapability, MessageType } from '#support/raw-message.ts';
import { RawSpeaker } from '#support/raw-speaker.ts';
import { describeInterop } from '#support/requirements.ts';
import { timed, waitFor } from '#support/wait.ts';
import { withLab } from './lab-test.ts';
import {
  type Lab,
  nodeAs,
  nodePeer,
  routerPeer,
  startWebServers,
  waitForNextHops,
  waitForNotifications,
  waitForPage,
} from './lab.ts';
import { ipv6Plan } from './plan.ts';

const programs = ['bird', 'exabgp', 'exabgp-healthcheck', 'nginx', 'curl'] as const;
const [first, second, third] = ipv6Plan.services;
const [w1, w2, w3] = ipv6Plan.nodes.map(({ address }) => address);
const published = { [first]: w3, [second]: w2, [third]: w1 };
const withoutW1 = { [first]: w3, [second]: w2, [third]: w3 };
const withoutW2 = { [first]: w3, [second]: w1, [third]: w1 };

interface Stage {
  readonly routeServer: RouteServer;
  readonly router: Router;
  readonly webServers: readonly Nginx[];
  readonly exabgps: readonly Exabgp[];
  readonly connect: () => RawSpeaker;
}

/** The MEDs as published. */
const holdTimeSec = 6;

const speakerOpen = {
  as: nodeAs,
  holdTimeSec: 180,
  routerId: '1.1.1.40',
  capabilities: [ipv6UnicastCapability, fourOctetAsCapability(nodeAs)],
};

function setStage(lab: Lab): Stage {
  const { plan } = lab;
  const [er2, raw] = [plan.router(2), plan.router(40)];
  const speakerPeer = routerPeer('RAW', raw, { role: 'node', as: nodeAs, holdTimeSec });
  const peers = [
    ...plan.nodes.map((node) => nodePeer(node, { holdTimeSec })),
    routerPeer('ER2', er2),
    speakerPeer,
  ];
  const routeServer = lab.routeServer({ plan, peers });
  const router = lab.birdRouter('ER2', 2);
  const webServers = startWebServers(lab);
  const exabgps = lab.nodes.map((node) => lab.exabgp(node));
  const speakerHost = lab.backboneHost('RAW', raw);
  const connect = (): RawSpeaker =>
    RawSpeaker.inside(speakerHost, { from: raw, to: plan.routeServer });
  return { routeServer, router, webServers, exabgps, connect };
}

describeInterop('a node that fails', programs, () => {
  const stage = withLab(ipv6Plan, setStage);

  it('serves at first as published', async () => {
    const { router } = stage();
    await waitForNextHops(router, published);
    await waitForPage(router.host, third, 'W1');
  });

  it('loses its address while its web server is stopped, and gets it back', async () => {
    const { router, webServers } = stage();
    await webServers[0].stop();
    const moved = await timed(() => waitForNextHops(router, withoutW1));
    await waitForPage(router.host, third, 'W3');
    webServers[0].start();
    const back = await timed(() => waitForNextHops(router, published));
    await waitForPage(router.host, third, 'W1');
    console.info(`web server stopped: moved after ${moved} s; started: back after ${back} s`);
  });

  it('loses its routes at the FIN when its ExaBGP is killed, not at the hold timer', async () => {
    const { router, routeServer, exabgps } = stage();
    const moved = await timed(async () => {
      await exabgps[0].daemon.kill();
      await waitForNextHops(router, withoutW1);
    });
    console.info(`ExaBGP killed: moved after ${moved} s`);
    expect(routeServer.notificationsSent('W1')).toEqual([]);
    await waitForPage(router.host, third, 'W3');
  });

  it('comes back as soon as its ExaBGP does', async () => {
    const { router, exabgps } = stage();
    exabgps[0].start();
    await waitForNextHops(router, published);
  });

  it('loses its session with NOTIFICATION 4/0 after 6 s, whether it is frozen, cut off or just silent', async () => {
    const { lab, router, routeServer, exabgps, connect } = stage();
    const speaker = connect();
    const soundedSince = performance.now();
    await speaker.establish(speakerOpen);

    exabgps[0].daemon.signal('SIGSTOP');
    const frozen = await timed(() => waitForNextHops(router, withoutW1));
    await waitForNotifications(routeServer, 'W1', ['4/0']);
    const notification = await speaker.next(MessageType.notification);
    expect([...notification.body]).toEqual([4, 0]);
    expect(notification.atMs - soundedSince).toBeGreaterThan(holdTimeSec * 1000 - 1);

    exabgps[0].daemon.signal('SIGCONT');
    await waitForNextHops(router, published);

    lab.nodes[1].cable.pull();
    const pulled = await timed(() => waitForNextHops(router, withoutW2));
    await waitForNotifications(routeServer, 'W2', ['4/0']);
    console.info(`frozen: moved after ${frozen} s; cable pulled: moved after ${pulled} s`);

    lab.nodes[1].cable.plug();
    await waitForNextHops(router, published);
  });

  it('never disturbed the others', async () => {
    const { routeServer } = stage();
    const names = await waitFor(
      'all up',
      () => routeServer.established(),
      (up) => up.length === 4,
    );
    expect(names.toSorted()).toEqual(['ER2', 'W1', 'W2', 'W3']);
    expect(routeServer.notificationsSent('W3')).toEqual([]);
    expect(routeServer.notificationsSent('ER2')).toEqual([]);
  });
});
