import { describe, expect, it } from 'vitest';
import { Stalls } from '#daemon/stalls.ts';
import { ManualClock } from '#support/manual-clock.ts';

function watched() {
  const clock = new ManualClock();
  const told: string[] = [];
  const thread = { usedMs: 0 };
  const stalls = new Stalls({
    clock,
    usedMs: () => thread.usedMs,
    warn: (text) => told.push(text),
  });
  stalls.start();
  return { clock, told, thread, stalls };
}

/** Nothing runs meanwhile, and a beat is so late then. */
function stall(clock: ManualClock, lateMs: number): void {
  clock.nowMs += 500 + lateMs;
  clock.advance(0);
}

describe('a stall of the daemon', () => {
  it('is reported once, with its length, and is known to have ended sessions then', () => {
    const { clock, told, stalls } = watched();
    clock.advance(60_000);
    expect(told).toEqual([]);
    const beganMs = clock.nowMs;
    stall(clock, 7_000);
    clock.advance(60_000);
    expect(told).toEqual([
      'this daemon did not run for 7.0 s: the machine was paused, swapped, or short of processor time; peers with BFD or a shorter hold time may have ended their sessions',
    ]);
    expect(stalls.behind(beganMs - 1000)).toBeUndefined();
    expect(stalls.behind(beganMs + 7_000)?.ms).toBe(7_000);
    expect(stalls.behind(clock.nowMs)).toBeUndefined();
    expect(stalls.since(beganMs)).toBeDefined();
    expect(stalls.since(clock.nowMs)).toBeUndefined();
  });

  it('in which it worked is told apart', () => {
    const { clock, told, thread } = watched();
    thread.usedMs = 6_000;
    stall(clock, 7_000);
    expect(told).toEqual([
      expect.stringMatching(/^this daemon was busy for 7\.0 s with one piece/),
    ]);
  });

  it('of two seconds is none', () => {
    const { clock, told } = watched();
    stall(clock, 2_000);
    expect(told).toEqual([]);
  });

  it('that comes again and again is reported ten times a minute', () => {
    const { clock, told } = watched();
    for (let at = 0; at < 15; at++) stall(clock, 3_000);
    expect(told.length).toBe(10);
  });
});

it.each([
  [
    3600_000,
    /^the clock of this machine was set forward by 3600\.0 s, or the machine was suspended/,
  ],
  [-3600_000, /^the clock of this machine was set back by 3600\.0 s; hold times/],
])('the wall clock set by %d ms is reported', (step, text) => {
  const { clock, told } = watched();
  clock.advance(5_000);
  clock.wallSetMs += step;
  clock.advance(5_000);
  expect(told).toEqual([expect.stringMatching(text)]);
});
