import { describe, expect, test, vi } from 'vitest';
import type { PeerId } from '#policy/ids.ts';
import type { PeerCounts } from '#rib/rib-peer.ts';
import { Slice } from '#rib/work/slice.ts';
import { address, exportOf, importOf, policyOf, prefix, route, rule } from '../policy/given.ts';
import { announcement, Lab, sendSettings, withdrawal } from './given.ts';

const many = 2000;
const ipv6 = 1;
const late = (): boolean => true;

/** Returns a lab where node 1 announces many prefixes, and node 2 the first ten of them, less preferred. */
function loaded(): Lab {
  const it = new Lab();
  const nextHop = (node: number): Uint8Array => it.rib.peer(it.nodes[node - 1]).settings.address;
  const list = Array.from({ length: many }, (_, at) => ({
    prefix: prefix(`2001:db8:30::${(at + 1).toString(16)}/128`),
  }));
  for (let from = 0; from < many; from += 100) {
    const some = list.slice(from, from + 100);
    it.receive(it.nodes[0], announcement(some, route({ nextHop: nextHop(1), med: 100 })));
  }
  it.receive(
    it.nodes[1],
    announcement(list.slice(0, 10), route({ nextHop: nextHop(2), med: 200 })),
  );
  it.settle();
  return it;
}

/** Gives every client an export policy of its own. */
function changePolicies(it: Lab): void {
  for (const client of it.clients) {
    const policy = policyOf(rule('reject', { peer: ['W3'] }), rule('accept'));
    const { name, address: own } = it.rib.peer(client).settings;
    const settings = it.settings(importOf({ policy: 'none' }), exportOf({ policy }));
    it.rib.replaceSettings(client, { ...settings, name, address: own });
  }
}

/** Adds a client, which is not up yet. */
function addReader(it: Lab, number: number): PeerId {
  const settings = it.settings(importOf({ policy: 'none' }), exportOf());
  const name = `LATE${number}`;
  const id = it.rib.addPeer({ ...settings, name, address: address(`2001:db8:2::${number}`) });
  return id;
}

test('thousands of paths of one prefix are removed in slices with their node, and the prefix is decided once', () => {
  const bestChanged = vi.fn();
  const it = new Lab({ events: { bestChanged } });
  const one = prefix('2001:db8:30::1/128');
  const [node, other] = it.nodes;
  const addPath = [true, true] as const;
  for (let from = 1; from <= many; from += 500) {
    const list = Array.from({ length: 500 }, (_, at) => ({ prefix: one, pathId: from + at }));
    const attributes = route({ nextHop: it.rib.peer(node).settings.address });
    const bytes = announcement(list, attributes, { addPath: true, maxLength: 65535 });
    it.receive(node, bytes, 0, { addPath });
  }
  const nextHop = it.rib.peer(other).settings.address;
  it.receive(other, announcement([{ prefix: one }], route({ nextHop, med: 5 })));
  it.settle();
  bestChanged.mockClear();
  it.rib.peerDown(node);
  const { paths } = it.rib.families[ipv6].tables;
  for (let left = paths.size; it.rib.hasWork; left = paths.size) {
    it.rib.work(1000, late);
    expect(left - paths.size).toBeLessThanOrEqual(32);
  }
  expect(paths.size).toBe(1);
  expect(bestChanged).toHaveBeenCalledTimes(1);
});

