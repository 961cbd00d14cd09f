import { expect, test } from 'vitest';
import { parseCommand } from '#demo/commands.ts';
import { type Role, roleArgs, roleOf } from '#demo/role.ts';

const good = [
  { words: ['fail', 'w1'], want: { verb: 'fail', node: 'W1' } },
  { words: ['heal', 'W2'], want: { verb: 'heal', node: 'W2' } },
  { words: ['k', 'w3'], want: { verb: 'kill', node: 'W3' } },
  { words: ['start', 'w3'], want: { verb: 'start', node: 'W3' } },
];

test.each(good)('$words is a command', ({ words, want }) => {
  expect(parseCommand(words)).toEqual(want);
});

const bad = [
  ['fail'],
  ['fail', 'w9'],
  ['fail', ''],
  ['', 'w1'],
  ['explode', 'w1'],
  ['fail', 'w1', 'w2'],
];

test.each(bad.map((words) => ({ words })))('$words is refused with status 2', ({ words }) => {
  expect(() => parseCommand(words)).toThrow(expect.objectContaining({ exitCode: 2 }));
});

const roles: Role[] = [
  { kind: '_announcer', name: 'W1', port: 11790, isHealthy: true },
  { kind: '_announcer', name: 'W3', port: 11791, isHealthy: false },
  { kind: '_router', name: 'ER2', port: 11790 },
];

test.each(roles)(
  'the arguments of a process for the role of $name are read as that role',
  (role) => {
    expect(roleOf(roleArgs(role))).toEqual(role);
  },
);

test('a command is not read as a role', () => {
  expect(roleOf(['fail', 'w1'])).toBeUndefined();
  expect(roleOf([])).toBeUndefined();
});
