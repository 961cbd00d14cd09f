/**
 * KEEPALIVEs of all sessions go out at moments this far apart: hundreds in a row cost half of what
 * they do one by one, each waking the process (bench S4). The last quarter of a second has one.
 */
const sharedEveryMs = 250;

/** 75 to 100 percent of `ms` (RFC 4271 §10); `random` is 0 or more, below 1. */
export function jitter(ms: number, random: () => number): number {
  return ms * (0.75 + 0.25 * random());
}

/** When a KEEPALIVE is due that is to follow within `ms`, 1000 or more: jittered, and moved to a shared moment. */
export function keepaliveDeadline(now: number, ms: number, random: () => number): number {
  const next = Math.ceil((now + jitter(ms, random)) / sharedEveryMs) * sharedEveryMs;
  return next <= now + ms ? next : next - sharedEveryMs;
}