describe('a change of settings', () => {
  test('does not delay the withdrawal of the routes of a dead node', () => {
    const it = loaded();
    changePolicies(it);
    it.rib.work(64);
    it.rib.peerDown(it.nodes[1]);
    it.withdraw(1, '2001:db8:30::7d0/128');
    it.rib.work(64);
    it.rib.work(64);
    expect(it.rib.families[ipv6].tables.dirty.size).toBeGreaterThan(many / 2);
    expect(it.rib.peer(it.nodes[1]).counts[ipv6].received).toBe(0);
    expect(it.routerOf(it.clients[0]).routes.has('2001:db8:30::7d0/128')).toBe(false);
  });

  test('goes on after the slice at whose end routers know of a dead node', () => {
    const it = loaded();
    const lost = Array.from({ length: 300 }, (_, at) => `2001:db8:30::${at + 9000}/128`);
    for (const text of lost) it.announce(2, text, 100);
    it.settle();
    changePolicies(it);
    it.rib.work(64);
    expect(it.rib.isLosing).toBe(false);
    it.rib.peerDown(it.nodes[1]);
    while (it.rib.isLosing) it.rib.work(64, late);
    const { routes } = it.routerOf(it.clients[0]);
    expect(lost.filter((text) => routes.has(text))).toEqual([]);
    expect(it.rib.families[ipv6].tables.dirty.size).toBeGreaterThan(many / 2);
    while (it.rib.hasWork) {
      it.rib.work(64);
      expect(it.rib.isLosing).toBe(false);
    }
  });

  test('does not use the rest of the slice in which routers are told of a dead node', () => {
    const it = loaded();
    for (let at = 0; at < 300; at++) it.announce(2, `2001:db8:30::${at + 9000}/128`, 100);
    it.settle();
    changePolicies(it);
    it.rib.work(64);
    it.rib.peerDown(it.nodes[1]);
    const { dirty } = it.rib.families[ipv6].tables;
    const before = dirty.size;
    it.rib.work(1_000_000);
    expect(it.rib.isLosing).toBe(false);
    expect(before - dirty.size).toBeLessThan(64);
    it.rib.work(1_000_000);
    expect(dirty.size).toBe(0);
  });

  test('that judges a peer again does not delay it either', () => {
    const it = loaded();
    const policy = policyOf(rule('accept', {}, { med: { kind: 'set', value: 300 } }));
    const node = it.rib.peer(it.nodes[0]).settings;
    const imported = importOf({ peerName: 'W1', peerAddress: node.address, policy });
    it.rib.replaceSettings(it.nodes[0], it.settings(imported));
    it.rib.work(1000);
    it.rib.peerDown(it.nodes[1]);
    it.rib.work(64);
    expect(it.rib.peer(it.nodes[1]).counts[ipv6].received).toBe(0);
    expect(it.rib.families[ipv6].tables.dirty.isUrgent).toBe(false);
    expect(it.rib.isSettled).toBe(false);
  });

  test('determines the share of every prefix once, however many clients there are', () => {
    const it = loaded();
    const shareOf = vi.spyOn(it.rib.families[ipv6].outbound.exports, 'shareOf');
    changePolicies(it);
    it.settle();
    expect(shareOf).toHaveBeenCalledTimes(many);
  });

  test('during another one determines every share again', () => {
    const it = loaded();
    const shareOf = vi.spyOn(it.rib.families[ipv6].outbound.exports, 'shareOf');
    changePolicies(it);
    it.rib.work(500);
    changePolicies(it);
    it.settle();
    expect(shareOf).toHaveBeenCalledTimes(500 + many);
  });

  test('is not done at once when a peer comes back whose paths are still being removed', () => {
    const it = loaded();
    changePolicies(it);
    it.rib.peerDown(it.nodes[0]);
    it.rib.work(64);
    const { dirty } = it.rib.families[ipv6].tables;
    const before = dirty.size;
    it.up(it.nodes[0], 0x0101010b);
    expect(dirty.size).toBeGreaterThanOrEqual(before);
    it.settle();
    expect([...it.routerOf(it.clients[0]).routes.keys()]).toHaveLength(10);
  });
});

/** Returns a lab where node 1 is back while all but 64 of its paths are still to be removed. */
function cameBack(): Lab {
  const it = loaded();
  it.rib.peerDown(it.nodes[0]);
  it.rib.work(64);
  it.up(it.nodes[0], 0x0101010b);
  return it;
}

function counts(it: Lab): PeerCounts {
  return it.rib.peer(it.nodes[0]).counts[ipv6];
}

