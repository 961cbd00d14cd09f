import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type DaemonEvent, isBefore } from '#api/events/events.ts';
import { EventBus } from '#daemon/event-bus.ts';
import { History } from '#daemon/record/history.ts';
import { KeptHistory } from '#daemon/record/kept-history.ts';
import { Recorder } from '#daemon/record/recorder.ts';
import { HistoryKeeper } from '#history/store/history-keeper.ts';
import type { NumberedReply } from '#history/store/history-messages.ts';
import { ManualClock } from '#support/manual-clock.ts';

const limits = { maxSizeBytes: 2 ** 28, maxAgeMs: 30 * 24 * 60 * 60 * 1000 };

let folder: string;
let directory: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'fingerpost-kept-'));
  directory = join(folder, 'state');
});
afterEach(async () => {
  await running?.kept.stop();
  running = undefined;
  rmSync(folder, { recursive: true, force: true });
});

/** The history of a daemon, whose thread answers at once or, while it `hangs`, not at all. */
class Running {
  readonly clock: ManualClock;
  readonly bus: EventBus;
  readonly recorder: Recorder;
  readonly kept: KeptHistory;
  readonly history: History;
  readonly told: DaemonEvent[] = [];
  hangs = false;
  /** How long it takes to answer. */
  slowMs = 0;
  failed: (error: unknown) => void = () => undefined;
  private readonly keeper = new HistoryKeeper();
  private readonly held: NumberedReply[] = [];

  constructor(startMs: number) {
    this.clock = new ManualClock({ startMs });
    this.bus = new EventBus(this.clock);
    this.bus.subscribe((event) => this.told.push(event));
    this.recorder = new Recorder(this.clock, this.bus);
    this.kept = new KeptHistory({
      clock: this.clock,
      events: this.bus,
      recorder: this.recorder,
      directory,
      limits: () => limits,
      startThread: ({ report, failed }) => {
        this.failed = failed;
        let isTerminated = false;
        return {
          post: ({ number, ...request }) => {
            if (this.hangs) return void this.held.push({ kind: 'failed', text: 'held', number });
            const answer = (): void => {
              if (!isTerminated) report({ ...this.keeper.handle(request), number });
            };
            if (this.slowMs > 0) this.clock.after(this.slowMs, answer);
            else answer();
          },
          ended: Promise.resolve(),
          terminate: () => void (isTerminated = true),
        };
      },
    });
    this.history = new History(this.recorder, this.kept);
  }

  note(...texts: readonly string[]): void {
    for (const text of texts) this.bus.emit({ event: 'note', text, by: { uid: 0 } });
    this.bus.flush();
  }

  warnings(): string[] {
    this.bus.flush();
    return this.told.flatMap((event) => (event.event === 'warning' ? [event.text] : []));
  }

  async texts(limit = 100, before?: string): Promise<string[]> {
    const { items } = await this.history.page({ kind: 'note' }, limit, before);
    return items.map(({ text }) => text.replace('note by uid 0: ', ''));
  }
}

let running: Running | undefined;
const hour = 3_600_000;

function start(startMs = 10 * hour): Running {
  running = new Running(startMs);
  running.kept.start();
  return running;
}

async function restart(startMs: number): Promise<Running> {
  await running?.kept.stop();
  return start(startMs);
}

