import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { HistoryFile } from '#history/store/history-file.ts';
import type { HistoryRow } from '#history/store/history-rows.ts';
import { historySchema } from '#history/store/history-schema.ts';

const day = 24 * 60 * 60 * 1000;
const unlimited = { maxSizeBytes: 2 ** 30, maxAgeMs: 400 * day };
const nowMs = 1_800_000_000_000;

let folder: string;
let path: string;
const open: HistoryFile[] = [];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'fingerpost-history-'));
  path = join(folder, 'deep', 'history.db');
});
afterEach(() => {
  for (const file of open.splice(0)) file.close();
  rmSync(folder, { recursive: true, force: true });
});

function opened(schema?: readonly string[]): HistoryFile {
  const file = HistoryFile.open(path, schema);
  open.push(file);
  return file;
}

/** An event of `at` ms after `nowMs`. */
function row(at: number, more: Partial<HistoryRow> = {}): HistoryRow {
  const id = (nowMs + at) * 1000;
  return { id, at: nowMs + at, kind: 'peer_up', isReserved: false, text: String(at), ...more };
}

function texts(file: HistoryFile, query = {}, limit = 100, before?: number): readonly string[] {
  return file.find(query, limit, before).texts;
}

describe('the file of the history', () => {
  it('returns what was added, newest first, in pages, after it was closed and opened again', () => {
    const first = opened();
    first.add([row(1), row(2), row(3)]);
    first.add([row(4)]);
    first.close();
    const file = opened();
    expect(texts(file)).toEqual(['4', '3', '2', '1']);
    expect(file.find({}, 2, undefined)).toEqual({ texts: ['4', '3'], isMore: true });
    expect(texts(file, {}, 2, row(3).id)).toEqual(['2', '1']);
    expect(file.lastId).toBe(row(4).id);
  });

  it.each([
    ['peer', { peer: 'W1' }, ['5', '2']],
    ['prefix', { prefix: '10.0.0.1/32' }, ['3']],
    ['service', { service: 'web' }, ['3']],
    ['kind', { kind: 'failover' }, ['5', '4']],
    ['summaries', { kind: 'failover', isSummary: true }, ['5']],
    ['since', { sinceMs: nowMs + 4 }, ['5', '4']],
    ['until', { untilMs: nowMs + 2 }, ['2', '1']],
    ['two at once', { peer: 'W1', untilMs: nowMs + 4 }, ['2']],
  ])('finds by %s', (_, query, expected) => {
    const file = opened();
    file.add([
      row(1),
      row(2, { peer: 'W1' }),
      row(3, { prefix: '10.0.0.1/32', service: 'web' }),
      row(4, { kind: 'failover', isSummary: false }),
      row(5, { kind: 'failover', isSummary: true, peer: 'W1' }),
    ]);
    expect(texts(file, query)).toEqual(expected);
  });

  it('finds by the kind of the cause', () => {
    const file = opened();
    const [held, closed] = ['hold_timer', 'tcp_fin'].map((kind) =>
      JSON.stringify({ cause: { kind } }),
    );
    file.add([row(1), row(2, { text: held }), row(3, { text: closed })]);
    expect(texts(file, { causeKind: 'hold_timer' })).toEqual([held]);
  });

  it('keeps events in the order of their ids when the clock was set back by an hour', () => {
    const file = opened();
    file.add([row(0), { ...row(1), at: nowMs - 3_600_000 }, row(2)]);
    expect(texts(file)).toEqual(['2', '1', '0']);
    expect(texts(file, { sinceMs: nowMs - 4_000_000 })).toEqual(['2', '1', '0']);
    expect(texts(file, { untilMs: nowMs - 1 })).toEqual(['1']);
  });

  it('returns what followed an event, or says that it cannot know', () => {
    const file = opened();
    file.add([row(1), row(2), row(3)]);
    expect(file.after(row(1).id, 1)).toEqual({ texts: ['2'], isMore: true });
    expect(file.after(row(2).id + 1, 10)).toEqual({ texts: ['3'], isMore: false });
    expect(file.after(row(0).id, 10)).toBeUndefined();
  });

  it('stores an event once, however often it is sent', () => {
    const file = opened();
    file.add([row(1), row(2)]);
    file.add([row(2), row(3)]);
    expect(texts(file)).toEqual(['3', '2', '1']);
  });

  it('ends an answer of long texts early, and says that there is more', () => {
    const file = opened();
    const text = 'x'.repeat(400_000);
    file.add([1, 2, 3, 4].map((at) => row(at, { text })));
    const { texts: found, isMore } = file.find({}, 4, undefined);
    expect([found.length, isMore]).toEqual([3, true]);
  });

  it('removes what is too old', () => {
    const file = opened();
    file.add([row(-3 * day), row(-day), row(0)]);
    file.trim({ ...unlimited, maxAgeMs: 2 * day }, nowMs);
    expect(texts(file)).toEqual(['0', String(-day)]);
  });

  it('stays within its size, and releases space when the size is reduced', () => {
    const file = opened();
    const mebibyte = 2 ** 20;
    fill(file, { from: 0, rows: 20_000, maxSizeBytes: 6 * mebibyte });
    expect(file.sizeBytes).toBeLessThanOrEqual(5 * mebibyte);
    expect(file.sizeBytes).toBeGreaterThan(4 * mebibyte);
    file.trim({ ...unlimited, maxSizeBytes: 3 * mebibyte }, nowMs);
    expect(file.sizeBytes).toBeLessThanOrEqual(2 * mebibyte);
    expect(texts(file, {}, 1)).toEqual([fillText(19_999)]);
  });

  it.each([
    ['ordinary events do not push out reserved ones', false],
    ['reserved events do not push out ordinary ones', true],
  ])('%s', (_, isReserved) => {
    const file = opened();
    const lastNight = [
      row(-day, { isReserved: !isReserved }),
      row(1 - day, { isReserved: !isReserved }),
    ];
    file.add(lastNight);
    fill(file, { from: 0, rows: 20_000, maxSizeBytes: 3 * 2 ** 20, isReserved });
    expect(texts(file, { untilMs: nowMs - 1 })).toEqual(
      lastNight.map(({ text }) => text).toReversed(),
    );
  });

  it('of an older version is migrated to the present one with all of its content', () => {
    const older = opened();
    older.add([row(1)]);
    older.close();
    const newer = [...historySchema, 'ALTER TABLE event ADD COLUMN site TEXT'];
    const file = opened(newer);
    file.add([row(2)]);
    expect(texts(file)).toEqual(['2', '1']);
    file.close();
    expect(() => opened()).toThrow(/version 2 is newer than 1/);
    expect(texts(opened(newer))).toEqual(['2', '1']);
  });

  it('notices that it was removed or replaced', () => {
    const file = opened();
    expect(file.isReplaced).toBe(false);
    file.add([row(1)]);
    expect(file.isReplaced).toBe(false);
    rmSync(path);
    expect(file.isReplaced).toBe(true);
  });
});

function fillText(number: number): string {
  return `${String(number).padStart(6, '0')} ${'x'.repeat(300)}`;
}

function fill(
  file: HistoryFile,
  how: { from: number; rows: number; maxSizeBytes: number; isReserved?: boolean },
): void {
  const batch = 500;
  for (let at = how.from; at < how.from + how.rows; at += batch) {
    file.add(
      Array.from({ length: batch }, (_, index) =>
        row(at + index, { text: fillText(at + index), isReserved: how.isReserved ?? false }),
      ),
    );
    file.trim({ ...unlimited, maxSizeBytes: how.maxSizeBytes }, nowMs);
  }
}