describe('the remaining paths of the session before', () => {
  test('are removed in slices, even when the peer is back, and no longer count', () => {
    const it = cameBack();
    const { paths } = it.rib.families[ipv6].tables;
    const before = paths.size;
    expect(before).toBeGreaterThanOrEqual(many - 64);
    expect(counts(it)).toMatchObject({ isFlushing: false, hasFormer: true, received: 0 });
    it.rib.work(64);
    expect(paths.size).toBe(before - 64);
    it.settle();
    expect(counts(it)).toMatchObject({ received: 0, accepted: 0, hasFormer: false });
    expect(paths.size).toBe(10);
  });

  test('are removed without those that the peer announces now, even with the same attributes', () => {
    const it = cameBack();
    const attributes = route({ nextHop: it.rib.peer(it.nodes[0]).settings.address, med: 100 });
    const own = ['2001:db8:30::1/128', '2001:db8:30::7d0/128'];
    const routes = own.map((text) => ({ prefix: prefix(text) }));
    const { announcedIn } = counts(it);
    it.receive(it.nodes[0], announcement(routes, attributes));
    expect(counts(it).announcedIn).toBe(announcedIn + 2);
    it.withdraw(1, '2001:db8:30::7cf/128');
    expect(counts(it).withdrawnIn).toBe(0);
    it.settle();
    expect(counts(it)).toMatchObject({ received: 2, accepted: 2 });
    expect([...it.routerOf(it.clients[0]).routes.keys()]).toEqual(expect.arrayContaining(own));
    expect(it.routerOf(it.clients[0]).routes.size).toBe(11);
  });

  test('are removed together with those of a second session that ends meanwhile', () => {
    const it = cameBack();
    it.announce(1, '2001:db8:30::1/128', 100);
    it.rib.peerDown(it.nodes[0]);
    it.rib.work(64);
    it.up(it.nodes[0], 0x0101010b);
    it.announce(1, '2001:db8:30::2/128', 100);
    it.settle();
    expect(counts(it)).toMatchObject({ received: 1, accepted: 1, isFlushing: false });
  });

  test('count against no limit, and are not removed at once because of one', () => {
    const it = cameBack();
    const { settings } = it.rib.peer(it.nodes[0]);
    const limit = { limit: 1, action: 'restart' as const };
    it.rib.replaceSettings(it.nodes[0], {
      ...settings,
      acceptedLimit: [limit, limit],
      receivedLimit: [limit, limit],
      maxPathsPerPrefix: 1,
    });
    const { paths } = it.rib.families[ipv6].tables;
    const before = paths.size;
    expect(it.announce(1, '2001:db8:30::7d0/128', 100)).toBeUndefined();
    expect(counts(it)).toMatchObject({ received: 1, accepted: 1, hasFormer: true });
    expect(paths.size).toBe(before);
    expect(it.announce(1, '2001:db8:30::7cf/128', 100)).toMatchObject({ limit });
  });
});

/** Returns a lab where node 1 is to announce everything again, and has announced one address. */
function refreshed(): Lab {
  const it = loaded();
  it.rib.markStale(it.nodes[0], ipv6);
  it.announce(1, '2001:db8:30::1/128', 100);
  return it;
}

describe('stale paths whose time is over', () => {
  test('no longer count, and are removed in slices', () => {
    const it = refreshed();
    const { paths } = it.rib.families[ipv6].tables;
    const before = paths.size;
    it.rib.endStale(it.nodes[0], ipv6);
    expect(counts(it)).toMatchObject({ received: 1, accepted: 1, stale: 0 });
    it.announce(1, '2001:db8:30::2/128', 100);
    it.rib.markStale(it.nodes[0], ipv6);
    expect(counts(it)).toMatchObject({ received: 2, stale: 2 });
    expect(paths.size).toBe(before);
    it.rib.work(64);
    // The two that were announced are passed over.
    expect(paths.size).toBe(before - 62);
    it.settle();
    expect(paths.size).toBe(12);
  });

  test('are not counted one by one, even if each has siblings, and the paths that they kept out are accepted', () => {
    const { it } = withSeveralPaths();
    const [node] = it.nodes;
    const { settings } = it.rib.peer(node);
    it.rib.replaceSettings(node, { ...settings, maxPathsPerPrefix: 1 });
    it.settle();
    it.rib.markStale(node, ipv6);
    const nextHop = settings.address;
    const again = announcement(
      [{ prefix: prefix('2001:db8:30::1/128'), pathId: 501 }],
      route({ nextHop }),
      { addPath: true },
    );
    it.receive(node, again, 0, { addPath: [true, true] });
    const { siblings } = it.rib.families[ipv6].tables;
    const has = vi.spyOn(siblings, 'has');
    const hasLasting = vi.spyOn(siblings, 'hasLasting');
    it.rib.endStale(node, ipv6);
    expect(has.mock.calls.length + hasLasting.mock.calls.length).toBeLessThan(10);
    expect(counts(it)).toMatchObject({ received: 1, accepted: 1, stale: 0 });
    it.settle();
    expect(it.rib.families[ipv6].tables.paths.size).toBe(1);
  });

  test('become long-lived in slices, even when the peer is lost again', () => {
    const it = loaded();
    it.rib.peerDown(it.nodes[0], [true, true]);
    it.rib.keepLongLived(it.nodes[0], ipv6);
    const changed = vi.spyOn(it.rib.families[ipv6].tables.locRib, 'changed');
    it.up(it.nodes[0], 0x0101010b);
    it.announce(1, '2001:db8:30::1/128', 100);
    it.rib.peerDown(it.nodes[0], [true, true]);
    expect(counts(it)).toMatchObject({ received: many, stale: many });
    expect(changed).toHaveBeenCalledTimes(1);
    const read = vi.spyOn(it.attrs, 'read');
    it.rib.work(64);
    expect(changed).toHaveBeenCalledTimes(64);
    // Equal attributes are decoded once in a slice.
    expect(read).toHaveBeenCalledTimes(1);
    it.settle();
    expect(changed).toHaveBeenCalledTimes(many);
  });
});

