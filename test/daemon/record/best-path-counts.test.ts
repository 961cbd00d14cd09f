import { afterEach, beforeEach, expect, it } from 'vitest';
import { nodeAttributes, update } from '#support/raw-message.ts';
import { Bench } from '../bench.ts';

let bench: Bench;
beforeEach(async () => {
  bench = await Bench.start(`
start_gate: 0
peer_groups:
  nodes: { peer_as: 65001, passive: true, import: all, accept_next_hop: any }
peers:
  - { name: W1, address: 127.0.1.1, group: nodes }
  - { name: W2, address: 127.0.1.2, group: nodes }
services:
  - { name: web, prefix: "10.9.0.0/24{32,32}" }
`);
});
afterEach(() => bench.close());

const prefixes = 20;
const nlri = Buffer.concat(
  Array.from({ length: prefixes }, (_, index) => Buffer.from([32, 10, 0, 0, index])),
);
const none = Buffer.alloc(0);

it('changes of best paths outside services are recorded as counts, by peer', async () => {
  const w1 = await bench.establish('127.0.1.1');
  const w2 = await bench.establish('127.0.1.2');
  w2.send(update(nodeAttributes([192, 0, 2, 1], 200), nlri, none));
  await bench.until('its paths', () => bench.peer('W2').prefixes.best === prefixes);
  w1.send(update(nodeAttributes([192, 0, 2, 1], 100), nlri, none));
  await bench.until('the move', () => bench.peer('W1').prefixes.best === prefixes);
  const totals = { W1: { gained: 0, lost: 0 }, W2: { gained: 0, lost: 0 } };
  await bench.daemon.stop();
  const { items } = await bench.queries.events({ kind: 'best_changed' }, { limit: 100 });
  for (const { peer, counts } of items) {
    if ((peer !== 'W1' && peer !== 'W2') || counts === undefined) continue;
    totals[peer].gained += counts.gained;
    totals[peer].lost += counts.lost;
  }
  expect(totals).toEqual({
    W1: { gained: prefixes, lost: 0 },
    W2: { gained: prefixes, lost: prefixes },
  });
  expect(items[0].text).toMatch(/^W\d: best paths of \d+ prefixes outside services changed within/);
  expect(bench.told('best_changed')).toEqual([]);
});
