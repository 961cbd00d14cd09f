import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { DumpKeeper } from '#history/dumps/dump-keeper.ts';
import type { DumpReport, DumpSettings, DumpStream } from '#history/dumps/dump-messages.ts';

const start = Date.UTC(2026, 10, 29, 6, 47, 12);
const minute = 60_000;
const hour = 60 * minute;
let directory: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'dumps-'));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

function settings(change: Partial<DumpSettings> = {}): DumpSettings {
  const place = { directory, intervalMs: 15 * minute, keepMs: 2 * hour, compress: 'none' } as const;
  return { places: { updates: place, rib: place }, maxSizeBytes: 1e9, minFreeBytes: 0, ...change };
}

function keeper(given = settings()): DumpKeeper {
  const made = new DumpKeeper();
  expect(made.handle({ kind: 'settings', settings: given })).toEqual({ takenBytes: 0 });
  return made;
}

function write(
  to: DumpKeeper,
  wallMs: number,
  text: string,
  stream: DumpStream = 'updates',
  isLast = false,
): DumpReport {
  return to.handle({ kind: 'write', stream, wallMs, bytes: Buffer.from(text), isLast });
}

const names = (): string[] => readdirSync(directory).toSorted();
const text = (name: string): string => readFileSync(join(directory, name), 'utf8');

describe('files', () => {
  test('of updates have the time at which their interval begins, and get their final name when it is over', () => {
    const to = keeper();
    write(to, start, 'a');
    write(to, start + minute, 'b');
    expect(names()).toEqual(['updates.20261129.0645.mrt.part']);
    write(to, start + 15 * minute, 'c');
    expect(names()).toEqual(['updates.20261129.0645.mrt', 'updates.20261129.0700.mrt.part']);
    expect(text('updates.20261129.0645.mrt')).toBe('ab');
    to.handle({ kind: 'close' });
    expect(names()).toEqual(['updates.20261129.0645.mrt', 'updates.20261129.0700.mrt']);
  });

  test('end by themselves if no more records come', () => {
    const to = keeper();
    write(to, start, 'a');
    to.handle({ kind: 'look', wallMs: start + 14 * minute });
    expect(names()).toEqual(['updates.20261129.0645.mrt']);
  });

  test('of tables get their final name when they are complete', () => {
    const to = keeper();
    write(to, start, 'a', 'rib');
    expect(names()).toEqual(['rib.20261129.0647.mrt.part']);
    write(to, start, 'b', 'rib', true);
    expect(names()).toEqual(['rib.20261129.0647.mrt']);
    expect(text('rib.20261129.0647.mrt')).toBe('ab');
  });

  test('are compressed piece by piece, so that a killed process loses nothing that it had accepted', () => {
    const { places } = settings();
    const updates = { ...places.updates, compress: 'gzip' } as NonNullable<typeof places.updates>;
    const to = keeper(settings({ places: { updates } }));
    write(to, start, 'one ');
    write(to, start, 'two');
    const [name = ''] = names();
    expect(name).toBe('updates.20261129.0645.mrt.gz.part');
    expect(gunzipSync(readFileSync(join(directory, name))).toString()).toBe('one two');
  });

  test('of a killed process are kept, except an incomplete table', () => {
    const killed = keeper();
    write(killed, start, 'a');
    write(killed, start, 'b', 'rib');
    const to = keeper();
    expect(names()).toEqual(['updates.20261129.0645.mrt']);
    write(to, start + 1000, 'c');
    to.handle({ kind: 'close' });
    expect(names()).toEqual(['updates.20261129.0645.mrt', 'updates.20261129.064713.mrt']);
  });

  test('that were removed are followed by another', () => {
    const to = keeper();
    write(to, start, 'a');
    rmSync(directory, { recursive: true });
    expect(write(to, start + 2000, 'b')).toEqual({ takenBytes: 1 });
    to.handle({ kind: 'close' });
    expect(text('updates.20261129.0645.mrt')).toBe('b');
  });
});

