import { isDeepStrictEqual } from 'node:util';
import { expect, it } from 'vitest';
import type { BirdRouter } from '#support/daemons/bird.ts';
import { announce, type Exabgp } from '#support/daemons/exabgp.ts';
import { asFingerpost } from '#support/daemons/make-route-server.ts';
import type { RouteServer } from '#support/daemons/route-server.ts';
import { describeInterop, itFingerpost } from '#support/requirements.ts';
import { waitFor } from '#support/wait.ts';
import { withLab } from './lab-test.ts';
import { type Lab, nodePeer, routerPeer } from './lab.ts';
import { ipv6Plan } from './plan.ts';

/** What the published filter refuses, and why; BIRD and FRR refuse it as silently. */
const refused = [
  { prefix: '2001:db8:30::/64', reason: 'prefix_length' },
  { prefix: '::/0', reason: 'prefix_not_allowed' },
  { prefix: '2001:db8:31::1/128', reason: 'prefix_not_allowed' },
  { prefix: '2001:db8:30::/127', reason: 'prefix_length' },
  { prefix: '2001:db8:30:1::1/128', reason: 'prefix_not_allowed' },
  { prefix: '2001:db8:2f::1/128', reason: 'prefix_not_allowed' },
  { prefix: '2001:db8:30::a/128', attributes: 'med 1 as-path [ 65001 65002 ]', reason: 'as_loop' },
  { prefix: '2001:db8:30::b/128', attributes: 'med 1 as-path [ 65002 ]', reason: 'as_loop' },
];

/** Where this route server is stricter than its siblings unless told otherwise. */
const refusedByUsAlone = [
  {
    prefix: '2001:db8:30::c/128',
    attributes: 'next-hop 2001:db8:8::13 med 1',
    reason: 'next_hop_foreign',
  },
  { prefix: '2001:db8:30::d/128', attributes: 'med 1 as-path [ 65099 ]', reason: 'first_as' },
];

const accepted = [
  { prefix: '2001:db8:30::1/128', attributes: 'med 0' },
  { prefix: '2001:db8:30::2/128', attributes: 'med 4294967295' },
  {
    prefix: '2001:db8:30::3/128',
    attributes:
      'origin incomplete med 7 as-path [ 65001 65099 ] community [ 65001:77 ] large-community [ 65001:1:2 ]',
  },
  { prefix: '2001:db8:30::ffff/128', attributes: 'origin egp' },
];

/** A path that contains the AS of the routers, which we forward and they refuse. */
const refusedByRouters = { prefix: '2001:db8:30::e/128', attributes: 'as-path [ 65001 65003 ]' };

interface Stage {
  readonly routeServer: RouteServer;
  readonly router: BirdRouter;
  readonly exabgps: readonly Exabgp[];
}

/** W1 must use its own next hop and first AS; W2 announces the same and need not. */
function setStage(lab: Lab): Stage {
  const { plan } = lab;
  const peers = [
    nodePeer(plan.nodes[0]),
    nodePeer(plan.nodes[1], { lenient: true }),
    routerPeer('ER2', plan.router(2)),
  ];
  const routeServer = lab.routeServer({ plan, peers });
  const router = lab.birdRouter('ER2', 2);
  const exabgps = lab.nodes.slice(0, 2).map((node, index) => {
    const rows = [...refused, ...accepted, refusedByRouters, ...refusedByUsAlone];
    // The lenient node's routes are the worse ones, where both are accepted.
    const first = rows.map(({ prefix, attributes }) => announce(node.plan, prefix, attributes));
    const worse = first.map((line) => line.replace(/med \d+/, `med ${worseMed}`));
    return lab.exabgp(node, { kind: 'commands', first: index === 0 ? first : worse });
  });
  return { routeServer, router, exabgps };
}

const worseMed = 9;

function sortedPrefixes(rows: readonly { readonly prefix: string }[]): string[] {
  return rows.map(({ prefix }) => prefix).toSorted();
}

describeInterop('the import filter', ['bird', 'exabgp'], () => {
  const stage = withLab(ipv6Plan, setStage);
  const passes = [...accepted, refusedByRouters];

  it('accepts the service addresses and silently refuses all other routes', async () => {
    const { routeServer } = stage();
    const everything = [...passes, ...refusedByUsAlone];
    const want = {
      W1: sortedPrefixes(routeServer.make === 'fingerpost' ? passes : everything),
      W2: sortedPrefixes(everything),
    };
    await waitFor(
      JSON.stringify(want),
      async () => {
        const candidates = await routeServer.candidates();
        const of = (name: string) => sortedPrefixes(candidates.filter(({ peer }) => peer === name));
        return { W1: of('W1'), W2: of('W2') };
      },
      (seen) => isDeepStrictEqual(seen, want),
    );
    expect(await routeServer.established()).toEqual(expect.arrayContaining(['W1', 'W2']));
    expect(routeServer.notificationsSent('W1')).toEqual([]);
  });

  itFingerpost('names the reason of each refusal', async () => {
    const rejected = await asFingerpost(stage().routeServer).rejected('W1');
    expect(Object.fromEntries(rejected.map(({ prefix, reason }) => [prefix, reason]))).toEqual(
      Object.fromEntries(
        [...refused, ...refusedByUsAlone].map(({ prefix, reason }) => [prefix, reason]),
      ),
    );
  });

  it('forwards origin, communities, path and MED unchanged', async () => {
    const { router } = stage();
    const routes = await waitFor(
      'six routes',
      () => router.routes(),
      (seen) => seen.length === accepted.length + refusedByUsAlone.length,
    );
    const route = (prefix: string) => routes.find((each) => each.prefix === prefix);
    expect(route('2001:db8:30::1/128')?.med).toBe(0);
    expect(route('2001:db8:30::3/128')).toMatchObject({
      nextHop: '2001:db8:6::11',
      asPath: [65001, 65099],
      med: 7,
      origin: 'Incomplete',
      communities: '(65001,77)',
      largeCommunities: '(65001, 1, 2)',
    });
    // Without MED: it is the best, and is sent without MED.
    expect(route('2001:db8:30::ffff/128')).toMatchObject({ origin: 'EGP', asPath: [65001] });
    expect(route('2001:db8:30::ffff/128')?.med).toBeUndefined();
  });

  it('accepts a foreign next hop and first AS from the lenient node', async () => {
    const routes = await stage().router.routes();
    const route = (prefix: string) => routes.find((each) => each.prefix === prefix);
    expect(route('2001:db8:30::c/128')).toMatchObject({ nextHop: '2001:db8:8::13' });
    expect(route('2001:db8:30::d/128')).toMatchObject({ asPath: [65099] });
    expect(route('2001:db8:30::e/128')).toBeUndefined();
  });
});
