import type { Clock } from '#clock.ts';

/**
 * How much of a turn of the event loop, in milliseconds, all work together may have used when each kind of it stops.
 */
const limitsMs = { reading: 4, ending: 6, deciding: 9, writing: 12 } as const;

/**
 * While more is read or decided, what is to be written is collected for twice as long as writing it will take, or while
 * the slices are urgent, but no longer than this many milliseconds. With hundreds of sockets, system calls took more time
 * than everything else.
 */
const longestCollectingMs = 20;

/**
 * For how many milliseconds a slice that is not urgent may be put off because its part of the turn is over before it
 * begins: reading hundreds of sockets takes that long for system calls alone, which the budget does not count.
 */
const longestDelayMs = 20;

/** Some work, or the next part of it. Returns true if nothing of it is left. */
export type Step = () => boolean;

/** The RIB's work. */
export interface Deciding {
  /**
   * While true, it does not wait until what was sent before is written, and what it has sent then is written before
   * anything else is decided.
   */
  readonly isUrgent: boolean;
  /** Does a part of it, which should end when `isLate`. */
  slice(isLate: () => boolean): void;
}

/** The time that work has taken since the turn began. */
class TurnBudget {
  private readonly clock: Clock;
  private usedMs = 0;

  constructor(clock: Clock) {
    this.clock = clock;
  }

  /** Runs the work, which is told how to ask whether so much of the turn has been used, itself included. */
  spend<Result>(work: (hasUsed: (ms: number) => boolean) => Result): Result {
    const startMs = this.clock.monotonic();
    const beforeMs = this.usedMs;
    const result = work((ms) => beforeMs + this.clock.monotonic() - startMs >= ms);
    this.usedMs = beforeMs + this.clock.monotonic() - startMs;
    return result;
  }

  hasUsed(ms: number): boolean {
    return this.usedMs >= ms;
  }

  renew(): void {
    this.usedMs = 0;
  }
}

/**
 * One kind of work of all connections. It is done at once while its part of the turn lasts. What is left then waits in
 * order of arrival for the end of this turn and of the next ones, so that timers (KEEPALIVEs) and other work run in
 * between.
 */
export class TurnQueue {
  private readonly budget: TurnBudget;
  private readonly untilMs: number;
  private readonly arm: () => void;
  private readonly waiting: Step[] = [];
  private isResuming = false;
  /** Whether the steps of `runSoon` wait until `resume` is called. */
  isCollecting = false;

  /** `arm` has `resume` called at the end of the turn. */
  constructor(budget: TurnBudget, untilMs: number, arm: () => void) {
    this.budget = budget;
    this.untilMs = untilMs;
    this.arm = arm;
  }

  /**
   * Returns true if `step` has done everything. If false, it will be called in a later turn, and the caller should
   * submit nothing more until then.
   */
  run(step: Step): boolean {
    this.arm();
    if (this.waiting.length === 0) {
      while (!this.budget.hasUsed(this.untilMs)) if (this.budget.spend(step)) return true;
    }
    this.waiting.push(step);
    return false;
  }

  /** As `run`, when the callback that the event loop is in has ended. */
  runSoon(step: Step): void {
    this.arm();
    this.waiting.push(step);
    if (this.isResuming || this.isCollecting) return;
    this.isResuming = true;
    queueMicrotask(() => {
      if (this.isResuming && !this.isCollecting) this.resume(0);
    });
  }

  /**
   * Continues with what waits; after each step it is another's turn. At least so many steps are done. Returns how many
   * were done.
   */
  resume(atLeast: number): number {
    this.isResuming = false;
    const { waiting, budget } = this;
    let steps = 0;
    for (; steps < atLeast || !budget.hasUsed(this.untilMs); steps++) {
      const step = waiting.shift();
      if (step === undefined) break;
      if (!budget.spend(step)) waiting.push(step);
    }
    return steps;
  }

  /** The number of steps that wait, at most one per connection. */
  get backlog(): number {
    return this.waiting.length;
  }
}

