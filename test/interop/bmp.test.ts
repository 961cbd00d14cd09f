import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { BmpStation } from '#support/bmp-station.ts';
import { Pmbmpd, type PmbmpdRow } from '#support/daemons/pmbmpd.ts';
import { freePort } from '#support/free-port.ts';
import { writeCapture } from '#support/pcap.ts';
import { environment } from '#support/process.ts';
import {
  attribute,
  ipv4UnicastCapability,
  ipv6Update,
  message,
  MessageType,
  nodeAttributes,
  update,
} from '#support/raw-message.ts';
import { describeInstalled } from '#support/requirements.ts';
import { Bench, openFields } from '../daemon/bench.ts';
import { ShiftedClock } from '../daemon/shifted-clock.ts';

const addPath = [69, [0, 1, 1, 3]] as const;
const none = Buffer.alloc(0);
const one = Buffer.from([24, 198, 51, 100]);
const refused = Buffer.from([24, 192, 0, 2]);

let folder: string;
let bench: Bench;
let clock: ShiftedClock;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'fingerpost-bmp-'));
  clock = new ShiftedClock();
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function config(port: number): string {
  return `
start_gate: 0
bmp:
  - { name: noc, address: 127.0.0.1:${port}, monitor: [adj_rib_in_pre, adj_rib_in_post, loc_rib, adj_rib_out_post], statistics: 1h }
policies:
  some:
    - { match: { prefix: 198.51.100.0/24 }, set: { local_pref: 200, add_communities: ["65002:1"] }, then: accept }
    - { match: { prefix: "2001:db8::/32+" }, then: accept }
peers:
  - { name: W1, address: 127.0.1.1, peer_as: 65001, passive: true, import: some, accept_next_hop: any, hold_time: 300 }
  - { name: W2, address: 127.0.1.2, peer_as: 65001, passive: true, import: all, accept_next_hop: any, add_path: both, hold_time: 300 }
  - { name: ER, address: 127.0.1.3, peer_as: 65003, passive: true, import: none, export: all, hold_time: 300 }
  - { name: DR, address: 127.0.1.4, peer_as: 65004, passive: true, import: none, export: all, add_path: both, hold_time: 300 }
`;
}

/** The scenario: sessions of all kinds, routes of all kinds that come and go, statistics, and the end of everything. */
async function play(): Promise<void> {
  const capabilities = [...openFields.capabilities, addPath];
  await bench.establish('127.0.1.3', { as: 65_003, capabilities: [ipv4UnicastCapability] });
  await bench.establish('127.0.1.4', {
    as: 65_004,
    capabilities: capabilities.with(2, [65, [0, 0, 253, 236]]),
  });
  const node = await bench.establish('127.0.1.1');
  const several = await bench.establish('127.0.1.2', { capabilities });
  const communities = attribute(0xc0, 8, [253, 233, 0, 7]);
  const attributes = [...nodeAttributes([192, 0, 2, 1], 100), communities];
  node.send(update(attributes, Buffer.concat([one, refused]), none));
  node.send(ipv6Update({ prefix: '2001:db8:30::1/128', nextHop: '2001:db8::1', asPath: [65001] }));
  const twice = Buffer.from([0, 0, 0, 7, ...one, 0, 0, 0, 9, ...one]);
  several.send(update(nodeAttributes([192, 0, 2, 2], 50), twice, none));
  several.send(update([], none, none));
  await bench.until('routes', () => bench.peer('ER').prefixes.advertised === 1);
  await bench.until('both', () => bench.peer('W2').prefixes.received === 1);
  await bench.until('all three of W1', () => bench.peer('W1').prefixes.received === 3);
  clock.pass(1);
  node.send(update([], none, refused));
  await bench.until('withdrawal', () => bench.peer('W1').prefixes.received === 2);
  several.send(message(MessageType.notification, Buffer.from([6, 2])));
  await bench.until('the end', () => bench.peer('W2').state !== 'established');
  node.close();
  await bench.until('the loss', () => bench.peer('W1').state !== 'established');
}

