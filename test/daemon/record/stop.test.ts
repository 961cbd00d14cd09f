import { createConnection } from 'node:net';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { nodeAttributes, update } from '#support/raw-message.ts';
import { pause } from '#support/wait.ts';
import { MessageType } from '#wire/constants.ts';
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
  - { name: web, prefix: "192.0.2.0/24{32,32}" }
`);
});
afterEach(() => bench.close());

/** One address of the service, and one prefix outside it. */
const nlri = Buffer.from([32, 192, 0, 2, 1, 24, 198, 51, 100]);
const none = Buffer.alloc(0);

function announcement(med: number): Buffer {
  return update(nodeAttributes([203, 0, 113, 1], med), nlri, none);
}

it('a stop is recorded as the ends of the sessions, and as no change of best paths, however long it takes', async () => {
  const socket = createConnection({
    host: '127.0.0.9',
    port: bench.port,
    localAddress: '127.0.1.1',
    allowHalfOpen: true,
  });
  const w1 = await bench.establishOver(socket, '127.0.1.1');
  const w2 = await bench.establish('127.0.1.2');
  w2.send(announcement(200));
  await bench.until('the paths of W2', () => bench.peer('W2').prefixes.best === 2);
  w1.send(announcement(100));
  await bench.until('the moves', () => bench.peer('W1').prefixes.best === 2);
  const endReload = bench.daemon.holdStill();
  const stopped = bench.daemon.stop();
  await w1.next(MessageType.notification);
  endReload();
  await pause(50);
  socket.destroy();
  await stopped;
  const { items } = await bench.queries.events({}, { limit: 100 });
  const later = items.slice(
    0,
    items.findIndex(({ kind }) => kind === 'stopping'),
  );
  const told = later.filter(({ counts }) => counts === undefined);
  expect(told.map(({ kind, peer }) => `${kind} ${peer}`).sort()).toEqual([
    'notification W1',
    'notification W2',
    'peer_down W1',
    'peer_down W2',
  ]);
  const lost = { W1: 0, W2: 0 };
  for (const { peer, counts } of items) {
    if ((peer === 'W1' || peer === 'W2') && counts !== undefined) lost[peer] += counts.lost;
  }
  expect(lost).toEqual({ W1: 0, W2: 1 });
});
