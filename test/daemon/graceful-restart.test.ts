import { afterEach, expect, it } from 'vitest';
import {
  fourOctetAsCapability,
  ipv6Hex,
  ipv6UnicastCapability,
  ipv6Update,
  message,
  MessageType,
  readIPv6Update,
  routeRefresh,
} from '#support/raw-message.ts';
import type { RawSpeaker } from '#support/raw-speaker.ts';
import { Bench } from './bench.ts';
import { wholeListing } from './whole-listing.ts';

const node = '127.0.1.1';
const router = '127.0.1.2';
const [first, second] = ['2001:db8:30::1/128', '2001:db8:30::2/128'];
/** Restart time 100 s, the N bit, IPv6 unicast with the F bit. */
const restarter = [64, [0x40, 100, 0, 2, 1, 0x80]] as const;
const base = [ipv6UnicastCapability, fourOctetAsCapability(65001)];
const asRestarter = { capabilities: [...base, restarter] };
const endOfRib = message(2, Buffer.from([0, 0, 0, 6, 0x80, 15, 3, 0, 2, 1]));

function yamlOf(nodeKeys: string, routerKeys = ''): string {
  return `
start_gate: 0
peer_groups:
  all: { peer_as: 65001, passive: true, families: [ipv6_unicast], accept_next_hop: any }
peers:
  - { name: W1, address: ${node}, group: all, import: all, ${nodeKeys} }
  - { name: ER2, address: ${router}, group: all, export: all, ${routerKeys} }
`;
}

const helper = yamlOf('graceful_restart: { restart_time: 60s, eor_grace: 1s }');

let bench: Bench;
afterEach(() => bench.close());

interface Stage {
  readonly source: RawSpeaker;
  readonly client: RawSpeaker;
}

/** Two routes have come from the node and gone to the router. */
async function stageOf(yaml: string, capabilities = asRestarter): Promise<Stage> {
  bench = await Bench.start(yaml);
  const client = await bench.establish(router, { capabilities: [...base, [64, [0, 0]]] });
  const source = await bench.establish(node, capabilities);
  announce(source, first);
  announce(source, second);
  source.send(endOfRib);
  await bench.until('both routes at the router', () => changes(client).length === 2);
  return { source, client };
}

function announce(speaker: RawSpeaker, prefix: string): void {
  speaker.send(ipv6Update({ prefix, nextHop: '2001:db8:6::11', asPath: [65001], med: 100 }));
}

/** `+PREFIX` and `-PREFIX` as the router was told. */
function changes(client: RawSpeaker): string[] {
  const updates = client.of(MessageType.update).map(({ body }) => readIPv6Update(body));
  return updates.flatMap(({ announced, withdrawn }) => [
    ...announced.map((prefix) => `+${prefix}`),
    ...withdrawn.map((prefix) => `-${prefix}`),
  ]);
}

const untouched = [`+${ipv6Hex(first)}`, `+${ipv6Hex(second)}`];

it('keeps the routes of a lost session, and sweeps at End-of-RIB what did not come again', async () => {
  const { source, client } = await stageOf(helper);
  source.close();
  await bench.until('the loss', () => bench.peer('W1').state !== 'established');
  expect(bench.peer('W1').graceful_restart).toMatchObject({
    ipv6_unicast: { stage: 'restarting', stale: 2 },
  });
  expect(bench.peer('W1').prefixes).toMatchObject({ received: 2, best: 2, stale: 2 });
  const items = wholeListing((page) => bench.queries.routes({}, page));
  expect(items.map(({ stale }) => stale)).toEqual([true, true]);

  const back = await bench.establish(node, asRestarter);
  expect(bench.peer('W1').graceful_restart?.ipv6_unicast?.stage).toBe('resynchronizing');
  announce(back, first);
  expect(changes(client)).toEqual(untouched);
  back.send(endOfRib);
  await bench.until('the sweep', () => bench.peer('W1').prefixes.received === 1);
  expect(bench.peer('W1').graceful_restart).toBeUndefined();
  await bench.until('the withdrawal', () => changes(client).length === 3);
  expect(changes(client)).toEqual([...untouched, `-${ipv6Hex(second)}`]);
  expect(bench.warnings(/stale/).map(({ text }) => text)).toEqual([
    '2 ipv6_unicast routes are kept as stale while the peer may be restarting (graceful restart)',
    '1 ipv6_unicast stale routes have been removed: the peer did not announce them again',
  ]);
});

it('lets them go when the restart time is over', async () => {
  const { source, client } = await stageOf(yamlOf('graceful_restart: { restart_time: 1s }'));
  source.close();
  await bench.until('the withdrawals', () => changes(client).length === 4);
  expect(bench.peer('W1').prefixes.received).toBe(0);
});

