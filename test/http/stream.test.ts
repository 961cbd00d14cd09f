import { once } from 'node:events';
import { describe, expect, test } from 'vitest';
import type { DaemonEvent } from '#api/events/events.ts';
import { bench } from './app.ts';
import { got } from './got.ts';

const up: DaemonEvent = { event: 'peer_up', peer: 'W1', address: '2001:db8:6::11', peer_as: 65001 };
/** The id of the event with this number. */
const idOf = (number: number): string => number.toString(36);

const names = (text: string): string[] =>
  [...text.matchAll(/^event: (.+)$/gm)].map(([, name]) => name);
const ids = (text: string): string[] => [...text.matchAll(/^id: (.+)$/gm)].map(([, id]) => id);

test('a reader is sent a snapshot of status and peers, then events', async () => {
  await using running = await bench();
  const reader = running.stream.open(undefined, true);
  const first = await got(reader);
  expect(names(first)).toEqual(['snapshot']);
  const data = JSON.parse(/^data: (.+)$/m.exec(first)?.[1] ?? '');
  expect(data.status.router_id).toBe('1.1.1.9');
  expect(data.peers).toHaveLength(7);
  running.daemon.emit(up);
  running.daemon.emit({ event: 'best_changed', prefix: '2001:db8:30::1/128', new_peer: 'W2' });
  const next = await got(reader);
  expect(names(next)).toEqual(['peer', 'route']);
  expect(next).toContain('"at":"2025-11-22T21:37:27.019Z"');
  expect(next.endsWith('\n\n')).toBe(true);
});

describe('Last-Event-ID', () => {
  test('continues after the event that was seen last', async () => {
    await using running = await bench();
    for (let count = 0; count < 5; count++) running.daemon.emit(up);
    const text = await got(running.stream.open(idOf(3), true));
    expect(ids(text)).toEqual([idOf(4), idOf(5)]);
    expect(names(text)).toEqual(['peer', 'peer']);
  });

  test('of a snapshot before the first event continues with the first event', async () => {
    await using running = await bench();
    const seen = ids(await got(running.stream.open(undefined, true)))[0];
    running.daemon.emit(up);
    expect(ids(await got(running.stream.open(seen, true)))).toEqual([idOf(1)]);
  });

  const lost = [
    ['of another run of the daemon', 'abc'],
    ['of an event that is no longer kept', idOf(1)],
    ['of an event that has not been', idOf(99)],
    ['that is none', 'rubbish'],
    ['with words after it', '8-1'],
  ];
  test.each(lost)('%s is answered with a gap event and a new snapshot', async (_, id) => {
    await using running = await bench('never', { kept: 4 });
    for (let count = 0; count < 9; count++) running.daemon.emit(up);
    expect(names(await got(running.stream.open(id, true)))).toEqual(['gap', 'snapshot']);
  });
});

test('a reader that does not read costs nothing, and is sent a gap event when it reads again', async () => {
  await using running = await bench('never', { kept: 8 });
  const reader = running.stream.open(undefined, true);
  for (let count = 0; count < 10_000; count++) running.daemon.emit(up);
  expect(reader.readableLength).toBeLessThan(64 * 1024);
  const text = await got(reader);
  expect(names(text)).toContain('gap');
  expect(names(text).at(-1)).toBe('snapshot');
  running.daemon.emit(up);
  expect(ids(await got(reader))).toEqual([idOf(10001)]);
});

test('readers are limited in number, and one that leaves makes space for another', async () => {
  await using running = await bench();
  const readers = Array.from({ length: 100 }, (_, at) => {
    const socket = { bytesWritten: 0, writableLength: 0, destroy: () => undefined };
    return running.streams.enter({ ...socket, remoteAddress: `192.0.2.${at}` });
  });
  const refused = await running.app.inject('/api/v1/stream');
  expect(refused.statusCode).toBe(503);
  expect(refused.json()).toMatchObject({ kind: 'too_many_streams' });
  expect(running.stream.clients).toBe(0);
  readers[0]?.();
  const reader = await running.app.inject({ url: '/api/v1/stream', payloadAsStream: true });
  expect([running.stream.clients, running.streams.size]).toEqual([1, 100]);
  reader.stream().destroy();
  await once(reader.stream(), 'close');
  expect(running.answers.size).toBe(0);
});

test('a HEAD opens no stream', async () => {
  await using running = await bench();
  await running.app.inject({ method: 'HEAD', url: '/api/v1/stream' });
  expect(running.stream.clients).toBe(0);
});

test('a heartbeat is sent only while there are readers', async () => {
  await using running = await bench();
  expect(running.clock.beats).toHaveLength(0);
  const reader = running.stream.open(undefined, true);
  await got(reader);
  for (const beat of running.clock.beats) beat();
  expect(await got(reader)).toBe(':\n\n');
  reader.destroy();
  await once(reader, 'close');
  expect(running.clock.beats).toHaveLength(0);
});

test('the stack of an internal error stays in the log', async () => {
  await using running = await bench();
  const reader = running.stream.open(undefined, true);
  running.daemon.emit({ event: 'internal_error', text: 'a bug', stack: 'at secret.ts' });
  expect(await got(reader)).not.toContain('secret');
});

test('closing ends every reader and the subscription', async () => {
  await using running = await bench();
  const reader = running.stream.open(undefined, true);
  const end = once(reader, 'end');
  running.stream.close();
  expect(names(await got(reader))).toEqual([]);
  await end;
  expect(running.daemon.listeners).toBe(0);
});

test('an event is serialized once, however many readers there are', async () => {
  await using running = await bench();
  const readers = Array.from({ length: 20 }, () => running.stream.open(undefined, true));
  for (const reader of readers) await got(reader);
  let reads = 0;
  const counted: DaemonEvent = {
    ...up,
    get peer() {
      reads++;
      return 'W1';
    },
  };
  running.daemon.emit(counted);
  const texts = new Set(await Promise.all(readers.map(got)));
  expect([texts.size, names([...texts].join(''))]).toEqual([1, ['peer']]);
  // Once for the text, once for the field.
  expect(reads).toBe(2);
});

describe('a snapshot', () => {
  test('is made once for all readers that come meanwhile, one step in each turn', async () => {
    await using running = await bench();
    let made = 0;
    running.daemon.peers = function* () {
      made++;
      for (let step = 0; step < 10; step++) yield;
      return running.daemon.listPeers;
    };
    const turnsBefore = running.slices();
    const readers = Array.from({ length: 50 }, () => running.stream.open(undefined, true));
    const texts = await Promise.all(readers.map(got));
    expect(texts.every((text) => names(text).join() === 'snapshot')).toBe(true);
    expect([made, running.slices() - turnsBefore]).toEqual([1, 11]);
  });

  test('is followed by what happened while it was made', async () => {
    await using running = await bench();
    running.daemon.emit(up);
    const reader = running.stream.open(undefined, true);
    running.daemon.emit(up);
    const text = await got(reader);
    expect(ids(text)).toEqual([idOf(1), idOf(2)]);
    expect(names(text)).toEqual(['snapshot', 'peer']);
  });

  test('that cannot be made ends the stream of its readers', async () => {
    await using running = await bench();
    running.daemon.peers = () => {
      throw new Error('a bug');
    };
    const reader = running.stream.open(undefined, true);
    const [error] = await once(reader, 'error');
    expect([String(error), running.stream.clients]).toEqual(['Error: a bug', 0]);
  });
});
