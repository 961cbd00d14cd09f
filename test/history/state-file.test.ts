import {
  existsSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { makeStateDir, StateDirError, StateFile } from '#history/state-file.ts';

let folder = '';
const failures: string[] = [];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'fingerpost-state-'));
  failures.length = 0;
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function stateFile(directory = folder): StateFile {
  return new StateFile(directory, (text) => failures.push(text));
}

function path(): string {
  return join(folder, 'state.json');
}

test('what was written is read by the next start, and a missing folder is created', () => {
  const directory = join(folder, 'deep', 'er');
  expect(stateFile(directory).read()).toEqual({ kind: 'nothing' });
  stateFile(directory).write({ established: ['W1', 'ER2'] });
  expect(stateFile(directory).read()).toEqual({
    kind: 'state',
    state: { established: ['W1', 'ER2'] },
  });
});

test.each<readonly [string, () => void]>([
  ['cut short', () => truncateSync(path(), 7)],
  ['empty', () => truncateSync(path(), 0)],
  ['no JSON', () => writeFileSync(path(), Buffer.from([0, 255, 123]))],
  ['of another kind', () => writeFileSync(path(), '{"established":[1,null]}')],
  ['null', () => writeFileSync(path(), 'null')],
])('a file that is %s is unreadable, and says which file it is', (_, spoil) => {
  stateFile().write({ established: ['W1'] });
  spoil();
  const text = expect.stringContaining(path());
  expect(stateFile().read()).toEqual({ kind: 'unreadable', text });
});

test('a full disk is reported once, leaves the old file intact, and is overcome later', () => {
  const state = stateFile();
  state.write({ established: ['W1'] });
  symlinkSync('/dev/full', `${path()}.new`);
  state.write({ established: ['W2'] });
  // The obstacle is removed, together with the file that could not be written.
  symlinkSync('/dev/full', `${path()}.new`);
  state.write({ established: ['W3'] });
  expect(failures).toHaveLength(1);
  expect(failures[0]).toMatch(/state\.json: ENOSPC/);
  expect(stateFile().read()).toMatchObject({ state: { established: ['W1'] } });
  state.write({ established: ['W3'] });
  expect(stateFile().read()).toMatchObject({ state: { established: ['W3'] } });
  expect(existsSync(`${path()}.new`)).toBe(false);
});

test('nothing is written while nothing changes', () => {
  const state = stateFile();
  state.write({ established: ['W1'] });
  writeFileSync(path(), 'untouched');
  state.write({ established: ['W1'] });
  expect(readFileSync(path(), 'utf8')).toBe('untouched');
});

test('a directory in which none can be created fails, and does not loop forever', () => {
  stateFile('/proc/nope').write({ established: ['W1'] });
  expect(failures).toEqual([expect.stringMatching(/ENOENT.*'\/proc\/nope'/)]);
  const owner = { uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0 };
  expect(() => makeStateDir('/proc/no/pe', owner)).toThrow(StateDirError);
});
