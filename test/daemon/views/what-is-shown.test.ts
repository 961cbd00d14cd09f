import { afterEach, beforeEach, describe, expect, it, test } from 'vitest';
import type { PeerTable } from '#api/names.ts';
import type { RouteQuery } from '#api/queries.ts';
import type { PathView } from '#api/views/path.ts';
import { atOnce } from '#daemon/in-slices.ts';
import {
  attribute,
  fourOctetAsCapability,
  ipv4UnicastCapability,
  ipv6UnicastCapability,
  nodeAttributes,
  update,
} from '#support/raw-message.ts';
import { shortAsPathText } from '#words/text.ts';
import { Bench } from '../bench.ts';
import { wholeListing } from '../whole-listing.ts';

const config = `
start_gate: 0
policies:
  weighted:
    - { match: { prefix: [198.51.100.0/24] }, set: { med: 7, local_pref: 200 }, then: accept }
services:
  - { name: web, prefix: [192.0.2.1/32], home: { 192.0.2.1/32: w1 } }
peers:
  - { name: W1, address: 127.0.1.1, peer_as: 65001, passive: true, import: weighted, accept_next_hop: any, allow_as_sets: true, node: w1 }
  - { name: ER2, address: 127.0.1.2, peer_as: 65003, passive: true, export: all, rs_client: false }
  - { name: DR6, address: 127.0.1.3, peer_as: 4200000001, passive: true, export: all, hold_time: 90 }
`;

const none = Buffer.alloc(0);
const attributes = (med: readonly Buffer[] = []): Buffer[] => [
  ...nodeAttributes([192, 0, 2, 11]),
  ...med,
];

let bench: Bench;
beforeEach(async () => {
  bench = await Bench.start(config);
});
afterEach(() => bench.close());

function ipv4(as: number) {
  return { as, capabilities: [ipv4UnicastCapability, fourOctetAsCapability(as)] };
}

function rows(peer: string, table: PeerTable): readonly PathView[] {
  return wholeListing((page) => bench.queries.peerRoutes(peer, table, page));
}

/** Returns MED and LOCAL_PREF of each row. */
function shown(peer: string, table: PeerTable) {
  return rows(peer, table).map(({ med, local_pref }) => [med, local_pref]);
}

it('a peer is shown with the AS, hold time and router id of both OPENs, which need not be those in use', async () => {
  const said = { ...ipv4(4_200_000_001), holdTimeSec: 30, routerId: '10.0.0.3' };
  await bench.establish('127.0.1.3', said);
  expect(bench.peer('DR6')).toMatchObject({
    hold_time_s: 30,
    router_id: '10.0.0.3',
    open: {
      sent: { as: 65002, hold_time_s: 90, router_id: '9.9.9.9' },
      received: { as: 4_200_000_001, hold_time_s: 30, router_id: '10.0.0.3' },
    },
  });
  expect(bench.peer('W1').open).toBeUndefined();
});

describe('a route without MED, for which an import rule sets MED and LOCAL_PREF', () => {
  it('is shown in each table with exactly what it has there', async () => {
    await bench.establish('127.0.1.2', ipv4(65003));
    const speaker = await bench.establish('127.0.1.1', ipv4(65001));
    speaker.send(update(attributes(), Buffer.from([24, 198, 51, 100]), none));
    await bench.until('the route', () => bench.peer('ER2').prefixes.advertised === 1);
    expect(shown('W1', 'received')).toEqual([[undefined, undefined]]);
    expect(shown('W1', 'accepted')).toEqual([[7, 200]]);
    expect(shown('ER2', 'advertised')).toEqual([[undefined, undefined]]);
  });
});

it('an address that is announced and refused is not called unannounced', async () => {
  const speaker = await bench.establish('127.0.1.1', ipv4(65001));
  speaker.send(update(attributes(), Buffer.from([32, 192, 0, 2, 1]), none));

  await bench.until('the route', () => bench.peer('W1').prefixes.rejected === 1);
  const [service] = atOnce(bench.queries.services());
  expect(service.addresses[0].findings).toEqual(['announced by W1, refused: prefix_not_allowed']);
});

