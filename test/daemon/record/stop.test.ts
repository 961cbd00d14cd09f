import { readFileSync } from 'node:fs';
import { createConnection } from 'node:net';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { nodeAttributes, update } from '#support/raw-message.ts';
import { pause } from '#support/wait.ts';
import { MessageType } from '#wire/constants.ts';
import { Bench } from '../bench.ts';
import { ShiftedClock } from '../shifted-clock.ts';

let bench: Bench;
const yaml = `
start_gate: 0
state_dir: state
peer_groups:
  nodes: { peer_as: 65001, passive: true, import: all, accept_next_hop: any }
peers:
  - { name: W1, address: 127.0.1.1, group: nodes }
  - { name: W2, address: 127.0.1.2, group: nodes }
services:
  - { name: web, prefix: "192.0.2.0/24{32,32}" }
`;
beforeEach(async () => {
  bench = await Bench.start(yaml);
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

function broken(): never {
  throw new Error('the RIB is broken');
}

/** What is remembered for the next start. */
function established(): string[] {
  const file = join(dirname(bench.file), 'state', 'state.json');
  return (JSON.parse(readFileSync(file, 'utf8')) as { established: string[] }).established;
}

it('a second stop waits for the first: the next start waits for the peers that were up, and it is recorded once', async () => {
  await bench.establish('127.0.1.1');
  await bench.establish('127.0.1.2');
  await bench.until('readiness', () => bench.queries.ready().ready);
  const first = bench.daemon.stop();
  await bench.daemon.stop();
  await first;
  expect(established()).toEqual(['W1', 'W2']);
  expect(bench.told('stopping')).toHaveLength(1);
});

it('a daemon that stops is not ready, so that nobody counts on it', async () => {
  await bench.until('readiness', () => bench.queries.ready().ready);
  const stopped = bench.daemon.stop();
  expect(bench.queries.ready()).toEqual({ ready: false, reasons: ['fingerpost is stopping'] });
  await stopped;
});

it('an error that every end of a session meets again: all peers are sent Cease, and the daemon ends', async () => {
  const speakers = [await bench.establish('127.0.1.1'), await bench.establish('127.0.1.2')];
  for (const { routes } of bench.daemon.peers) Object.assign(routes, { sessionEnded: broken });
  bench.daemon.internalError(new Error('the first'), true);
  for (const speaker of speakers) {
    const { body } = await speaker.next(MessageType.notification);
    expect([...body.subarray(0, 2)]).toEqual([6, 2]);
  }
  await bench.until('the end', () => bench.hasFailed);
  const errors = bench.told('internal_error').map(({ text }) => text);
  expect(errors).toEqual(['the first', 'the RIB is broken', 'the RIB is broken']);
});

it.each<readonly [string, () => void]>([
  ['a part', () => Object.assign(bench.daemon.lastPaths, { stop: broken })],
  [
    'the listener',
    () => {
      const { listener } = bench.daemon;
      const close = listener.close.bind(listener);
      Object.assign(listener, { close: () => (close(), broken()) });
    },
  ],
])(
  'an error of %s during a stop does not keep the daemon from ending, and its exit status tells',
  async (_, breakIt) => {
    await bench.establish('127.0.1.1');
    breakIt();
    await bench.daemon.stop();
    expect(bench.daemon.isBroken).toBe(true);
  },
);

it('services are not reported for the first time once the daemon stops', async () => {
  const clock = new ShiftedClock();
  await bench.close();
  bench = await Bench.start(yaml, { clock });
  const w1 = await bench.establish('127.0.1.1');
  w1.send(announcement(100));
  await bench.until('the paths of W1', () => bench.peer('W1').prefixes.best === 2);
  await bench.daemon.stop();
  bench.daemon.services.states.begin();
  await pause(20);
  // Audits wait for the RIB, but not so long.
  clock.pass(5000);
  await pause(50);
  expect(bench.told('service_state')).toEqual([]);
});

it('a reload that is under way when the daemon stops is abandoned, and not recorded as done', async () => {
  const loaded = bench.commands.reload();
  const stopped = bench.daemon.stop();
  expect(await loaded).toEqual({ ok: false, message: 'the daemon is stopping' });
  expect(await bench.commands.reload()).toEqual({ ok: false, message: 'the daemon is stopping' });
  await stopped;
  expect([...bench.told('config_loaded'), ...bench.told('config_refused')]).toEqual([]);
});
