import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import {
  noexportCodes,
  noexportCommunity,
  rejectCodes,
  rejectCommunity,
} from '#http/birdwatcher/reasons.ts';
import { exportReasons, rejectReasons } from '#policy/reasons.ts';
import { bench, type Bench } from '../app.ts';
import { labPaths, rejectedPath } from '../fake-daemon.ts';
import { readNeighbours, readRoutes, readShort, readStatus } from './alice.ts';

/** `UPDATE_GOLDEN=1` rewrites the files; then format them, and review the diff like code. */
const goldens = [
  ['status', '/status'],
  ['protocols-bgp', '/protocols/bgp'],
  ['protocols-short', '/protocols/short?uncached=true'],
  ['routes-protocol', '/routes/protocol/W1'],
  ['routes-filtered', '/routes/filtered/W1'],
  ['routes-export', '/routes/export/ER2'],
  ['routes-table-filtered', '/routes/table/master6/filtered'],
  ['symbols', '/symbols'],
  ['count', '/routes/count/protocol/W1'],
] as const;

test.each(goldens)('%s: %s', async (file, url) => {
  await using running = await bench();
  running.daemon.paths = variedPaths();
  const { statusCode, body } = await get(running, url);
  expect(statusCode).toBe(200);
  const path = new URL(`golden/${file}.json`, import.meta.url);
  if (process.env.UPDATE_GOLDEN === '1') {
    mkdirSync(new URL('golden', import.meta.url), { recursive: true });
    writeFileSync(path, body);
  }
  expect(JSON.parse(body)).toEqual(JSON.parse(readFileSync(path, 'utf8')));
});

describe('Alice-LG reads', () => {
  test('the status, with all three times', async () => {
    await using running = await bench();
    expect(readStatus((await get(running, '/status')).body)).toEqual({
      version: 'fingerpost 0.1.0',
      message: 'Daemon is up and running',
      serverTime: '2025-11-22 21:37:27',
      lastReboot: '2025-11-22 20:36:15',
      lastReconfig: '2025-11-22 20:36:15',
    });
  });

  test('every neighbour, up or down, with its counts', async () => {
    await using running = await bench();
    const neighbours = readNeighbours((await get(running, '/protocols/bgp')).body);
    const shown = neighbours.map(({ id, isUp, received, accepted, filtered }) => [
      id,
      isUp,
      received,
      accepted,
      filtered,
    ]);
    expect(shown).toEqual([
      ['W1', true, 4, 3, 1],
      ['W2', true, 3, 3, 0],
      ['W3', true, 3, 3, 0],
      ['ER2', true, 0, 0, 0],
      ['DR6', true, 0, 0, 0],
      ['DR7', false, 0, 0, 0],
      ['DR8', false, 0, 0, 0],
    ]);
    expect(neighbours.find(({ id }) => id === 'DR7')?.lastError).toBe('hold timer expired');
  });

  test.each(['idle', 'connect', 'active', 'open_sent', 'open_confirm'] as const)(
    'a session that is %s as down: any word that it does not know it shows as up',
    async (state) => {
      await using running = await bench();
      running.daemon.listPeers[0].state = state;
      const [first] = readNeighbours((await get(running, '/protocols/bgp')).body);
      expect([first.id, first.isUp]).toEqual(['W1', false]);
      expect(readShort((await get(running, '/protocols/short')).body)[0].isUp).toBe(false);
    },
  );

  test.each([
    ['/routes/protocol/W1', 3],
    ['/routes/filtered/W1', 1],
    ['/routes/noexport/ER2', 3],
    ['/routes/export/ER2', 3],
    ['/routes/peer/2001:db8:6::11', 3],
    ['/routes/table/master', 9],
    ['/routes/table/master4', 0],
    ['/routes/table/master6', 9],
    ['/routes/table/master/filtered', 1],
    ['/routes/table/master4/filtered', 0],
    ['/routes/table/master6/peer/2001:db8:6::11', 3],
    ['/routes/prefix?prefix=2001:db8:30::1/128', 3],
    ['/route/net/2001:db8:30::1', 3],
    ['/route/net/2001:db8:30::1/mask/128/table/master6', 3],
  ])('the routes of %s', async (url, count) => {
    await using running = await bench();
    running.daemon.paths = variedPaths();
    const ids = readNeighbours((await get(running, '/protocols/bgp')).body).map(({ id }) => id);
    const routes = readRoutes((await get(running, url)).body);
    expect(routes).toHaveLength(count);
    for (const { neighbour } of routes) expect(ids).toContain(neighbour);
  });

  test('one gateway for all routes of a neighbour, whatever their next hops', async () => {
    await using running = await bench();
    running.daemon.paths = variedPaths();
    const of = async (url: string) => readRoutes((await get(running, url)).body);
    const routes = [...(await of('/routes/protocol/W1')), ...(await of('/routes/filtered/W1'))];
    expect(new Set(routes.map(({ gateway }) => gateway))).toEqual(new Set(['2001:db8:6::11']));
    expect(new Set(routes.map(({ nextHop }) => nextHop)).size).toBeGreaterThan(1);
  });

  test('a table that is made in slices, completely, in order and with nothing before `routes`', async () => {
    await using running = await bench();
    const [one] = labPaths();
    running.daemon.paths = Array.from({ length: 950 }, (_, med) => ({ ...one, med }));
    const { body } = await get(running, '/routes/table/master6');
    expect(readRoutes(body).map(({ med }) => med)).toEqual(
      Array.from({ length: 950 }, (_, med) => String(med)),
    );
    expect(Object.keys(JSON.parse(body))).toEqual(['api', 'ttl', 'routes']);
  });

  test('a link-local peer by an id that needs no escaping in a URL', async () => {
    await using running = await bench();
    Object.assign(running.daemon.listPeers[0], { name: 'fe80::1%eth0', address: 'fe80::1%eth0' });
    const [{ id, address }] = readNeighbours((await get(running, '/protocols/bgp')).body);
    expect(id).toBe('fe80::1_eth0');
    expect(address).toBe('fe80::1%eth0');
    expect((await get(running, `/routes/protocol/${id}`)).statusCode).toBe(200);
  });
});

