import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { loadConfig } from '#config/load.ts';
import { matching } from '#yaml/path-pattern.ts';

const folder = mkdtempSync(join(tmpdir(), 'fp-config-'));
afterAll(() => rmSync(folder, { recursive: true }));

test.each([
  ['*.yaml', ['b.yaml', 'a.yaml', '.c.yaml', 'd.yml'], ['a.yaml', 'b.yaml']],
  ['a*b', ['ab', 'a.b', 'abc'], ['a.b', 'ab']],
  ['.*', ['.a', 'b'], ['.a']],
  ['a.b', ['axb', 'a.b'], ['a.b']],
])('the pattern %s', (pattern, names, want) => {
  expect(matching(pattern, names)).toEqual(want);
});

test('reads real files and folders', () => {
  const file = join(folder, 'main.yaml');
  writeFileSync(file, 'router_id: 1.1.1.1\nlocal_as: 1\ninclude: ["*.d.yaml", "*/*.d.yaml"]\n');
  writeFileSync(join(folder, 'x.d.yaml'), 'peers: [{ address: 192.0.2.1, peer_as: 2 }]\n');
  mkdirSync(join(folder, 'sub'));
  writeFileSync(join(folder, 'sub/y.d.yaml'), 'peers: [{ address: 192.0.2.2, peer_as: 2 }]\n');
  expect(loadConfig(file)).toMatchObject({
    ok: true,
    config: {
      files: [file, join(folder, 'x.d.yaml'), join(folder, 'sub/y.d.yaml')],
      peers: [{ name: '192.0.2.1' }, { name: '192.0.2.2' }],
    },
  });
});

test('a FIFO that has no writer is refused at once, not waited for', () => {
  const file = join(folder, 'fifo');
  execFileSync('mkfifo', [file]);
  expect(loadConfig(file)).toMatchObject({
    ok: false,
    problems: [{ message: 'cannot be read: it is not a regular file' }],
  });
});

test.each([
  ['nowhere.yaml', 'cannot be read: no such file'],
  ['', 'cannot be read: it is a directory'],
])('a file that cannot be read: "%s"', (name, message) => {
  const file = join(folder, name);
  expect(loadConfig(file)).toEqual({
    ok: false,
    problems: [{ file, line: 1, column: 1, message }],
  });
});
