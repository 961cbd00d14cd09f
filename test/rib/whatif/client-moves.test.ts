import { expect, it } from 'vitest';
import type { AttrsId, PeerId } from '#policy/ids.ts';
import { clientMoves } from '#rib/whatif/client-moves.ts';
import type { SimulatedRoute } from '#rib/whatif/overlay.ts';

function share(clients: bigint, attrs: number): SimulatedRoute {
  return { clients, attrs: attrs as AttrsId, peer: 1 as PeerId, isDrained: false };
}

const rows: readonly [string, SimulatedRoute[], SimulatedRoute[], string[]][] = [
  ['nothing', [share(7n, 1)], [share(7n, 1)], []],
  ['all lose', [share(7n, 1)], [], ['7: 1 -> -']],
  ['all gain', [], [share(7n, 1)], ['7: - -> 1']],
  ['all move', [share(7n, 1)], [share(7n, 2)], ['7: 1 -> 2']],
  ['some move', [share(7n, 1)], [share(3n, 1), share(4n, 2)], ['4: 1 -> 2']],
  ['one loses', [share(7n, 1)], [share(3n, 1)], ['4: 1 -> -']],
  ['one gains', [share(3n, 1)], [share(7n, 1)], ['4: - -> 1']],
  [
    'two change places',
    [share(1n, 1), share(2n, 2)],
    [share(2n, 1), share(1n, 2)],
    ['1: 1 -> 2', '2: 2 -> 1'],
  ],
  [
    'each its own',
    [share(3n, 1), share(4n, 2)],
    [share(5n, 3)],
    ['1: 1 -> 3', '2: 1 -> -', '4: 2 -> 3'],
  ],
];

it.each(rows)('clients are distinguished by what happens to them: %s', (_, before, after, want) => {
  const texts = clientMoves(before, after).map(
    (move) => `${move.clients}: ${move.before?.attrs ?? '-'} -> ${move.after?.attrs ?? '-'}`,
  );
  expect(texts).toEqual(want);
});
