import type { Clock } from '#clock.ts';

/**
 * Shares out one kind of work among all connections. A turn of the event loop gives it a few milliseconds; what
 * comes beyond waits in order of arrival for the next turns, so that timers (keepalives) and other work go
 * between.
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
   * True: `job` has run. False: it will, in a later turn, and whoever gave it should give nothing more
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

  /** Jobs that wait: one a connection at most. */
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
 * What connections take turns in. libuv alone would read 32 × 64 KiB of each socket in a turn; one slice of the
 * RIB's work may be for a thousand sockets, each of which costs a system call.
 */
export class SocketTurns {
  readonly reading: Turns;
  readonly writing: Turns;

  constructor(clock: Clock) {
    this.reading = new Turns(clock);
    this.writing = new Turns(clock);
  }
}
