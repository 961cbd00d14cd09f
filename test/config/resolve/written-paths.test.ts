import { expect, test } from 'vitest';
import { loadRecorded } from '#config/load-recorded.ts';
import { loadConfig } from '#config/load.ts';
import type { ConfigHost, PathKind } from '#yaml/host.ts';
import { hostOf, mainFile, minimal } from '../files.ts';

const kinds: Readonly<Record<string, PathKind>> = {
  '/': 'folder',
  '/var': 'folder',
  '/var/lib': 'folder',
  '/var/lib/folder': 'folder',
  '/var/lib/file': 'other',
  '/var/lib/socket': 'socket',
  '/etc': 'folder',
  '/etc/file': 'other',
};

function hostWith(text: string): ConfigHost {
  return {
    ...hostOf({ [mainFile]: text }),
    kindOf: (path) => (path.startsWith('/secret/') ? undefined : (kinds[path] ?? 'absent')),
  };
}

/** Returns `line:column message` for each fault of the text. */
function problemsOf(text: string, mayReadFiles = true): string[] {
  const outcome = loadConfig(mainFile, { host: hostWith(text), text, mayReadFiles });
  if (outcome.ok) return [];
  return outcome.problems.map(({ line, column, message }) => `${line}:${column} ${message}`);
}

const noFolder = 'because /var/lib/file is not a directory';

const faulty = [
  ['state_dir: /var/lib/file', '3:12 state_dir: /var/lib/file is not a directory'],
  ['state_dir: /var/lib/socket', '3:12 state_dir: /var/lib/socket is not a directory'],
  ['state_dir: file', '3:12 state_dir: /etc/file is not a directory'],
  [
    'state_dir: /var/lib/file/a/b',
    `3:12 state_dir: /var/lib/file/a/b cannot be created, ${noFolder}`,
  ],
  [
    'control: { socket: /var/lib/file }',
    '3:20 socket: /var/lib/file is not a socket; choose another path',
  ],
  [
    'control: { socket: /var/lib/folder }',
    '3:20 socket: /var/lib/folder is not a socket; choose another path',
  ],
  [
    'control: { socket: /var/lib/file/a/control.sock }',
    `3:20 socket: /var/lib/file/a/control.sock cannot be created, ${noFolder}`,
  ],
  [
    'mrt: { updates: { directory: /var/lib/file } }',
    '3:30 directory: /var/lib/file is not a directory',
  ],
  [
    'mrt: { tables: { directory: /var/lib/file/mrt } }',
    `3:29 directory: /var/lib/file/mrt cannot be created, ${noFolder}`,
  ],
] as const;

test.each(faulty)('%s is an error, because the daemon writes there', (line, want) => {
  expect(problemsOf(minimal(`${line}\n`))).toEqual([want]);
});

test('a relative directory of dumps is looked for in state_dir', () => {
  const text = minimal('state_dir: /var/lib\nmrt: { tables: { directory: file } }\n');
  expect(problemsOf(text)).toEqual(['4:29 directory: /var/lib/file is not a directory']);
});

test('a fault of state_dir is not repeated for what lies in it', () => {
  const text = minimal('state_dir: /var/lib/file\nmrt: { tables: { directory: mrt/tables } }\n');
  expect(problemsOf(text)).toEqual(['3:12 state_dir: /var/lib/file is not a directory']);
});

test.each([
  'state_dir: /var/lib/folder',
  'state_dir: /var/lib/absent/absent',
  'state_dir: /secret/folder',
  'control: { socket: /var/lib/socket }',
  'control: { socket: /var/lib/absent/control.sock }',
  'mrt: { tables: { directory: /absent } }',
])('%s is no error: it is there, or may be made, or cannot be seen', (line) => {
  expect(problemsOf(minimal(`${line}\n`))).toEqual([]);
});

test('nothing is said about this machine to whoever sends a configuration over HTTP', () => {
  const text = minimal(
    'state_dir: /var/lib/file\ncontrol: { socket: /var/lib/file }\nmrt: { tables: { directory: /etc/file } }\n',
  );
  expect(problemsOf(text, false)).toEqual([]);
});

test('a start from the kept configuration does not depend on what is there by now', () => {
  const text = minimal('state_dir: /var/lib/file\n');
  const before = loadRecorded({ file: mainFile }, hostOf({ [mainFile]: text }));
  const kept = before.ok ? before.sources?.bytes : undefined;
  if (kept === undefined) throw new Error('nothing was recorded');
  expect(loadRecorded({ file: mainFile }, hostWith(text)).ok).toBe(false);
  expect(loadRecorded({ file: mainFile, kept }, hostWith(text)).ok).toBe(true);
});
