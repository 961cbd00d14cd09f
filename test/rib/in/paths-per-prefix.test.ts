import { describe, expect, test } from 'vitest';
import { none } from '#policy/ids.ts';
import { rejectReasons } from '#policy/reasons.ts';
import { prefix, route } from '../../policy/given.ts';
import { seededRandom } from '../../sim/random.ts';
import { announcement, Lab, withdrawal } from '../given.ts';

const one = prefix('2001:db8:30::1/128');
const several = { addPath: [true, true] } as const;

function setMost(it: Lab, maxPathsPerPrefix: number): void {
  const { settings } = it.rib.peer(it.nodes[0]);
  it.rib.replaceSettings(it.nodes[0], { ...settings, maxPathsPerPrefix });
  it.settle();
}

/** Returns a lab whose first node may have this many accepted paths of a prefix. */
function lab(maxPathsPerPrefix: number): Lab {
  const it = new Lab();
  setMost(it, maxPathsPerPrefix);
  return it;
}

function send(it: Lab, pathIds: readonly number[], med = 100): void {
  const nextHop = it.rib.peer(it.nodes[0]).settings.address;
  const routes = pathIds.map((pathId) => ({ prefix: one, pathId }));
  const bytes = announcement(routes, route({ nextHop, med }), { addPath: true, maxLength: 65535 });
  it.receive(it.nodes[0], bytes, 0, several);
}

function take(it: Lab, pathIds: readonly number[]): void {
  for (const pathId of pathIds) {
    it.receive(it.nodes[0], withdrawal([{ prefix: one, pathId }], true), 0, several);
  }
}

/** Returns the path identifiers of the node by the state of their paths. */
function standing(it: Lab): { accepted: number[]; waiting: number[] } {
  const { paths, prefixes } = it.rib.families[1].tables;
  const found = { accepted: [] as number[], waiting: [] as number[] };
  let path = paths.first(prefixes.find(one));
  for (; path !== none; path = paths.next(path)) {
    if (paths.peer(path) !== it.nodes[0]) continue;
    if (paths.accepted(path) !== none) found.accepted.push(paths.pathId(path));
    else if (rejectReasons[paths.reason(path)] === 'limit_paths') {
      found.waiting.push(paths.pathId(path));
    }
  }
  return { accepted: found.accepted.sort(ascending), waiting: found.waiting.sort(ascending) };
}

function ascending(a: number, b: number): number {
  return a - b;
}

/** Returns `count` numbers from `from` on. */
function range(from: number, count: number): number[] {
  return Array.from({ length: count }, (_, at) => from + at);
}

/** Below and beyond the length at which a prefix becomes a crowd. */
describe.each([6, 200])('of %i paths of one prefix', (count) => {
  test('the maximum is accepted, and the others are refused as limit_paths', () => {
    const it = lab(3);
    send(it, range(1, count));
    expect(standing(it)).toEqual({ accepted: [1, 2, 3], waiting: range(4, count - 3) });
    const { received, accepted, rejected } = it.rib.peer(it.nodes[0]).counts[1];
    expect({ received, accepted }).toEqual({ received: 1, accepted: 1 });
    expect(rejected[rejectReasons.indexOf('limit_paths')]).toBe(count - 3);
  });

  test('the one with the lowest identifier replaces one that is removed', () => {
    const it = lab(3);
    send(it, range(1, count).toReversed());
    take(it, [count]);
    expect(standing(it).accepted).toEqual([1, count - 2, count - 1]);
    take(it, [1]);
    expect(standing(it).accepted).toEqual([2, count - 2, count - 1]);
  });

  test('one that is replaced keeps its place', () => {
    const it = lab(3);
    send(it, range(1, count));
    send(it, [2], 50);
    expect(standing(it).accepted).toEqual([1, 2, 3]);
  });

  test('a raised limit accepts others, and a lowered one removes none', () => {
    const it = lab(3);
    send(it, range(1, count));
    setMost(it, 5);
    expect(standing(it).accepted).toHaveLength(5);
    setMost(it, 1);
    expect(standing(it).accepted).toHaveLength(5);
  });

  test('all are removed with the session, and nothing remains of them', () => {
    const it = lab(3);
    send(it, range(1, count));
    it.rib.peerDown(it.nodes[0]);
    it.settle();
    const { paths, prefixes } = it.rib.families[1].tables;
    expect([paths.size, prefixes.size]).toEqual([0, 0]);
    const { received, accepted, blocked } = it.rib.peer(it.nodes[0]).counts[1];
    expect({ received, accepted, blocked }).toEqual({ received: 0, accepted: 0, blocked: 0 });
  });
});

test('whatever is announced and withdrawn, three are accepted as long as there are three', () => {
  for (let seed = 1; seed <= 5; seed++) {
    const random = seededRandom(seed);
    const it = lab(3);
    const known = new Set<number>();
    for (let step = 0; step < 400; step++) {
      const pathId = 1 + Math.floor(random() * 60);
      if (random() < (step % 200 < 120 ? 0.7 : 0.2)) {
        send(it, [pathId], step);
        known.add(pathId);
      } else {
        take(it, [pathId]);
        known.delete(pathId);
      }
      const { accepted, waiting } = standing(it);
      expect(accepted).toHaveLength(Math.min(3, known.size));
      expect(new Set([...accepted, ...waiting])).toEqual(known);
    }
  }
});

test('refused paths are not looked at when the best of others changes, however many they are', () => {
  const it = lab(1);
  send(it, range(1, 5000));
  it.announce(2, '2001:db8:30::1/128', 50);
  it.settle();
  const { paths, decision, prefixes } = it.rib.families[1].tables;
  let looked = 0;
  const links: unknown = Reflect.get(paths, 'nexts');
  if (!(links instanceof Uint32Array)) throw new TypeError('the links of chains are a column');
  const counting = new Proxy(links, {
    get(column, key) {
      looked++;
      return Reflect.get(column, key) as unknown;
    },
  });
  Reflect.set(paths, 'nexts', counting);
  expect(decision.ranked(paths.first(prefixes.find(one)))).toHaveLength(2);
  expect(looked).toBeLessThan(10);
});

test('the end of a session decides a prefix once, however many paths of it were accepted', () => {
  const it = lab(300);
  it.announce(2, '2001:db8:30::1/128', 500);
  send(it, range(1, 300));
  it.settle();
  const { locRib } = it.rib.families[1].tables;
  const before = locRib.bestChanges;
  it.rib.peerDown(it.nodes[0]);
  it.settle();
  expect(locRib.bestChanges - before).toBe(1);
  expect(it.routerOf(it.clients[0]).routes.size).toBe(1);
});

test('a path that waits takes the place of one that is withdrawn and would be kept as the last of its address', () => {
  const it = lab(1);
  const bands = [{ up: { min: 0, max: 499 }, disabled: { min: 500, max: 999 }, keepMs: 1000 }];
  it.rib.setServices({ serviceOf: () => 1, bands });
  send(it, [2, 1]);
  expect(standing(it)).toEqual({ accepted: [2], waiting: [1] });
  take(it, [2]);
  expect(standing(it)).toEqual({ accepted: [1], waiting: [] });
  expect(it.rib.nextKeptEndMs).toBeUndefined();
});
