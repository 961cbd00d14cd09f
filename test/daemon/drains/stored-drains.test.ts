import { describe, expect, it } from 'vitest';
import {
  type BootTime,
  type Drain,
  readDrains,
  storedDrains,
} from '#daemon/drains/stored-drains.ts';
import { ManualClock } from '#support/manual-clock.ts';

const minute = 60_000;
const drain: Drain = {
  id: 'd3',
  target: { kind: 'node', name: 'w1' },
  sinceWallMs: 5000,
  by: { uid: 0, user: 'alice' },
  comment: 'new kernel',
  isVolatile: false,
};

interface Row {
  readonly name: string;
  /** The time between writing and reading by each of the clocks, in minutes. */
  readonly wall: number;
  readonly boot: number;
  readonly isSameBoot: boolean;
  /** The remaining time of 60 minutes. */
  readonly left: number;
}

const rows: readonly Row[] = [
  { name: 'a restart of ten minutes', wall: 10, boot: 10, isSameBoot: true, left: 50 },
  { name: 'the clock was set ahead by a day', wall: 1450, boot: 10, isSameBoot: true, left: 50 },
  { name: 'the clock was set back by a day', wall: -1430, boot: 10, isSameBoot: true, left: 50 },
  { name: 'a reboot', wall: 10, boot: -500, isSameBoot: false, left: 50 },
  { name: 'a reboot without a battery', wall: -1_000_000, boot: -500, isSameBoot: false, left: 60 },
  { name: 'away for longer than that', wall: 90, boot: 90, isSameBoot: true, left: -30 },
];

describe('the end of a drain survives', () => {
  it.each(rows)('$name', ({ wall, boot, isSameBoot, left }) => {
    const before = new ManualClock();
    const here = bootTime('a', 7_000_000);
    const endsAtMs = before.monotonic() + 60 * minute;
    const state = { drains: [{ ...drain, endsAtMs }], lastNumber: 3 };
    const text = JSON.stringify(storedDrains(state, before, here));
    const after = new ManualClock({ startMs: 77 });
    after.wall = () => before.wall() + wall * minute;
    const there = bootTime(isSameBoot ? 'a' : 'b', 7_000_000 + boot * minute);
    const [read] = readDrains(JSON.parse(text), after, there)?.drains ?? [];
    expect(read).toEqual({ ...drain, endsAtMs: 77 + left * minute });
  });
});

describe('what is stored', () => {
  const clock = new ManualClock();
  const boot = bootTime('a', 0);

  it('are the drains that should survive a restart, and the last number', () => {
    const state = { drains: [drain, { ...drain, id: 'd4', isVolatile: true }], lastNumber: 4 };
    const text = JSON.stringify(storedDrains(state, clock, boot));
    expect(readDrains(JSON.parse(text), clock, boot)).toEqual({ drains: [drain], lastNumber: 4 });
  });

  it.each([
    ['no object', '[]'],
    ['another version', '{"version":2,"last_number":1,"drains":[]}'],
    ['no list', '{"version":1,"last_number":1}'],
    [
      'a drain of nothing',
      '{"version":1,"last_number":1,"drains":[{"id":"d1","since_ms":1,"by":{}}]}',
    ],
    [
      'a kind of target that there is none of',
      '{"version":1,"last_number":1,"drains":[{"id":"d1","since_ms":1,"by":{},"target":{"kind":"row","name":"a"}}]}',
    ],
    ['nothing', 'null'],
  ])('is lost where the file holds %s', (_name, text) => {
    expect(readDrains(JSON.parse(text), clock, boot)).toBeUndefined();
  });
});

function bootTime(id: string, nowMs: number): BootTime {
  return { id, nowMs: () => nowMs };
}