test.each([
  ['/routes/protocol/W9', 404, 'no protocol has the name W9'],
  ['/routes/table/t_1', 404, 'no table has the name t_1; known: master, master4, master6'],
  ['/route/net/nonsense', 400, 'net must match pattern'],
  ['/nothing', 404, 'no such URL'],
])('%s is refused with a text that Alice-LG shows', async (url, status, text) => {
  await using running = await bench();
  const answer = await get(running, url);
  expect(answer.statusCode).toBe(status);
  expect(answer.headers['content-type']).toMatch(/^application\/problem\+json/);
  expect(answer.json<{ error: string }>().error).toContain(text);
});

test('an error of another API has no member of birdwatcher', async () => {
  await using running = await bench();
  expect((await running.app.inject('/api/v1/peers/W9')).json()).not.toHaveProperty('error');
});

describe('alice.conf', () => {
  const conf = readFileSync(new URL('../../../deploy/alice/alice.conf', import.meta.url), 'utf8');

  test('has a text for each reason with which routes are marked, and no other', () => {
    const marks = [
      ...rejectReasons
        .filter((reason) => reason !== 'accepted')
        .map((reason) => rejectCommunity(65002, reason)),
      ...Object.keys(rejectCodes).map((reason) => rejectCommunity(65002, reason)),
      rejectCommunity(65002, 'new'),
      ...exportReasons
        .filter((reason) => reason !== 'sent')
        .map((reason) => noexportCommunity(65002, reason)),
      noexportCommunity(65002, 'new'),
    ].map((mark) => mark.join(':'));
    const told = [...conf.matchAll(/^(65002:\d+:\d+) = \S/gm)].map(([, mark]) => mark);
    expect(told.toSorted()).toEqual([...new Set(marks)].toSorted());
  });

  test('knows every existing reason', () => {
    const kinds = rejectReasons.map((reason) => reason.split(':')[0]);
    expect(kinds.filter((kind) => kind !== 'accepted' && !(kind in rejectCodes))).toEqual([]);
    expect(exportReasons.filter((kind) => kind !== 'sent' && !(kind in noexportCodes))).toEqual([]);
  });

  test('has the layouts of the times, and the existing tables', () => {
    expect(conf).toMatch(/^servertime_short = 2006-01-02 15:04:05$/m);
    expect(conf).toMatch(/^servertime_ext {3}= 2006-01-02 15:04:05$/m);
    expect(conf).toMatch(/^main_table = master$/m);
    expect(conf).toMatch(/^api = http:\/\/\S+:9179\/birdwatcher\/$/m);
  });
});

async function get({ app }: Bench, url: string) {
  return app.inject(`/birdwatcher${url}`);
}

/** The paths of the lab, one of them with everything that a path can have. */
function variedPaths() {
  const paths = labPaths();
  Object.assign(paths[2], {
    as_path: [65001, [65010, 65011]],
    local_pref: 200,
    otc: 65001,
    next_hop: '2001:db8:6::99',
    communities: ['65002:100'],
    large_communities: ['65002:1:1'],
    ext_communities: ['rt:65002:100', 'generic:0x43000000:0x1', 'rt:[2001:db8::1]:7'],
  });
  return paths;
}

test('a refused path has its reason', async () => {
  await using running = await bench();
  const [route] = readRoutes((await get(running, '/routes/filtered/W1')).body);
  expect(route.network).toBe(rejectedPath.prefix);
  expect(route.largeCommunities).toEqual([[65002, 65520, 12]]);
});
