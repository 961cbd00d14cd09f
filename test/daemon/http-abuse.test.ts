import { createConnection, type Socket } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { PeerView } from '#api/views/peer.ts';
import { freePort } from '#support/free-port.ts';
import { MessageType, nodeAttributes, update } from '#support/raw-message.ts';
import { pause, waitFor } from '#support/wait.ts';
import { DaemonProcess } from './process.ts';

let daemon: DaemonProcess;
let bgpPort: number;
let httpPort: number;
const sockets: Socket[] = [];

/** So many peers that the metrics are larger than a megabyte. */
const others = Array.from(
  { length: 240 },
  (_, at) =>
    `  - { name: D${at}, address: 127.0.4.${at + 1}, peer_as: 65001, passive: true, export: all }\n`,
).join('');

/** One daemon for all tests: what one test does must not affect the next. */
beforeAll(async () => {
  bgpPort = await freePort();
  httpPort = await freePort();
  daemon = new DaemonProcess(`listen: "127.0.0.9:${bgpPort}"
http: { listen: "127.0.0.9:${httpPort}" }
peers:
  - { name: W1, address: 127.0.1.1, peer_as: 65001, passive: true, hold_time: 9, import: all,
      accept_next_hop: any }
  - { name: ER2, address: 127.0.1.2, peer_as: 65001, passive: true, hold_time: 9, export: all }
${others}`);
  await daemon.ready();
  await waitFor(
    'HTTP',
    () => fetch(`http://127.0.0.9:${httpPort}/livez`),
    ({ ok }) => ok,
  );
});
afterEach(() => {
  for (const socket of sockets.splice(0)) socket.destroy();
  daemon.hangUp();
});
afterAll(() => daemon.close());

/** One of several hosts, since each host is limited to a part of the places. */
function hostAt(at: number): string {
  return `127.0.2.${1 + Math.floor(at / 100)}`;
}

/** Opens a connection that sends this text and then reads nothing. */
function say(words: string, localAddress = hostAt(sockets.length)): Socket {
  const socket = createConnection({ host: '127.0.0.9', port: httpPort, localAddress });
  socket.on('error', () => undefined);
  socket.pause();
  socket.write(words);
  sockets.push(socket);
  return socket;
}

function get(path: string): string {
  return `GET ${path} HTTP/1.1\r\nhost: 127.0.0.9\r\n\r\n`;
}

/** Returns the whole answer to raw bytes. */
async function answerTo(words: string): Promise<string> {
  const socket = createConnection({ host: '127.0.0.9', port: httpPort });
  sockets.push(socket);
  socket.write(words);
  let text = '';
  for await (const chunk of socket) text += String(chunk);
  return text;
}

function theRouter(): Promise<PeerView> {
  return daemon.ask('/api/v1/peers/ER2');
}

const attributes = nodeAttributes([192, 0, 2, 1]);

function prefixes(from: number, count: number): Buffer {
  const rows = Array.from({ length: count }, (_, at) => {
    const number = from + at;
    return [24, 10 + (number >> 16), (number >> 8) & 255, number & 255];
  });
  return Buffer.from(rows.flat());
}

function announce(from: number, count: number): Buffer {
  return update(attributes, prefixes(from, count), Buffer.alloc(0));
}

