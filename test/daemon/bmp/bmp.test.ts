import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type BmpMessage, readBmp, replayBmp, type ReplayOptions } from '#support/bmp-messages.ts';
import { BmpStation } from '#support/bmp-station.ts';
import {
  attribute,
  ipv4UnicastCapability,
  message,
  MessageType,
  nodeAttributes,
  update,
} from '#support/raw-message.ts';
import { Bench, openFields } from '../bench.ts';
import { ShiftedClock } from '../shifted-clock.ts';

const all = 'adj_rib_in_pre, adj_rib_in_post, loc_rib, adj_rib_out_post';

const policies = `
start_gate: 0
policies:
  some:
    - { match: { prefix: 198.51.100.0/24 }, set: { local_pref: 200 }, then: accept }
    - { match: { prefix: 203.0.113.7/32 }, then: accept }
`;
const peers = `
peers:
  - { name: W1, address: 127.0.1.1, peer_as: 65001, passive: true, import: some, accept_next_hop: any, hold_time: 300 }
  - { name: W2, address: 127.0.1.2, peer_as: 65001, passive: true, import: all, accept_next_hop: any, add_path: both, hold_time: 300 }
  - { name: ER, address: 127.0.1.3, peer_as: 65003, passive: true, import: none, export: all, hold_time: 300 }
`;

const w1 = '7f000101';
const w2 = '7f000102';
const er = '7f000103';
const none = Buffer.alloc(0);
const one = Buffer.from([24, 198, 51, 100]);
const other = Buffer.from([32, 203, 0, 113, 7]);
const refused = Buffer.from([24, 192, 0, 2]);
const oldSpeaker = { as: 65003, capabilities: [ipv4UnicastCapability] };
/** Restart time 100 s, the N bit, IPv4 unicast with the F bit. */
const restarter = [64, [0x40, 100, 0, 1, 1, 0x80]] as const;
const addPath = [69, [0, 1, 1, 3]] as const;

let station: BmpStation;
let bench: Bench;
let clock: ShiftedClock;

beforeEach(async () => {
  station = await BmpStation.start();
  clock = new ShiftedClock();
});
afterEach(async () => {
  await bench.close();
  await station.close();
});

function bmp(monitor = all): string {
  return `bmp: [{ name: noc, address: ${station.address}, monitor: [${monitor}], statistics: 1h }]`;
}

async function start(monitor?: string): Promise<void> {
  bench = await Bench.start(`${policies}${bmp(monitor)}${peers}`, { clock });
}

const messages = (): BmpMessage[] => readBmp(station.bytes);
const count = (type: BmpMessage['type']): number =>
  messages().filter((each) => each.type === type).length;

function tables(options?: ReplayOptions): Record<string, string[]> {
  const replayed = replayBmp(messages(), options);
  const rows = [...replayed].map(([name, routes]) => [
    name,
    [...routes].map(
      ([prefix, { med, localPref }]) =>
        `${prefix} ${med ?? '-'}${localPref === undefined ? '' : ` ${localPref}`}`,
    ),
  ]);
  return Object.fromEntries(rows.filter(([, routes]) => (routes as string[]).length > 0));
}

const isEstablished = (): boolean => bench.queries.bmp().items[0]?.state === 'established';

async function untilTables(want: Record<string, string[]>, options?: ReplayOptions): Promise<void> {
  await bench
    .until('the tables', () => sameTables(tables(options), want))
    .catch((error) => {
      expect(tables(options)).toEqual(want);
      throw error;
    });
}

function sameTables(a: Record<string, string[]>, b: Record<string, string[]>): boolean {
  return textOf(a) === textOf(b);
}

function textOf(some: Record<string, string[]>): string {
  const rows = Object.entries(some).map(([name, lines]) => `${name}: ${lines.toSorted().join()}`);
  return rows.toSorted().join('\n');
}

const withAll = {
  [`${w1}/`]: ['192.0.2.0/24 100', '198.51.100.0/24 100', '203.0.113.7/32 100'],
  [`${w1}/L`]: ['198.51.100.0/24 100 200', '203.0.113.7/32 100'],
  loc: ['198.51.100.0/24 100 200', '203.0.113.7/32 100'],
  [`${er}/LO`]: ['198.51.100.0/24 100', '203.0.113.7/32 100'],
};

