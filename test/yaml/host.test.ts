import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { nodeHost } from '#yaml/host.ts';

const folder = mkdtempSync(join(tmpdir(), 'fingerpost-host-'));
const server = createServer();

beforeAll(async () => {
  writeFileSync(join(folder, 'file'), '');
  symlinkSync(folder, join(folder, 'link'));
  symlinkSync('loop', join(folder, 'loop'));
  await new Promise<void>((resolve) => server.listen(join(folder, 'socket'), resolve));
});

afterAll(async () => {
  await new Promise((resolve) => server.close(resolve));
  rmSync(folder, { recursive: true });
});

test.each([
  ['', 'folder'],
  ['link', 'folder'],
  ['file', 'other'],
  ['socket', 'socket'],
  ['absent/absent', 'absent'],
  ['file/below', 'absent'],
  ['loop', undefined],
])('the host determines what is at %j: %s', (name, kind) => {
  expect(nodeHost.kindOf(join(folder, name))).toBe(kind);
});