const severalPaths = { ...sendSettings, addPath: [false, true] };

/** Returns a lab where node 1 has announced 500 paths of one prefix and 500 others; `client` takes several paths. */
function withSeveralPaths(): { it: Lab; client: PeerId } {
  const it = new Lab();
  const [client] = it.clients;
  it.rib.peerDown(client);
  it.rib.replaceSettings(client, { ...it.rib.peer(client).settings, mayAddPath: true });
  it.up(client, 0x01010102, severalPaths);
  it.settle();
  const [node] = it.nodes;
  const attributes = route({ nextHop: it.rib.peer(node).settings.address });
  const addPath = [true, true] as const;
  for (let from = 1; from <= 500; from += 100) {
    const numbers = Array.from({ length: 100 }, (_, at) => from + at);
    const routes = numbers.flatMap((pathId) => [
      { prefix: prefix('2001:db8:30::1/128'), pathId },
      { prefix: prefix(`2001:db8:31::${pathId.toString(16)}/128`), pathId },
    ]);
    const bytes = announcement(routes, attributes, { addPath: true, maxLength: 65_535 });
    it.receive(node, bytes, 0, { addPath });
  }
  return { it, client };
}

/** Works in late slices until no work is left. Returns the most paths that one of them announced or withdrew. */
function mostSent(it: Lab, client: PeerId): number {
  let most = 0;
  const router = it.routerOf(client);
  const count = (): number => router.announced + router.withdrawn;
  for (let before = count(); it.rib.hasWork; before = count()) {
    it.rib.work(8192, late);
    most = Math.max(most, count() - before);
  }
  return most;
}

