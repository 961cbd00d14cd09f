import { expect, it, test, vi } from 'vitest';
import { wholeExplanation } from '#api/views/explain.ts';
import type { PathView } from '#api/views/path.ts';
import { PathViews } from '#daemon/views/path-views.ts';
import { listRoutes, rowsWhere } from '#daemon/views/route-listing.ts';
import type { PathId, PeerId } from '#policy/ids.ts';
import { FamilyView } from '#rib/family-view.ts';
import { AttrTable } from '#rib/tables/attr-table.ts';
import { RibView } from '#rib/view.ts';
import {
  attribute,
  fourOctetAsCapability,
  ipv4UnicastCapability,
  nodeAttributes,
  update,
} from '#support/raw-message.ts';
import { parsePrefix } from '#text/prefix.ts';
import { RibUnderTest } from '../../rib/given.ts';
import { Bench } from '../bench.ts';
import { wholeListing } from '../whole-listing.ts';

const prefixCount = 1000;

it.each([
  ['each prefix takes 1 ms and has no row: looked at 8 at a time', 1, 8],
  ['each prefix takes 0.05 ms', 0.05, 104],
  ['no time passes', 0, prefixCount],
])('%s', (_, prefixMs, seen) => {
  const { rib } = new RibUnderTest();
  for (let at = 0; at < prefixCount; at++) {
    rib.families[1].tables.prefixes.intern(parsePrefix(`2001:db8::${at.toString(16)}/128`));
  }
  let now = 0;
  let looked = 0;
  const rowsOf = (): [] => {
    now += prefixMs;
    looked++;
    return [];
  };
  const page = listRoutes(new RibView(rib), { kind: 'all' }, rowsOf, { limit: 100 }, () => now);
  expect(looked).toBe(seen);
  expect(page.next_cursor === undefined).toBe(seen === prefixCount);
});

it('a page that comes before the prefixes are in order puts some in order and ends, and no prefix is missed', () => {
  const { rib } = new RibUnderTest();
  for (let at = 0; at < prefixCount; at++) {
    rib.families[1].tables.prefixes.intern(
      parsePrefix(`2001:db8::${(prefixCount - at).toString(16)}/128`),
    );
  }
  let now = 0;
  const sizes: number[] = [];
  const listed = wholeListing((request) => {
    const page = listRoutes(
      new RibView(rib),
      { kind: 'all' },
      (family, prefix) => [() => ({ rank: family.prefix(prefix).word3 }) as PathView],
      request,
      () => (now += 0.1),
    );
    sizes.push(page.items.length);
    return page;
  });
  expect(sizes[0]).toBe(0);
  expect(listed.map(({ rank }) => rank)).toEqual(listed.map((_, at) => at + 1));
  expect(listed).toHaveLength(prefixCount);
});

it('the rows of one prefix are made a few milliseconds at a time, and the next page goes on among them', () => {
  const { rib } = new RibUnderTest();
  rib.families[1].tables.prefixes.intern(parsePrefix('2001:db8::1/128'));
  let now = 0;
  const row = { peer: 'W1' } as PathView;
  const rows = Array.from({ length: 12 }, (_, at) => () => {
    now++;
    return { ...row, rank: at + 1 };
  });
  const pages: number[] = [];
  const listed = wholeListing((request) => {
    const page = listRoutes(
      new RibView(rib),
      { kind: 'all' },
      () => rows,
      request,
      () => now,
    );
    pages.push(page.items.length);
    return page;
  });
  expect(pages).toEqual([5, 5, 2]);
  expect(listed.map(({ rank }) => rank)).toEqual(rows.map((_, at) => at + 1));
});

