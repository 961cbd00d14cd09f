/** Ends a timer; calling it twice, or after it fired, does nothing. */
export type Cancel = () => void;

/** The only way to time: injected everywhere, so that tests hold a manual one. */
export interface Clock {
  /** Milliseconds, fractional, never going back; only differences mean something. */
  monotonic(): number;
  /** Unix milliseconds, for people to read; steps when the system's clock is set. */
  wall(): number;
  /** Once, `ms` from now. */
  after(ms: number, fn: () => void): Cancel;
  /** Once, when `monotonic()` has reached `deadline`; at the next turn if it has already. */
  at(deadline: number, fn: () => void): Cancel;
  /** Again and again; a late call is not made up for. */
  every(ms: number, fn: () => void): Cancel;
  /** After the I/O that is waiting now: sockets are read between two slices of work. */
  soon(fn: () => void): Cancel;
}

/** setTimeout fires at once when asked for more (its counter is a signed 32-bit number). */
const longestTimeoutMs = 2 ** 31 - 1;

/** The real one. Its timers keep the process alive until cancelled. */
export const systemClock: Clock = {
  monotonic: () => performance.now(),
  wall: () => Date.now(),
  after: (ms, fn) => systemClock.at(performance.now() + ms, fn),
  at: (deadline, fn) => timeoutAt(deadline, fn),
  every: (ms, fn) => {
    const timer = setInterval(fn, ms);
    return () => clearInterval(timer);
  },
  soon: (fn) => {
    const immediate = setImmediate(fn);
    return () => clearImmediate(immediate);
  },
};

/** Node rounds to whole milliseconds and may be early by a fraction: a deadline is never judged before its time. */
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

/** RFC 3339 UTC with milliseconds, of unix milliseconds. */
export function timestamp(wallMs: number): string {
  return new Date(wallMs).toISOString();
}

/** CLOCK_MONOTONIC in microseconds, as other processes of this machine read it. */
export function monotonicUsec(): bigint {
  return process.hrtime.bigint() / 1000n;
}
