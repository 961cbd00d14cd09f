import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { FileLock, lockHolder } from '#os/file-lock.ts';

let folder = '';
let path = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'fingerpost-lock-'));
  path = join(folder, 'lock');
});
afterEach(() => rmSync(folder, { recursive: true }));

test('has one holder at a time, who can be named', () => {
  const lock = FileLock.take(path);
  expect(lock).toBeDefined();
  expect(FileLock.take(path)).toBeUndefined();
  expect(lockHolder(path)).toBe(`another fingerpost (process ${process.pid})`);
  lock?.release();
  expect(existsSync(path)).toBe(false);
  const next = FileLock.take(path);
  expect(next).toBeDefined();
  next?.release();
});

test('a file that nobody holds is taken over, whatever it says', () => {
  writeFileSync(path, '99999999\n');
  const lock = FileLock.take(path);
  expect(lockHolder(path)).toContain(String(process.pid));
  lock?.release();
});

test('one that was removed under its holder is a lock no longer: the next has the file that is there', () => {
  const former = FileLock.take(path);
  rmSync(path);
  const next = FileLock.take(path);
  expect(next).toBeDefined();
  expect(FileLock.take(path)).toBeUndefined();
  former?.release();
  next?.release();
});

test('a folder that is not there is an error', () => {
  expect(() => FileLock.take(join(folder, 'none', 'lock'))).toThrow('ENOENT');
});
