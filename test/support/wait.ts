import { inspect } from 'node:util';

export interface Patience {
  /** Gives up after this many seconds. The default is 60, because the machine may be slow and busy with other tests. */
  readonly seconds?: number;
  /** The time between two checks; 50 ms by default. */
  readonly everyMs?: number;
}

/**
 * Checks until `accept` holds and returns what was seen; a probe that throws counts as "not yet". Fails after the
 * deadline, and reports what was seen last.
 */
export async function waitFor<Seen>(
  what: string,
  look: () => Promise<Seen> | Seen,
  accept: (seen: Seen) => boolean,
  patience: Patience = {},
): Promise<Seen> {
  const seconds = patience.seconds ?? 60;
  const deadline = performance.now() + seconds * 1000;
  let last: unknown = 'nothing';
  do {
    try {
      const seen = await look();
      if (accept(seen)) return seen;
      last = seen;
    } catch (error) {
      last = error;
    }
    await pause(patience.everyMs ?? 50);
  } while (performance.now() < deadline);
  throw new Error(`waited ${seconds} s for: ${what}\nlast seen: ${show(last)}`);
}

/** Checks repeatedly for `seconds`, and fails as soon as `holds` does not hold. */
export async function holdsFor<Seen>(
  what: string,
  seconds: number,
  look: () => Promise<Seen> | Seen,
  holds: (seen: Seen) => boolean,
): Promise<void> {
  const deadline = performance.now() + seconds * 1000;
  do {
    const seen = await look();
    if (!holds(seen)) throw new Error(`no longer so: ${what}\nseen: ${show(seen)}`);
    await pause(200);
  } while (performance.now() < deadline);
}

export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** Returns the seconds that `action` took, rounded to milliseconds. */
export async function timed(action: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await action();
  return Math.round(performance.now() - start) / 1000;
}

function show(seen: unknown): string {
  return seen instanceof Error ? String(seen) : inspect(seen, { depth: 6, breakLength: 120 });
}
