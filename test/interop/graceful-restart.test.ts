import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { birdNode } from '#support/daemons/bird-node.ts';
import type { Bird, BirdRouter } from '#support/daemons/bird.ts';
import { Fingerpost } from '#support/daemons/fingerpost.ts';
import { FrrRouter } from '#support/daemons/frr.ts';
import type { Router } from '#support/daemons/router.ts';
import type { Host } from '#support/netns.ts';
import type { Daemon } from '#support/process.ts';
import { describeInterop } from '#support/requirements.ts';
import { holdsFor, waitFor } from '#support/wait.ts';
import { withLab } from './lab-test.ts';
import { type Lab, nodeAs, nodePeer, routerPeer, waitForNextHops } from './lab.ts';
import { ipv6Plan } from './plan.ts';

const [first, second, third] = ipv6Plan.services;
const birdAddress = ipv6Plan.router(40);
const gobgpAddress = ipv6Plan.router(41);
const nodeOf = (name: string, address: string, gracefulRestart: string) =>
  nodePeer({ ...ipv6Plan.nodes[0], name, address }, { gracefulRestart, as: nodeAs });

interface Nodes {
  readonly routeServer: Fingerpost;
  readonly router: BirdRouter;
  readonly gobgpHost: Host;
  readonly startBird: (prefixes: readonly string[], hasRestarted?: boolean) => Bird;
  readonly startGobgp: (...flags: string[]) => Daemon;
}

function setNodes(lab: Lab): Nodes {
  const { plan } = lab;
  const peers = [
    nodeOf('BIRD', birdAddress, '{ restart_time: 30s, long_lived: 1h, eor_grace: 1s }'),
    nodeOf('GOBGP', gobgpAddress, '{ restart_time: 60s, eor_grace: 15s }'),
    routerPeer('ER2', plan.router(2)),
  ];
  const routeServer = new Fingerpost(lab.routeServerHost, { plan, peers });
  const birdHost = lab.backboneHost('BIRD', birdAddress);
  const gobgpHost = lab.backboneHost('GOBGP', gobgpAddress);
  const config = { ...lab.routerConfig('BIRD', 40), as: nodeAs };
  return {
    routeServer,
    router: lab.birdRouter('ER2', 2),
    gobgpHost,
    startBird: (prefixes, hasRestarted = false) =>
      birdNode(birdHost, config, prefixes, { hasRestarted }),
    startGobgp: (...flags) => startGobgp(gobgpHost, flags),
  };
}

/** GoBGP with graceful restart and the N bit; `announceAtGobgp` makes it announce routes. */
function startGobgp(host: Host, flags: readonly string[]): Daemon {
  const file = join(host.folder, 'gobgpd.toml');
  writeFileSync(file, gobgpConfig);
  const options = ['-p', '--pprof-disable', '--api-hosts', '127.0.0.1:50051', ...flags];
  return host.start('gobgpd', ['gobgpd', '-f', file, ...options]);
}

const gobgpConfig = `
[global.config]
  as = ${nodeAs}
  router-id = "1.1.1.41"
[[neighbors]]
  [neighbors.config]
    peer-as = 65002
    neighbor-address = "${ipv6Plan.routeServer}"
  [neighbors.timers.config]
    connect-retry = 1
    idle-hold-time-after-reset = 1
  [neighbors.ebgp-multihop.config]
    enabled = true
    multihop-ttl = 10
  [neighbors.graceful-restart.config]
    enabled = true
    restart-time = 60
    deferral-time = 2
    notification-enabled = true
  [[neighbors.afi-safis]]
    [neighbors.afi-safis.config]
      afi-safi-name = "ipv6-unicast"
    [neighbors.afi-safis.mp-graceful-restart.config]
      enabled = true
`;

async function announceAtGobgp(host: Host): Promise<void> {
  const route = `${third} nexthop ${gobgpAddress}`.split(' ');
  await waitFor(
    'GoBGP to take a route',
    () => host.run(['gobgp', 'global', 'rib', 'add', '-a', 'ipv6', ...route]),
    () => true,
  );
}

