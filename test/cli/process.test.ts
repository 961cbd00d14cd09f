import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { waitFor } from '#support/wait.ts';

const main = new URL('../../src/main.ts', import.meta.url).pathname;

let folder: string;
let socket: string;
let server: Server;

/** Far more than a pipe buffers (64 KiB). */
const body = JSON.stringify({
  items: Array.from({ length: 20_000 }, (_, index) => ({ prefix: `2001:db8::${index}/128` })),
  rib_version: 1,
});

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'fingerpost-cli-'));
  socket = join(folder, 'control.sock');
  server = createServer((request, response) => {
    // `show status` is never answered.
    if (request.url?.startsWith('/api/v1/routes') === true) response.end(body);
  });
  server.listen(socket);
  await once(server, 'listening');
});

afterEach(async () => {
  server.close();
  server.closeAllConnections();
  await rm(folder, { recursive: true });
});

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
