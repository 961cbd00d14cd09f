import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { RecordCutter, type RecordReader } from '#mrt/record-reader.ts';
import { readSessionRecord } from '#mrt/session-records.ts';
import { readTableRecord } from '#mrt/table-records.ts';
import { nodeAttributes, update } from '#support/raw-message.ts';
import { describeInstalled } from '#support/requirements.ts';
import { waitFor } from '#support/wait.ts';
import { formatAddress, parseAddress } from '#text/address.ts';
import { formatPrefix } from '#text/prefix.ts';
import { Bench } from '../bench.ts';
import { ShiftedClock } from '../shifted-clock.ts';

let folder: string;
let bench: Bench;
let clock: ShiftedClock;

const peers = `
peers:
  - { name: W1, address: 127.0.1.1, peer_as: 65001, passive: true, import: all, accept_next_hop: any }
  - { name: W2, address: 127.0.1.2, peer_as: 65001, passive: true, import: none, accept_next_hop: any }
`;
const tables = (): string => `tables: { directory: ${folder}, every: 1m }`;
const updates = (): string => `updates: { directory: ${folder}, rotate: 1d, compress: none }`;

const yaml = (mrt: string): string =>
  `start_gate: 0\nmrt: { ${mrt}, min_free: 0B, max_size: 1GiB }${peers}`;

const w2 = parseAddress('127.0.1.2');

const names = (): string[] => readdirSync(folder).toSorted();

function contentOf(name: string): Buffer {
  const bytes = readFileSync(join(folder, name));
  return name.endsWith('.gz') ? gunzipSync(bytes) : bytes;
}

function recordsOf(name: string): RecordReader[] {
  return [...new RecordCutter().add(contentOf(name))];
}

function only(pattern: RegExp): string {
  const found = names().filter((name) => pattern.test(name));
  if (found.length !== 1) throw new Error(`${found.length} files: ${names().join(' ')}`);
  return found[0] as string;
}

/** The time is a second and a half before the end of a minute, so that a table is due soon, and far from midnight. */
function nearEndOfMinute(): void {
  clock.stepWall(Date.UTC(2026, 0, 1, 6, 0, 58, 500) - clock.wall());
}

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'fingerpost-mrt-'));
  clock = new ShiftedClock();
  nearEndOfMinute();
});
afterEach(async () => {
  await bench.close();
  rmSync(folder, { recursive: true, force: true });
});

async function twoNodes(): Promise<void> {
  for (const [from, last] of [
    ['127.0.1.1', 1],
    ['127.0.1.2', 2],
  ] as const) {
    const node = await bench.establish(from);
    node.send(update(nodeAttributes([192, 0, 2, last], 100), nlri, Buffer.alloc(0)));
    await bench.until('routes', () => bench.peer(from).prefixes.received === 2);
  }
}

/** Other files of updates of this day have the time in their name. */
const firstUpdates = /^updates\.\d{8}\.0000\.mrt$/;

const hasTable = (): boolean => names().some((name) => /^rib.*gz$/.test(name));

/** If the minute had ended before the daemon planned the table, the table comes a minute later. */
async function untilTable(): Promise<void> {
  await waitFor('a table', hasTable, Boolean, { seconds: 120 });
}

const nlri = Buffer.from([24, 198, 51, 100, 32, 203, 0, 113, 7]);

describe('updates', () => {
  it('has every message as it came, and every state of each session', async () => {
    bench = await Bench.start(yaml(updates()), { clock });
    await twoNodes();
    await bench.daemon.stop();
    const records = recordsOf(only(firstUpdates)).map(readSessionRecord);
    const ofW1 = records.filter(
      (record) => formatAddress(record?.peerAddress ?? w2) === '127.0.1.1',
    );
    const messageTypes = ofW1.flatMap((record) =>
      record?.kind === 'message' ? [record.bytes[18]] : [],
    );
    expect(messageTypes.slice(0, 3)).toEqual([1, 4, 2]);
    const states = ofW1.flatMap((record) => (record?.kind === 'state' ? [record.to] : []));
    expect(states).toEqual(['Active', 'OpenSent', 'OpenConfirm', 'Established', 'Idle']);
  });

  it('begins and ends with a reload', async () => {
    bench = await Bench.start(`start_gate: 0${peers}`, { clock });
    await bench.establish('127.0.1.1');
    expect(names()).toEqual([]);
    expect(await bench.reload(yaml(updates()))).toMatchObject({ ok: true });
    await bench.establish('127.0.1.2');
    await bench.until('a file', () => names().some((name) => name.endsWith('.part')));
    await bench.reload(`start_gate: 0${peers}`);
    await bench.until('the end of the file', () => names().every((name) => name.endsWith('.mrt')));
    const records = recordsOf(only(/^updates/)).map(readSessionRecord);
    expect(records.some((record) => record?.kind === 'state' && record.to === 'Established')).toBe(
      true,
    );
  });
});

