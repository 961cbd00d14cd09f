import { expect, test } from 'vitest';
import type { AttrsId, PathId, PeerId, PrefixId } from '#policy/ids.ts';
import { limitBlocked, limitPaths } from '#policy/reasons.ts';
import { PathSiblings } from '#rib/tables/path-siblings.ts';
import { PathTable } from '#rib/tables/path-table.ts';
import { isStale, Staleness } from '#rib/tables/staleness.ts';
import { seededRandom } from '../../sim/random.ts';

/** Compares the paths of 3 prefixes and 100 peers with a Map, while chains become crowds and shrink to nothing. */
function history(seed: number, pathIds: readonly number[]): void {
  const random = seededRandom(seed);
  const pick = (count: number): number => 1 + Math.floor(random() * count);
  const paths = new PathTable(1);
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

/**
 * Checks one prefix of few peers with many path identifiers, while paths are judged with changing results. From time to
 * time all paths of a peer become stale, and some are announced again before the others are removed.
 */
function judgedHistory(seed: number): void {
  const random = seededRandom(seed);
  const paths = new PathTable(seed);
  const alive: PathId[] = [];
  const prefix = 1 as PrefixId;
  for (let step = 0; step < 1500; step++) {
    const peer = (1 + Math.floor(random() * 5)) as PeerId;
    const pathId = Math.floor(random() * 40);
    const found = paths.find(prefix, peer, pathId);
    if (step % 40 === 0) changeAll(paths, peer, random);
    if (found === 0) alive.push(paths.add(prefix, peer, pathId));
    else if (paths.isFormer(found) || random() < (step % 500 < 300 ? 0.2 : 0.9)) {
      paths.unlink(found);
      paths.free(found);
      alive.splice(alive.indexOf(found), 1);
    } else {
      if (isStale(paths.staleness(found))) paths.setStaleness(found, Staleness.fresh);
      const isAccepted = random() < 0.5;
      const reason = [limitBlocked, limitPaths, 1][Math.floor(random() * 3)];
      paths.judge(found, Number(isAccepted) as AttrsId, isAccepted ? 0 : reason);
    }
    const path = alive[Math.floor(random() * alive.length)];
    if (path !== undefined) checkSiblings(paths, alive, path);
    expect(acceptedOf(paths, prefix)).toEqual(
      alive.filter((it) => paths.accepted(it) !== 0).toSorted((a, b) => a - b),
    );
  }
}

/** Marks the paths of the peer as a restart, its end, or the beginning of a session does. */
function changeAll(paths: PathTable, peer: PeerId, random: () => number): void {
  const kind = Math.floor(random() * 5);
  if (kind < 2) paths.markStale(peer);
  else if (kind === 2) paths.ageStale(peer);
  else if (kind === 3) paths.leaveStale(peer);
  else paths.leaveAll(peer);
}

function acceptedOf(paths: PathTable, prefix: PrefixId): PathId[] {
  const list: PathId[] = [];
  let path = paths.acceptedFrom(paths.first(prefix));
  for (; path !== 0; path = paths.acceptedFrom(paths.next(path))) list.push(path);
  return list.toSorted((a, b) => a - b);
}

function checkSiblings(paths: PathTable, alive: readonly PathId[], path: PathId): void {
  const siblings = new PathSiblings(paths);
  const isFormer = paths.isFormer(path);
  const others = alive.filter(
    (it) => it !== path && paths.peer(it) === paths.peer(path) && paths.isFormer(it) === isFormer,
  );
  expect(siblings.accepted(path)).toBe(others.filter((it) => paths.accepted(it) !== 0).length);
  if (isFormer) return;
  const areAs = {
    received: () => true,
    accepted: (it: PathId) => paths.accepted(it) !== 0,
    blocked: (it: PathId) => paths.accepted(it) === 0 && paths.reason(it) === limitBlocked,
  };
  for (const as of ['received', 'accepted', 'blocked'] as const) {
    expect(siblings.has(path, as)).toBe(others.some(areAs[as]));
    if (isStale(paths.staleness(path))) continue;
    const lasting = others.filter((it) => !isStale(paths.staleness(it)));
    expect(siblings.hasLasting(path, as)).toBe(lasting.some(areAs[as]));
  }
  const waiting = [path, ...others].filter((it) => paths.reason(it) === limitPaths);
  const first = waiting.toSorted((a, b) => paths.pathId(a) - paths.pathId(b)).at(0) ?? 0;
  expect(firstWaiting(paths, path)).toBe(first);
}

/** Returns the first path of the same peer that waits and is not a former one. */
function firstWaiting(paths: PathTable, of: PathId): PathId {
  const siblings = new PathSiblings(paths);
  for (;;) {
    const path = siblings.firstWaiting(paths.prefix(of), paths.peer(of));
    if (path === 0 || !paths.isFormer(path)) return path;
    siblings.stopWaiting(path);
  }
}

test('a path is found by its peer, however many peers announce the prefix', () => {
  for (let seed = 1; seed <= 10; seed++) history(seed, [0]);
});

test('the counts and the order of a crowd are those of its paths', () => {
  for (let seed = 1; seed <= 10; seed++) judgedHistory(seed);
});

test('a path is found by its path identifier too, once a peer sends several', () => {
  for (let seed = 1; seed <= 10; seed++) history(seed, [0, 0, 0, 7]);
});
