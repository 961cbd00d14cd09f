import { beforeEach, expect, it } from 'vitest';
import { OpenAnswers } from '#http/open-answers.ts';
import { ManualClock } from '#support/manual-clock.ts';

/** What the answers see of a connection. */
class FakeSocket {
  bytesWritten = 1000;
  writableLength = 1000;
  isDestroyed = false;

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
  clock = new ManualClock();
  answers = new OpenAnswers(clock);
});

function sixtyFour(): FakeSocket[] {
  return Array.from({ length: 64 }, () => {
    const socket = new FakeSocket();
    answers.enter(socket);
    return socket;
  });
}

it("a place that is given back is another's", () => {
  const leave = answers.enter(new FakeSocket());
  sixtyFour();
  expect(answers.size).toBe(64);
  leave?.();
  expect(answers.enter(new FakeSocket())).toBeDefined();
});

it('clients that have just asked keep their places', () => {
  const sockets = sixtyFour();
  clock.advance(900);
  expect(answers.enter(new FakeSocket())).toBeUndefined();
  expect(sockets.some(({ isDestroyed }) => isDestroyed)).toBe(false);
});

it('the one that has read nothing for longest makes room, all of its answers with it', () => {
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

it('while all of them read nobody is cut off', () => {
  const sockets = sixtyFour();
  for (let round = 0; round < 5; round++) {
    clock.advance(2000);
    for (const socket of sockets) socket.read(10);
    expect(answers.enter(new FakeSocket())).toBeUndefined();
  }
  expect(sockets.some(({ isDestroyed }) => isDestroyed)).toBe(false);
});