describe('a collector', () => {
  it('that is connected from the beginning is told of sessions and routes as they come and go', async () => {
    await start();
    await bench.until('the connection', isEstablished);
    const router = await bench.establish('127.0.1.3', oldSpeaker);
    const node = await bench.establish('127.0.1.1');
    node.send(
      update(nodeAttributes([192, 0, 2, 1], 100), Buffer.concat([one, other, refused]), none),
    );
    await untilTables(withAll);
    node.send(update(nodeAttributes([192, 0, 2, 1], 300), other, refused));
    await untilTables({
      [`${w1}/`]: ['198.51.100.0/24 100', '203.0.113.7/32 300'],
      [`${w1}/L`]: ['198.51.100.0/24 100 200', '203.0.113.7/32 300'],
      loc: ['198.51.100.0/24 100 200', '203.0.113.7/32 300'],
      [`${er}/LO`]: ['198.51.100.0/24 100', '203.0.113.7/32 300'],
    });
    node.send(message(MessageType.notification, Buffer.from([6, 2])));
    await untilTables({});
    router.close();
    await bench.until('both ends', () => count('peer_down') === 2);
    const [first, second] = messages().filter(({ type }) => type === 'peer_down');
    expect(first.body.toString('hex')).toBe(`03${'ff'.repeat(16)}0015030602`);
    expect(second.body.toString('hex')).toBe('04');
  });

  it('that connects later is sent the present tables, each with its End-of-RIB', async () => {
    station.pause();
    await station.close();
    const { port } = station;
    await start();
    await bench.establish('127.0.1.3', oldSpeaker);
    const node = await bench.establish('127.0.1.1');
    node.send(
      update(nodeAttributes([192, 0, 2, 1], 100), Buffer.concat([one, other, refused]), none),
    );
    await bench.until('routes', () => bench.peer('W1').prefixes.received === 3);
    station = await BmpStation.start(port);
    await bench.until('the connection', isEstablished);
    await untilTables(withAll);
    const kinds = messages().map(({ type }) => type);
    expect(kinds.slice(0, 4)).toEqual(['initiation', 'peer_up', 'peer_up', 'peer_up']);
    // The last of them may come after the routes.
    await expect
      .poll(() =>
        messages()
          .filter(({ type, body }) => type === 'route_monitoring' && body.length === 23)
          .map(({ peer }) => `${peer?.type} ${peer?.flags}`),
      )
      .toEqual(expect.arrayContaining(['0 ', '0 L', '0 LAO', '3 ']));
  });

  it('gets path identifiers where the session has them, and its OPENs say so', async () => {
    await start();
    await bench.until('the connection', isEstablished);
    const capabilities = [...openFields.capabilities, addPath];
    const node = await bench.establish('127.0.1.2', { capabilities });
    const nlri = Buffer.from([0, 0, 0, 7, ...one, 0, 0, 0, 9, ...one]);
    node.send(update(nodeAttributes([192, 0, 2, 1], 100), nlri, none));
    await untilTables(
      {
        [`${w2}/`]: ['198.51.100.0/24#7 100', '198.51.100.0/24#9 100'],
        [`${w2}/L`]: ['198.51.100.0/24#7 100', '198.51.100.0/24#9 100'],
        loc: ['198.51.100.0/24 100'],
      },
      { addPath: [w2] },
    );
    const up = messages().find(({ type, peer }) => type === 'peer_up' && peer?.address === w2);
    expect(up?.body.includes(Buffer.from([69, 4, 0, 1, 1, 3]))).toBe(true);
  });

  it('is sent a withdrawal of a route whose attributes are malformed', async () => {
    await start('adj_rib_in_pre');
    await bench.until('the connection', isEstablished);
    const node = await bench.establish('127.0.1.2');
    node.send(update(nodeAttributes([192, 0, 2, 1], 100), one, none));
    await untilTables({ [`${w2}/`]: ['198.51.100.0/24 100'] });
    const badOrigin = [attribute(0x40, 1, [9]), ...nodeAttributes([192, 0, 2, 1]).slice(1)];
    node.send(update(badOrigin, one, none));
    await untilTables({});
  });

  it('is sent the routes as a new policy accepts them after a reload', async () => {
    await start('adj_rib_in_post, loc_rib');
    await bench.until('the connection', isEstablished);
    const node = await bench.establish('127.0.1.1');
    node.send(update(nodeAttributes([192, 0, 2, 1], 100), Buffer.concat([one, other]), none));
    await untilTables({ [`${w1}/L`]: withAll[`${w1}/L`], loc: withAll.loc });
    await bench.reload(
      `${policies}${bmp('adj_rib_in_post, loc_rib')}${peers}`.replace('local_pref: 200', 'med: 5'),
    );
    const routes = ['198.51.100.0/24 5', '203.0.113.7/32 100'];
    await untilTables({ [`${w1}/L`]: routes, loc: routes });
    expect(station.connections).toHaveLength(1);
  });

  it('is sent routes again that were kept for a restarting peer, even if they have not changed', async () => {
    const restarting = peers.replace(
      'import: all,',
      'import: all, graceful_restart: { restart_time: 60s },',
    );
    bench = await Bench.start(`${policies}${bmp()}${restarting}`, { clock });
    await bench.until('the connection', isEstablished);
    const capabilities = [...openFields.capabilities, restarter];
    const node = await bench.establish('127.0.1.2', { capabilities });
    const both = update(nodeAttributes([192, 0, 2, 1], 100), Buffer.concat([one, other]), none);
    const routes = ['198.51.100.0/24 100', '203.0.113.7/32 100'];
    node.send(both);
    await untilTables({ [`${w2}/`]: routes, [`${w2}/L`]: routes, loc: routes });
    node.close();
    await untilTables({ loc: routes });
    const again = await bench.establish('127.0.1.2', { capabilities });
    again.send(both);
    await untilTables({ [`${w2}/`]: routes, [`${w2}/L`]: routes, loc: routes });
  });

  it('that a reload removes is sent Termination, and one that it adds is sent everything', async () => {
    await start('loc_rib');
    await bench.until('the connection', isEstablished);
    const node = await bench.establish('127.0.1.1');
    node.send(update(nodeAttributes([192, 0, 2, 1], 100), one, none));
    await untilTables({ loc: ['198.51.100.0/24 100 200'] });
    await bench.reload(`${policies}bmp: [{ name: new, address: ${station.address} }]${peers}`);
    await bench.until('the second', () => station.connections.length === 2 && isEstablished());
    const last = readBmp(station.bytesOf(0)).at(-1);
    expect(last?.type).toBe('termination');
    expect(last?.body.toString('hex')).toBe('000100020004');
    const routes = ['198.51.100.0/24 100 200'];
    await untilTables({ [`${w1}/`]: ['198.51.100.0/24 100'], [`${w1}/L`]: routes, loc: routes });
  });

  it('gets statistics of each session and of the Loc-RIB, and Termination in the end', async () => {
    await start();
    await bench.until('the connection', isEstablished);
    const node = await bench.establish('127.0.1.1');
    node.send(update(nodeAttributes([192, 0, 2, 1], 100), Buffer.concat([one, refused]), none));
    await bench.until('routes', () => bench.peer('W1').prefixes.received === 2);
    clock.pass(1);
    await bench.until('reports', () => count('statistics') === 2);
    const [ofNode, ofLocRib] = messages().filter(({ type }) => type === 'statistics');
    expect(ofNode.body.toString('hex')).toContain('000000040000000100040004');
    expect(ofNode.body.toString('hex')).toContain('000700080000000000000002');
    expect(ofLocRib.body.toString('hex')).toContain('000800080000000000000001');
    await bench.daemon.stop();
    await bench.until('the end', () => messages().at(-1)?.type === 'termination');
    expect(count('peer_down')).toBe(1);
  });

  it('that stops reading while 100,000 routes come is dropped and sent everything again, and routers do not wait for it', async () => {
    await start('adj_rib_in_pre, adj_rib_in_post, loc_rib');
    await bench.until('the connection', isEstablished);
    const router = await bench.establish('127.0.1.3', oldSpeaker);
    const node = await bench.establish('127.0.1.2');
    station.pause();
    for (let at = 0; at < routes; at += 1000) {
      node.send(...Array.from({ length: 1000 }, (_, more) => route(at + more)));
    }
    await bench.until('routes', () => bench.peer('ER').prefixes.advertised === routes);
    const atRouter = (): number => announced(router.of(MessageType.update));
    await bench.until('routes at the router', () => atRouter() === routes);
    let sentBytes = 0;
    await bench.until('full buffers', () => {
      const [{ sent_bytes: sent, waiting_bytes: waiting }] = bench.queries.bmp().items;
      const isStill = sent === sentBytes;
      sentBytes = sent;
      return isStill && waiting > 256 * 1024;
    });
    const [view] = bench.queries.bmp().items;
    expect(view.drops).toBe(0);
    expect(view.waiting_bytes).toBeLessThan(2 ** 20);
    clock.pass(31_000);
    await bench.until('the drop', () => bench.queries.bmp().items[0]?.drops === 1);
    expect(bench.peer('ER').state).toBe('established');
    expect(bench.told('bmp').map(({ text }) => text)).toEqual([
      `BMP collector noc (${station.address}): connected`,
      expect.stringMatching(/lost: it has read nothing for \d+ s; the daemon will connect again/),
    ]);
    station.resume();
    await bench.until('the second', () => station.connections.length === 2 && isEstablished());
    await bench.until('all of it', () => bench.queries.bmp().items[0]?.waiting_bytes === 0);
    await bench.until('all tables', () => {
      const replayed = replayBmp(messages());
      return [`${w2}/`, `${w2}/L`, 'loc'].every((table) => replayed.get(table)?.size === routes);
    });
  });
});

const routes = 100_000;

/** Each UPDATE has one route, with attributes that no other route has. */
function route(at: number): Buffer {
  const attributes = [
    ...nodeAttributes([192, 0, 2, 1]),
    attribute(0x80, 4, [0, at >> 16, (at >> 8) & 255, at & 255]),
  ];
  return update(attributes, Buffer.from([32, 10, at >> 16, (at >> 8) & 255, at & 255]), none);
}

/** Returns how many IPv4 prefixes the UPDATEs announce; each takes 4 octets. */
function announced(updates: readonly { readonly body: Buffer }[]): number {
  return updates.reduce((sum, { body }) => {
    const attributesAt = 2 + body.readUInt16BE(0);
    const nlriAt = attributesAt + 2 + body.readUInt16BE(attributesAt);
    return sum + (body.length - nlriAt) / 5;
  }, 0);
}