it('clients that are stuck, slow or greedy delay no UPDATE and no keepalive, and fill no memory', async () => {
  const node = await daemon.establish('127.0.1.1', bgpPort);
  const router = await daemon.establish('127.0.1.2', bgpPort);
  for (let at = 0; at < 40; at++) node.send(announce(at * 900, 900));
  await waitFor('the table', theRouter, ({ prefixes: sent }) => sent.advertised === 36_000);

  for (let at = 0; at < 100; at++) say(get('/api/v1/routes?limit=1000').repeat(20));
  for (let at = 0; at < 60; at++) say(get('/api/v1/stream'));
  for (let at = 0; at < 20; at++) say(get('/metrics').repeat(20));
  const loris = Array.from({ length: 60 }, () =>
    say('GET /api/v1/status HTTP/1.1\r\nhost: 127.0.0.9\r\n'),
  );
  const drip = setInterval(() => {
    for (const socket of loris) socket.write('x: y\r\n');
  }, 100);

  for (let round = 0; round < 25; round++) {
    const seen = router.of(MessageType.update).length;
    node.send(announce(100_000 + round, 1));
    await waitFor(
      'it',
      () => router.of(MessageType.update).length,
      (count) => count > seen,
      {
        everyMs: 1,
      },
    );
    await pause(100);
  }
  clearInterval(drip);
  expect([node.isClosed, router.isClosed]).toEqual([false, false]);
  // 800 answers of 350 KB were requested; most of the growth is garbage that V8 has not collected yet.
  expect(Number.parseInt(daemon.status('VmRSS'), 10)).toBeLessThan(400 * 1024);
});

// A file of the documentation exists once; metrics are made for each request, some hundred MB before V8 collects them.
it.each([
  ['/docs/static/swagger-ui-bundle.js', 200],
  ['/metrics', 400],
])(
  '500 connections that ask twice for %s and read nothing fill no memory',
  async (path, mostMb) => {
    expect((await fetch(`http://127.0.0.9:${httpPort}${path}`)).status).toBe(200);
    const before = Number.parseInt(daemon.status('VmRSS'), 10);
    for (let at = 0; at < 500; at++) say(get(path).repeat(2));
    let most = 0;
    for (let round = 0; round < 15; round++) {
      await pause(100);
      most = Math.max(most, Number.parseInt(daemon.status('VmRSS'), 10));
    }
    expect((most - before) / 1024).toBeLessThan(mostMb);
  },
);

it('a host that uses all the connections that it may have does not lock out any other', async () => {
  const idle = Array.from({ length: 512 }, () => say('', '127.0.3.1'));
  const isClosed = () => idle.filter(({ destroyed }) => destroyed).length;
  for (const socket of idle) socket.resume();
  // More, once those that never ask for anything are cut off.
  await waitFor('those beyond its part', isClosed, (count) => count >= 512 - 128);
  // Large answers that earlier tests have not read hold their places until they are cut off.
  await waitFor(
    'an answer to another host',
    async () => (await fetch(`http://127.0.0.9:${httpPort}/metrics`)).status,
    (status) => status === 200,
  );
});

it('of three concurrent requests on one connection the third is refused at once', async () => {
  const last = get('/livez').replace('\r\n\r\n', '\r\nconnection: close\r\n\r\n');
  const text = await answerTo(get('/metrics').repeat(2) + last);
  expect(text.match(/^HTTP\/1\.1 \d+/gm)).toEqual(['HTTP/1.1 200', 'HTTP/1.1 200', 'HTTP/1.1 429']);
});

it('a request that is never finished is cut off', async () => {
  const socket = say('GET / HTTP/1.1\r\nhost: 127.0.0.9\r\n');
  const drip = setInterval(() => socket.write('x: y\r\n'), 200);
  socket.resume();
  await waitFor('the end', () => socket.destroyed, Boolean);
  clearInterval(drip);
});

it.each([
  ['a request that is never finished', 'GET / HTTP/1.1\r\nhost: 127.0.0.9\r\n', 408],
  ['bytes that are not HTTP', 'nonsense\r\n\r\n', 400],
  ['a header that is too long', `GET / HTTP/1.1\r\nx: ${'y'.repeat(9000)}\r\n`, 431],
])(
  'a client that keeps sending after the answer to %s is disconnected all the same',
  async (_, words, status) => {
    const socket = createConnection({ host: '127.0.0.9', port: httpPort, allowHalfOpen: true });
    sockets.push(socket);
    socket.on('error', () => undefined);
    let text = '';
    socket.on('data', (chunk) => (text += String(chunk)));
    socket.write(words);
    const drip = setInterval(() => socket.write('x'), 200);
    await waitFor('the end', () => socket.destroyed, Boolean);
    clearInterval(drip);
    expect(text).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
  },
);

