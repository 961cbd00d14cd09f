import type { Cancel, Clock } from '#clock.ts';

interface Entry {
  readonly atMs: number;
  readonly order: number;
  readonly run: () => void;
}

/** Time that moves only when the test says so. What is due at one time runs in the order it was asked for. */
export class ManualClock implements Clock {
  private nowMs: number;
  private entries: Entry[] = [];
  private asked = 0;

  constructor(startMs = 1_000) {
    this.nowMs = startMs;
  }

  monotonic(): number {
    return this.nowMs;
  }

  wall(): number {
    return 1_700_000_000_000 + this.nowMs;
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
    let isOver = false;
    const again = (): void => {
      if (isOver) return;
      fn();
      this.after(ms, again);
    };
    this.after(ms, again);
    return () => {
      isOver = true;
    };
  }

  soon(fn: () => void): Cancel {
    return this.at(this.nowMs, fn);
  }

  /** Runs all that becomes due within `ms`, each at its time. */
  advance(ms: number): void {
    const until = this.nowMs + ms;
    for (let entry = this.nextUntil(until); entry !== undefined; entry = this.nextUntil(until)) {
      this.entries = this.entries.filter((other) => other !== entry);
      this.nowMs = Math.max(this.nowMs, entry.atMs);
      entry.run();
    }
    this.nowMs = until;
  }

  private nextUntil(untilMs: number): Entry | undefined {
    let next: Entry | undefined;
    for (const entry of this.entries) {
      if (entry.atMs > untilMs) continue;
      if (next === undefined || isBefore(entry, next)) next = entry;
    }
    return next;
  }
}

function isBefore(a: Entry, b: Entry): boolean {
  return a.atMs === b.atMs ? a.order < b.order : a.atMs < b.atMs;
}
