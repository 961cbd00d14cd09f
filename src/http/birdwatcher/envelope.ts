import { type Clock, timestamp } from '#clock.ts';
import { type Problem, problemBody, type ProblemBody } from '../problem.ts';

/** The version of birdwatcher whose answers these are; Alice-LG panics without it. */
const birdwatcherVersion = '2.2.5';

/** How long Alice-LG keeps an answer, milliseconds. Each answer is made from the live state. */
const lifetimeMs = 30_000;

/** What every answer begins with. Clients that read it as a stream expect `api` and `ttl` first. */
export interface Envelope {
  readonly api: object;
  /** RFC 3339. */
  readonly ttl: string;
  readonly cached_at: object;
}

export function envelope(clock: Clock): Envelope {
  const now = clock.wall();
  const cachedAt = { date: timestamp(now), timezone_type: 'UTC', timezone: 'UTC' };
  return {
    api: {
      Version: birdwatcherVersion,
      version: birdwatcherVersion,
      result_from_cache: false,
      cache_status: { cached_at: cachedAt },
    },
    ttl: timestamp(now + lifetimeMs),
    cached_at: cachedAt,
  };
}

/** Returns an RFC 3339 time in UTC as birdwatcher writes it: `2025-11-22 20:37:27`. */
export function clockTime(rfc3339: string): string {
  return rfc3339.slice(0, 19).replace('T', ' ');
}

export const mount = '/birdwatcher';

/** Returns whether clients of birdwatcher make such a request. */
export function isBirdwatcher(url: string): boolean {
  return url.startsWith(`${mount}/`);
}

/** Returns the problem as problem+json, with the member that Alice-LG shows to its user. */
export function birdwatcherError(problem: Problem): ProblemBody & { error: string } {
  return { ...problemBody(problem), error: problem.message };
}
