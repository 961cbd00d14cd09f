import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { createConnection, type Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { MessageType, open } from '#support/raw-message.ts';
import { pause, waitFor } from '#support/wait.ts';
import { Bench, openFields } from './bench.ts';

const config = `
start_gate: 0
peers:
  - { name: W1, address: 127.0.1.1, peer_as: 65001, passive: true }
  - { name: W2, address: 127.0.1.2, peer_as: 65001, passive: true, local_address: 127.0.0.8 }
`;

let bench: Bench;
let sockets: Socket[];
beforeEach(async () => {
  sockets = [];
  bench = await Bench.start(config);
});
afterEach(async () => {
  for (const socket of sockets) socket.destroy();
  await bench.close();
});

/** Opens this many connections that send `words` and read nothing. */
function callMany(count: number, from: string, words?: Uint8Array): void {
  for (let at = 0; at < count; at++) {
    const socket = createConnection({ host: '127.0.0.9', port: bench.port, localAddress: from });
    socket.on('error', () => undefined);
    socket.pause();
    if (words !== undefined) socket.write(words);
    sockets.push(socket);
  }
}

/** The open descriptors of this process, including the near ends of the test's own sockets. */
function descriptors(): number {
  return readdirSync('/proc/self/fd').length;
}

describe('1000 connections from one address', () => {
  it.each([
    ['a stranger', '127.0.9.9', undefined],
    ['a peer that is up, in silence', '127.0.1.1', undefined],
    ['a peer that is up, with an OPEN each', '127.0.1.1', open(openFields)],
  ])('%s: the session stays, and few descriptors are held', async (_, from, words) => {
    await bench.establish('127.0.1.1');
    const before = descriptors();
    callMany(1000, from, words);
    await bench.until('the calls', () => sockets.every(({ connecting }) => !connecting));
    await bench.until('the last of them', () => descriptors() - before - sockets.length < 12);
    expect(bench.peer('W1')).toMatchObject({ state: 'established', flaps: 0 });
    expect(bench.hasFailed).toBe(false);
  });

  it('a peer that is down: the newest gets its turn', async () => {
    // One whose handshake is over here may still arrive there after others: each that arrives ends the one before it.
    // The queue of the listener has space for a batch.
    for (let batch = 0; batch < 5; batch++) {
      callMany(200, '127.0.1.1');
      for (const socket of sockets) socket.resume();
      const left = () => sockets.filter(({ closed }) => !closed).length;
      await waitFor('the end of all but the newest', left, (count) => count === 1);
    }
    await bench.establish('127.0.1.1');
  });

  it('are logged at most ten times, with a count of the others', async () => {
    callMany(1000, '127.0.9.9');
    await bench.until('all', () => bench.queries.status().unknown_sources === 1000);
    expect(bench.told('unknown_source')).toHaveLength(10);
  });
});

it('a newer silent connection replaces an older one', async () => {
  const first = bench.call('127.0.1.1');
  await first.next(MessageType.open);
  const second = bench.call('127.0.1.1');
  await second.next(MessageType.open);
  const { body } = await first.next(MessageType.notification);
  expect([...body]).toEqual([6, 7]);
  await first.waitForClose();
  second.send(open(openFields));
  await second.next(MessageType.keepalive);
});

it('a connection to an address other than local_address belongs to no peer', async () => {
  await bench.call('127.0.1.2').waitForClose();
  expect(bench.told('unknown_source')).toEqual([
    {
      event: 'unknown_source',
      address: '127.0.1.2',
      text: 'W2 connected to 127.0.0.9 and not to its local_address',
    },
  ]);
  expect(bench.peer('W2').state).toBe('active');
});

it('refused connections do not pile up while they linger', async () => {
  bench.commands.disable('W1');
  const before = descriptors();
  callMany(300, '127.0.1.1');
  await bench.until('the calls', () => sockets.every(({ connecting }) => !connecting));
  await pause(200);
  expect(descriptors() - before - sockets.length).toBeLessThan(12);
});

it('at a stop every peer gets its Cease, and a peer that connects again is not refused while another has not left', async () => {
  const at = { host: '127.0.0.9', port: bench.port };
  const slow = createConnection({ ...at, localAddress: '127.0.1.1', allowHalfOpen: true });
  sockets.push(slow);
  const first = await bench.establishOver(slow, '127.0.1.1');
  const stopped = bench.daemon.stop();
  expect([...(await first.next(MessageType.notification)).body]).toEqual([6, 2]);
  const again = createConnection({ ...at, localAddress: '127.0.1.2' });
  sockets.push(again);
  await once(again, 'connect');
  slow.destroy();
  await stopped;
  const late = createConnection(at);
  sockets.push(late);
  const [error] = await once(late, 'error');
  expect(error).toMatchObject({ code: 'ECONNREFUSED' });
});
