import type { Clock } from '#clock.ts';

/** A clock that runs no timer. Nothing here waits; only the reporting of events is ever deferred. */
export class StoppedClock implements Clock {
  nowMs = 0;

  monotonic(): number {
    return this.nowMs;
  }

  wall(): number {
    return this.nowMs;
  }

  after(): () => void {
    return () => undefined;
  }

  at(): () => void {
    return () => undefined;
  }

  every(): () => void {
    return () => undefined;
  }

  soon(): () => void {
    return () => undefined;
  }
}
