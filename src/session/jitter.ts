/**
 * KEEPALIVEs of all sessions are sent at moments that are this far apart. Sending hundreds in a row costs half
 * as much as one by one, since each would wake the process (bench S4). The last quarter of a second contains
 * one such moment.
 */
const sharedEveryMs = 250;

/** Returns 75 to 100 percent of `ms` (RFC 4271 §10); `random` is at least 0 and below 1. */
export function jitter(ms: number, random: () => number): number {
  return ms * (0.75 + 0.25 * random());
}

/**
 * Returns when the next KEEPALIVE is due that must follow within `ms` (1000 or more): jittered, and moved to a
 * shared moment.
 */
export function keepaliveDeadline(now: number, ms: number, random: () => number): number {
  const next = Math.ceil((now + jitter(ms, random)) / sharedEveryMs) * sharedEveryMs;
  return next <= now + ms ? next : next - sharedEveryMs;
}