test('if a reload refuses all routes of an address, the event names peers and reasons', async () => {
  await bench.reload(config.replace('import: weighted', 'import: all'), { isForced: true });
  const speaker = await bench.establish('127.0.1.1', ipv4(65001));
  speaker.send(update(attributes(), Buffer.from([32, 192, 0, 2, 1]), none));
  await bench.until('the route', () => bench.peer('W1').prefixes.accepted === 1);
  expect(bench.peer('W1')).not.toHaveProperty('refused_for');
  await bench.reload(config, { isForced: true });
  await bench.until('the loss', () => bench.told('best_changed').length > 1);
  expect(bench.told('best_changed').map(({ text }) => text)).toEqual([
    undefined,
    'absent: announced by W1, refused: prefix_not_allowed',
  ]);
  expect(bench.peer('W1').refused_for).toEqual(['prefix_not_allowed']);
  speaker.send(update([], none, Buffer.from([32, 192, 0, 2, 1])));
  await bench.until('the withdrawal', () => bench.peer('W1').prefixes.received === 0);
  expect(bench.peer('W1')).not.toHaveProperty('refused_for');
});

test('a client without the family is up: explain and the withheld routes say what it lacks', async () => {
  const speaker = await bench.establish('127.0.1.1', ipv4(65001));
  speaker.send(update(attributes(), Buffer.from([24, 198, 51, 100]), none));
  await bench.until('the route', () => bench.peer('W1').prefixes.accepted === 1);
  const reason = (): string | undefined =>
    bench.explain('198.51.100.0/24', 'ER2')?.exports[0]?.reason;
  expect([reason(), rows('ER2', 'withheld').length]).toEqual(['peer_down', 0]);
  await bench.establish('127.0.1.2', {
    as: 65003,
    capabilities: [ipv6UnicastCapability, fourOctetAsCapability(65003)],
  });
  expect(reason()).toBe('family_not_negotiated');
  expect(rows('ER2', 'withheld').map((row) => row.reason)).toEqual(['family_not_negotiated']);
});

it('refused routes are logged once a session for each reason, with a count and an example', async () => {
  const speaker = await bench.establish('127.0.1.1', ipv4(65001));
  const refused = Buffer.from([32, 203, 0, 113, 1, 32, 203, 0, 113, 2, 32, 203, 0, 113, 3]);
  speaker.send(update(attributes(), refused, none));
  speaker.send(update(attributes(), none, refused));
  const told = () => bench.warnings(/routes are refused/);
  await bench.until('the line', () => told().length > 0);
  speaker.send(update(attributes(), refused, none));
  await bench.until('the routes', () => bench.peer('W1').prefixes.rejected === 3);
  expect(told()).toEqual([
    {
      event: 'warning',
      peer: 'W1',
      text: '3 routes are refused: prefix_not_allowed, such as 203.0.113.1/32',
    },
  ]);
});

it('a route that is too long for a client is logged, once a session', async () => {
  await bench.establish('127.0.1.2', ipv4(65003));
  const speaker = await bench.establish('127.0.1.1', ipv4(65001));
  const long = attribute(0xd0, 99, Array<number>(5000).fill(5));
  for (const med of [1, 2]) {
    const routes = Buffer.from([24, 198, 51, 100]);
    speaker.send(update([...attributes([attribute(0x80, 4, [0, 0, 0, med])]), long], routes, none));
  }
  const told = () => bench.warnings(/is too long/);
  await bench.until('the line', () => told().length > 0);
  expect(told()).toMatchObject([{ peer: 'ER2' }]);
  expect(rows('ER2', 'withheld').map(({ reason }) => reason)).toEqual(['too_long']);
  expect(bench.peer('ER2').prefixes.advertised).toBe(0);
});