describe('the history', () => {
  it('returns after a restart what was recorded before it, in pages that span both', async () => {
    start().note('one', 'two');
    const later = await restart(11 * hour);
    later.note('three', 'four');
    expect(await later.texts()).toEqual(['four', 'three', 'two', 'one']);
    const { items, isMore } = await later.history.page({ kind: 'note' }, 3, undefined);
    expect([items.length, isMore]).toEqual([3, true]);
    expect(await later.texts(3, items.at(-1)?.id)).toEqual(['one']);
  });

  it('does not read the disk for events that are all in memory, and then does not report a broken disk', async () => {
    const { clock, history } = start();
    clock.advance(60_000);
    running?.note('one');
    running?.failed(new Error('broken'));
    const sinceMs = clock.wall() - 30_000;
    const { items, incomplete } = await history.page({ kind: 'note', sinceMs }, 100, undefined);
    expect([items.length, incomplete]).toEqual([1, undefined]);
    expect((await history.page({ kind: 'note' }, 100, undefined)).incomplete).toContain(
      'has ended',
    );
  });

  it('keeps ids and pages in order when the clock is set back by an hour over a restart', async () => {
    start().note('one', 'two');
    const later = new Running(9 * hour);
    later.note('three');
    await running?.kept.stop();
    running = later;
    later.kept.start();
    later.note('four');
    const { items } = await later.history.page({}, 100, undefined);
    expect(await later.texts()).toEqual(['four', 'three', 'two', 'one']);
    const ids = items.map(({ id }) => id);
    expect(ids.every((id, at) => at === 0 || isBefore(id, ids[at - 1]))).toBe(true);
    const last = await restart(9 * hour + 60_000);
    expect(await last.texts()).toEqual(['four', 'three', 'two', 'one']);
  });

  it('keeps ids in order when the clock is set back while it runs', async () => {
    const { clock, history } = start();
    running?.note('one');
    clock.nowMs -= hour;
    running?.note('two');
    const { items } = await history.page({ kind: 'note' }, 1, undefined);
    expect(items[0].text).toContain('two');
    expect(await running?.texts(1, items[0].id)).toEqual(['one']);
  });

  it('loses nothing if the clock is years ahead for a while, even over a restart', async () => {
    const year = 365 * 24 * hour;
    const { clock } = start();
    running?.note('one');
    clock.advance(1000);
    clock.wallSetMs = 5 * year;
    running?.note('two');
    clock.advance(120_000);
    clock.wallSetMs = 0;
    clock.advance(120_000);
    const ahead = await restart(20 * year);
    ahead.clock.advance(120_000);
    expect(await ahead.texts()).toEqual(['two', 'one']);
  });

  it('returns what followed an event before the restart, for readers that come back', async () => {
    const before = start();
    before.note('one', 'two', 'three');
    const [, two] = before.recorder.query({ kind: 'note' }, 2, undefined);
    const later = await restart(11 * hour);
    later.note('four');
    const texts = (await later.history.after(two.id))?.map(({ text }) => text);
    expect(texts).toEqual(['note by uid 0: three', 'note by uid 0: four']);
    expect(await later.history.after('1')).toBeUndefined();
    expect(await later.history.after('zzzzzzzzzzz')).toBeUndefined();
  });

  it('is on the disk within a second', async () => {
    const { clock } = start();
    running?.note('one');
    clock.advance(1000);
    const other = new HistoryKeeper();
    other.handle({ kind: 'open', directory });
    expect(other.handle({ kind: 'find', query: {}, limit: 10 })).toMatchObject({
      texts: [expect.stringContaining('one')],
    });
    other.handle({ kind: 'close' });
  });

  it('that cannot be written is reported once, answered from memory, and written when that is possible', async () => {
    writeFileSync(directory, 'no folder');
    const { clock, kept, history } = start();
    running?.note('one');
    clock.advance(60_000);
    running?.note('two');
    expect(running?.warnings()).toEqual([
      expect.stringMatching(/^history: .*history\.db: .*events are kept in memory only$/),
    ]);
    expect(kept.state.isWritten).toBe(false);
    expect(kept.failure).toContain('history.db');
    expect(await running?.texts()).toEqual(['two', 'one']);
    expect((await history.page({}, 10, undefined)).incomplete).toContain('history.db');
    rmSync(directory);
    clock.advance(5_000);
    expect(kept.state.isWritten).toBe(true);
    expect(kept.failure).toBeUndefined();
    expect(running?.warnings().slice(1)).toEqual(['history: events are written to disk again']);
    const later = await restart(11 * hour);
    expect(await later.texts()).toEqual(['two', 'one']);
  });

  it('whose disk hangs delays nothing, drops the oldest ordinary events, and reports this once', async () => {
    const { clock, kept, history, bus } = start();
    if (running === undefined) return;
    running.note('one');
    running.hangs = true;
    clock.advance(1000);
    for (let at = 0; at < 12_000; at++) {
      bus.emit({ event: 'warning', peer: `W${at}`, text: 'late' });
    }
    bus.flush();
    running.note('two');
    expect(kept.state.dropped).toBe(3000);
    expect(running.warnings().filter((text) => text.includes('too slow'))).toHaveLength(1);
    const page = history.page({ kind: 'note', untilMs: 0 }, 10, undefined);
    clock.advance(5_000);
    expect((await page).incomplete).toBe('the history does not answer');
    const stopped = kept.stop();
    clock.advance(4_000);
    await stopped;
  });

  it('whose disk takes three seconds at the end of the daemon loses nothing', async () => {
    const { clock, kept } = start();
    if (running === undefined) return;
    running.note('one');
    running.slowMs = 3_000;
    const stopped = kept.stop();
    running.slowMs = 0;
    for (let second = 0; second < 3; second++) {
      clock.advance(1_000);
      for (let turn = 0; turn < 5; turn++) await Promise.resolve();
    }
    await stopped;
    const later = await restart(11 * hour);
    expect(await later.texts()).toEqual(['one']);
  });

  it('is opened again when its thread has ended, with nothing lost', async () => {
    const { clock, kept } = start();
    running?.note('one');
    running?.failed(new Error('out of memory'));
    running?.note('two');
    clock.advance(4_000);
    expect(kept.state.isWritten).toBe(false);
    clock.advance(1_000);
    clock.advance(1_000);
    expect(kept.state.isWritten).toBe(true);
    const later = await restart(11 * hour);
    expect(await later.texts()).toEqual(['two', 'one']);
  });
});
