import { beforeEach, expect, it } from 'vitest';
import { answerPlaces, OpenAnswers } from '#http/answers/open-answers.ts';
import { ManualClock } from '#support/manual-clock.ts';

let hosts = 0;

/** A connection as the answers see it. */
class FakeSocket {
  readonly remoteAddress: string;
  bytesWritten = 1000;
  writableLength = 1000;
  isDestroyed = false;

  constructor(remoteAddress = `192.0.2.${++hosts}`) {
    this.remoteAddress = remoteAddress;
  }

  read(bytes: number): void {
    this.writableLength -= bytes;
  }

  destroy(): void {
    this.isDestroyed = true;
  }
}

let clock: ManualClock;
let answers: OpenAnswers;
beforeEach(() => {
  hosts = 0;
  clock = new ManualClock();
  answers = new OpenAnswers(clock, answerPlaces);
});

function sixtyFour(): FakeSocket[] {
  return Array.from({ length: 64 }, () => {
    const socket = new FakeSocket();
    answers.enter(socket);
    return socket;
  });
}

it('a place that is returned can be used by another client', () => {
  const leave = answers.enter(new FakeSocket());
  sixtyFour();
  expect(answers.size).toBe(64);
  leave?.();
  expect(answers.enter(new FakeSocket())).toBeDefined();
});

it.each([
  ['an IPv4 address', () => '198.51.100.7'],
  ['an IPv4 address through an IPv6 socket', () => '::ffff:198.51.100.7'],
  ['addresses of one /64', (at: number) => `2001:db8:0:7::${at.toString(16)}`],
])('one host can use half of the places: %s', (_, addressOf) => {
  const taken = Array.from({ length: 64 }, (__, at) =>
    answers.enter(new FakeSocket(addressOf(at))),
  ).filter((leave) => leave !== undefined);
  expect(taken.length).toBe(32);
  expect(answers.enter(new FakeSocket())).toBeDefined();
});

it('a client that reads nothing while something waits for it is cut off, whether its place is needed or not', () => {
  const stuck = new FakeSocket();
  const reader = new FakeSocket();
  const unanswered = new FakeSocket();
  unanswered.writableLength = 0;
  for (const socket of [stuck, reader, unanswered]) answers.enter(socket);
  for (let second = 0; second < 11; second++) {
    expect(stuck.isDestroyed).toBe(second >= 10);
    reader.read(10);
    clock.advance(1000);
  }
  expect([stuck, reader, unanswered].map(({ isDestroyed }) => isDestroyed)).toEqual([
    true,
    false,
    false,
  ]);
  expect(answers.size).toBe(2);
});

it('no timer runs while there is no answer in progress', () => {
  const leaves = [answers.enter(new FakeSocket()), answers.enter(new FakeSocket())];
  expect(clock.pendingTimers).toBe(1);
  for (const leave of leaves) leave?.();
  expect(clock.pendingTimers).toBe(0);
});

it('clients with recent requests keep their places', () => {
  const sockets = sixtyFour();
  clock.advance(900);
  expect(answers.enter(new FakeSocket())).toBeUndefined();
  expect(sockets.some(({ isDestroyed }) => isDestroyed)).toBe(false);
});

it('the client that has read nothing for the longest time loses its places, with all of its answers', () => {
  const stuck = new FakeSocket();
  answers.enter(stuck);
  answers.enter(stuck);
  clock.advance(100);
  const sockets = sixtyFour().slice(0, 62);
  clock.advance(2000);
  for (const socket of sockets) socket.read(10);
  expect(answers.enter(new FakeSocket())).toBeDefined();
  expect(stuck.isDestroyed).toBe(true);
  expect(sockets.some(({ isDestroyed }) => isDestroyed)).toBe(false);
  expect(answers.size).toBe(63);
});

it('no client is cut off while all of them read', () => {
  const sockets = sixtyFour();
  for (let round = 0; round < 5; round++) {
    clock.advance(2000);
    for (const socket of sockets) socket.read(10);
    expect(answers.enter(new FakeSocket())).toBeUndefined();
  }
  expect(sockets.some(({ isDestroyed }) => isDestroyed)).toBe(false);
});