/** The number of UPDATEs sent to the router; if it grows, something has moved. */
async function updatesTo(routeServer: Fingerpost, name: string): Promise<number> {
  return (await routeServer.peer(name)).messages.sent.update;
}

function waitForStage(routeServer: Fingerpost, name: string, stage: string | undefined) {
  return waitFor(
    `${name}: ${stage ?? 'nothing stale'}`,
    () => routeServer.peer(name),
    ({ graceful_restart: kept }) => kept?.ipv6_unicast?.stage === stage,
  );
}

describeInterop('a node that restarts gracefully', ['bird', 'gobgpd'], () => {
  const stage = withLab(ipv6Plan, setNodes);
  let bird: Bird;

  it('BIRD, killed: its routes stay', async () => {
    const { routeServer, router, startBird } = stage();
    bird = startBird([first, second]);
    await waitForNextHops(router, { [first]: birdAddress, [second]: birdAddress });
    const before = await updatesTo(routeServer, 'ER2');
    await bird.daemon.kill();
    await waitForStage(routeServer, 'BIRD', 'restarting');
    await holdsFor(
      'nothing is sent',
      1,
      () => updatesTo(routeServer, 'ER2'),
      (updates) => updates === before,
    );
    expect(await routeServer.cli('show', 'peer', 'BIRD')).toContain(
      '2 stale, waiting for the peer',
    );
  });

  it('BIRD, back with one of them: the other is removed at its End-of-RIB', async () => {
    const { routeServer, router, startBird } = stage();
    const before = await updatesTo(routeServer, 'ER2');
    bird = startBird([first], true);
    await waitForStage(routeServer, 'BIRD', undefined);
    await waitForNextHops(router, { [first]: birdAddress });
    expect(await updatesTo(routeServer, 'ER2')).toBe(before + 1);
  });

  it('BIRD, dead: its routes are the last resort after restart_time', async () => {
    const { routeServer, router, startBird } = stage();
    await bird.daemon.kill();
    await waitForStage(routeServer, 'BIRD', 'long_lived');
    const [route] = await waitFor(
      'LLGR_STALE at ER2',
      () => router.routes(),
      ([seen]) => seen?.communities.includes('(65535,6)'),
    );
    expect(route).toMatchObject({ prefix: first, best: true });
    bird = startBird([first], true);
    await waitForStage(routeServer, 'BIRD', undefined);
    await waitFor(
      'an ordinary route at ER2',
      () => router.routes(),
      ([seen]) => seen?.communities === '',
    );
  });

  it('BIRD, disabled by an operator: its routes are removed at once', async () => {
    const { routeServer, router } = stage();
    await bird.daemon.kill();
    await waitForStage(routeServer, 'BIRD', 'restarting');
    await routeServer.cli('disable', 'BIRD');
    await waitForNextHops(router, {});
  });

  it('GoBGP, reset by its operator: its routes are kept because of the N bit', async () => {
    const { routeServer, router, gobgpHost, startGobgp: start } = stage();
    start();
    await announceAtGobgp(gobgpHost);
    await waitForNextHops(router, { [third]: gobgpAddress });
    const before = await updatesTo(routeServer, 'ER2');
    await gobgpHost.run(['gobgp', 'neighbor', ipv6Plan.routeServer, 'reset']);
    await waitForStage(routeServer, 'GOBGP', 'restarting');
    expect((await routeServer.peer('GOBGP')).last_error).toMatchObject({ code: 6, subcode: 4 });
    await holdsFor(
      'nothing is sent',
      1,
      () => updatesTo(routeServer, 'ER2'),
      (updates) => updates === before,
    );
  });

  it('GoBGP, restarted, whose End-of-RIB comes before its routes', async () => {
    const { routeServer, router, gobgpHost, startGobgp: start } = stage();
    const before = await updatesTo(routeServer, 'ER2');
    await gobgpHost.killAll();
    await waitForStage(routeServer, 'GOBGP', 'restarting');
    start('-r');
    await waitForStage(routeServer, 'GOBGP', 'resynchronizing');
    await announceAtGobgp(gobgpHost);
    await waitForStage(routeServer, 'GOBGP', undefined);
    await waitForNextHops(router, { [third]: gobgpAddress });
    expect(await updatesTo(routeServer, 'ER2')).toBe(before);
  });
});

