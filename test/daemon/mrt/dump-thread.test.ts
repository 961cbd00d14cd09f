import { beforeEach, expect, test } from 'vitest';
import { DumpThread } from '#daemon/mrt/dump-thread.ts';
import type { DumpReport, DumpRequest, DumpSettings } from '#history/dumps/dump-messages.ts';
import { ManualClock } from '#support/manual-clock.ts';

/** A stand-in for a thread, which ends when the test says so. */
class Stage {
  readonly posted: DumpRequest['kind'][][] = [];
  readonly told: string[] = [];
  readonly clock = new ManualClock();
  readonly thread: DumpThread;
  private readonly ends: (() => void)[] = [];
  private report: (report: DumpReport) => void = () => undefined;

  constructor() {
    this.thread = new DumpThread({
      clock: this.clock,
      events: { emit: (event) => void this.told.push('text' in event ? String(event.text) : '') },
      taken: () => undefined,
      startThread: (handlers) => {
        const requests: DumpRequest['kind'][] = [];
        this.posted.push(requests);
        this.report = handlers.report;
        const { promise, resolve } = Promise.withResolvers<void>();
        this.ends.push(resolve);
        return {
          post: ({ kind }) => void requests.push(kind),
          ended: promise,
          terminate: () => undefined,
        };
      },
    });
  }

  write(bytes: number): void {
    const request = { stream: 'updates', wallMs: 0, isLast: false } as const;
    this.thread.write({ ...request, bytes: new Uint8Array(bytes) });
  }

  reports(report: DumpReport): void {
    this.report(report);
  }

  async hasEnded(): Promise<void> {
    this.ends.at(-1)?.();
    for (let turn = 0; turn < 5; turn++) await Promise.resolve();
  }
}

const settings: DumpSettings = { places: {}, maxSizeBytes: 1, minFreeBytes: 0 };
let stage: Stage;
beforeEach(() => {
  stage = new Stage();
});

test('another thread begins only when the one before has ended its files', async () => {
  stage.thread.configure(settings);
  const ended = stage.thread.end();
  stage.thread.configure(settings);
  stage.write(1);
  expect(stage.posted).toEqual([['settings', 'close']]);
  await stage.hasEnded();
  await ended;
  stage.write(1);
  expect(stage.posted).toEqual([
    ['settings', 'close'],
    ['settings', 'write'],
  ]);
});

test('a thread that does not end delays the end by four seconds', async () => {
  stage.thread.configure(settings);
  let isOver = false;
  const ended = stage.thread.end().then(() => (isOver = true));
  stage.clock.advance(3_999);
  await new Promise(setImmediate);
  expect(isOver).toBe(false);
  stage.clock.advance(1);
  await ended;
});

test('records that a slow disk cannot take are dropped, which is reported once, as is the recovery', () => {
  stage.thread.configure(settings);
  const piece = 16 * 2 ** 20;
  for (let at = 0; at < 6; at++) stage.write(piece);
  expect(stage.posted[0]?.filter((kind) => kind === 'write')).toHaveLength(4);
  expect(stage.told).toEqual([
    'MRT dumps cannot be written: the disk is too slow for what has to be dumped; BGP is not affected, and writing is tried again',
  ]);
  for (let at = 0; at < 4; at++) stage.reports({ takenBytes: piece });
  expect(stage.told.slice(1)).toEqual(['MRT dumps are written again']);
});
