import type { Clock } from '#clock.ts';

/**
 * Divides one kind of work among all connections. It may use a few milliseconds of each turn of the event loop; further
 * work waits in order of arrival for the next turns, so that timers (KEEPALIVEs) and other work run in between.
 */
export class Turns {
  private readonly clock: Clock;
  private readonly budgetMs: number;
  private spentMs = 0;
  private isArmed = false;
  private waiting: (() => void)[] = [];

  constructor(clock: Clock, budgetMs = 4) {
    this.clock = clock;
    this.budgetMs = budgetMs;
  }

  /**
   * Returns true if `job` has run. If false, it will run in a later turn, and the caller should submit nothing more
   * until then.
   */
  run(job: () => void): boolean {
    this.arm();
    if (this.waiting.length > 0 || this.spentMs >= this.budgetMs) {
      this.waiting.push(job);
      return false;
    }
    this.spend(job);
    return true;
  }

  /** The number of waiting jobs, at most one per connection. */
  get backlog(): number {
    return this.waiting.length;
  }

  private arm(): void {
    if (this.isArmed) return;
    this.isArmed = true;
    this.clock.soon(() => this.turn());
  }

  private turn(): void {
    this.isArmed = false;
    this.spentMs = 0;
    const jobs = this.waiting;
    let done = 0;
    while (done < jobs.length && this.spentMs < this.budgetMs) this.spend(jobs[done++]);
    this.waiting = jobs.slice(done);
    if (this.spentMs > 0) this.arm();
  }

  private spend(job: () => void): void {
    const startMs = this.clock.monotonic();
    job();
    this.spentMs += this.clock.monotonic() - startMs;
  }
}

/**
 * The turns of all connections. libuv alone would read 32 × 64 KiB from each socket in one turn, and one slice of the
 * RIB's work may concern a thousand sockets, each of which costs a system call.
 */
export class SocketTurns {
  readonly reading: Turns;
  readonly writing: Turns;

  constructor(clock: Clock) {
    this.reading = new Turns(clock);
    this.writing = new Turns(clock);
  }
}
