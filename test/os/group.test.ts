import { chownSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { groupName, groupOf } from '#os/group.ts';

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'fingerpost-group-'));
});

afterEach(() => rmSync(folder, { recursive: true }));

/** Root gives it to another group; anybody else has it in his own. */
function giveAway(path: string): string {
  if (process.getuid?.() === 0) chownSync(path, 0, 1);
  return groupName(statSync(path).gid) ?? '';
}

test('the group of a file', () => {
  const socket = join(folder, 'control.sock');
  writeFileSync(socket, '');
  const group = giveAway(socket);
  expect(group).not.toBe('');
  expect(groupOf(socket)).toBe(group);
});

test('where the file cannot be seen it is the group of its folder', () => {
  const group = giveAway(folder);
  expect(groupOf(join(folder, 'control.sock'))).toBe(group);
});

test('a path that leads nowhere has no group', () => {
  expect(groupOf('/nowhere/at/all')).toBeUndefined();
});

test('a group that the machine does not know has no name', () => {
  expect(groupName(4_000_000_000)).toBeUndefined();
});
