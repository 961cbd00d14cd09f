import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { HistoryKeeper } from '#history/store/history-keeper.ts';
import type { HistoryReply } from '#history/store/history-messages.ts';

const nowMs = 1_800_000_000_000;
const limits = { maxSizeBytes: 2 ** 28, maxAgeMs: 30 * 24 * 60 * 60 * 1000 };

let folder: string;
let directory: string;
let path: string;
let keeper: HistoryKeeper;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'fingerpost-keeper-'));
  directory = join(folder, 'state');
  path = join(directory, 'history.db');
  keeper = new HistoryKeeper();
});
afterEach(() => {
  keeper.handle({ kind: 'close' });
  rmSync(folder, { recursive: true, force: true });
});

function open(): HistoryReply {
  return keeper.handle({ kind: 'open', directory });
}

function store(...numbers: readonly number[]): HistoryReply {
  const rows = numbers.map((number) => ({
    id: nowMs * 1000 + number,
    at: nowMs,
    kind: 'note',
    isReserved: true,
    text: String(number),
  }));
  return keeper.handle({ kind: 'store', rows, limits, nowMs });
}

function found(): readonly string[] {
  const reply = keeper.handle({ kind: 'find', query: {}, limit: 100 });
  if (reply.kind !== 'found') throw new Error(JSON.stringify(reply));
  return reply.texts;
}

function restart(): HistoryReply {
  keeper.handle({ kind: 'close' });
  keeper = new HistoryKeeper();
  return open();
}

/** Overwrites the middle of a file, like a bad disk. */
function damage(file: string): void {
  const bytes = readFileSync(file);
  bytes.fill(0x5a, 1024);
  writeFileSync(file, bytes);
}

describe('the keeper of the history', () => {
  it('creates the folder and the file, and knows the last event after a restart', () => {
    expect(open()).toEqual({ kind: 'opened' });
    expect(store(1, 2)).toMatchObject({ kind: 'stored' });
    expect(restart()).toEqual({ kind: 'opened', lastId: nowMs * 1000 + 2 });
    expect(found()).toEqual(['2', '1']);
    expect(statSync(path).mode & 0o777).toBe(0o640);
  });

  it.each([
    ['is no database', () => writeFileSync(path, 'an hour of work '.repeat(1000))],
    ['is damaged', () => damage(path)],
  ])('moves a file aside that %s, begins a new one, and says so', (_, spoil) => {
    open();
    store(1);
    keeper.handle({ kind: 'close' });
    spoil();
    restart();
    expect(store(2)).toMatchObject({
      kind: 'stored',
      note: expect.stringMatching(/moved to .*history\.db\.damaged and a new history begun$/),
    });
    expect(found()).toEqual(['2']);
    expect(existsSync(`${path}.damaged`)).toBe(true);
    expect(store(3)).not.toHaveProperty('note');
  });

  it('leaves a file of a newer version unchanged', () => {
    open();
    store(1);
    keeper.handle({ kind: 'close' });
    const database = new DatabaseSync(path);
    database.exec('PRAGMA user_version = 99');
    database.close();
    const before = readFileSync(path);
    expect(restart()).toMatchObject({
      kind: 'failed',
      text: expect.stringMatching(/history\.db: its version 99 is newer than 1/),
    });
    expect(store(2)).toMatchObject({ kind: 'failed' });
    keeper.handle({ kind: 'close' });
    expect(readFileSync(path).equals(before)).toBe(true);
  });

  it.each([
    ['removed', () => rmSync(directory, { recursive: true })],
    ['removed without its log', () => rmSync(path)],
  ])('begins a new file where the old one was %s while it was open', (_, remove) => {
    open();
    store(1);
    remove();
    expect(store(2)).toMatchObject({
      kind: 'stored',
      note: `${path} was removed and has been opened again`,
    });
    expect(found()).toEqual(['2']);
    expect(restart()).toMatchObject({ kind: 'opened', lastId: nowMs * 1000 + 2 });
  });

  it('continues with a file that has replaced the old one', () => {
    open();
    store(1);
    keeper.handle({ kind: 'close' });
    copyFileSync(path, `${path}.backup`);
    restart();
    store(2);
    rmSync(path);
    copyFileSync(`${path}.backup`, path);
    rmSync(`${path}-wal`);
    expect(store(3)).toMatchObject({
      kind: 'stored',
      note: `${path} was replaced and has been opened again`,
    });
    expect(found()).toEqual(['3', '1']);
  });

  it('reports why it cannot write, and writes again when it can, with nothing lost or repeated', () => {
    writeFileSync(directory, 'a file where the folder should be');
    expect(open()).toMatchObject({ kind: 'failed', text: expect.stringContaining(path) });
    expect(store(1)).toMatchObject({ kind: 'failed' });
    rmSync(directory);
    expect(store(1)).toMatchObject({ kind: 'stored' });
    expect(store(1, 2)).toMatchObject({ kind: 'stored' });
    expect(found()).toEqual(['2', '1']);
  });

  it('leaves nothing open behind', () => {
    mkdirSync(directory);
    open();
    store(1);
    keeper.handle({ kind: 'close' });
    expect(readdirSync(directory)).toEqual(['history.db']);
  });
});
