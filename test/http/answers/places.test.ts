import { EventEmitter } from 'node:events';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { beforeEach, expect, test } from 'vitest';
import { answerPlaces, OpenAnswers, streamPlaces } from '#http/answers/open-answers.ts';
import { placesOf } from '#http/answers/send.ts';
import type { Context } from '#http/context.ts';
import { ManualClock } from '#support/manual-clock.ts';

class Connection extends EventEmitter {
  destroyed = false;
  remoteAddress = '192.0.2.1';
  bytesWritten = 0;
  writableLength = 0;

  destroy(): void {
    this.destroyed = true;
    this.emit('close');
  }
}

let answers: OpenAnswers;
let socket: Connection;
beforeEach(() => {
  answers = new OpenAnswers(new ManualClock(), answerPlaces);
  socket = new Connection();
});

/** Takes a place for an answer on the connection; the returned function closes the answer. */
function takePlace(): () => void {
  const streams = new OpenAnswers(new ManualClock(), streamPlaces);
  const raw = new EventEmitter();
  const request = { raw: { socket } } as unknown as FastifyRequest;
  placesOf(
    { answers, streams } as Context,
    { hosts: [], tokens: [] },
    request,
  )({ raw } as unknown as FastifyReply);
  return () => void raw.emit('close');
}

test('each answer on a connection returns its place when it ends', () => {
  for (let at = 0; at < 50; at++) {
    const end = takePlace();
    expect(answers.size).toBe(1);
    end();
    expect(answers.size).toBe(0);
  }
  expect(socket.listenerCount('close')).toBe(0);
});

test('a client that disconnects returns the place of an answer that waits behind another one', () => {
  takePlace();
  takePlace();
  expect(answers.size).toBe(2);
  socket.destroy();
  expect(answers.size).toBe(0);
});

test('a client that has disconnected before its answer is made takes no place', () => {
  socket.destroy();
  takePlace();
  expect(answers.size).toBe(0);
});
