import { type Cancel, type Clock, systemClock } from '#clock.ts';

/** The real clock, which a test can put forward: hours pass, and timers that are due run at once. */
export class ShiftedClock implements Clock {
  private shiftMs = 0;
  private wallShiftMs = 0;
  private readonly beats = new Set<() => void>();

  monotonic(): number {
    return systemClock.monotonic() + this.shiftMs;
  }

  wall(): number {
    return systemClock.wall() + this.shiftMs + this.wallShiftMs;
  }

  after(ms: number, fn: () => void): Cancel {
    return systemClock.after(ms, fn);
  }

  at(deadline: number, fn: () => void): Cancel {
    return systemClock.at(deadline - this.shiftMs, fn);
  }

  every(ms: number, fn: () => void): Cancel {
    this.beats.add(fn);
    const cancel = systemClock.every(ms, fn);
    return () => {
      this.beats.delete(fn);
      cancel();
    };
  }

  soon(fn: () => void): Cancel {
    return systemClock.soon(fn);
  }

  /** Sets the clock of the system without letting time pass. */
  stepWall(ms: number): void {
    this.wallShiftMs += ms;
  }

  pass(ms: number): void {
    this.shiftMs += ms;
    for (const beat of this.beats) beat();
  }
}
