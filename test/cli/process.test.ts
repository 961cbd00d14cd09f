import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server, type ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { waitFor } from '#support/wait.ts';

const main = new URL('../../src/main.ts', import.meta.url).pathname;

let folder: string;
let socket: string;
let server: Server;

/** Whether a list of paths and the stream of events never end. */
let isEndless: boolean;

/** Far more than a pipe buffers (64 KiB). */
const list = {
  items: Array.from({ length: 20_000 }, (_, index) => ({ prefix: `2001:db8::${index}/128` })),
  rib_version: 1,
};
const body = JSON.stringify(list);

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'fingerpost-cli-'));
  socket = join(folder, 'control.sock');
  isEndless = false;
  server = createServer(({ url = '' }, response) => answer(url, response));
  server.listen(socket);
  await once(server, 'listening');
});

afterEach(async () => {
  server.close();
  server.closeAllConnections();
  await rm(folder, { recursive: true });
});

/** Never answers `show status`. */
function answer(url: string, response: ServerResponse): void {
  if (url.startsWith('/api/v1/routes')) {
    response.end(isEndless ? JSON.stringify({ ...list, next_cursor: 'more' }) : body);
  } else if (url.startsWith('/api/v1/trouble')) {
    response.end(JSON.stringify({ is_trouble: true, items: [] }));
  } else if (url.startsWith('/api/v1/stream')) {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    const more = (): unknown => response.write(`event: gap\ndata: {}\n\n`.repeat(1000), more);
    more();
  } else if (url.startsWith('/api/v1/simulate')) {
    response.end(JSON.stringify({ items: [{ counts: { dark: 1 } }] }));
  } else if (url.startsWith('/api/v1/doctor')) {
    response.end(JSON.stringify({ items: [{ severity: 'error' }] }));
  } else if (url.startsWith('/api/v1/config/reload')) {
    response.end(JSON.stringify({ message: 'reloaded' }));
  }
}

/** Resolves to how the command ends if the reader of its stdout has gone before it writes. */
async function exitUnread(words: readonly string[]): Promise<unknown[]> {
  const child = start(words, 'pipe');
  child.stdout?.destroy();
  child.stderr?.resume();
  return once(child, 'exit');
}

function start(words: readonly string[], stdout: 'pipe' | number): ChildProcess {
  const argv = [main, '-s', socket, ...words];
  return spawn(process.execPath, argv, { stdio: ['ignore', stdout, 'pipe'] });
}

test('every byte reaches a reader that is slow to begin', async () => {
  const child = start(['show', 'route', '-j'], 'pipe');
  const exit = once(child, 'exit');
  // Nothing is read until the pipe is full, so that the command has time to end too early.
  await waitFor(
    'the pipe to be full',
    () => child.stdout?.readableLength ?? 0,
    (length) => length > 0,
  );
  let text = '';
  if (child.stdout !== null) for await (const chunk of child.stdout) text += String(chunk);
  expect(await exit).toEqual([0, null]);
  expect(text.length).toBe(body.length + 1);
});

test('an output that cannot be written is an error', async () => {
  const full = openSync('/dev/full', 'w');
  const child = start(['show', 'route', '-j'], full);
  let err = '';
  child.stderr?.on('data', (chunk) => (err += String(chunk)));
  const [code] = await once(child, 'close');
  closeSync(full);
  expect([code, err]).toEqual([1, expect.stringContaining('the output cannot be written')]);
});

test.each(['SIGINT', 'SIGTERM'] as const)('%s ends a command that waits', async (signal) => {
  const child = start(['show', 'status'], 'pipe');
  const exit = once(child, 'exit');
  await once(server, 'request');
  child.kill(signal);
  expect(await exit).toEqual([null, signal]);
});

describe('a command whose stdout nobody reads', () => {
  test.each([
    ['check -j', 0, 'a correct file', (text: string) => text],
    ['check -j', 1, 'a file with an error', (text: string) => `${text}hold_tiem: 6\n`],
  ])('%s ends with %i for %s', async (words, status, _what, change) => {
    const file = join(folder, 'fingerpost.yaml');
    await writeFile(file, change('router_id: 1.1.1.9\nlocal_as: 65002\n'));
    expect(await exitUnread([...words.split(' '), file])).toEqual([status, null]);
  });

  test.each([
    ['show trouble -j', 1],
    ['whatif --each node -j', 1],
    ['doctor -j', 1],
    ['reload', 0],
  ])('%s ends with its own status, %i', async (words, status) => {
    expect(await exitUnread(words.split(' '))).toEqual([status, null]);
  });

  test.each(['show route -j', 'show bgp ipv6 -j', 'monitor'])(
    '%s ends early, with 0',
    async (words) => {
      isEndless = true;
      expect(await exitUnread(words.split(' '))).toEqual([0, null]);
    },
  );
});

test('a command whose stderr nobody reads ends with its own status', async () => {
  const file = join(folder, 'fingerpost.yaml');
  // Its only message is a warning.
  await writeFile(file, 'router_id: 1.1.1.9\nlocal_as: 65002\n');
  const child = start(['check', file], 'pipe');
  child.stdout?.resume();
  child.stderr?.destroy();
  expect(await once(child, 'exit')).toEqual([0, null]);
});
