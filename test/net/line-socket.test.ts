import { mkdtempSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { askLine, serveLines } from '#net/line-socket.ts';

let folder: string;
let path: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'line-'));
  path = join(folder, 'words.sock');
});
afterEach(() => rmSync(folder, { recursive: true }));

test('a line is answered with a line', async () => {
  const socket = await serveLines(path, (line) => `heard ${line}`);
  expect(await askLine(path, 'fail w1')).toBe('heard fail w1');
  expect(await askLine(path, 'ähem')).toBe('heard ähem');
  socket.close();
});

test('there is no answer if nobody listens', async () => {
  expect(await askLine(path, 'fail w1')).toBeUndefined();
  (await serveLines(path, () => '')).close();
  expect(await askLine(path, 'fail w1')).toBeUndefined();
});

test('a client that sends without end is disconnected', async () => {
  const socket = await serveLines(path, () => 'never');
  const caller = connect({ path });
  caller.on('error', () => undefined);
  caller.write('x'.repeat(5000));
  await new Promise((resolve) => caller.once('close', resolve));
  socket.close();
});

test('close disconnects clients that have sent nothing yet', async () => {
  const socket = await serveLines(path, () => 'never');
  const caller = connect({ path });
  await new Promise((resolve) => caller.once('connect', resolve));
  const closed = new Promise((resolve) => caller.once('close', resolve));
  await askLine(path, 'the server has taken the call before this one');
  socket.close();
  await closed;
});