describeInstalled('the dissector of tshark', ['tshark'], () => {
  it('finds nothing malformed, and every kind of message', async () => {
    const station = await BmpStation.start();
    bench = await Bench.start(config(station.port), { clock });
    await bench.until('noc', () => bench.queries.bmp().items[0]?.state === 'established');
    await play();
    await bench.close();
    await station.close();
    const file = join(folder, 'bmp.pcap');
    writeCapture(file, withoutPeerUpTlvs(station.bytes), station.port);
    const read = (...more: string[]): string =>
      execFileSync('tshark', ['-r', file, '-d', `tcp.port==${station.port},bmp`, ...more], {
        encoding: 'utf8',
        env: { ...environment, HOME: folder },
        stdio: ['ignore', 'pipe', 'ignore'],
      });
    expect(read('-Y', '_ws.malformed || _ws.expert.severity >= 0x600000', '-V')).toBe('');
    const types = read('-T', 'fields', '-e', 'bmp.type').split(/[\n,]/);
    expect(new Set(types.filter((type) => type !== ''))).toEqual(
      new Set(['0', '1', '2', '3', '4', '5']),
    );
  });
});

/**
 * tshark 4.0 takes what follows the two OPENs of Peer Up (RFC 8671 §6.3.1, RFC 9069 §5.2.1) for a third message of
 * BGP.
 */
function withoutPeerUpTlvs(bytes: Buffer): Buffer {
  const messages: Buffer[] = [];
  for (let at = 0; at < bytes.length; at += bytes.readUInt32BE(at + 1)) {
    const whole = Buffer.from(bytes.subarray(at, at + bytes.readUInt32BE(at + 1)));
    messages.push(whole[5] === 3 ? cutBehindOpens(whole) : whole);
  }
  return Buffer.concat(messages);
}

function cutBehindOpens(peerUp: Buffer): Buffer {
  const first = 48 + 20;
  const second = first + peerUp.readUInt16BE(first + 16);
  const end = second + peerUp.readUInt16BE(second + 16);
  peerUp.writeUInt32BE(end, 1);
  return peerUp.subarray(0, end);
}

describeInstalled("pmacct's pmbmpd", ['pmbmpd'], () => {
  it('understands sessions, routes of each table, and statistics', async () => {
    const port = await freePort();
    const collector = new Pmbmpd(folder, port);
    await collector.listening();
    bench = await Bench.start(config(port), { clock });
    await bench.until('noc', () => bench.queries.bmp().items[0]?.state === 'established');
    await play();
    const of = (type: string): PmbmpdRow[] =>
      collector.rows.filter((row) => row.bmp_msg_type === type);
    await bench.until('both ends', () => of('peer_down').length === 2);
    expect(of('peer_down').map((row) => row.reason_type)).toEqual([3, 4]);
    expect(of('peer_up').map((row) => row.peer_ip)).toEqual([
      '0.0.0.0',
      '127.0.1.3',
      '127.0.1.4',
      '127.0.1.1',
      '127.0.1.2',
    ]);
    const w1 = { peer_ip: '127.0.1.1', ip_prefix: '198.51.100.0/24', as_path: '65001', med: 100 };
    const set = { local_pref: 200, comms: '65001:7 65002:1' };
    for (const row of [
      { ...w1, log_type: 'update', is_in: 1, is_post: 0, comms: '65001:7' },
      { ...w1, log_type: 'update', is_in: 1, is_post: 1, ...set },
      { ...w1, log_type: 'update', is_loc: 1, peer_ip: '0.0.0.0', ...set },
      { ...w1, log_type: 'update', is_out: 1, is_post: 1, peer_ip: '127.0.1.3' },
      { peer_ip: '127.0.1.2', log_type: 'update', is_in: 1, is_post: 0, as_path_id: 7 },
      { peer_ip: '127.0.1.2', log_type: 'update', is_in: 1, is_post: 0, as_path_id: 9 },
      { peer_ip: '127.0.1.1', log_type: 'withdraw', ip_prefix: '192.0.2.0/24', is_post: 0 },
      { peer_ip: '127.0.1.1', log_type: 'update', ip_prefix: '2001:db8:30::1/128', is_post: 1 },
    ]) {
      expect(of('route_monitor')).toContainEqual(expect.objectContaining(row));
    }
    expect(of('stats')).toContainEqual(
      expect.objectContaining({ peer_ip: '127.0.1.1', counter_type: 7, counter_value: 3 }),
    );
    await bench.close();
    await collector.stop();
  });
});
