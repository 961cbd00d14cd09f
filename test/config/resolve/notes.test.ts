import { expect, test } from 'vitest';
import { notesOf } from '#config/resolve/notes.ts';
import { configOf, minimal } from '../files.ts';

test('a limit that nobody wrote is said once for all whom it concerns', () => {
  const names = ['A', 'B', 'C', 'D', 'E', 'F'];
  const rows = names.map(
    (name, at) =>
      `  - { name: ${name}, address: 192.0.2.${at + 1}, peer_as: 65001, max_prefix: { limit: 10 } }`,
  );
  const others = [
    '  - { name: G, address: 192.0.2.21, peer_as: 65001, max_prefix: { limit: 200 } }',
    '  - { name: H, address: 192.0.2.22, peer_as: 65001 }',
    '  - { name: I, address: 192.0.2.23, peer_as: 65001, max_prefix_received: { limit: 5 } }',
  ];
  const text = minimal(`peers:\n${[...rows, ...others].join('\n')}\n`);
  const rule =
    'ten times max_prefix and at least 1000; whoever sends more is ended with 6/1 for 60 s';
  expect(notesOf(configOf(text))).toEqual([
    `max_prefix_received is 1000 for A, B, C, D, E and 1 more: ${rule}`,
    `max_prefix_received is 2000 for G: ${rule}`,
  ]);
});
