import { once } from 'node:events';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { fastify, type FastifyInstance } from 'fastify';
import { afterEach, expect, test } from 'vitest';
import { sendBytes, shortBytes } from '#http/answers/send.ts';
import { handleOf } from '#net/handle.ts';

const large = Buffer.alloc(16 << 20, 'document');
let app: FastifyInstance | undefined;
let client: Socket | undefined;
afterEach(async () => {
  client?.destroy();
  await app?.close();
});

test('only a small part of a large document is written to a client that reads nothing, and all of it to one that reads', async () => {
  app = fastify({ forceCloseConnections: true });
  app.get('/', (_request, reply) => sendBytes(reply, large, () => undefined));
  const accepted = once(app.server, 'connection');
  await app.listen({ port: 0, host: '127.0.0.1' });
  client = connect((app.server.address() as AddressInfo).port, '127.0.0.1');
  client.pause().write('GET / HTTP/1.1\r\nHost: here\r\nConnection: close\r\n\r\n');
  const [socket] = (await accepted) as [Socket];
  await new Promise((resolve) => app?.server.once('request', resolve));
  await untilItRests(socket);
  expect(waitingBytes(socket)).toBeGreaterThan(0);
  expect(waitingBytes(socket)).toBeLessThan(8 * shortBytes);
  let received = 0;
  client.on('data', (chunk: Buffer) => (received += chunk.length));
  await once(client.resume(), 'end');
  expect(received).toBeGreaterThanOrEqual(large.length);
});

/** The bytes that were written and that the kernel has not accepted. */
function waitingBytes(socket: Socket): number {
  return socket.writableLength + (handleOf(socket)?.writeQueueSize ?? 0);
}

/** Waits until the kernel accepts no more. */
async function untilItRests(socket: Socket): Promise<void> {
  for (let before = -1; socket.bytesWritten !== before || before === 0;) {
    before = socket.bytesWritten;
    for (let turn = 0; turn < 50; turn++) await new Promise(setImmediate);
  }
}
