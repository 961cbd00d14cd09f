import type { Cause } from '#api/causes.ts';
import type { Rib } from '#rib/rib.ts';

/** Causes that can still be asked for: more than can be at work at a time. */
const kept = 4096;

/** A cause at work. */
export interface KnownCause {
  /** As what came of it is grouped by. */
  readonly id: string;
  readonly cause: Cause;
  /** When it was detected, by the monotonic clock and by the wall's. */
  readonly atMs: number;
  readonly atWallMs: number;
  /** Signs of life before, ages at the detection in ms. */
  readonly silentMs?: number;
  readonly kernelHeardMs?: number;
}

/** What of a cause its finder knows. */
export type FoundCause = Omit<KnownCause, 'id' | 'atMs' | 'atWallMs'> & {
  /** The moment of the detection; absent: now. */
  readonly atMs?: number;
};

interface CausesParts {
  readonly because: Rib['because'];
  readonly clock: { monotonic(): number; wall(): number };
  readonly takeId: () => string;
}

/**
 * The causes of what the RIB does: each gets a number where it happens, which the RIB carries through everything
 * that it does for it, until a best path has changed.
 */
export class Causes {
  private readonly parts: CausesParts;
  private readonly ring: (KnownCause | undefined)[] = [];
  private last = 0;

  constructor(parts: CausesParts) {
    this.parts = parts;
  }

  /** What is done now is done for this; `undefined`: for nothing that is known. */
  get current(): KnownCause | undefined {
    return this.withNumber(this.parts.because.id);
  }

  /** Whatever the action brings about, now or in later slices, has this cause. */
  because<Result>(cause: Cause, action: () => Result): Result {
    return this.run(this.add({ cause }), action);
  }

  /** As `because`, for a cause that has been added. */
  run<Result>(number: number, action: () => Result): Result {
    return this.parts.because.run(number, action);
  }

  /** Each step of what takes several turns is done for this. */
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
      atWallMs: clock.wall() - (clock.monotonic() - atMs),
    };
    return this.last;
  }

  /** A cause of one change, which nothing else has: it is not asked for by number. */
  once(cause: Cause): KnownCause {
    const { clock, takeId } = this.parts;
    return { id: takeId(), cause, atMs: clock.monotonic(), atWallMs: clock.wall() };
  }

  /** `undefined` for 0, and for one that is too long ago. */
  withNumber(number: number): KnownCause | undefined {
    return number > 0 && number > this.last - kept ? this.ring[number % kept] : undefined;
  }
}
