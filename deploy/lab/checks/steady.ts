import { kernelNextHop, preference, routers, routeServers, services } from '../plan.ts';
import { type Check, eventually, must, mustEqual, type Stage } from './check.ts';

/** The lab when nothing is wrong. */
export const steadyChecks: readonly Check[] = [
  { title: 'every session is up', short: true, run: steady(sessionsAreUp) },
  { title: 'the three agree on best and backup', short: true, run: steady(routeServersAgree) },
  {
    title: 'five routers have three routes for each address',
    short: true,
    run: steady(routersHaveRoutes),
  },
  { title: 'five kernels lead where recursion says', short: true, run: steady(kernelsFollow) },
  { title: 'R1 is answered by the right node', short: true, run: steady(clientIsServed) },
];

/** A health check that was late moves routes for a moment. */
function steady(look: Check['run']): Check['run'] {
  return (stage) => eventually(() => look(stage));
}

async function sessionsAreUp({ lab }: Stage): Promise<string> {
  const missing = await lab.missing();
  must(missing.length === 0, missing.join('; '));
  const inside = await Promise.all(lab.routeServers.map((each) => each.established()));
  for (const [index, up] of inside.entries()) {
    must(up.length === 8, `${routeServers[index].name} has ${up.length} of 8: ${up.join(' ')}`);
  }
  mustEqual('R1', (await lab.client.established()).toSorted(), ['ER2', 'ER3']);
  const edge = await lab.routers[0].bird.established();
  must(edge.includes('ER3') && edge.includes('R1'), `ER2 has ${edge.join(' ')}`);
  return '24 with route servers, 3 outside';
}

async function routeServersAgree({ lab }: Stage): Promise<string> {
  for (const routeServer of lab.routeServers) {
    const candidates = await routeServer.candidates();
    for (const address of services) {
      const order = candidates.filter(({ prefix }) => prefix === `${address}/128`);
      const nodes = order.map(({ node }) => node);
      mustEqual(`${routeServer.name}, ${address}`, nodes, preference[address]);
      mustEqual(
        `${routeServer.name}, MEDs of ${address}`,
        order.map(({ med }) => med),
        [100, 101, 102],
      );
    }
  }
  return services
    .map((address) => `${shortened(address)} ${preference[address].slice(0, 2).join('/')}`)
    .join(', ');
}

async function routersHaveRoutes({ lab }: Stage): Promise<string> {
  for (const router of lab.routers) {
    const routes = await router.routes();
    for (const address of services) {
      const heard = routes.filter(({ prefix }) => prefix === `${address}/128`);
      const from = heard.map(({ protocol }) => protocol).toSorted();
      mustEqual(`${router.name}, ${address}`, from, ['RS4', 'RS5', 'RS9']);
      const said = new Set(
        heard.map((route) => JSON.stringify([route.nextHop, route.asPath, route.med])),
      );
      must(said.size === 1, `${router.name}, ${address}: ${[...said].join(' and ')}`);
    }
  }
  return 'equal in next hop, path and MED';
}

async function kernelsFollow({ lab, kernels }: Stage): Promise<string> {
  for (const { name } of routers) {
    for (const address of services) {
      const [best] = preference[address];
      must(
        kernels.node(name, address) === best,
        `${name}: ${address} via ${kernels.node(name, address)}`,
      );
    }
  }
  must((await lab.missing()).length === 0, 'not settled');
  return `DR6 ::3 via ${kernelNextHop('DR6', 'W1')}, the others via ${kernelNextHop('ER2', 'W1')}`;
}

async function clientIsServed({ lab }: Stage): Promise<string> {
  const pages = await Promise.all(services.map((address) => lab.fetch('R1', address)));
  mustEqual(
    'R1 is answered by',
    pages,
    services.map((address) => preference[address][0]),
  );
  return services.map((address, index) => `${shortened(address)} ${pages[index]}`).join(', ');
}

function shortened(address: string): string {
  return address.replace('2001:db8:30', '');
}
