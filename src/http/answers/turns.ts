import type { Clock } from '#clock.ts';

/**
 * Shares the event loop between all who ask over HTTP and the daemon's own work: each turn of the loop
 * goes on with one answer, by a slice, whoever else waits; they are served in the order they came.
 * However many clients want however much, BGP waits for a slice at most.
 */
export class Turns {
  private readonly clock: Clock;
  private readonly waiting: (() => void)[] = [];
  private isArmed = false;

  constructor(clock: Clock) {
    this.clock = clock;
  }

  /** Before each slice of an answer; a slice is a few milliseconds. */
  next(): Promise<void> {
    return new Promise((resolve) => {
      this.waiting.push(resolve);
      this.arm();
    });
  }

  private arm(): void {
    if (this.isArmed) return;
    this.isArmed = true;
    this.clock.soon(() => {
      this.isArmed = false;
      this.waiting.shift()?.();
      if (this.waiting.length > 0) this.arm();
    });
  }
}