it('the explanation of a prefix with a wrong length names the rule of its network and the lengths that it accepts', async () => {
  const speaker = await bench.establish('127.0.1.1', ipv4(65001));
  speaker.send(update(attributes(), Buffer.from([32, 198, 51, 100, 1]), none));
  await bench.until('the route', () => bench.peer('W1').prefixes.rejected === 1);
  const [candidate] = bench.explain('198.51.100.1')?.candidates ?? [];
  expect(rows('W1', 'rejected')).toMatchObject([
    { reason: 'prefix_length', rule: { policy: 'weighted', line: 8 } },
  ]);
  expect(candidate).toMatchObject({
    reason: 'prefix_length',
    pattern: '198.51.100.0/24',
    would_be_accepted_if: 'its length is 24',
    rule: { policy: 'weighted', line: 8 },
  });
});

/** Returns, for each unknown attribute, the digits shown and its octets. */
function lengths(row: PathView | undefined) {
  return row?.unknown_attributes.map(({ value, length }) => [value.length, length]);
}

test('a listing shows the beginning of an unknown attribute, and explain all of it', async () => {
  await bench.establish('127.0.1.2', ipv4(65003));
  const speaker = await bench.establish('127.0.1.1', ipv4(65001));
  const unknown = attribute(0xd0, 99, Array<number>(3000).fill(5));
  speaker.send(update([...attributes(), unknown], Buffer.from([24, 198, 51, 100]), none));
  await bench.until('the route', () => bench.peer('ER2').prefixes.advertised === 1);
  const explanation = bench.explain('198.51.100.0/24');
  const candidate = explanation?.candidates[0];
  const client = explanation?.exports[0];
  const listed = [
    rows('W1', 'received')[0],
    rows('ER2', 'advertised')[0],
    explanation?.best,
    client?.sent,
  ];
  for (const row of listed) expect(lengths(row)).toEqual([[64, 3000]]);
  expect(lengths(candidate)).toEqual([[6000, 3000]]);
});

test('a long AS path is shown by its ends and its length, a short one whole', () => {
  const long = Array.from({ length: 16_000 }, (_, at) => 65_000 + at);
  expect(shortAsPathText({ as_path: long, origin: 'igp' })).toBe(
    '65000 65001 65002 ... 80998 80999 (16000 ASes) i',
  );
  expect(shortAsPathText({ as_path: [65001, [65002, 65004]], origin: 'egp' })).toBe(
    '65001 {65002,65004} e',
  );
});

/** The filter, and whether the only route matches it. */
const asked: readonly [query: RouteQuery, isFound: boolean][] = [
  [{ as: 65001 }, true],
  [{ as: 65077 }, true],
  [{ as: 65002 }, false],
  [{ as: 65001, peer: 'ER2' }, false],
  [{ community: '65000:1' }, true],
  [{ large_community: '65000:1:2' }, true],
  [{ large_community: '65000:*:2' }, true],
  [{ large_community: '65000:1:3' }, false],
  [{ as: 65001, large_community: '65000:1:2', community: '65000:1' }, true],
  [{ as: 65001, large_community: '65000:1:2', community: '65000:2' }, false],
];

test('routes are found by an AS anywhere in their path, and by communities of both kinds', async () => {
  const speaker = await bench.establish('127.0.1.1', ipv4(65001));
  const path = [2, 1, 0, 0, 65001 >> 8, 65001 & 255, 1, 2, 0, 0, 253, 232, 0, 0, 254, 53];
  const communities = attribute(0xc0, 8, [0xfd, 0xe8, 0, 1]);
  const large = attribute(0xc0, 32, [0, 0, 0xfd, 0xe8, 0, 0, 0, 1, 0, 0, 0, 2]);
  const [origin, , nextHop] = attributes();
  const all = [origin, attribute(0x40, 2, path), nextHop, communities, large];
  speaker.send(update(all, Buffer.from([24, 198, 51, 100]), none));
  await bench.until('the route', () => bench.peer('W1').prefixes.received === 1);
  const found = asked.map(([query]) => bench.queries.routes(query, { limit: 10 }).items.length > 0);
  expect(found).toEqual(asked.map(([, isFound]) => isFound));
  expect(() => bench.queries.routes({ large_community: '65000:1' }, { limit: 1 })).toThrow(
    'expected a large community such as 65000:1:2, not 65000:1',
  );
});