describe('the file that is removed', () => {
  beforeEach(() => {
    for (const name of [
      'rib.20261129.0200.mrt',
      'updates.20261129.0500.mrt',
      'rib.20261129.0600.mrt.gz',
      'updates.20261129.0615.mrt',
      'updates.20261129.0630.mrt',
      'somebody-elses.mrt',
      'updates.2026.mrt',
    ]) {
      writeFileSync(join(directory, name), 'x'.repeat(100));
    }
  });
  const others = ['somebody-elses.mrt', 'updates.2026.mrt'];

  test('is older than `keep`', () => {
    keeper().handle({ kind: 'look', wallMs: start, ageMs: start });
    expect(names()).toEqual(
      [
        ...others,
        'rib.20261129.0600.mrt.gz',
        'updates.20261129.0500.mrt',
        'updates.20261129.0615.mrt',
        'updates.20261129.0630.mrt',
      ].toSorted(),
    );
  });

  test('is none because of its age while the clock may be wrong by years', () => {
    const before = names();
    const year = 365 * 24 * hour;
    const to = keeper();
    to.handle({ kind: 'look', wallMs: start + year });
    write(to, start + year, 'a');
    expect(names().filter((name) => !name.endsWith('.part'))).toEqual(before);
  });

  test('is the oldest of both kinds beyond `max_size`', () => {
    keeper(settings({ maxSizeBytes: 250 })).handle({ kind: 'look', wallMs: start });
    expect(names()).toEqual(
      [...others, 'updates.20261129.0615.mrt', 'updates.20261129.0630.mrt'].toSorted(),
    );
  });

  test('is every one if there is less space than `min_free`; then nothing is written, and this is reported', () => {
    const to = keeper(settings({ minFreeBytes: 2 ** 60 }));
    const { trouble, takenBytes } = write(to, start, 'a');
    expect(trouble).toMatch(/MiB free, and min_free is 1099511627776 MiB$/);
    expect(takenBytes).toBe(1);
    expect(names()).toEqual(others);
  });

  test('is never of a kind that is not configured', () => {
    const { updates } = settings().places;
    const only = { updates } as DumpSettings['places'];
    keeper(settings({ places: only })).handle({
      kind: 'look',
      wallMs: start + 24 * hour,
      ageMs: start + 24 * hour,
    });
    expect(names()).toEqual(
      [...others, 'rib.20261129.0200.mrt', 'rib.20261129.0600.mrt.gz'].toSorted(),
    );
  });
});

describe('a disk that cannot be written', () => {
  test('does not prevent other settings from being applied', () => {
    const to = keeper();
    write(to, start, 'a');
    rmSync(directory, { recursive: true });
    const elsewhere = `${directory}-elsewhere`;
    const { updates } = settings().places;
    const place = { ...updates, directory: elsewhere } as NonNullable<typeof updates>;
    to.handle({ kind: 'settings', settings: settings({ places: { updates: place } }) });
    expect(write(to, start + 2000, 'b')).toEqual({ takenBytes: 1 });
    to.handle({ kind: 'close' });
    expect(readdirSync(elsewhere)).toEqual(['updates.20261129.0645.mrt']);
    rmSync(elsewhere, { recursive: true });
  });

  test('is reported, and tried again in the next second', () => {
    const to = keeper();
    rmSync(directory, { recursive: true });
    writeFileSync(directory, 'a file');
    expect(write(to, start, 'a').trouble).toMatch(/EEXIST|ENOTDIR/);
    rmSync(directory);
    expect(write(to, start + 100, 'b').trouble).toBeDefined();
    expect(write(to, start + 1100, 'c')).toEqual({ takenBytes: 1 });
    to.handle({ kind: 'close' });
    expect(names()).toEqual(['updates.20261129.0645.mrt']);
  });

  test('costs the whole table if a part of it could not be written', () => {
    const to = keeper();
    write(to, start, 'a', 'rib');
    rmSync(directory, { recursive: true });
    writeFileSync(directory, 'a file');
    expect(write(to, start, 'b', 'rib')).toEqual({ takenBytes: 1 });
    to.handle({ kind: 'look', wallMs: start + 1000 });
    rmSync(directory);
    write(to, start, 'c', 'rib', true);
    expect(write(to, start, 'an update of the same moment')).toEqual({ takenBytes: 28 });
    write(to, start + hour, 'd', 'rib', true);
    expect(names().filter((name) => name.includes('0647'))).toEqual([]);
    expect(text('rib.20261129.0747.mrt')).toBe('d');
  });
});
