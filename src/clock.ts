/** Ends a timer; calling it twice, or after it fired, does nothing. */
export type Cancel = () => void;

/** The only source of time. It is injected everywhere, so that tests can use a manual one. */
export interface Clock {
  /** Milliseconds, fractional, never decreasing; only differences are meaningful. */
  monotonic(): number;
  /** Unix milliseconds, for people to read; jumps when the system clock is set. */
  wall(): number;
  /** Calls `fn` once, `ms` from now. */
  after(ms: number, fn: () => void): Cancel;
  /** Calls `fn` once, when `monotonic()` has reached `deadline`, or in the next turn if it already has. */
  at(deadline: number, fn: () => void): Cancel;
  /** Calls `fn` repeatedly; a late call is not made up for. */
  every(ms: number, fn: () => void): Cancel;
  /** Calls `fn` after the I/O that is pending now, so that sockets are read between two slices of work. */
  soon(fn: () => void): Cancel;
}

/** setTimeout and setInterval fire at once for a longer time, because their counter is a signed 32-bit number. */
const longestTimeoutMs = 2 ** 31 - 1;

/** The real clock. Its timers keep the process alive until they are cancelled. */
export const systemClock: Clock = {
  monotonic: () => performance.now(),
  wall: () => Date.now(),
  after: (ms, fn) => systemClock.at(performance.now() + ms, fn),
  at: (deadline, fn) => timeoutAt(deadline, fn),
  every: (ms, fn) => {
    if (ms > longestTimeoutMs) return afterEach(ms, fn);
    const timer = setInterval(fn, ms);
    return () => clearInterval(timer);
  },
  soon: (fn) => {
    const immediate = setImmediate(fn);
    return () => clearImmediate(immediate);
  },
};

/** Node rounds to whole milliseconds and may fire a fraction early. This never calls back before the deadline. */
function timeoutAt(deadline: number, fn: () => void): Cancel {
  let timer: NodeJS.Timeout;
  const arm = (): void => {
    const leftMs = Math.ceil(deadline - performance.now());
    timer = setTimeout(fire, Math.min(Math.max(leftMs, 0), longestTimeoutMs));
  };
  const fire = (): void => {
    if (performance.now() < deadline) arm();
    else fn();
  };
  arm();
  return () => clearTimeout(timer);
}

/** Like `every`, for times of any length. */
function afterEach(ms: number, fn: () => void): Cancel {
  let cancel: Cancel;
  const arm = (): void => {
    cancel = systemClock.after(ms, () => {
      arm();
      fn();
    });
  };
  arm();
  return () => cancel();
}

/** Returns what the wall clock would have shown, as it is set now, when the monotonic one showed this. */
export function wallAt(clock: Pick<Clock, 'monotonic' | 'wall'>, monotonicMs: number): number {
  return clock.wall() - (clock.monotonic() - monotonicMs);
}

/** Returns Unix milliseconds as RFC 3339 UTC with milliseconds. */
export function timestamp(wallMs: number): string {
  return new Date(wallMs).toISOString();
}

/** Returns a moment of the monotonic clock as people read it. */
export function wallTime(clock: Pick<Clock, 'monotonic' | 'wall'>, monotonicMs: number): string {
  return timestamp(wallAt(clock, monotonicMs));
}

/** Returns CLOCK_MONOTONIC in microseconds, as other processes of this machine read it. */
export function monotonicUsec(): bigint {
  return process.hrtime.bigint() / 1000n;
}