interface Restarting {
  readonly routeServer: Fingerpost;
  readonly bird: BirdRouter;
  readonly routers: readonly Router[];
}

function setRestarting(lab: Lab): Restarting {
  const { plan } = lab;
  const gracefulRestart = '{ helper: false, restarter: true, restart_time: 30s }';
  const peers = [
    nodeOf('NODE', birdAddress, 'notify_only'),
    routerPeer('ER2', plan.router(2), { gracefulRestart }),
    routerPeer('FRR', plan.router(3), { gracefulRestart }),
  ];
  const spec = { plan, peers, startGate: '{ max_delay: 20s, eor_grace: 1s }' };
  const routeServer = new Fingerpost(lab.routeServerHost, spec);
  const bird = lab.birdRouter('ER2', 2);
  const frrHost = lab.backboneHost('FRR', plan.router(3));
  const frr = new FrrRouter(frrHost, lab.routerConfig('FRR', 3), { helpsRestarts: true });
  const nodeHost = lab.backboneHost('NODE', birdAddress);
  const config = { ...lab.routerConfig('NODE', 40), as: nodeAs };
  birdNode(nodeHost, config, [first, second]);
  return { routeServer, bird, routers: [bird, frr] };
}

describeInterop('the route server restarts gracefully', ['bird', '/usr/lib/frr/bgpd'], () => {
  const stage = withLab(ipv6Plan, setRestarting);
  const nextHops = { [first]: birdAddress, [second]: birdAddress };

  it('has its routes in the router', async () => {
    for (const router of stage().routers) await waitForNextHops(router, nextHops);
    expect(await stage().bird.bird.command('show protocols all RS9')).toMatch(
      /Neighbor capabilities[^]*Graceful restart[^]*Restart time: 30[^]*AF preserved: ipv6/,
    );
  });

  it.each(['SIGKILL', 'SIGTERM'] as const)(
    'ended by %s and started: no router loses a route',
    async (signal) => {
      const { routeServer, routers } = stage();
      let isBack = false;
      const watching = Promise.all(
        routers.map((router) => keepsAll(router, nextHops, () => isBack)),
      );
      // It is awaited below; until then its failure must not be unhandled.
      watching.catch(() => undefined);
      routeServer.daemon.signal(signal);
      await routeServer.daemon.exited;
      if (signal === 'SIGTERM') expect(routeServer.notificationsSent('ER2')).toEqual([]);
      routeServer.start();
      await waitFor(
        'both routers and the node',
        () => routeServer.established(),
        (names) => names.length === 3,
      );
      await waitForUpdates(routeServer);
      isBack = true;
      await watching;
      for (const router of routers) await waitForNextHops(router, nextHops);
    },
  );
});

/** Waits until the routes and End-of-RIB have been sent to both routers. */
async function waitForUpdates(routeServer: Fingerpost): Promise<void> {
  for (const name of ['ER2', 'FRR']) {
    await waitFor(
      `UPDATEs to ${name}`,
      () => updatesTo(routeServer, name),
      (updates) => updates >= 2,
    );
  }
}

/** Polls until `isOver`. */
async function keepsAll(
  router: Router,
  want: Readonly<Record<string, string>>,
  isOver: () => boolean,
): Promise<void> {
  while (!isOver()) {
    await holdsFor(
      `${router.name} keeps its routes`,
      0.1,
      () => router.routes(),
      (routes) => {
        const best = routes.filter((route) => route.best);
        return Object.keys(want).every((prefix) => best.some((route) => route.prefix === prefix));
      },
    );
  }
}
