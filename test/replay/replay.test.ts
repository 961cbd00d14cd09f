import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { RecordWriter } from '#mrt/record-writer.ts';
import { type SessionEnds, writeMessage, writeStateChange } from '#mrt/session-records.ts';
import { writePeerIndex, writeTablePrefix } from '#mrt/table-records.ts';
import { replayFile } from '#replay/replay-files.ts';
import { Replay, type ReplayOptions } from '#replay/replay.ts';
import { ipv6Update } from '#support/raw-message.ts';
import { parseAddress } from '#text/address.ts';
import { parsePrefix } from '#text/prefix.ts';
import { configOf } from '../config/files.ts';

const config = configOf(`router_id: 1.1.1.9
local_as: 65002
services: [{ name: web, prefix: "2001:db8:30::/64{128,128}" }]
policies:
  web: [{ match: { prefix: "2001:db8:30::/64{128,128}" }, then: accept }]
peer_groups:
  nodes: { peer_as: 65001, families: [ipv6_unicast], import: web }
peers:
  - { name: W1, address: "2001:db8:6::11", group: nodes }
  - { name: W3, address: "2001:db8:8::13", group: nodes }
  - { name: ER2, address: "2001:db8:1::2", peer_as: 65003, families: [ipv6_unicast], export: all }
`);
const address = '2001:db8:30::1/128';
const night = Date.UTC(2026, 10, 29, 3, 12);

function endsOf(peerAddress: string): SessionEnds {
  return {
    peerAs: 65001,
    localAs: 65002,
    peerAddress: parseAddress(peerAddress),
    localAddress: parseAddress('2001:db8:1::9'),
  };
}
const w1 = endsOf('2001:db8:6::11');
const w3 = endsOf('2001:db8:8::13');

let folder: string;
let writer: RecordWriter;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'replay-'));
  writer = new RecordWriter();
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function says(seconds: number, ends: SessionEnds, bytes: Uint8Array): void {
  const message = { asnBytes: 4, addPath: false, bytes, start: 0, end: bytes.length } as const;
  writeMessage(writer, night + seconds * 1000, ends, message);
}

function announces(seconds: number, ends: SessionEnds, med: number, prefix = address): void {
  const nextHop = ends === w1 ? '2001:db8:6::11' : '2001:db8:8::13';
  says(seconds, ends, ipv6Update({ prefix, nextHop, asPath: [65001], med }));
}

async function replayed(options: ReplayOptions = {}, bytes: Uint8Array = writer.take()) {
  const path = join(folder, 'file.mrt');
  writeFileSync(path, bytes);
  const replay = new Replay(config, options);
  const { isCutOff } = await replayFile(replay, path);
  return { replay, report: replay.report(), isCutOff };
}

/** W3 serves, W1 takes over, and its session is lost. */
function aNight(): void {
  announces(0, w3, 101);
  announces(1, w1, 100);
  announces(2, w1, 100, '2001:db8:31::1/128');
  writeStateChange(writer, night + 60_000, w1, { from: 'Established', to: 'Idle' });
}

const movesOfTheNight = [
  { at: '2026-11-29T03:12:00.000Z', prefix: address, from: undefined, to: 'W3' },
  { at: '2026-11-29T03:12:01.000Z', prefix: address, from: 'W3', to: 'W1' },
  { at: '2026-11-29T03:13:00.000Z', prefix: address, from: 'W1', to: 'W3' },
];