describe('a path that leads out of the server', () => {
  it.each([
    '/../package.json',
    '/docs/../../package.json',
    '/docs/static/../../../../package.json',
    '/docs/static/..%2f..%2f..%2fpackage.json',
    '/docs/static/%2e%2e/%2e%2e/package.json',
    '/docs/static/....//package.json',
    '/docs/static/..%5c..%5cpackage.json',
    '/docs/static//etc/passwd',
    '/docs/static/%2fetc%2fpasswd',
    '/docs/static/index.css%00.txt',
    '/api/v1/peers/..%2f..%2fconfig',
    '/%c0%ae%c0%ae/etc/passwd',
  ])('%s reveals nothing', async (path) => {
    const text = await answerTo(
      `GET ${path} HTTP/1.1\r\nhost: 127.0.0.9\r\nconnection: close\r\n\r\n`,
    );
    expect(text).toMatch(/^HTTP\/1\.1 (400|403|404|414)/);
    expect(text).not.toMatch(/"dependencies"|root:/);
  });
});

it('every form of a write is refused without a token', async () => {
  const body = '{}';
  const post = (path: string, more = '') =>
    `POST ${path} HTTP/1.1\r\nhost: 127.0.0.9\r\nconnection: close\r\ncontent-type: application/json\r\n` +
    `content-length: ${body.length}\r\n${more}\r\n${body}`;
  for (const path of ['peers/W1/disable', 'config/reload', 'config/confirm', 'config/plan']) {
    for (const more of ['', 'authorization: Bearer x\r\n', 'x-http-method-override: GET\r\n']) {
      const text = await answerTo(post(`/api/v1/${path}`, more));
      expect(text).toMatch(/^HTTP\/1\.1 403/);
    }
  }
  const peer = await daemon.ask<PeerView>('/api/v1/peers/W1');
  expect(peer.enabled).toBe(true);
});

it.each([
  ['a body that is longer than it may be', `content-length: ${17 * 1024 * 1024}\r\n`, '', 413],
  ['a length that is no number', 'content-length: abc\r\n', 'x', 400],
  ['two lengths', 'content-length: 1\r\ncontent-length: 2\r\n', 'x', 400],
  ['a length and chunks', 'content-length: 1\r\ntransfer-encoding: chunked\r\n', '0\r\n\r\n', 400],
])('%s is refused at once', async (_, header, body, status) => {
  const text = await answerTo(
    `POST /api/v1/config/check HTTP/1.1\r\nhost: 127.0.0.9\r\nconnection: close\r\ncontent-type: text/plain\r\n${header}\r\n${body}`,
  );
  expect([status, 403].map((code) => `HTTP/1.1 ${code}`)).toContain(text.slice(0, 12));
});

it.each([
  ['two hosts', '/api/v1/status', 'host: 127.0.0.9\r\nhost: attacker.example\r\n', 400],
  ['the same host twice', '/api/v1/status', 'host: 127.0.0.9\r\nHost: 127.0.0.9\r\n', 400],
  [
    'two tokens',
    '/livez',
    'host: 127.0.0.9\r\nauthorization: Bearer a\r\nauthorization: Bearer b\r\n',
    400,
  ],
  ['no host', '/api/v1/status', '', 400],
  ['a URL of another host', 'http://attacker.example/api/v1/status', 'host: 127.0.0.9\r\n', 421],
  ['a URL of ours', 'http://127.0.0.9/api/v1/status', 'host: attacker.example\r\n', 200],
])('a request with %s', async (_, target, headers, status) => {
  const text = await answerTo(`GET ${target} HTTP/1.1\r\n${headers}connection: close\r\n\r\n`);
  expect(text).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
});
