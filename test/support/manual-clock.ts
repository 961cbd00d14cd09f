import type { Cancel, Clock } from '#clock.ts';

interface Entry {
  readonly atMs: number;
  readonly order: number;
  readonly run: () => void;
}

interface ManualClockOptions {
  /** The monotonic time when the test begins. */
  readonly startMs?: number;
  /**
   * When callbacks of `soon` run: as soon as time is advanced, together with what is due; when the test calls `turn`;
   * or in the next turn of the real event loop.
   */
  readonly soon?: 'due' | 'manual' | 'real';
}

/**
 * Time that passes only when the test says so. What is due at the same time runs in the order in which it was
 * requested.
 */
export class ManualClock implements Clock {
  nowMs: number;
  /** By how much the wall clock has been set ahead. */
  wallSetMs = 0;
  private readonly soonMode: 'due' | 'manual' | 'real';
  private entries: Entry[] = [];
  private turnJobs: (() => void)[] = [];
  private asked = 0;

  constructor({ startMs = 1000, soon = 'due' }: ManualClockOptions = {}) {
    this.nowMs = startMs;
    this.soonMode = soon;
  }

  monotonic(): number {
    return this.nowMs;
  }

  wall(): number {
    return Date.UTC(2025, 0, 1) + this.nowMs + this.wallSetMs;
  }

  after(ms: number, fn: () => void): Cancel {
    return this.at(this.nowMs + ms, fn);
  }

  at(deadline: number, fn: () => void): Cancel {
    if (deadline === Infinity) return () => undefined;
    const entry = { atMs: Math.max(deadline, this.nowMs), order: this.asked++, run: fn };
    this.entries.push(entry);
    return () => {
      this.entries = this.entries.filter((other) => other !== entry);
    };
  }

  every(ms: number, fn: () => void): Cancel {
    const arm = (): Cancel =>
      this.after(ms, () => {
        cancel = arm();
        fn();
      });
    let cancel = arm();
    return () => cancel();
  }

  soon(fn: () => void): Cancel {
    if (this.soonMode === 'due') return this.at(this.nowMs, fn);
    if (this.soonMode === 'real') {
      const immediate = setImmediate(fn);
      return () => clearImmediate(immediate);
    }
    this.turnJobs.push(fn);
    return () => (this.turnJobs = this.turnJobs.filter((other) => other !== fn));
  }

  /** Runs what `soon` was given until now, once. */
  turn(): void {
    const jobs = this.turnJobs;
    this.turnJobs = [];
    for (const job of jobs) job();
  }

  /** Runs everything that becomes due within `ms`, each at its time. */
  advance(ms: number): void {
    const endMs = this.nowMs + ms;
    for (let entry = this.nextUntil(endMs); entry !== undefined; entry = this.nextUntil(endMs)) {
      this.entries = this.entries.filter((other) => other !== entry);
      this.nowMs = Math.max(this.nowMs, entry.atMs);
      entry.run();
    }
    this.nowMs = endMs;
  }

  get pendingTimers(): number {
    return this.entries.length;
  }

  private nextUntil(endMs: number): Entry | undefined {
    let next: Entry | undefined;
    for (const entry of this.entries) {
      if (entry.atMs > endMs) continue;
      if (next === undefined || isBefore(entry, next)) next = entry;
    }
    return next;
  }
}

function isBefore(a: Entry, b: Entry): boolean {
  return a.atMs === b.atMs ? a.order < b.order : a.atMs < b.atMs;
}