describe('a file of updates', () => {
  test('shows how the best paths of services moved, and when', async () => {
    aNight();
    const { report, isCutOff } = await replayed();
    expect(isCutOff).toBe(false);
    expect(report).toMatchObject({ records: 4, skipped: 0, moves_in_all: 3, malformed_in_all: 0 });
    expect(report.moves).toEqual(movesOfTheNight);
    expect(report.peers.map(({ name, is_up, accepted }) => [name, is_up, accepted])).toEqual([
      ['W1', false, 0],
      ['W3', true, 1],
      ['ER2', true, 0],
    ]);
  });

  test('ends where it is told to, so that things can be explained as they stood', async () => {
    aNight();
    const { replay, report } = await replayed({ untilMs: night + 30_000 });
    expect(report.moves).toEqual(movesOfTheNight.slice(0, 2));
    expect(report.peers[0]?.refused).toEqual({ prefix_not_allowed: 1 });
    expect(replay.server.explain(parsePrefix(address))?.best).toMatchObject({ peer: 'W1' });
  });

  test('is the same compressed', async () => {
    aNight();
    const { report } = await replayed({}, gzipSync(writer.take()));
    expect(report.moves).toEqual(movesOfTheNight);
  });

  test.each([
    ['plain', (bytes: Uint8Array) => bytes.subarray(0, bytes.length - 5)],
    ['compressed', (bytes: Uint8Array) => gzipSync(bytes).subarray(0, -12)],
  ])('whose process was killed is replayed as far as it goes: %s', async (_, cut) => {
    aNight();
    const { report, isCutOff } = await replayed({}, cut(writer.take()));
    expect(isCutOff).toBe(true);
    expect(report.moves).toEqual(movesOfTheNight.slice(0, report.moves.length));
  });

  test('may have sessions that the configuration does not know: they are reported and left out', async () => {
    announces(0, endsOf('2001:db8:99::1'), 100);
    const { report } = await replayed();
    expect(report.unknown_peers).toEqual([
      { address: '2001:db8:99::1', peer_as: 65001, records: 1 },
    ]);
    expect(report.moves_in_all).toBe(0);
  });

  test('may be said by another: what would it bring?', async () => {
    announces(0, endsOf('2001:db8:99::1'), 100);
    const [peer] = config.peers;
    const { report } = await replayed({ ...(peer !== undefined && { as: peer }) });
    expect(report.unknown_peers).toEqual([]);
    expect(report.peers[0]?.refused).toEqual({ next_hop_foreign: 1 });
  });

  test('may have an UPDATE that ends its session', async () => {
    const update = ipv6Update({ prefix: address, nextHop: '2001:db8:6::11', asPath: [65001] });
    update.writeUInt16BE(0xfff0, 21);
    says(5, w1, update);
    const { report } = await replayed();
    expect(report.malformed_in_all).toBe(1);
    expect(report.malformed[0]).toMatchObject({ at: '2026-11-29T03:12:05.000Z', peer: 'W1' });
  });
});

test.each([
  ['/nowhere/night.mrt', 'no such file'],
  [tmpdir(), 'it is a directory'],
])('%s cannot be read: %s', async (path, why) => {
  await expect(replayFile(new Replay(config, {}), path)).rejects.toThrow(
    `${path} cannot be read: ${why}`,
  );
});

test('a table is what its peers had announced', async () => {
  const peers = [w1, w3].map(({ peerAddress, peerAs }) => ({
    routerId: 1,
    address: peerAddress,
    peerAs,
  }));
  writePeerIndex(writer, { wallMs: night, collectorId: 9, viewName: '', peers });
  const originAndPath = new Uint8Array([0x40, 1, 1, 0, 0x40, 2, 6, 2, 1, 0, 0, 0xfd, 0xe9]);
  const entries = [w1, w3].map(({ peerAddress }, peer) => ({
    peer,
    originatedSec: 0,
    pathId: 0,
    attributes: new Uint8Array([...originAndPath, 0x80, 4, 4, 0, 0, 0, 102 - peer]),
    nextHop: peerAddress,
  }));
  writeTablePrefix(writer, { wallMs: night, prefix: parsePrefix(address), entries }, 0);
  const { replay } = await replayed();
  expect(replay.server.explain(parsePrefix(address))?.best).toMatchObject({ peer: 'W3', med: 101 });
});

test.each([
  [
    'text that is no MRT',
    Buffer.from('router_id: 1.1.1.9\nlocal_as: 65002\n'),
    /^.*file\.mrt: a record says that it has \d+ bytes/,
  ],
  ['bzip2', Buffer.from('BZh9'), /^.*file\.mrt: bzip2 is not supported; run bunzip2 first$/],
])('what cannot be read is said in words: %s', async (_, bytes, words) => {
  await expect(replayed({}, bytes)).rejects.toThrow(words);
});
