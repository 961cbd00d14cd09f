import { afterEach, beforeEach, expect, it } from 'vitest';
import {
  attribute,
  fourOctetAsCapability,
  ipv4UnicastCapability,
  update,
} from '#support/raw-message.ts';
import { Bench } from './bench.ts';
import { wholeListing } from './whole-listing.ts';

let bench: Bench;
beforeEach(async () => {
  bench = await Bench.start(`start_gate: 0
peers:
  - { name: W1, address: 127.0.1.1, peer_as: 65001, passive: true, import: all, accept_next_hop: any }
  - { name: ER2, address: 127.0.1.2, peer_as: 65003, passive: true, export: all }
`);
});
afterEach(() => bench.close());

const [stays, passes] = [
  [0x43, 0, 0, 0, 0, 0, 0, 1],
  [0, 2, 0xfd, 0xe8, 0, 0, 0, 1],
];

function openOf(as: number) {
  return { as, capabilities: [ipv4UnicastCapability, fourOctetAsCapability(as)] };
}

/** Returns how many extended communities the only route of the table has. */
function extended(peer: string, table: 'received' | 'advertised'): number | undefined {
  const [first] = wholeListing((page) => bench.queries.peerRoutes(peer, table, page));
  return first?.ext_communities.length;
}

it('non-transitive extended communities are shown as received, and not advertised to another AS', async () => {
  const node = await bench.establish('127.0.1.1', openOf(65001));
  await bench.establish('127.0.1.2', openOf(65003));
  const attributes = [
    attribute(0x40, 1, [0]),
    attribute(0x40, 2, [2, 1, 0, 0, 0xfd, 0xe9]),
    attribute(0x40, 3, [192, 0, 2, 1]),
    attribute(0xc0, 16, [...stays, ...passes]),
  ];
  node.send(update(attributes, Buffer.from([24, 198, 51, 100]), Buffer.alloc(0)));
  await bench.until('the route', () => extended('ER2', 'advertised') !== undefined);
  expect(extended('W1', 'received')).toBe(2);
  expect(extended('ER2', 'advertised')).toBe(1);
});
