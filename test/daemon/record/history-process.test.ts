import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  cpSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  statfsSync,
  writeFileSync,
} from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { EventView } from '#api/events/event-view.ts';
import { isBefore } from '#api/events/events.ts';
import type { FailoverView } from '#api/events/failover.ts';
import type { PathView } from '#api/views/path.ts';
import { freePort } from '#support/free-port.ts';
import { nodeAttributes, update } from '#support/raw-message.ts';
import type { RawSpeaker } from '#support/raw-speaker.ts';
import { pause, waitFor } from '#support/wait.ts';
import { DaemonProcess } from '../process.ts';

const isRoot = process.getuid?.() === 0;
const none = Buffer.alloc(0);

let port: number;
let daemon: DaemonProcess;
let state: string;
beforeEach(async () => {
  port = await freePort();
  state = mkdtempSync(join(tmpdir(), 'fingerpost-history-'));
  chmodSync(state, 0o777);
});
afterEach(async () => {
  await daemon.close();
  rmSync(state, { recursive: true, force: true });
});

async function start(): Promise<void> {
  daemon = new DaemonProcess(`listen: "127.0.0.9:${port}"
state_dir: ${state}
peer_groups:
  nodes: { peer_as: 65001, passive: true, import: all, accept_next_hop: any, hold_time: 90 }
peers:
  - { name: W1, address: 127.0.1.1, group: nodes }
  - { name: W2, address: 127.0.1.2, group: nodes }
services:
  - { name: web, prefix: "10.9.0.0/16{32,32}" }
`);
  await daemon.ready();
}

/** The IPv4 NLRI of 10.9.0.0/16, one address for each number. */
function addresses(from: number, count: number): Buffer {
  const rows = Array.from({ length: count }, (_, index) => {
    const number = from + index;
    return Buffer.from([32, 10, 9, number >> 8, number & 255]);
  });
  return Buffer.concat(rows);
}

function announce(speaker: RawSpeaker, med: number, nlri: Buffer): void {
  speaker.send(update(nodeAttributes([192, 0, 2, 1], med), nlri, none));
}

async function events(query = ''): Promise<EventView[]> {
  const { items } = await daemon.ask<{ items: EventView[] }>(
    `/api/v1/events?limit=1000&kind=${query}`,
  );
  return items;
}

/** Returns the text of each change of a best path that is on disk. */
function changesOnDisk(): string[] {
  const database = new DatabaseSync(join(state, 'history.db'), { readOnly: true });
  try {
    const rows = database.prepare("SELECT text FROM event WHERE kind = 'best_changed'").all();
    return rows.map(({ text }) => String(text));
  } finally {
    database.close();
  }
}

async function bestOf(address: string): Promise<string | undefined> {
  const { items } = await daemon.ask<{ items: PathView[] }>(
    `/api/v1/routes?prefix=${address}&best=true`,
  );
  return items[0]?.peer;
}

/** Collects what the stream sends from now on. */
async function follow(): Promise<{ readonly text: () => string }> {
  const asked = request({ socketPath: daemon.control, path: '/api/v1/stream' });
  let sent = '';
  asked.on('response', (response) => {
    response.on('data', (chunk) => (sent += String(chunk)));
    response.on('error', () => undefined);
  });
  asked.on('error', () => undefined);
  asked.end();
  await waitFor(
    'the stream',
    () => sent,
    () => sent.includes('event: snapshot'),
  );
  return { text: () => sent };
}

/** Returns what the stream sends to a reader that has seen the event with this id, until it has sent `text`. */
async function streamed(lastEventId: string, text: string): Promise<string> {
  const asked = request({
    socketPath: daemon.control,
    path: '/api/v1/stream',
    headers: { 'last-event-id': lastEventId },
  });
  let sent = '';
  asked.on('response', (response) => response.on('data', (chunk) => (sent += String(chunk))));
  asked.on('error', () => undefined);
  asked.end();
  await waitFor(
    text,
    () => sent,
    () => sent.includes(text),
  );
  asked.destroy();
  return sent;
}

function warnings(): string[] {
  const lines = daemon.output.split('\n').filter((line) => line.startsWith('{'));
  return lines
    .map((line): { msg: string } => JSON.parse(line))
    .flatMap(({ msg }) => (msg.startsWith('history: ') ? [msg] : []));
}

async function untilWarned(pattern: RegExp): Promise<void> {
  await waitFor(
    String(pattern),
    () => warnings(),
    (texts) => texts.some((text) => pattern.test(text)),
  );
}

function mount(...words: readonly string[]): void {
  const { status, stderr } = spawnSync('mount', words, { encoding: 'utf8' });
  if (status !== 0) throw new Error(stderr);
}

