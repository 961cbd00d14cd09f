import { afterEach, beforeEach, expect, it } from 'vitest';
import { atOnce } from '#daemon/in-slices.ts';
import { attribute, nodeAttributes, update } from '#support/raw-message.ts';
import type { RawSpeaker } from '#support/raw-speaker.ts';
import { Bench } from '../bench.ts';

const address = '10.0.0.1/32';
const yaml = (more = '') => `
start_gate: 0
policies:
  not_w1: [{ match: { peer: W1 }, then: reject }, { then: accept }]
peer_groups:
  nodes: { peer_as: 65001, passive: true, import: ${more === '' ? 'all' : more}, accept_next_hop: any }
peers:
  - { name: W1, address: 127.0.1.1, group: nodes }
  - { name: W2, address: 127.0.1.2, group: nodes }
  - { name: ER2, address: 127.0.1.3, peer_as: 65001, passive: true, export: all }
services:
  - { name: web, prefix: ["10.0.0.0/24{32,32}"] }
`;

const nlri = Buffer.from([32, 10, 0, 0, 1]);
const none = Buffer.alloc(0);

function announcement(med: number): Buffer {
  const attributes = nodeAttributes([192, 0, 2, 1], med);
  return update(attributes, nlri, none);
}

let bench: Bench;
let w1: RawSpeaker;
let w2: RawSpeaker;
beforeEach(async () => {
  bench = await Bench.start(yaml());
  w1 = await bench.establish('127.0.1.1');
  w2 = await bench.establish('127.0.1.2');
  w1.send(announcement(100));
  // If W2's came first, the address would move, and that would be the first failover.
  await bench.until('the path of W1', () => best() === 'W1');
  w2.send(announcement(200));
  await bench.until('both paths', () => bench.peer('W2').prefixes.accepted === 1);
});
afterEach(() => bench.close());

function best(): string | undefined {
  return bench.queries.routes({ prefix: address, best: true }, { limit: 1 }).items[0]?.peer;
}

/** Returns why the address moved to W2. */
async function cause() {
  await bench.until('the move to W2', () => best() === 'W2');
  return bench.told('best_changed').at(-1)?.cause;
}

it('a worse MED of its node is why an address moves, with both values', async () => {
  w1.send(announcement(1000));
  expect(await cause()).toMatchObject({ kind: 'med_changed', peer: 'W1', from: 100, to: 1000 });
});

it('a better MED of another node is why an address moves', async () => {
  w2.send(announcement(50));
  expect(await cause()).toMatchObject({ kind: 'med_changed', peer: 'W2', from: 200, to: 50 });
});

it('a withdrawal is why an address moves', async () => {
  w1.send(update([], none, nlri));
  expect(await cause()).toMatchObject({ kind: 'withdrawn', peer: 'W1' });
});

it('the end of the TCP connection is why an address moves', async () => {
  w1.close();
  expect(await cause()).toMatchObject({ kind: 'tcp_fin', peer: 'W1' });
  expect(bench.told('peer_down')).toMatchObject([{ peer: 'W1', cause: { kind: 'tcp_fin' } }]);
});

it('a command is why an address moves, with who gave it', async () => {
  bench.commands.disable('W1', 'new disk', { uid: 0, user: 'alice' });
  const by = { uid: 0, user: 'alice' };
  expect(await cause()).toMatchObject({ kind: 'command', peer: 'W1', by });
  expect(bench.told('peer_down')).toMatchObject([{ cause: { kind: 'command', by } }]);
});

it('the policy of a new configuration is why an address moves', async () => {
  await bench.reload(yaml('not_w1'), { isForced: true });
  expect(await cause()).toMatchObject({
    kind: 'policy',
    peer: 'W1',
    text: 'now refused: policy',
  });
});

it('a malformed attribute is why an address moves', async () => {
  const attributes = [
    attribute(0x40, 1, [9]),
    attribute(0x40, 2, [2, 1, 0, 0, 65001 >> 8, 65001 & 255]),
    attribute(0x40, 3, [192, 0, 2, 1]),
  ];
  w1.send(update(attributes, nlri, none));
  expect(await cause()).toMatchObject({ kind: 'malformed', peer: 'W1' });
});

it('what happens to a path that is not the best one moves nothing, and is no cause of a later move', async () => {
  w2.send(announcement(300));
  await bench.until(
    'the other MED',
    () => atOnce(bench.queries.services())[0].addresses[0].paths[1].med === 300,
  );
  w1.send(update([], none, nlri));
  expect(await cause()).toMatchObject({ kind: 'withdrawn', peer: 'W1' });
});

it('what happened to an address is in the history, with its cause', async () => {
  w1.send(update([], none, nlri));
  await cause();
  const { items } = await bench.queries.events(
    { prefix: '10.0.0.1', since: '1h', kind: 'best_changed' },
    { limit: 1 },
  );
  expect(items).toMatchObject([
    { kind: 'best_changed', service: 'web', level: 'info', cause: { kind: 'withdrawn' } },
  ]);
  await expect(bench.queries.events({ since: 'yesterday' }, { limit: 1 })).rejects.toThrow(
    'yesterday',
  );
});

it('a failover is recorded for the address, and for its cause', async () => {
  const er2 = await bench.establish('127.0.1.3');
  w1.close();
  await bench.until('both records', () => bench.told('failover').length === 2);
  const page = { limit: 10 };
  expect((await bench.queries.failovers({ prefix: address }, page)).items).toMatchObject([
    {
      prefix: address,
      service: 'web',
      from: 'W1',
      to: 'W2',
      cause: { kind: 'tcp_fin', peer: 'W1' },
      routers: { written: 1, received: 1, waiting: [] },
    },
  ]);
  expect((await bench.queries.failovers({ group: 'cause', peer: 'W1' }, page)).items).toMatchObject(
    [{ cause: { kind: 'tcp_fin' }, addresses: 1, moved: 1, stayed: 0, dark: 0 }],
  );
  for (const [kind, found] of [
    ['tcp_fin', 1],
    ['hold_timer', 0],
  ] as const) {
    for (const group of [{}, { group: 'cause' }] as const) {
      const { items } = await bench.queries.failovers({ kind, ...group }, page);
      expect(items).toHaveLength(found);
    }
  }
  er2.close();
});
