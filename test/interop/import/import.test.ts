import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { importConfig } from '#interop/import/import.ts';
import { describeInterop } from '#support/requirements.ts';
import { birdRouteServerConfig } from '../../../deploy/lab/bird-config.ts';
import { frrRouteServerConfig } from '../../../deploy/lab/frr-config.ts';
import { routeServers } from '../../../deploy/lab/plan.ts';
import { bird1, bird2, fingerpost, frr } from '../twins/daemons.ts';
import { compareTwins, type SpeakersPlan, type Told, type Twin } from '../twins/twins.ts';
import { labPlan, plans } from './plans.ts';

interface Row {
  readonly name: string;
  /** The original configuration, as its daemon accepts it. */
  readonly text: string;
  readonly daemon: (config: string) => Twin;
  readonly plan: SpeakersPlan;
  /** The number of routes that all peers together are sent. */
  readonly routes: number;
  /** The file that is imported, if it differs from the original. */
  readonly imported?: string;
}

const read = (name: string): string =>
  readFileSync(join(import.meta.dirname, `${name}.conf`), 'utf8');

const rows: readonly Row[] = [
  {
    name: "the lab's BIRD 2",
    text: birdRouteServerConfig(routeServers[0]),
    daemon: bird2,
    plan: labPlan('2001:db8:1::4'),
    routes: 16,
  },
  {
    name: "the lab's FRR",
    text: frrRouteServerConfig(routeServers[1]),
    daemon: frr,
    plan: labPlan('2001:db8:8::5'),
    routes: 18,
  },
  {
    name: "the lab's BIRD 1.6",
    text: read('lab-bird1'),
    daemon: bird1('bird6'),
    plan: labPlan('2001:db8:1::4'),
    routes: 16,
  },
  {
    name: 'bird1-exchange',
    text: read('bird1-exchange'),
    daemon: bird1('bird'),
    plan: plans.exchange,
    routes: 24,
  },
  ...Object.entries({ exchange: 26, where: 9, anycast: 6, chains: 8, sessions: 2 }).map(
    ([name, routes]): Row => ({
      name: `bird2-${name}`,
      text: read(`bird2-${name}`),
      daemon: bird2,
      plan: plans[`bird2-${name}`],
      routes,
    }),
  ),
  ...Object.entries({ exchange: 9, datacenter: 6, anycast: 3 }).map(([name, routes]): Row => ({
    name: `frr-${name}`,
    text: read(`frr-${name}`),
    daemon: frr,
    plan: plans[`frr-${name}`],
    routes,
  })),
  {
    name: 'quagga-view, played by FRR',
    text: withFrrWords(read('quagga-view')),
    daemon: frr,
    imported: read('quagga-view'),
    plan: labPlan('2001:db8:1::5', ['W1', 'W2', 'ER2']),
    routes: 9,
  },
];

describeInterop(
  'what `import` makes of a configuration',
  ['bird', '/var/lib/fingerpost-test/bird-1.6/usr/sbin/bird', '/usr/lib/frr/bgpd'],
  () => {
    it.each(rows)(
      'tells every peer what its daemon tells it: $name',
      async ({ name, text, imported, daemon, plan, routes }) => {
        const { yaml } = importConfig(imported ?? text, name);
        const twins = [daemon(text), fingerpost(yaml)] as const;
        const [theirs, ours] = await compareTwins(twins, plan, (told) => withoutOwn(told, plan));
        expect(ours).toEqual(theirs);
        expect(ours.length).toBe(routes);
      },
    );
  },
);

/** FRR sends a client its own routes back. */
function withoutOwn(told: Told, { peers }: SpeakersPlan): Told {
  const own = peers.flatMap(({ name, announces }) =>
    announces.map(({ prefix, nextHop }) => `${name} ${prefix} via ${nextHop} `),
  );
  return told.filter((row) => !own.some((start) => row.startsWith(start)));
}

/** Quagga is no longer available, so FRR takes its place, with its own words for the same. */
function withFrrWords(text: string): string {
  const lines = text
    .replace('bgp multiple-instance\n', '')
    .replaceAll(/(route-map \S+) export/g, '$1 in')
    .replaceAll(/(route-map \S+) import/g, '$1 out')
    .split('\n');
  const at = lines.findIndex((line) => line.startsWith('ipv6 prefix-list'));
  const server = lines.findIndex((line) => line.startsWith('router bgp'));
  return [...lines.slice(0, server), ...lines.slice(at), ...lines.slice(server, at)].join('\n');
}
