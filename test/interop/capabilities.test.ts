import { expect, it } from 'vitest';
import { birdNode } from '#support/daemons/bird-node.ts';
import { BirdRouter } from '#support/daemons/bird.ts';
import { Fingerpost } from '#support/daemons/fingerpost.ts';
import { FrrRouter } from '#support/daemons/frr.ts';
import { GobgpRouter } from '#support/daemons/gobgp.ts';
import { OpenbgpdRouter } from '#support/daemons/openbgpd.ts';
import type { Router, RouterCapabilities } from '#support/daemons/router.ts';
import { describeInterop } from '#support/requirements.ts';
import { waitFor } from '#support/wait.ts';
import { withLab } from './lab-test.ts';
import { type Lab, nodeAs, nodePeer, routerPeer } from './lab.ts';
import { ipv4Plan } from './plan.ts';

const programs = ['bird', '/usr/lib/frr/bgpd', 'gobgpd', '/usr/sbin/bgpd'] as const;
const [first, second] = ipv4Plan.services;
const password = 'router-secret';

/** A 4-octet AS: a 2-octet router is sent AS_TRANS, with AS4_PATH (RFC 6793). */
const bigAs = 4_200_000_001;
const asTrans = 23456;
const nodes = [
  { name: 'BIG', number: 40, as: bigAs, prefixes: [first, second] },
  { name: 'SMALL', number: 41, as: nodeAs, prefixes: [first] },
] as const;
const big = ipv4Plan.router(40);
const small = ipv4Plan.router(41);

const makes = {
  BIRD: (lab, config) => {
    const host = lab.backboneHost(config.name, config.address);
    return new BirdRouter(host, config, { bgp: 'enable extended messages on;' });
  },
  FRR: (lab, config) => new FrrRouter(lab.backboneHost(config.name, config.address), config),
  GOBGP: (lab, config) => new GobgpRouter(lab.backboneHost(config.name, config.address), config),
  OPENBGPD: (lab, config) =>
    new OpenbgpdRouter(lab.backboneHost(config.name, config.address), config),
} as const satisfies Record<string, Make>;

type Make = (lab: Lab, config: ReturnType<Lab['routerConfig']>) => Router;

interface Row {
  readonly name: string;
  readonly make: Make;
  readonly number: number;
  readonly as: number;
  readonly capabilities: RouterCapabilities;
}

interface Stage {
  readonly routeServer: Fingerpost;
  readonly router: (name: string) => Router;
}

/** Two nodes that announce the same prefix, and the routers of the rows. */
function setStage(lab: Lab, rows: readonly Row[]): Stage {
  const { plan } = lab;
  const peers = [
    ...nodes.map(({ name, number, as }) =>
      nodePeer({ ...plan.nodes[0], name, address: plan.router(number) }, { as }),
    ),
    ...rows.map(({ name, number, as, capabilities }) => {
      const { announces, addPath = false, password: key } = capabilities;
      return routerPeer(name, plan.router(number), {
        as,
        addPath,
        announces: announces !== undefined,
        ...(key !== undefined && { password: key }),
      });
    }),
  ];
  const routeServer = new Fingerpost(lab.routeServerHost, { plan, peers });
  const routers = rows.map(({ name, make, number, as, capabilities }) =>
    make(lab, { ...lab.routerConfig(name, number), as, capabilities }),
  );
  for (const { name, number, as, prefixes } of nodes) {
    const host = lab.backboneHost(name, plan.router(number));
    birdNode(host, { ...lab.routerConfig(name, number), as }, prefixes);
  }
  return { routeServer, router: (name) => routerOf(routers, name) };
}

function routerOf(routers: readonly Router[], name: string): Router {
  const found = routers.find((router) => router.name === name);
  if (found === undefined) throw new Error(`no router ${name}`);
  return found;
}

/** Next hop and path of each route, sorted: `192.0.2.1 65001`. */
async function pathsTo(router: Router, prefix: string): Promise<string[]> {
  const routes = (await router.routes()).filter((route) => route.prefix === prefix);
  return routes.map(({ nextHop, asPath }) => `${nextHop} ${asPath.join(' ')}`).toSorted();
}

function waitForPaths(router: Router, prefix: string, want: readonly string[]) {
  return waitFor(
    `${router.name} to have ${prefix} by ${want.join(', ')}`,
    () => pathsTo(router, prefix),
    (paths) => paths.join() === want.toSorted().join(),
  );
}

async function capabilitiesOf(routeServer: Fingerpost, name: string) {
  const { sent, received } = (await routeServer.peer(name)).capabilities;
  return {
    sent: sent.map((capability) => capability.name),
    received: received.map((capability) => capability.name),
  };
}

