import type { Cancel, Clock } from '#clock.ts';

/** Time that passes only when told; `soon` waits for `turn`, or is the real event loop's. */
export class ManualClock implements Clock {
  nowMs = 0;
  private readonly isRealSoon: boolean;
  private timers: { atMs: number; fn: () => void }[] = [];
  private turnJobs: (() => void)[] = [];

  constructor(options: { soon: 'manual' | 'real' }) {
    this.isRealSoon = options.soon === 'real';
  }

  monotonic(): number {
    return this.nowMs;
  }

  wall(): number {
    return this.nowMs;
  }

  after(ms: number, fn: () => void): Cancel {
    return this.at(this.nowMs + ms, fn);
  }

  at(deadline: number, fn: () => void): Cancel {
    const timer = { atMs: deadline, fn };
    this.timers.push(timer);
    return () => (this.timers = this.timers.filter((other) => other !== timer));
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
    if (this.isRealSoon) {
      const immediate = setImmediate(fn);
      return () => clearImmediate(immediate);
    }
    this.turnJobs.push(fn);
    return () => (this.turnJobs = this.turnJobs.filter((other) => other !== fn));
  }

  /** What `soon` was asked for until now, once. */
  turn(): void {
    const jobs = this.turnJobs;
    this.turnJobs = [];
    for (const job of jobs) job();
  }

  advance(ms: number): void {
    this.nowMs += ms;
    const due = this.timers.filter((timer) => timer.atMs <= this.nowMs);
    this.timers = this.timers.filter((timer) => timer.atMs > this.nowMs);
    for (const timer of due) timer.fn();
  }

  get pendingTimers(): number {
    return this.timers.length;
  }
}