it('rows of a prefix after the page are not read, and skipping those before the page takes no time', () => {
  const { rib } = new RibUnderTest();
  rib.families[1].tables.prefixes.intern(parsePrefix('2001:db8::1/128'));
  let now = 0;
  let found = 0;
  const row = (): PathView => {
    now++;
    return { peer: 'W1' } as PathView;
  };
  function* rowsOf() {
    for (let at = 0; at < 1000; at++) {
      found++;
      now += 0.1;
      yield row;
    }
  }
  const counts: [number, number][] = [];
  let cursor: string | undefined;
  for (let at = 0; at < 30; at++) {
    found = 0;
    const request = { limit: 100, ...(cursor !== undefined && { cursor }) };
    const page = listRoutes(new RibView(rib), { kind: 'all' }, rowsOf, request, () => now);
    cursor = page.next_cursor;
    counts.push([page.items.length, found]);
  }
  expect(counts).toEqual(counts.map((_, at) => [5, 5 * (at + 1)]));
});

it('the paths of one prefix that are not wanted are looked at a few at a time, and the page after goes on among them', () => {
  const { rib } = new RibUnderTest();
  const { prefixes, paths } = rib.families[1].tables;
  const prefix = prefixes.intern(parsePrefix('2001:db8::1/128'));
  const count = 100;
  for (let pathId = 1; pathId <= count; pathId++) paths.add(prefix, 1 as PeerId, pathId);
  let now = 0;
  const isWanted = (_: FamilyView, path: PathId): boolean => {
    now++;
    return paths.pathId(path) === 50;
  };
  const rowsOf = rowsWhere(isWanted, (_, path) => ({ path_id: paths.pathId(path) }) as PathView);
  const looked: number[] = [];
  const listed = wholeListing((request) => {
    const before = now;
    const page = listRoutes(new RibView(rib), { kind: 'all' }, rowsOf, request, () => now);
    looked.push(now - before);
    return page;
  });
  expect(listed.map(({ path_id }) => path_id)).toEqual([50]);
  expect(looked[0]).toBe(32);
  expect(looked.length).toBeGreaterThan(3);
});

/** A daemon with one peer that may send several paths of a prefix, all of which are refused. */
function startWithPathIds(): Promise<Bench> {
  return Bench.start(`start_gate: 0
peers: [{ name: W1, address: 127.0.1.1, peer_as: 65001, passive: true, import: none, add_path: receive }]
`);
}

/** The session of the peer, which announces this many paths of 198.51.100.1/32 with path identifiers from `from` on. */
async function announcer(bench: Bench): Promise<(from: number, count: number) => void> {
  const capabilities = [
    ipv4UnicastCapability,
    fourOctetAsCapability(65001),
    [69, [0, 1, 1, 2]],
  ] as const;
  const speaker = await bench.establish('127.0.1.1', { capabilities });
  const attributes = nodeAttributes([127, 0, 1, 1]);
  return (from, count) => {
    const rows = Array.from({ length: count }, (_, at) => [
      0,
      0,
      0,
      from + at,
      32,
      198,
      51,
      100,
      1,
    ]);
    speaker.send(update(attributes, Buffer.from(rows.flat()), Buffer.alloc(0)));
  };
}

it('a page of what one peer sent looks at no more paths of a prefix than it shows', async () => {
  const bench = await startWithPathIds();
  try {
    const announce = await announcer(bench);
    announce(0, 200);
    const received = () => wholeListing((page) => bench.queries.peerRoutes('W1', 'received', page));
    await bench.until('them', () => received().length === 200);
    const looked = vi.spyOn(FamilyView.prototype, 'peerOf');
    for (const table of ['received', 'rejected'] as const) {
      looked.mockClear();
      expect(bench.queries.peerRoutes('W1', table, { limit: 10 })?.items).not.toEqual([]);
      expect(looked.mock.calls.length).toBeLessThan(30);
    }
  } finally {
    vi.restoreAllMocks();
    await bench.close();
  }
});

it('an explanation lists a hundred refused paths, and counts the others', async () => {
  const bench = await startWithPathIds();
  try {
    const announce = await announcer(bench);
    const explained = () => {
      const explanation = bench.queries.explain('198.51.100.1/32');
      return explanation === undefined ? undefined : wholeExplanation(explanation);
    };
    announce(0, 100);
    await bench.until('a hundred', () => explained()?.candidates.length === 100);
    expect(explained()).not.toHaveProperty('refused_not_listed');
    announce(100, 150);
    await bench.until('the others', () => explained()?.refused_not_listed === 150);
    expect(explained()?.candidates).toHaveLength(100);
  } finally {
    await bench.close();
  }
});

