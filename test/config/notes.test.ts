import { expect, test } from 'vitest';
import { notesOf } from '#config/notes.ts';
import { configOf, minimal, withPeer } from './files.ts';

test('a limit that is not in the file is reported once for all peers that it concerns', () => {
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
    'ten times max_prefix and at least 1000; the session of a peer that sends more is closed with 6/1 for 60 s';
  expect(notesOf(configOf(text))).toEqual([
    `max_prefix_received is 1000 for A, B, C, D, E and 1 more: ${rule}`,
    `max_prefix_received is 2000 for G: ${rule}`,
  ]);
});

test('the limit of an observer is not said to follow from max_prefix', () => {
  const notes = notesOf(configOf(withPeer('name: RS4, observer: true, hold_time: 6')));
  expect(notes).toEqual([
    'max_prefix_received is 100000 for RS4: the default for an observer; the session of a peer that sends more is closed with 6/1 for 60 s',
  ]);
});

test.each<readonly [string, string, readonly string[]]>([
  ['the default', 'name: RS4, observer: true, hold_time: 30', ['35s instead of 15s']],
  ['one that is long enough', 'name: RS4, observer: true, hold_time: 6', []],
  ['one that no observer needs', 'name: RS4, hold_time: 30', []],
])('a debounce that is too short for the hold times is reported: %s', (_, peer, expected) => {
  const about = notesOf(configOf(withPeer(peer))).filter((note) => note.includes('debounce'));
  expect(about.map((note) => /(\d+s instead of \d+s)/.exec(note)?.[1])).toEqual(expected);
});

test('a debounce is no shorter than the hold time of a peer range', () => {
  const ranges = 'peer_ranges: [{ range: 192.0.2.0/24, peer_as: 65001, hold_time: 60 }]\n';
  expect(configOf(minimal(ranges)).coherence.debounceMs).toBe(65_000);
});
