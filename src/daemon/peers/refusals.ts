import type { Cancel, Clock } from '#clock.ts';

/** How long the routes of one refusal are counted before it is logged. */
const countedMs = 1000;

/**
 * Logs that routes of a peer are refused: once per session for each reason, with the number of those that came within a
 * second of the first one, which is the example.
 */
export class Refusals {
  private readonly clock: Clock;
  private readonly log: (text: string) => void;
  private readonly waiting = new Map<() => void, Cancel>();

  constructor(clock: Clock, log: (text: string) => void) {
    this.clock = clock;
    this.log = log;
  }

  /** `count` returns the number of refusals for this reason since the start, including the first route. */
  first(reason: string, example: string, count: () => number): void {
    const before = count() - 1;
    const tell = (): void => {
      this.waiting.delete(tell);
      const routes = count() - before;
      const what = routes === 1 ? '1 route is' : `${routes} routes are`;
      this.log(`${what} refused: ${reason}, such as ${example}`);
    };
    this.waiting.set(tell, this.clock.after(countedMs, tell));
  }

  /** The session has ended, so what is waiting is logged now. */
  end(): void {
    for (const [tell, cancel] of this.waiting) {
      cancel();
      tell();
    }
  }
}