describe('the history of a daemon', () => {
  it('is available after a restart, and the stream continues where a reader has left it', async () => {
    await start();
    const w1 = await daemon.establish('127.0.1.1', port);
    const w2 = await daemon.establish('127.0.1.2', port);
    announce(w2, 200, addresses(1, 1));
    announce(w1, 100, addresses(1, 1));
    await waitFor(
      'W1',
      () => bestOf('10.9.0.1'),
      (peer) => peer === 'W1',
    );
    w1.send(update([], none, addresses(1, 1)));
    const failovers = () =>
      daemon.ask<{ items: FailoverView[] }>('/api/v1/failovers?prefix=10.9.0.1');
    const before = await waitFor('the failover', failovers, ({ items }) => items[0]?.to === 'W2');
    const [up] = await events('peer_up');
    expect(await daemon.stop()).toBe(0);
    await daemon.restart();
    expect(await failovers()).toEqual(before);
    expect(await events('started')).toHaveLength(2);
    const text = await streamed(up.id, '"kind":"listening"');
    expect(text).toContain('"kind":"failover"');
    expect(text).not.toContain('event: gap');
    expect(await streamed('1', 'event: snapshot')).toContain('event: gap');
  });

  it('keeps what was on disk, without a gap, when the daemon is killed in the middle of 10,000 changes', async () => {
    await start();
    const stream = await follow();
    const seenChanges = (): EventView[] =>
      stream
        .text()
        .split('\n')
        .filter((line) => line.endsWith('}') && line.includes('"kind":"best_changed"'))
        .map((line): EventView => JSON.parse(line.replace('data: ', '')));
    const w1 = await daemon.establish('127.0.1.1', port);
    const kept = '10.9.0.34/32';
    for (let at = 0; at < 10_000; at++) {
      const nlri = Buffer.from([32, 10, 8, at >> 8, at & 255]);
      announce(w1, 100, nlri);
      if (at % 100 === 0) {
        announce(w1, 100, addresses(at / 100, 1));
        await pause(20);
      }
      if (at === 3500) {
        const isKept = (texts: string[]): boolean => texts.some((text) => text.includes(kept));
        await waitFor('the first half on disk', changesOnDisk, isKept);
      }
      if (at === 6900) await waitFor('the stream', seenChanges, ({ length }) => length > 50);
      if (at === 7000) daemon.child.kill('SIGKILL');
      if (at > 7000) break;
    }
    await daemon.ended();
    daemon.hangUp();
    const copy = `${state}.copy`;
    cpSync(state, copy, { recursive: true });
    const database = new DatabaseSync(join(copy, 'history.db'));
    expect(database.prepare('PRAGMA integrity_check').get()).toEqual({ integrity_check: 'ok' });
    database.close();
    rmSync(copy, { recursive: true });
    const seen = seenChanges();
    await daemon.restart();
    const recorded = (await events('best_changed')).filter(({ prefix }) => prefix !== undefined);
    const lostMs = Date.parse(seen.at(-1)?.at ?? '') - Date.parse(recorded[0].at);
    console.info(`killed: the last ${lostMs} ms before are not in the history`);
    expect(recorded.map(({ prefix }) => prefix)).toContain(kept);
    // There is no gap before what was recorded last.
    const known = new Set(recorded.map(({ id }) => id));
    const older = seen.filter(({ id }) => !isBefore(recorded[0].id, id));
    expect(older.filter(({ id }) => !known.has(id))).toEqual([]);
    expect(warnings()).toEqual([]);
    expect(await events('started')).toHaveLength(2);
  });

  it('is created again if its files are removed while routes move, and costs nothing else', async () => {
    await start();
    const w1 = await daemon.establish('127.0.1.1', port);
    announce(w1, 100, addresses(1, 1));
    await waitFor('the first change on disk', changesOnDisk, ({ length }) => length === 1);
    for (const name of readdirSync(state)) rmSync(join(state, name), { recursive: true });
    announce(w1, 100, addresses(2, 1));
    await waitFor(
      'the route',
      () => bestOf('10.9.0.2'),
      (peer) => peer === 'W1',
    );
    await untilWarned(/history\.db was removed and has been opened again/);
    expect(w1.isClosed).toBe(false);
    expect(await daemon.stop()).toBe(0);
    await daemon.restart();
    expect(await events('best_changed')).toMatchObject([{ prefix: '10.9.0.2/32' }]);
  });
});

describe.runIf(isRoot)('the history on a disk of its own (only as root)', () => {
  beforeEach(() => mount('-t', 'tmpfs', '-o', 'size=2m,mode=777', 'fingerpost-test', state));
  afterEach(() => void spawnSync('umount', ['--lazy', state]));

  it('that fills up is not written, is reported once, and is written again when there is space', async () => {
    await start();
    const w1 = await daemon.establish('127.0.1.1', port);
    const { bavail, bsize } = statfsSync(state);
    writeFileSync(join(state, 'full'), Buffer.alloc(bavail * bsize));
    announce(w1, 100, addresses(0, 150));
    await untilWarned(/database or disk is full; until it can be written/);
    announce(w1, 200, addresses(0, 150));
    announce(w1, 100, addresses(200, 1));
    await waitFor(
      'the route',
      () => bestOf('10.9.0.200'),
      (peer) => peer === 'W1',
    );
    expect(await daemon.text('/metrics')).toContain('fingerpost_history_written 0');
    await pause(6000);
    expect(warnings()).toHaveLength(1);
    rmSync(join(state, 'full'));
    await untilWarned(/events are written to disk again/);
    expect(w1.isClosed).toBe(false);
    expect(await daemon.stop()).toBe(0);
    await daemon.restart();
    const all = await events('best_changed');
    expect(new Set(all.map(({ prefix }) => prefix))).toContain('10.9.0.200/32');
  });

  it('that is read-only is not written, is reported once, and is written when that is possible', async () => {
    mount('-o', 'remount,ro', state);
    await start();
    const w1 = await daemon.establish('127.0.1.1', port);
    announce(w1, 100, addresses(1, 1));
    await waitFor(
      'the route',
      () => bestOf('10.9.0.1'),
      (peer) => peer === 'W1',
    );
    await untilWarned(/[Rr]ead-only/);
    expect(await events('best_changed')).toHaveLength(1);
    expect(warnings()).toHaveLength(1);
    mount('-o', 'remount,rw', state);
    await untilWarned(/events are written to disk again/);
    expect(await daemon.stop()).toBe(0);
    await daemon.restart();
    expect(await events('best_changed')).toHaveLength(1);
  });
});