describe('a slice that is late, beside a client that takes several paths', () => {
  test('stages a few paths, even of a prefix that has very many', () => {
    const { it, client } = withSeveralPaths();
    const shareOfPath = vi.spyOn(it.rib.families[ipv6].outbound.pathExports, 'shareOfPath');
    while (it.rib.hasWork) {
      shareOfPath.mockClear();
      it.rib.work(8192, late);
      expect(shareOfPath.mock.calls.length).toBeLessThanOrEqual(16);
    }
    expect(it.routerOf(client).paths.size).toBe(1000);
  });

  test('withdraws a few paths of a node that has died', () => {
    const { it, client } = withSeveralPaths();
    it.settle();
    it.rib.peerDown(it.nodes[0]);
    expect(mostSent(it, client)).toBeLessThanOrEqual(16);
    expect(it.routerOf(client).paths.size).toBe(0);
    const { paths, prefixes } = it.rib.families[ipv6].tables;
    expect([paths.size, prefixes.size]).toEqual([0, 0]);
  });

  test('is losing a dead node until every path of a prefix with very many is withdrawn', () => {
    const { it, client } = withSeveralPaths();
    for (let last = 1; last <= 500; last++) {
      const path = { prefix: prefix(`2001:db8:31::${last.toString(16)}/128`), pathId: last };
      it.receive(it.nodes[0], withdrawal([path], true), 0, { addPath: [true, true] });
    }
    it.settle();
    expect(it.routerOf(client).paths.size).toBe(500);
    it.rib.peerDown(it.nodes[0]);
    while (it.rib.isLosing) {
      expect(it.rib.hasWork).toBe(true);
      it.rib.work(8192, late);
    }
    expect(it.routerOf(client).paths.size).toBe(0);
  });

  test('sends it a few paths when it catches up, and withdraws those that are removed meanwhile', () => {
    const { it, client } = withSeveralPaths();
    it.settle();
    it.rib.peerDown(client);
    it.up(client, 0x01010102, severalPaths);
    for (let slices = 0; slices < 10; slices++) it.rib.work(8192, late);
    it.rib.peerDown(it.nodes[0]);
    expect(mostSent(it, client)).toBeLessThanOrEqual(32);
    expect(it.routerOf(client).paths.size).toBe(0);
  });

  test('withdraws a few paths, those of a dead node included, when the client is to be sent nothing more', () => {
    const { it, client } = withSeveralPaths();
    it.settle();
    it.rib.peerDown(it.nodes[0]);
    it.rib.work(8192, late);
    it.shadow(client, true);
    expect(mostSent(it, client)).toBeLessThanOrEqual(32);
    expect(it.routerOf(client).paths.size).toBe(0);
  });
});

test('a client that may be sent nothing looks at a part of the table in each slice', () => {
  const it = new Lab();
  const { tables } = it.rib.families[ipv6];
  vi.spyOn(tables.prefixes, 'limit', 'get').mockReturnValue(200_000);
  const has = vi.spyOn(tables.prefixes, 'has');
  it.announce(1, '2001:db8:30::1/128', 100);
  it.settle();
  it.rib.peerDown(it.clients[0]);
  it.rib.replaceSettings(
    it.clients[0],
    it.settings(importOf({ policy: 'none' }), exportOf({ policy: 'none' })),
  );
  it.settle();
  it.up(it.clients[0], 0x01010102);
  // The first parts are small, because their code may run for the first time.
  for (let most = 8192; it.rib.hasWork; most = Math.min(most * 2, 65_536)) {
    has.mockClear();
    it.rib.work(8192, late);
    expect(has.mock.calls.length).toBeLessThan(most + 1000);
  }
  expect(it.routerOf(it.clients[0]).endOfRibs[ipv6]).toBe(1);
});

test('a collection marks one kind of id per slice, and that slice does nothing else', () => {
  const it = new Lab({ sweepAt: 16 });
  for (let med = 0; med < 20; med++) it.announce(1, `2001:db8:30::${med + 1}/128`, med);
  while (!it.rib.collector.isToMark) it.rib.work(1);
  for (const what of ['shares', 'sets of peers', 'attribute sets']) {
    it.announce(2, '2001:db8:30::1/128', 500);
    const { runs } = it.rib.collector;
    const waiting = it.rib.families[ipv6].tables.dirty.size;
    expect(waiting, what).toBeGreaterThan(0);
    expect(it.rib.collector.isToMark, what).toBe(true);
    it.rib.work(8192);
    expect(it.rib.collector.runs, what).toBe(runs + 1);
    expect(it.rib.families[ipv6].tables.dirty.size, what).toBe(waiting);
  }
  it.settle();
  expect(it.routerOf(it.clients[0]).routes.size).toBe(20);
});

test('a late slice judges one new attribute set if hundreds of clients have a policy each', () => {
  const it = new Lab();
  const policies = Array.from({ length: 256 }, (_, at) =>
    exportOf({ policy: policyOf(rule('reject', { peer: [`X${at}`] }), rule('accept')) }),
  );
  for (const [at, exported] of policies.entries()) {
    const settings = it.settings(importOf({ policy: 'none' }), exported);
    const own = address(`2001:db8:3::${(at + 1).toString(16)}`);
    it.rib.addPeer({ ...settings, name: `M${at}`, address: own });
  }
  it.settle();
  for (let at = 1; at <= 64; at++) it.announce(1, `2001:db8:30::${at.toString(16)}/128`, at);
  const { dirty } = it.rib.families[ipv6].tables;
  const before = dirty.size;
  it.rib.work(8192, late);
  expect(before - dirty.size).toBe(1);
  it.settle();
  expect(it.routerOf(it.clients[0]).routes.size).toBe(64);
});