const able: readonly Row[] = [
  { name: 'BIRD', make: makes.BIRD, password },
  { name: 'FRR', make: makes.FRR, password },
  { name: 'GOBGP', make: makes.GOBGP, password },
  // Its portable edition has no TCP MD5 on Linux.
  { name: 'OPENBGPD', make: makes.OPENBGPD },
].map(({ name, make, ...key }, index) => {
  const capabilities = { addPath: true, ...key };
  return { name, make, number: 20 + index, as: 65020 + index, capabilities };
});

describeInterop('what a modern router can do', programs, () => {
  const stage = withLab(ipv4Plan, (lab) => setStage(lab, able));

  it.each(able)('ADD-PATH: $name gets both paths', async ({ name }) => {
    const { routeServer, router } = stage();
    await waitForPaths(router(name), first, [`${big} ${bigAs}`, `${small} ${nodeAs}`]);
    await waitForPaths(router(name), second, [`${big} ${bigAs}`]);
    const { sent, received } = await capabilitiesOf(routeServer, name);
    expect(sent).toContain('add_path');
    expect(received).toContain('add_path');
  });

  it.each(['BIRD', 'FRR', 'GOBGP'])('TCP MD5: %s has the key and is accepted', async (name) => {
    expect(await stage().routeServer.established()).toContain(name);
  });

  it.each(['BIRD', 'FRR'])('extended messages: %s and we offer them', async (name) => {
    const { routeServer, router } = stage();
    const { sent, received } = await capabilitiesOf(routeServer, name);
    expect(sent).toContain('extended_message');
    expect(received).toContain('extended_message');
    await waitForPaths(router(name), second, [`${big} ${bigAs}`]);
  });

  it.each([
    ['BIRD', async (router: Router) => asked(router, BirdRouter).bird.command('reload in RS9')],
    [
      'FRR',
      async (router: Router) =>
        asked(router, FrrRouter).command(`clear bgp ipv4 ${ipv4Plan.routeServer} soft in`),
    ],
    [
      'OPENBGPD',
      async (router: Router) =>
        asked(router, OpenbgpdRouter).command(`neighbor ${ipv4Plan.routeServer} refresh`),
    ],
  ] as const)('route refresh: %s asks and gets every path again', async (name, ask) => {
    const { routeServer, router } = stage();
    const { messages: before, flaps } = await routeServer.peer(name);
    await ask(router(name));
    const after = await waitFor(
      `an answer to ${name}`,
      () => routeServer.peer(name),
      ({ messages: { received, sent } }) =>
        received.route_refresh > before.received.route_refresh &&
        sent.update >= before.sent.update + 2,
    );
    expect(after).toMatchObject({ state: 'established', flaps });
    await waitForPaths(router(name), first, [`${big} ${bigAs}`, `${small} ${nodeAs}`]);
  });
});

function asked<Found extends Router>(
  router: Router,
  make: abstract new (...words: never[]) => Found,
): Found {
  if (router instanceof make) return router;
  throw new Error(`${router.name} is of another make`);
}

const old: readonly Row[] = [
  { name: 'BIRD', make: makes.BIRD, announces: '198.51.100.11/32' },
  { name: 'FRR', make: makes.FRR, announces: '198.51.100.12/32' },
  { name: 'OPENBGPD', make: makes.OPENBGPD, announces: '198.51.100.13/32' },
].map(({ name, make, announces }, index) => {
  const capabilities = { twoOctetAs: true, announces };
  return { name, make, number: 20 + index, as: 65020 + index, capabilities };
});

const witness: Row = { name: 'ER', make: makes.GOBGP, number: 30, as: 65030, capabilities: {} };

describeInterop('a router of two-octet AS numbers', programs, () => {
  const stage = withLab(ipv4Plan, (lab) => setStage(lab, [...old, witness]));

  // FRR ignores AS4_PATH from a peer that offered 4-octet AS numbers.
  it.each([
    ['BIRD', bigAs],
    ['FRR', asTrans],
    ['OPENBGPD', bigAs],
  ] as const)('%s takes a path through AS 4200000001 as %i', async (name, as) => {
    const { routeServer, router } = stage();
    await waitForPaths(router(name), second, [`${big} ${as}`]);
    const { received } = await capabilitiesOf(routeServer, name);
    expect(received).not.toContain('as4');
  });

  it.each(old)('what $name announces reaches the others', async ({ number, as, capabilities }) => {
    const { router } = stage();
    const { announces = '' } = capabilities;
    await waitForPaths(router('ER'), announces, [`${ipv4Plan.router(number)} ${as}`]);
  });

  it('a 4-octet router is sent the AS itself', async () => {
    await waitForPaths(stage().router('ER'), second, [`${big} ${bigAs}`]);
  });
});