/**
 * Divides the turns of the event loop among reading, connections that have ended, the work of the RIB, and writing, all
 * of which use one budget: what a turn takes is what a peer feels. libuv alone would read 32 × 64 KiB from each socket
 * in one turn, a switch that fails ends hundreds of connections in one, and one slice of the RIB's work may concern a
 * thousand sockets, each of which costs a system call.
 */
export class LoopTurns {
  readonly reading: TurnQueue;
  /** Losses: what is read of other peers does not delay them. */
  readonly ending: TurnQueue;
  readonly writing: TurnQueue;
  private readonly clock: Clock;
  private readonly budget: TurnBudget;
  private deciding: Deciding | undefined;
  private isArmed = false;
  /** When the turn began. */
  private armedMs = 0;
  /** When the first slice began whose writes are being collected. */
  private collectingSinceMs = 0;
  /** Whether something urgent is among what waits to be written. */
  private isWritingUrgent = false;
  /** When the slice was requested. */
  private requestedMs = 0;
  /** How long writing to one socket took the last time. */
  private writeMs = 0;

  constructor(clock: Clock) {
    this.clock = clock;
    this.budget = new TurnBudget(clock);
    const arm = (): void => this.arm();
    this.reading = new TurnQueue(this.budget, limitsMs.reading, arm);
    this.ending = new TurnQueue(this.budget, limitsMs.ending, arm);
    this.writing = new TurnQueue(this.budget, limitsMs.writing, arm);
  }

  /**
   * Has a slice done: at the end of this turn if it is urgent and nothing urgent waits to be written, or if what waits is
   * being collected; otherwise at the end of the first turn at which what waits has been written.
   */
  decide(deciding: Deciding): void {
    this.deciding = deciding;
    this.requestedMs = this.clock.monotonic();
    this.arm();
  }

  private arm(): void {
    if (this.isArmed) return;
    this.isArmed = true;
    this.armedMs = this.clock.monotonic();
    this.clock.soon(() => this.end());
  }

  private end(): void {
    const { budget, reading, ending, writing } = this;
    this.isArmed = false;
    ending.resume(1);
    reading.resume(1);
    const isPutOff = this.mayPutOff();
    const { decidesFirst } = this;
    if (!decidesFirst) this.write();
    if (!isPutOff && (decidesFirst || writing.backlog === 0)) {
      this.decideNow();
      this.write();
    }
    budget.renew();
    const waiting = ending.backlog + reading.backlog + writing.backlog;
    if (this.deciding !== undefined || waiting > 0) this.arm();
  }

  private mayPutOff(): boolean {
    const nowMs = this.clock.monotonic();
    if (this.deciding === undefined || this.isUrgent) return false;
    if (nowMs - this.armedMs < limitsMs.deciding) return false;
    return nowMs - this.requestedMs < longestDelayMs;
  }

  /** A loss that was advertised must not wait for what is decided after it. */
  private get decidesFirst(): boolean {
    return this.writing.isCollecting || (this.isUrgent && !this.isWritingUrgent);
  }

  private get isUrgent(): boolean {
    return this.deciding?.isUrgent === true;
  }

  private decideNow(): void {
    const { deciding, writing, isUrgent } = this;
    if (!writing.isCollecting) this.collectingSinceMs = this.clock.monotonic();
    this.isWritingUrgent ||= isUrgent;
    this.deciding = undefined;
    this.budget.spend((hasUsed) => deciding?.slice(() => hasUsed(limitsMs.deciding)));
    const areLossesTold = isUrgent && !this.isUrgent;
    writing.isCollecting = !areLossesTold && this.mayCollect();
  }

  private mayCollect(): boolean {
    if (this.deciding === undefined && this.reading.backlog === 0) return false;
    const enoughMs = this.isUrgent ? Infinity : 2 * this.writing.backlog * this.writeMs;
    const limitMs = Math.min(enoughMs, longestCollectingMs);
    return this.clock.monotonic() - this.collectingSinceMs < limitMs;
  }

  private write(): void {
    const { writing, clock } = this;
    if (writing.isCollecting) return;
    const startMs = clock.monotonic();
    const steps = writing.resume(1);
    if (steps > 0) this.writeMs = (clock.monotonic() - startMs) / steps;
    if (writing.backlog === 0) this.isWritingUrgent = false;
  }
}
