import { type Clock, timestamp } from '#clock.ts';
import { type Problem, problemBody, type ProblemBody } from '../problem.ts';

/** The program whose answers these are read as; Alice-LG panics without it. */
const birdwatcherVersion = '2.2.5';

/** Alice-LG keeps an answer so long; behind this one is the live state. */
const lifetimeMs = 30_000;

/** What every answer begins with. Clients that read it as a stream want `api` and `ttl` before all else. */
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

/** `2025-11-22 20:37:27`, as birdwatcher writes the time of day, of an RFC 3339 time in UTC. */
export function clockTime(rfc3339: string): string {
  return rfc3339.slice(0, 19).replace('T', ' ');
}

export const mount = '/birdwatcher';

/** Whether a request is one that clients of birdwatcher send. */
export function isBirdwatcher(url: string): boolean {
  return url.startsWith(`${mount}/`);
}

/** As problem+json, with the member that Alice-LG shows to its user. */
export function birdwatcherError(problem: Problem): ProblemBody & { error: string } {
  return { ...problemBody(problem), error: problem.message };
}
