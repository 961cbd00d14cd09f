import { expect, test } from 'vitest';
import { nodeFault } from '../src/node-version.ts';

test.each([
  ['24.21.0', undefined],
  ['22.18.0', undefined],
  ['22.9.0', 'Node.js 22.9.0 is too old; version 22.18 or later is required'],
  ['20.20.2', 'Node.js 20.20.2 is too old; version 22.18 or later is required'],
])('Node.js %s, where 22.18 is required', (running, want) => {
  expect(nodeFault(running, '>=22.18')).toBe(want);
});
