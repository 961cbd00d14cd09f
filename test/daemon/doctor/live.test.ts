import { afterEach, beforeEach, expect, it } from 'vitest';
import { atOnce } from '#daemon/in-slices.ts';
import {
  attribute,
  fourOctetAsCapability,
  ipv4UnicastCapability,
  MessageType,
  open,
  update,
} from '#support/raw-message.ts';
import { Bench, openFields } from '../bench.ts';
import { ShiftedClock } from '../shifted-clock.ts';

const config = `
peer_groups:
  nodes: { peer_as: 65001, passive: true, families: [ipv4_unicast], import: all, multihop: 10 }
peers:
  - { name: W1, address: 127.0.1.1, group: nodes }
  - { name: W2, address: 127.0.1.2, group: nodes }
  - { name: W3, address: 127.0.1.3, group: nodes, password: key }
`;

let bench: Bench;
let clock: ShiftedClock;
beforeEach(async () => {
  clock = new ShiftedClock();
  bench = await Bench.start(config, { clock });
});
afterEach(() => bench.close());

function codesOf(peer?: string): string[] {
  return atOnce(bench.queries.doctor(peer)).map(({ code }) => code);
}

const none = Buffer.alloc(0);
const prefix = Buffer.from([24, 10, 0, 1]);

function routeFrom(as: number, nextHop = [127, 0, 1, 1]): Buffer {
  const attributes = [
    attribute(0x40, 1, [0]),
    attribute(0x40, 2, [2, 1, 0, 0, as >> 8, as & 255]),
    attribute(0x40, 3, nextHop),
  ];
  return update(attributes, prefix, none);
}

it('a peer with another AS, which is refused even when it is right', async () => {
  const speaker = bench.call('127.0.1.1');
  const capabilities = [ipv4UnicastCapability, fourOctetAsCapability(65009)];
  speaker.send(open({ ...openFields, as: 65009, capabilities }));
  await speaker.next(MessageType.notification);
  await bench.until('Idle', () => bench.peer('W1').state === 'idle');
  expect(codesOf('W1')).toEqual(['wrong_peer_as', 'connections_refused_by_us']);
  const [{ evidence, ours }] = atOnce(bench.queries.doctor('127.0.1.1'));
  expect(evidence).toContain('the peer sent AS 65009');
  expect(ours).toContain('peer_as is 65001');
  bench.commands.reset('W1', undefined);
  await bench.establish('127.0.1.1');
  expect(codesOf('W1')).toEqual(['announces_nothing']);
});

it('a first AS that is not the peer, and a next hop that is not its address', async () => {
  const speaker = await bench.establish('127.0.1.1');
  speaker.send(routeFrom(65009));
  await bench.until('the route', () => bench.peer('W1').prefixes.rejected === 1);
  expect(codesOf('W1')).toEqual(['first_as', 'all_refused']);
  speaker.send(routeFrom(65001, [192, 0, 2, 7]));
  await bench.until('the other', () => codesOf('W1').includes('foreign_next_hop'));
  expect(codesOf('W1')).not.toContain('first_as');
});

it('End-of-RIB before the routes', async () => {
  const speaker = await bench.establish('127.0.1.1');
  speaker.send(update([], none, none));
  speaker.send(routeFrom(65001));
  await bench.until('the route', () => bench.peer('W1').prefixes.received === 1);
  expect(codesOf('W1')).toContain('early_end_of_rib');
});

it('two peers with one router id', async () => {
  await bench.establish('127.0.1.1', { routerId: '192.0.2.1' });
  expect(codesOf()).not.toContain('equal_router_ids');
  await bench.establish('127.0.1.2', { routerId: '192.0.2.1' });
  expect(codesOf()).toContain('equal_router_ids');
});

it('a peer that does not answer, because a key may be missing or different', () => {
  clock.pass(11_000);
  expect(codesOf('W1')).toEqual(['md5_missing_here']);
  expect(codesOf('W3')).toEqual(['md5_differs']);
});

it('everything: all peers, stricter defaults, and the warnings of `check`', () => {
  const items = atOnce(bench.queries.doctor(undefined));
  const codes = items.map(({ code }) => code);
  expect(codes).toEqual(expect.arrayContaining(['stricter_next_hop', 'configuration']));
  expect(items.at(-1)?.severity).toBe('info');
});