describe('a slice', () => {
  test('that is late still does a few rows, so that there is progress', () => {
    const slice = new Slice(8192, late);
    let rows = 0;
    while (slice.take()) rows++;
    expect(rows).toBe(16);
  });

  test('that is late sends a few changes and leaves the others for later', () => {
    const it = loaded();
    changePolicies(it);
    const { dirty } = it.rib.families[ipv6].tables;
    const before = dirty.size;
    it.rib.work(8192, late);
    expect(before - dirty.size).toBe(16);
  });

  test('that is late serves one client that catches up, and another the next time', () => {
    const it = loaded();
    const readers = [1, 2, 3].map((number) => addReader(it, number));
    it.settle();
    for (const reader of readers) it.up(reader, 0x02020200 + reader);
    const held = (): number[] => readers.map((reader) => it.routerOf(reader).routes.size);
    it.rib.work(8192, late);
    expect(held()).toEqual([16, 0, 0]);
    it.rib.work(8192, late);
    it.rib.work(8192, late);
    expect(held()).toEqual([16, 16, 16]);
    it.settle();
    expect(held()).toEqual([many, many, many]);
  });

  test('ends between the peers that are sent changes, and the next one continues there', () => {
    const it = loaded();
    changePolicies(it);
    it.settle();
    it.announce(1, '2001:db8:30::1/128', 300);
    it.announce(2, '2001:db8:30::2/128', 50);
    it.announce(3, '2001:db8:30::3/128', 50);
    it.rib.work(8192, late);
    expect(it.rib.families[ipv6].outbound.isDelivering).toBe(true);
    it.settle();
    expect(it.routerOf(it.clients[1]).routes.get('2001:db8:30::2/128')?.med).toBe(50);
  });

  test('knows whether any part of what is pending can have been sent', () => {
    const it = loaded();
    const pending = (text: string) => {
      const id = it.rib.families[ipv6].tables.prefixes.find(prefix(text));
      return [it.view.isPending(ipv6, id), it.view.isUnsent(ipv6, id)];
    };
    for (let number = 1; number <= 40; number++) {
      it.announce(1, `2001:db8:30::${number.toString(16)}/128`, 90);
    }
    const [first, last] = ['2001:db8:30::1/128', '2001:db8:30::28/128'];
    expect([pending(first), pending(last)]).toEqual([
      [true, true],
      [true, true],
    ]);
    it.rib.work(8192, late);
    expect(pending(last)).toEqual([true, true]);
    expect(pending(first)[1]).toBe(false);
    it.settle();
    expect([pending(first), pending(last)]).toEqual([
      [false, false],
      [false, false],
    ]);
  });
});

test('a best path that changes is decided and its share determined once', () => {
  const bestChanged = vi.fn();
  const it = new Lab({ events: { bestChanged } });
  it.announce(1, '2001:db8:30::1/128', 100);
  it.announce(2, '2001:db8:30::1/128', 200);
  it.settle();
  bestChanged.mockClear();
  it.announce(1, '2001:db8:30::1/128', 300);
  const { tables } = it.rib.families[ipv6];
  const take = vi.spyOn(tables.dirty, 'take');
  it.settle();
  expect(bestChanged).toHaveBeenCalledTimes(1);
  expect(take.mock.results.filter(({ value }) => value !== 0)).toHaveLength(1);
  expect(it.routerOf(it.clients[0]).routes.get('2001:db8:30::1/128')?.med).toBe(200);
});

function blocking(limit: number) {
  const it = { limit, action: 'block' as const };
  return { acceptedLimit: [it, it] as const };
}

/** Has node 1, or another, announce `count` addresses from the number `from` on. */
function announceMany(it: Lab, from: number, count: number, by = 1): void {
  const node = it.nodes[by - 1];
  const list = Array.from({ length: count }, (_, at) => ({
    prefix: prefix(`2001:db8:30::${(from + at).toString(16)}/128`),
  }));
  const attributes = route({ nextHop: it.rib.peer(node).settings.address });
  for (let at = 0; at < count; at += 100) {
    it.receive(node, announcement(list.slice(at, at + 100), attributes));
  }
}