it('an explanation lists ten of the better paths that a client is not sent, and counts the others', async () => {
  const nodes = Array.from(
    { length: 13 },
    (_, at) =>
      `  - { name: W${at}, address: 127.0.1.${at + 1}, peer_as: 65001, passive: true, import: all, accept_next_hop: any }\n`,
  );
  const bench = await Bench.start(`start_gate: 0
policies:
  only_the_last: [{ match: { peer: [W12] }, then: accept }]
peers:
${nodes.join('')}  - { name: ER2, address: 127.0.2.1, peer_as: 65001, passive: true, export: only_the_last }
`);
  try {
    await bench.establish('127.0.2.1');
    for (let at = 1; at <= 13; at++) {
      const speaker = await bench.establish(`127.0.1.${at}`);
      const bytes = Buffer.from([32, 198, 51, 100, 1]);
      speaker.send(update(nodeAttributes([192, 0, 2, 11]), bytes, Buffer.alloc(0)));
    }
    await bench.until('them', () => bench.queries.status().rib.paths === 13);
    const explanation = bench.queries.explain('198.51.100.1/32');
    const [sent] = explanation === undefined ? [] : wholeExplanation(explanation).exports;
    expect(sent).toMatchObject({ peer: 'ER2', reason: 'sent', withheld_not_listed: 2 });
    expect(sent?.withheld).toHaveLength(10);
    const table = wholeListing((page) => bench.queries.peerRoutes('ER2', 'withheld', page));
    expect(table).toHaveLength(12);
  } finally {
    await bench.close();
  }
});

test('a listing is filtered by columns: each attribute set is read once, and no path is built that is not shown', async () => {
  const peers = ['W1', 'W2'].map(
    (name, at) =>
      `  - { name: ${name}, address: 127.0.1.${at + 1}, peer_as: 65001, passive: true, import: all, accept_next_hop: any }\n`,
  );
  const bench = await Bench.start(`start_gate: 0\npeers:\n${peers.join('')}`);
  try {
    const prefixes = Array.from({ length: 200 }, (_, at) => [32, 198, 51, 100, at]).flat();
    for (const [at, from] of ['127.0.1.1', '127.0.1.2'].entries()) {
      const speaker = await bench.establish(from);
      const attributes = [...nodeAttributes([192, 0, 2, 11]), attribute(0xc0, 8, [0, 1, 0, at])];
      speaker.send(update(attributes, Buffer.from(prefixes), Buffer.alloc(0)));
    }
    await bench.until('them', () => bench.queries.status().rib.paths === 400);
    // A page would end early on a slow machine.
    vi.spyOn(bench.daemon.clock, 'monotonic').mockReturnValue(bench.daemon.clock.monotonic());
    const made = vi.spyOn(PathViews.prototype, 'path');
    const read = vi.spyOn(AttrTable.prototype, 'read');
    const ask = (query: object, limit: number) => bench.queries.routes(query, { limit });
    const work = (): number[] => {
      const counts = [made.mock.calls.length, read.mock.calls.length];
      made.mockClear();
      read.mockClear();
      return counts;
    };
    expect(ask({ community: '1:9' }, 1000).items).toEqual([]);
    expect(work()).toEqual([0, 2]);
    expect(ask({ community: '1:1' }, 3).items.map(({ peer }) => peer)).toEqual(['W2', 'W2', 'W2']);
    expect(work()).toEqual([3, 2 + 3]);
    expect(ask({ peer: 'W1' }, 3).items).toHaveLength(3);
    expect(work()).toEqual([3, 3]);
    const [candidate] = bench.queries.explain('198.51.100.1')?.candidates ?? [];
    expect(candidate.rank).toBe(1);
    expect(made.mock.calls.length).toBe(2);
  } finally {
    vi.restoreAllMocks();
    await bench.close();
  }
});
