/** What happens to a peer, or to its routes, beyond a limit. */
export const limitActions = ['block', 'warning', 'restart', 'shutdown'] as const;
export type LimitAction = (typeof limitActions)[number];

/** A maximum of prefixes of one family (RFC 4486 §4). */
export interface PrefixLimit {
  readonly limit: number;
  readonly action: LimitAction;
}

/** What is to happen with one more prefix: `warn` accepts it and logs a warning, `trip` ends the session. */
export type Admission = 'admit' | 'warn' | 'block' | 'trip';

const beyond = { block: 'block', warning: 'warn', restart: 'trip', shutdown: 'trip' } as const;

/**
 * Decides about a prefix that is not counted yet while `used` others are. It is not called for replacements, which
 * therefore never trip the limit; the first prefix beyond the limit does. A warning is given each time that the count
 * crosses the limit, for the prefix that crosses it.
 */
export function admit(limit: PrefixLimit | undefined, used: number): Admission {
  if (limit === undefined || used < limit.limit) return 'admit';
  if (limit.action === 'warning' && used > limit.limit) return 'admit';
  return beyond[limit.action];
}

/**
 * Returns whether one more prefix is accepted whatever the limit's action is. This is the usual case and is checked
 * first.
 */
export function isBelow(limit: PrefixLimit | undefined, used: number): boolean {
  return limit === undefined || used < limit.limit;
}

/**
 * Returns how many blocked prefixes may be accepted now: 0 under a limit that was lowered below what is used, Infinity
 * under one that never blocks.
 */
export function remaining(limit: PrefixLimit | undefined, used: number): number {
  if (limit?.action !== 'block') return Infinity;
  return Math.max(0, limit.limit - used);
}