describe('a table', () => {
  it('has everything that was received, including refused routes, with the peers that sent it', async () => {
    bench = await Bench.start(`start_gate: 0${peers}`, { clock });
    await twoNodes();
    nearEndOfMinute();
    await bench.reload(yaml(tables()));
    await untilTable();
    const records = recordsOf(only(/^rib\.\d{8}\.\d{4}\.mrt\.gz$/)).map(readTableRecord);
    const [index, ...rows] = records;
    if (index?.kind !== 'peers') throw new Error('no index');
    const text = rows.flatMap((row) =>
      row?.kind === 'prefix'
        ? row.entries.map(
            ({ peer }) =>
              `${formatPrefix(row.prefix)} ${formatAddress(index.peers[peer]?.address ?? w2)}`,
          )
        : [],
    );
    expect(text.toSorted()).toEqual([
      '198.51.100.0/24 127.0.1.1',
      '198.51.100.0/24 127.0.1.2',
      '203.0.113.7/32 127.0.1.1',
      '203.0.113.7/32 127.0.1.2',
    ]);
  });
});

const dumped = (name: string): string[] =>
  execFileSync('bgpdump', ['-m', join(folder, name)], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  })
    .trim()
    .split('\n');

/**
 * Writes both kinds of files, with two nodes. The table is due soon after a reload, which also begins another file of
 * updates.
 */
async function dumpBoth(): Promise<void> {
  bench = await Bench.start(`start_gate: 0${peers}`, { clock });
  await bench.reload(yaml(updates()));
  await twoNodes();
  nearEndOfMinute();
  await bench.reload(yaml(`${tables()}, ${updates()}`));
  await untilTable();
  await bench.daemon.stop();
}

describeInstalled('bgpdump', ['bgpdump'], () => {
  it('reads both kinds of files', async () => {
    await dumpBoth();
    const announced = dumped(only(firstUpdates)).filter((line) => line.split('|')[2] === 'A');
    expect(announced.map((line) => line.split('|').slice(3).join('|'))).toEqual([
      '127.0.1.1|65001|198.51.100.0/24|65001|IGP|192.0.2.1|0|100||NAG||',
      '127.0.1.1|65001|203.0.113.7/32|65001|IGP|192.0.2.1|0|100||NAG||',
      '127.0.1.2|65001|198.51.100.0/24|65001|IGP|192.0.2.2|0|100||NAG||',
      '127.0.1.2|65001|203.0.113.7/32|65001|IGP|192.0.2.2|0|100||NAG||',
    ]);
    const rows = dumped(only(/^rib.*gz$/)).map((line) => line.split('|').slice(2, 9).join('|'));
    expect(rows.toSorted()).toEqual(
      announced.map((line) => `B|${line.split('|').slice(3, 9).join('|')}`).toSorted(),
    );
  });
});

/** Sorted. */
const parsed = (name: string): string[] => {
  const script = join(import.meta.dirname, 'print-routes.py');
  const argv = ['-W', 'ignore', script, join(folder, name)];
  return execFileSync('/usr/bin/python3', argv, { encoding: 'utf8' }).trim().split('\n').toSorted();
};

describeInstalled('mrtparse', ['/usr/lib/python3/dist-packages/mrtparse'], () => {
  it('reads both kinds of files', async () => {
    await dumpBoth();
    const routes = [1, 2].flatMap((node) =>
      ['198.51.100.0/24', '203.0.113.7/32'].map(
        (prefix) => `127.0.1.${node}|65001|${prefix}|65001|192.0.2.${node}|100`,
      ),
    );
    expect(parsed(only(firstUpdates))).toEqual(routes.map((route) => `A|${route}`));
    expect(parsed(only(/^rib.*gz$/))).toEqual(routes.map((route) => `B|${route}`));
  });
});
