import type { PrefixLimit } from './policy.ts';

/** What becomes of one more prefix: `warn` lets it in and says so, `trip` ends the session. */
export type Admission = 'admit' | 'warn' | 'block' | 'trip';

const beyond = { block: 'block', warning: 'warn', restart: 'trip', shutdown: 'trip' } as const;

/**
 * Judges a prefix that is not counted yet when `used` others are; a replacement is not asked about and
 * so never trips. The route after the limit is the one that trips it. A warning is given once for each
 * time that the count goes over, by the prefix that takes it there.
 */
export function admit(limit: PrefixLimit | undefined, used: number): Admission {
  if (limit === undefined || used < limit.limit) return 'admit';
  if (limit.action === 'warning' && used > limit.limit) return 'admit';
  return beyond[limit.action];
}

/** Whether one more prefix is let in whatever the limit does: the usual case, asked about before all else. */
export function isBelow(limit: PrefixLimit | undefined, used: number): boolean {
  return limit === undefined || used < limit.limit;
}

/** How many blocked prefixes may come in now; a lowered limit puts none out. Infinite where nothing is ever blocked. */
export function room(limit: PrefixLimit | undefined, used: number): number {
  if (limit?.action !== 'block') return Infinity;
  return Math.max(0, limit.limit - used);
}
