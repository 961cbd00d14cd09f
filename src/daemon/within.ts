import type { Clock } from '#clock.ts';

/** Resolves when `work` has, or after this time at the latest. Rejects if `work` does before that. */
export async function within(
  clock: Pick<Clock, 'after'>,
  ms: number,
  work: Promise<unknown>,
): Promise<void> {
  const { promise: isLate, resolve } = Promise.withResolvers<void>();
  const cancel = clock.after(ms, resolve);
  await Promise.race([isLate, work]).finally(cancel);
}
