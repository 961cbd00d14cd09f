import { Readable } from 'node:stream';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Context } from '../context.ts';
import type { Door } from '../guard.ts';
import { Problem } from '../problem.ts';
import type { Answer } from './answer.ts';

/** A shorter text is sent in one piece: all connections together keep a few MB of such texts. */
export const shortBytes = 16 * 1024;
/** This much of a longer one is written ahead of the client, which shows by reading it that it reads. */
const pieceBytes = 16 * 1024;

/**
 * Takes a place for a long answer, or for one without an end, until the answer ends in any way. Throws a `Problem` if
 * there are too many.
 */
export type TakePlace = (reply: FastifyReply, length?: 'long' | 'endless') => void;

/** Over TCP the number of long answers is limited; an operator at the control socket may read page by page. */
export function placesOf(context: Context, door: Door, request: FastifyRequest): TakePlace {
  if (door === 'control') return () => undefined;
  return (reply, length = 'long') => {
    const { socket } = request.raw;
    if (socket.destroyed) return;
    const { places, problem } = placesFor(context, length);
    const leave = places.enter(socket);
    if (leave === undefined) throw problem;
    // An answer that waits behind another one on its connection is not closed together with that one.
    socket.once('close', leave);
    reply.raw.once('close', () => {
      socket.off('close', leave);
      leave();
    });
  };
}

function placesFor({ answers, streams }: Context, length: 'long' | 'endless') {
  return length === 'long'
    ? { places: answers, problem: new Problem(503, 'busy', 'too many large responses in progress') }
    : {
        places: streams,
        problem: new Problem(503, 'too_many_streams', 'too many clients of the event stream'),
      };
}

export function send(reply: FastifyReply, answer: Answer, takePlace: TakePlace): FastifyReply {
  switch (answer.kind) {
    case 'json':
      reply.code(answer.status ?? 200).type(jsonType);
      return sendBytes(reply, Buffer.from(JSON.stringify(answer.body)), takePlace);
    case 'list':
      takePlace(reply);
      // The slices are bytes, not objects of which sixteen would wait: one slice is made ahead of the client.
      return reply.type(jsonType).send(Readable.from(answer.chunks, { objectMode: false }));
    case 'text':
      return sendBytes(reply.type(answer.contentType), bytesOf(answer.text), takePlace);
    case 'events':
      takePlace(reply, 'endless');
      // Proxies that collect answers before they pass them on (nginx) must not do so here.
      return reply.type('text/event-stream').header('x-accel-buffering', 'no').send(answer.open());
    default:
      return answer satisfies never;
  }
}

function bytesOf(text: string | Buffer): Buffer {
  return typeof text === 'string' ? Buffer.from(text) : text;
}

/** The bytes themselves are not copied: answers that share them cost one piece each. */
export function sendBytes(reply: FastifyReply, bytes: Buffer, takePlace: TakePlace): FastifyReply {
  if (bytes.length <= shortBytes) return reply.send(bytes);
  takePlace(reply);
  return reply
    .header('content-length', bytes.length)
    .send(Readable.from(piecesOf(bytes), { objectMode: false, highWaterMark: pieceBytes }));
}

function* piecesOf(bytes: Buffer): Generator<Buffer> {
  for (let at = 0; at < bytes.length; at += pieceBytes) yield bytes.subarray(at, at + pieceBytes);
}

export const jsonType = 'application/json; charset=utf-8';
