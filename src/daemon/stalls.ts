import type { Cancel, Clock } from '#clock.ts';
import { FewPerMinute } from './few-per-minute.ts';

/** How often it is checked that time passes evenly. */
const beatMs = 500;
/** A beat that is later than this is reported: a session with a short hold time may have ended meanwhile. */
const stallMs = 2000;
/** A wall clock that was set by more than this is reported. */
const clockStepMs = 2000;

/** What a stall causes is seen within this time after it. */
const aftermathMs = 10_000;

/** A time in which the daemon served no peer; `untilMs` is monotonic. */
export interface Stall {
  readonly ms: number;
  readonly untilMs: number;
  /** What happened, as one line for people. */
  readonly text: string;
}

interface StallsParts {
  readonly clock: Clock;
  /** Processor time that this thread has used, in milliseconds. */
  readonly usedMs: () => number;
  readonly warn: (text: string) => void;
}

/**
 * Reports that the daemon did not run for a while, or that the clock of the machine was set. Without this, all that is
 * seen of a machine that was paused, migrated or swapped is that every peer has ended its session.
 */
export class Stalls {
  private latest: Stall | undefined;
  private readonly parts: StallsParts;
  private readonly few: FewPerMinute;
  private cancel: Cancel | undefined;
  private beat = { atMs: 0, wallMs: 0, usedMs: 0 };

  constructor(parts: StallsParts) {
    this.parts = parts;
    this.few = new FewPerMinute(parts.clock);
  }

  start(): void {
    this.beat = this.now();
    this.cancel = this.parts.clock.every(beatMs, () => this.check());
  }

  stop(): void {
    this.cancel?.();
  }

  /** Returns the latest stall if a session that ended at this moment may have ended because of it. */
  behind(lostMs: number): Stall | undefined {
    const { latest } = this;
    if (latest === undefined) return undefined;
    const sinceMs = latest.untilMs - latest.ms;
    return lostMs >= sinceMs && lostMs <= latest.untilMs + aftermathMs ? latest : undefined;
  }

  /** Returns the latest stall if it ended at or after this moment of the monotonic clock. */
  since(ms: number): Stall | undefined {
    return this.latest !== undefined && this.latest.untilMs >= ms ? this.latest : undefined;
  }

  private now(): Stalls['beat'] {
    const { clock, usedMs } = this.parts;
    return { atMs: clock.monotonic(), wallMs: clock.wall(), usedMs: usedMs() };
  }

  private check(): void {
    const before = this.beat;
    const now = this.now();
    this.beat = now;
    const passedMs = now.atMs - before.atMs;
    const lateMs = passedMs - beatMs;
    if (lateMs > stallMs) {
      const text = stallText(lateMs, now.usedMs - before.usedMs);
      this.latest = { ms: lateMs, untilMs: now.atMs, text };
      this.warn(`${text}; peers with BFD or a shorter hold time may have ended their sessions`);
    }
    const stepMs = now.wallMs - before.wallMs - passedMs;
    if (Math.abs(stepMs) > clockStepMs) this.warn(stepText(stepMs));
  }

  private warn(text: string): void {
    this.few.pass(() => this.parts.warn(text));
  }
}

function stallText(lateMs: number, usedMs: number): string {
  const seconds = (lateMs / 1000).toFixed(1);
  return usedMs > lateMs / 2
    ? `this daemon was busy for ${seconds} s with one piece of work and served no peer`
    : `this daemon did not run for ${seconds} s: the machine was paused, swapped, or short of processor time`;
}

/** A machine that was suspended sees this too, since its monotonic clock stood still. */
function stepText(stepMs: number): string {
  const seconds = (Math.abs(stepMs) / 1000).toFixed(1);
  const direction = stepMs > 0 ? 'forward' : 'back';
  const more = stepMs > 0 ? ', or the machine was suspended' : '';
  return `the clock of this machine was set ${direction} by ${seconds} s${more}; hold times and timers do not depend on it`;
}