function setLimit(it: Lab, limit: number): void {
  const [node] = it.nodes;
  it.rib.replaceSettings(node, { ...it.rib.peer(node).settings, ...blocking(limit) });
}

/** Returns a lab where node 1 is at its limit, and more of its addresses are blocked. */
function atItsLimit(limit: number, blocked: number): Lab {
  const it = new Lab();
  setLimit(it, limit);
  it.settle();
  announceMany(it, 1, limit + blocked);
  return it;
}

describe('routes that a limit has blocked', () => {
  test('are accepted in slices once the limit is raised, even if some are withdrawn or announced meanwhile', () => {
    const it = atItsLimit(10, many - 10);
    expect(counts(it)).toMatchObject({ accepted: 10, blocked: many - 10 });
    setLimit(it, many - 100);
    let before = 10;
    for (let slices = 0; it.rib.hasWork; slices++) {
      it.rib.work(64);
      expect(counts(it).accepted - before).toBeLessThanOrEqual(64);
      if (slices === 40) it.withdraw(1, '2001:db8:30::1/128');
      if (slices === 41) it.announce(1, '2001:db8:30::1/128', 100);
      before = counts(it).accepted;
    }
    expect(counts(it)).toMatchObject({ accepted: many - 100, blocked: 100, isAdmitting: false });
    it.withdraw(1, '2001:db8:30::1/128');
    expect(counts(it)).toMatchObject({ accepted: many - 100, blocked: 99 });
  });

  test('are accepted in slices when a table of stale paths is removed at once', () => {
    const it = atItsLimit(1000, 0);
    it.rib.markStale(it.nodes[0], ipv6);
    announceMany(it, 1001, 1000);
    expect(counts(it)).toMatchObject({ accepted: 1000, blocked: 1000, stale: 1000 });
    it.rib.endStale(it.nodes[0], ipv6);
    expect(counts(it)).toMatchObject({ received: 1000, isAdmitting: true });
    expect(counts(it).accepted).toBeLessThanOrEqual(256);
    for (let before = counts(it).accepted; it.rib.hasWork; before = counts(it).accepted) {
      it.rib.work(64);
      expect(counts(it).accepted - before).toBeLessThanOrEqual(64);
    }
    expect(counts(it)).toMatchObject({ accepted: 1000, blocked: 0, isAdmitting: false });
    expect(it.routerOf(it.clients[0]).routes.size).toBe(1000);
  });

  test('are not accepted with an UPDATE while a raised limit still has to be applied', () => {
    const it = atItsLimit(10, 1000);
    setLimit(it, 2000);
    announceMany(it, 1011, 100);
    expect(counts(it).accepted).toBeLessThanOrEqual(110);
    it.settle();
    expect(counts(it)).toMatchObject({ accepted: 1110, blocked: 0 });
  });

  test('are accepted after the paths of a node that has died are removed', () => {
    const it = atItsLimit(1000, 0);
    announceMany(it, 1, 500, 2);
    it.rib.markStale(it.nodes[0], ipv6);
    announceMany(it, 1001, 1000);
    it.rib.endStale(it.nodes[0], ipv6);
    it.rib.peerDown(it.nodes[1]);
    it.rib.work(8192);
    expect(it.rib.peer(it.nodes[1]).counts[ipv6].isLeaving).toBe(false);
    expect(counts(it).accepted).toBeLessThan(1000);
    it.settle();
    expect(counts(it).accepted).toBe(1000);
  });

  test('leave their queue if they were stale, and those that remain are accepted in order', () => {
    const it = atItsLimit(10, 500);
    it.rib.markStale(it.nodes[0], ipv6);
    announceMany(it, 1, 5);
    announceMany(it, 400, 20);
    it.rib.endStale(it.nodes[0], ipv6);
    expect(counts(it)).toMatchObject({ received: 25 });
    announceMany(it, 300, 1);
    it.rib.work(64);
    it.withdraw(1, '2001:db8:30::1/128');
    it.settle();
    expect(counts(it)).toMatchObject({ received: 25, accepted: 10, blocked: 15 });
    expect(it.routerOf(it.clients[0]).routes.has('2001:db8:30::12c/128')).toBe(true);
  });
});
