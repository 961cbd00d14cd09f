import { expect, test } from 'vitest';
import type { PathId, PeerId, PrefixId } from '#policy/ids.ts';
import { PathTable } from '#rib/tables/path-table.ts';
import { seededRandom } from '../sim/random.ts';

/** 3 prefixes, 100 peers, against a Map: chains grow past the size of a crowd and shrink to nothing. */
function history(seed: number, pathIds: readonly number[]): void {
  const random = seededRandom(seed);
  const pick = (count: number): number => 1 + Math.floor(random() * count);
  const paths = new PathTable();
  const naive = new Map<string, PathId>();
  for (let step = 0; step < 6000; step++) {
    const prefix = pick(3) as PrefixId;
    const peer = pick(100) as PeerId;
    const pathId = pathIds[pick(pathIds.length) - 1];
    const key = `${prefix} ${peer} ${pathId}`;
    const found = paths.find(prefix, peer, pathId);
    expect(found).toBe(naive.get(key) ?? 0);
    const grows = step % 2000 < 1200;
    if (found === 0 && (grows || random() < 0.1)) naive.set(key, paths.add(prefix, peer, pathId));
    if (found !== 0 && (!grows || random() < 0.1)) {
      paths.unlink(found);
      paths.free(found);
      naive.delete(key);
    }
  }
  expect(paths.size).toBe(naive.size);
}

test('a path is found by its peer, however many peers announce the prefix', () => {
  for (let seed = 1; seed <= 10; seed++) history(seed, [0]);
});

test('and by its path identifier, once a peer sends several', () => {
  for (let seed = 1; seed <= 10; seed++) history(seed, [0, 0, 0, 7]);
});
