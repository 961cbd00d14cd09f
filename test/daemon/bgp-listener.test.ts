import { createConnection, type Socket } from 'node:net';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { BgpListener } from '#daemon/bgp-listener.ts';
import { EventBus } from '#daemon/event-bus.ts';
import type { TcpStream } from '#net/handle.ts';
import { LoopTurns } from '#net/turns.ts';
import { ManualClock } from '#support/manual-clock.ts';
import { waitFor } from '#support/wait.ts';
import { configOf } from '../config/files.ts';

/** Accepting one connection uses up a turn. */
const acceptMs = 5;
const config = configOf('router_id: 192.0.2.1\nlocal_as: 65000\nlisten: ["127.0.0.1:0"]\n');

let clock: ManualClock;
let turns: LoopTurns;
let listener: BgpListener;
let accepted: TcpStream[];
let clients: Socket[];

beforeEach(async () => {
  clock = new ManualClock({ soon: 'manual' });
  turns = new LoopTurns(clock);
  accepted = [];
  listener = new BgpListener({
    turns,
    events: new EventBus(clock),
    accept: (stream) => {
      clock.nowMs += acceptMs;
      accepted.push(stream);
    },
  });
  await listener.open(config);
  const port = Number(listener.addresses[0].split(':')[1]);
  clients = Array.from({ length: 3 }, () => createConnection({ host: '127.0.0.1', port }));
  await waitFor('the connections', arrivals, (count) => count === clients.length);
});

afterEach(() => {
  listener.release();
  finish();
  for (const { socket } of accepted) socket.destroy();
  for (const client of clients) client.destroy();
  listener.close();
});

function arrivals(): number {
  return accepted.length + turns.reading.backlog;
}

function finish(): void {
  while (turns.reading.backlog > 0) clock.turn();
}

it('connections that arrive at the same time are accepted in several turns of the event loop', () => {
  expect(accepted).toHaveLength(1);
  clock.turn();
  expect(accepted).toHaveLength(2);
  clock.turn();
  expect(accepted).toHaveLength(3);
});

it('a connection whose turn comes during a reload waits for its end', () => {
  listener.hold();
  finish();
  expect(accepted).toHaveLength(1);
  listener.release();
  finish();
  expect(accepted).toHaveLength(3);
});
