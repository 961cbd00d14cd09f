import { afterEach, expect, test } from 'vitest';
import { atOnce } from '#daemon/in-slices.ts';
import {
  attribute,
  fourOctetAsCapability,
  ipv4UnicastCapability,
  ipv6UnicastCapability,
  routeRefreshCapability,
  update,
} from '#support/raw-message.ts';
import { type Bench, Bench as TestBench } from './bench.ts';

const yaml = `peers:
  - { name: W1, address: 127.0.1.1, peer_as: 65001, passive: true, import: all, accept_next_hop: any, export: all }
  - { name: W2, address: 127.0.1.2, peer_as: 65001, passive: true, import: all, accept_next_hop: any }
services:
  - { name: web, prefix: ["2001:db8:30::/64{128,128}"] }
`;
const text = '4-byte next hop for an IPv6 route: `next-hop self` on an IPv4 session?';
const nothing = Buffer.alloc(0);
const service = [0x80, 0x20, 0x01, 0x0d, 0xb8, 0, 0x30, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1];
const global = [0x20, 0x01, 0x0d, 0xb8, 0, 6, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x11];
const common = [attribute(0x40, 1, [0]), attribute(0x40, 2, [2, 1, 0, 0, 0xfd, 0xe9])];
const open = {
  capabilities: [
    ipv4UnicastCapability,
    ipv6UnicastCapability,
    routeRefreshCapability,
    fourOctetAsCapability(65001),
  ],
};

function announceIpv6(nextHop: readonly number[]): Buffer {
  const reach = attribute(0x80, 14, [0, 2, 1, nextHop.length, ...nextHop, 0, ...service]);
  return update([...common, reach], nothing, nothing);
}

function announceIpv4(...nlri: readonly number[]): Buffer {
  return update([...common, attribute(0x40, 3, [192, 0, 2, 1])], Buffer.from(nlri), nothing);
}

let bench: Bench;
afterEach(() => bench.close());

const received = (family: 'ipv4_unicast' | 'ipv6_unicast'): number | undefined =>
  bench.peer('W1').prefixes.per_family[family]?.received;

test('an IPv6 route with a 4-byte next hop costs the IPv6 routes of the peer, and nothing else', async () => {
  bench = await TestBench.start(yaml);
  const node = await bench.establish('127.0.1.1', open);
  const other = await bench.establish('127.0.1.2', open);
  node.send(announceIpv4(24, 198, 51, 100), announceIpv6(global));
  other.send(announceIpv6(global));
  await bench.until('the routes', () => received('ipv6_unicast') === 1);
  node.send(announceIpv6([10, 0, 0, 1]), announceIpv6(global), announceIpv4(24, 203, 0, 113));
  await bench.until('the end of them', () => received('ipv4_unicast') === 2);
  await bench.until('the end of them', () => received('ipv6_unicast') === 0);

  const view = bench.peer('W1');
  expect(view).toMatchObject({
    state: 'established',
    flaps: 0,
    disabled_families: [{ family: 'ipv6_unicast', text }],
    update_errors: [{ attribute: 'update', outcome: 'family_disabled', text, count: 1 }],
  });
  expect(bench.events).toContainEqual({
    event: 'family_disabled',
    peer: 'W1',
    family: 'ipv6_unicast',
    text,
  });
  const [row] = atOnce(bench.queries.metrics()).peers;
  expect(row.update_errors.family_disabled).toBe(1);
  const address = () => bench.queries.service('web')?.addresses[0];
  await bench.until('the route of W2', () => address()?.paths.length === 1);
  expect(address()?.best).toBe('W2');
  expect(address()?.findings).toContain(`ipv6_unicast of W1 is disabled: ${text}; reset W1`);
  // Our own routes of the family are still sent.
  await bench.until('the route of W2', () => bench.peer('W1').prefixes.advertised === 1);
});

test('a reset brings the family back', async () => {
  bench = await TestBench.start(yaml);
  const node = await bench.establish('127.0.1.1', open);
  node.send(announceIpv6([10, 0, 0, 1]));
  await bench.until('the family off', () => bench.peer('W1').disabled_families !== undefined);
  bench.commands.reset('W1', undefined);
  const again = await bench.establish('127.0.1.1', open);
  again.send(announceIpv6(global));
  await bench.until('the route', () => received('ipv6_unicast') === 1);
  expect(bench.peer('W1').disabled_families).toBeUndefined();
});
