import type { Cause } from '#api/events/causes.ts';
import { wallAt } from '#clock.ts';
import type { Rib } from '#rib/rib.ts';

/** How many causes can still be looked up: more than can be active at a time. */
const kept = 4096;

/** A cause at work. */
export interface KnownCause {
  /** Groups everything that followed from the cause. */
  readonly id: string;
  readonly cause: Cause;
  /** When it was detected, by the monotonic clock and by the wall clock. */
  readonly atMs: number;
  readonly atWallMs: number;
  /** The last signs of life before: ages at the detection, in ms. */
  readonly silentMs?: number;
  readonly kernelHeardMs?: number;
}

/** What the part that finds a cause knows about it. */
export type FoundCause = Omit<KnownCause, 'id' | 'atMs' | 'atWallMs'> & {
  /** The time of the detection; absent: now. */
  readonly atMs?: number;
};

interface CausesParts {
  readonly because: Rib['because'];
  readonly clock: { monotonic(): number; wall(): number };
  readonly takeId: () => string;
}

/**
 * The causes of what the RIB does. Each gets a number where it arises, and the RIB carries that through everything that
 * it does as a result, until a best path has changed.
 */
export class Causes {
  private readonly parts: CausesParts;
  private readonly ring: (KnownCause | undefined)[] = [];
  private last = 0;

  constructor(parts: CausesParts) {
    this.parts = parts;
  }

  /** The cause of what is being done now; `undefined` if there is none that is known. */
  get current(): KnownCause | undefined {
    return this.withNumber(this.parts.because.id);
  }

  /** Everything that the action brings about, now or in later slices, has this cause. */
  because<Result>(cause: Cause, action: () => Result): Result {
    return this.run(this.add({ cause }), action);
  }

  /** As `because`, for a cause that has already been added. */
  run<Result>(number: number, action: () => Result): Result {
    return this.parts.because.run(number, action);
  }

  /** Attributes each step of work that takes several turns to this cause. */
  *each(number: number, steps: Iterator<void>): Generator<void> {
    while (this.run(number, () => steps.next()).done !== true) yield;
  }

  add(found: FoundCause): number {
    const { clock, takeId } = this.parts;
    this.last++;
    const atMs = found.atMs ?? clock.monotonic();
    this.ring[this.last % kept] = {
      ...found,
      id: takeId(),
      atMs,
      atWallMs: wallAt(clock, atMs),
    };
    return this.last;
  }

  /** Returns the cause of a single change, which will not be looked up by number. */
  once(cause: Cause): KnownCause {
    const { clock, takeId } = this.parts;
    return { id: takeId(), cause, atMs: clock.monotonic(), atWallMs: clock.wall() };
  }

  /** Returns `undefined` for 0, and for a cause that is too long ago. */
  withNumber(number: number): KnownCause | undefined {
    return number > 0 && number > this.last - kept ? this.ring[number % kept] : undefined;
  }
}
