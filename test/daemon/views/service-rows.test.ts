import { afterEach, beforeEach, expect, it } from 'vitest';
import type { ServiceRowsRequest } from '#api/views/service.ts';
import { nodeAttributes, update } from '#support/raw-message.ts';
import { serviceRows } from '#support/service-rows.ts';
import { Bench } from '../bench.ts';

const yaml = `
start_gate: 0
peer_groups:
  nodes: { peer_as: 65001, passive: true, import: all, accept_next_hop: any }
peers:
  - { name: W1, address: 127.0.1.1, group: nodes, node: w1, site: dc1 }
  - { name: W2, address: 127.0.1.2, group: nodes, node: w2, rack: r1 }
  - { name: R1, address: 127.0.1.9, peer_as: 65003, passive: true, export: all }
services:
  - { name: web, prefix: ["10.0.0.0/24{32,32}"] }
  - { name: dns, prefix: ["10.0.1.1/32", "10.0.1.2/32"] }
  - { name: none, prefix: ["10.0.2.0/24{32,32}"] }
`;
const none = Buffer.alloc(0);

let bench: Bench;
beforeEach(async () => {
  bench = await Bench.start(yaml);
  // Of ten addresses of web the second node announces every other one, of some as down; one of dns is absent.
  const announced: readonly (readonly [host: number, net: number, last: number, med: number])[] = [
    [1, 1, 1, 100],
    ...Array.from({ length: 10 }, (_, last) => [1, 0, last, 100] as const),
    ...[0, 2, 4, 6, 8].map((last) => [2, 0, last, last < 4 ? 1000 : 101] as const),
  ];
  const nodes = [await bench.establish('127.0.1.1'), await bench.establish('127.0.1.2')];
  for (const [host, net, last, med] of announced) {
    const attributes = nodeAttributes([192, 0, 2, 10 + host], med);
    nodes[host - 1].send(update(attributes, Buffer.from([32, 10, 0, net, last]), none));
  }
  await bench.until('all paths', () => bench.queries.status().rib.paths === announced.length);
});
afterEach(() => bench.close());

function value<Value>(work: Generator<void, Value>): Value {
  for (;;) {
    const step = work.next();
    if (step.done === true) return step.value;
  }
}

const requests: readonly ServiceRowsRequest[] = [
  { from: 0, limit: 200 },
  { from: 3, limit: 4 },
  { from: 50, limit: 4 },
  { service: 'dns', from: 0, limit: 200 },
  { service: 'nothing-like-it', from: 0, limit: 200 },
  { state: 'no_backup', from: 2, limit: 3 },
  { state: 'absent', service: 'dns', from: 0, limit: 1 },
  { state: 'tie', from: 0, limit: 9 },
];

it.each(requests)('rows of services are those of the whole list: %o', (request) => {
  const whole = value(bench.queries.services());
  const rows = value(bench.queries.serviceRows(request));
  expect(rows).toEqual(serviceRows(whole, request));
  for (const { service: _, ...address } of rows.rows) {
    expect(bench.queries.serviceAddress(address.prefix)).toEqual(address);
  }
});

it('peers that may announce are listed with their node, site and rack, and those that only listen are not', async () => {
  expect(bench.queries.sources()).toEqual([
    { name: 'W1', node: 'w1', site: 'dc1' },
    { name: 'W2', node: 'w2', rack: 'r1' },
  ]);
  expect(bench.queries.serviceAddress('10.0.9.9/32')).toBeUndefined();
});