it('by default keeps nothing', async () => {
  const { source, client } = await stageOf(yamlOf('description: default'));
  source.close();
  await bench.until('the withdrawals', () => changes(client).length === 4);
  expect(bench.warnings(/stale/)).toEqual([]);
});

it('takes a second connection of a peer with graceful restart for its restart', async () => {
  const { source, client } = await stageOf(helper);
  const back = await bench.establish(node, asRestarter);
  await source.waitForClose();
  expect(source.of(MessageType.notification)).toEqual([]);
  announce(back, first);
  announce(back, second);
  back.send(endOfRib);
  await bench.until('End-of-RIB', () => bench.peer('W1').graceful_restart === undefined);
  expect(changes(client)).toEqual(untouched);
  expect(bench.told('peer_down').map(({ text }) => text)).toEqual([
    'the peer has restarted and opened a new connection',
  ]);
});

it('marks long-lived stale routes, and sends them only to routers that support them', async () => {
  const llgr = [71, [0, 2, 1, 0x80, 0, 0, 100]] as const;
  const restart = [64, [0, 0, 0, 2, 1, 0x80]] as const;
  const { source, client } = await stageOf(
    yamlOf('graceful_restart: { restart_time: 60s, long_lived: 1h }'),
    { capabilities: [...base, restart, llgr] },
  );
  source.close();
  await bench.until('the withdrawals', () => changes(client).length === 4);
  expect(bench.peer('W1').graceful_restart).toMatchObject({
    ipv6_unicast: { stage: 'long_lived', stale: 2 },
  });
  client.close();
  const aware = await bench.establish(router, { capabilities: [...base, [64, [0, 0]], [71, []]] });
  await bench.until('the last resort', () => changes(aware).length === 2);
  const update = aware.of(MessageType.update).find(({ body }) => body.includes(llgrStale));
  expect(update).toBeDefined();
});

/** COMMUNITIES with 65535:6 alone. */
const llgrStale = Buffer.from([0xc0, 8, 4, 0xff, 0xff, 0, 6]);

it('as restarter ends without a NOTIFICATION, and announces its restart when it is back', async () => {
  const keys = 'graceful_restart: { helper: false, restarter: true }';
  const { source, client } = await stageOf(yamlOf('description: default', keys));
  const open = await client.next(MessageType.open);
  // R and N, 120 s, IPv6 unicast with F: started a moment ago.
  expect(open.body.includes(Buffer.from([64, 6, 0xc0, 120, 0, 2, 1, 0x80]))).toBe(true);
  await bench.daemon.stop();
  await client.waitForClose();
  expect(client.of(MessageType.notification)).toEqual([]);
  expect((await source.next(MessageType.notification)).body.subarray(0, 2)).toEqual(
    Buffer.from([6, 2]),
  );
});

it('withdraws its routes by a Hard Reset when an operator disables the peer', async () => {
  const { source, client } = await stageOf(helper);
  bench.commands.disable('W1', 'maintenance');
  const { body } = await source.next(MessageType.notification);
  expect([...body.subarray(0, 4)]).toEqual([6, 9, 6, 2]);
  expect(body.includes('maintenance')).toBe(true);
  await bench.until('the withdrawals', () => changes(client).length === 4);
});

it('two speakers that have both restarted do not wait for one another (RFC 4724 §4.1)', async () => {
  bench = await Bench.start(helper.replace('start_gate: 0', 'start_gate: { max_delay: 60s }'));
  const client = await bench.establish(router, { capabilities: base });
  const restarted = [64, [0xc0, 100, 0, 2, 1, 0x80]] as const;
  const sibling = await bench.establish(node, { capabilities: [...base, restarted] });
  const updates = (): Buffer[] => client.of(MessageType.update).map(({ body }) => body);
  await bench.until('End-of-RIB', () => updates().some((body) => body.length === 10));
  announce(sibling, first);
  await bench.until('its route', () => changes(client).length === 1);
});

it('an EoRR without a BoRR removes no route that is stale because of the restart (RFC 7313 §4)', async () => {
  const { source } = await stageOf(
    yamlOf('graceful_restart: { restart_time: 60s, eor_grace: 60s }'),
  );
  source.close();
  await bench.until('the loss', () => bench.peer('W1').state !== 'established');
  const back = await bench.establish(node, asRestarter);
  // If End-of-RIB comes before any route, stale routes are kept until the routes come.
  back.send(endOfRib);
  back.send(routeRefresh(2, 2));
  announce(back, '2001:db8:30::3/128');
  await bench.until('the third', () => bench.peer('W1').prefixes.received >= 3);
  expect(bench.peer('W1').prefixes).toMatchObject({ received: 3, stale: 2 });
});
