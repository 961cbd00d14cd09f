import {
  type EventPage,
  type EventQuery,
  type FailoverPage,
  type FailoverQuery,
  type PageRequest,
  QueryError,
} from '#api/queries.ts';
import { formatPrefix, parseAddressOrPrefix } from '#text/prefix.ts';
import { TextError } from '#text/text-error.ts';
import { durationToMs } from '#text/units.ts';
import type { Daemon } from '../daemon.ts';
import type { RecordQuery } from '../record/recorder.ts';

/** Only queries of failovers use these. */
type FailoversOnly = Pick<RecordQuery, 'isSummary' | 'causeKind'>;

/** Answers a query of the history. */
export async function recordedEvents(
  daemon: Daemon,
  query: EventQuery & FailoversOnly,
  { limit, cursor }: PageRequest,
): Promise<EventPage> {
  if (cursor !== undefined && !/^[0-9a-z]{1,11}$/.test(cursor)) {
    throw new QueryError('bad_cursor', 'the cursor was not issued by this server');
  }
  const page = await daemon.journal.history.page(recordQuery(daemon, query), limit, cursor);
  const { items, isMore, incomplete } = page;
  const last = items.at(-1)?.id;
  return {
    items,
    ...(isMore && last !== undefined && { next_cursor: last }),
    ...(incomplete !== undefined && { incomplete }),
  };
}

/** Answers a query of failovers: by address, or by cause. */
export async function recordedFailovers(
  daemon: Daemon,
  { group, kind: causeKind, ...query }: FailoverQuery,
  page: PageRequest,
): Promise<FailoverPage> {
  const isSummary = group === 'cause';
  const ofCause = causeKind === undefined ? {} : { causeKind };
  const failovers = { ...query, kind: 'failover', isSummary, ...ofCause } as const;
  const { items, ...more } = await recordedEvents(daemon, failovers, page);
  return { items: items.flatMap(({ failover, summary }) => failover ?? summary ?? []), ...more };
}

function recordQuery({ clock, peers }: Daemon, query: EventQuery & FailoversOnly): RecordQuery {
  const { since, until, peer, prefix, service, kind, causeKind, isSummary } = query;
  const now = clock.wall();
  return {
    ...(since !== undefined && { sinceMs: momentOf(since, now) }),
    ...(until !== undefined && { untilMs: momentOf(until, now) }),
    // A peer that has been removed from the configuration is still in the history.
    ...(peer !== undefined && { peer: peers.find(peer)?.name ?? peer }),
    ...(prefix !== undefined && { prefix: prefixText(prefix) }),
    ...(service !== undefined && { service }),
    ...(kind !== undefined && { kind }),
    ...(causeKind !== undefined && { causeKind }),
    ...(isSummary !== undefined && { isSummary }),
  };
}

/** Returns a time, or a duration before now, as Unix ms. Throws a QueryError for any other text. */
export function momentOf(text: string, nowMs: number): number {
  const agoMs = durationToMs(text);
  const moment = Number.isNaN(agoMs) ? Date.parse(text) : nowMs - agoMs;
  if (!Number.isNaN(moment)) return moment;
  throw new QueryError(
    'bad_time',
    `${text}: expected a time such as 2026-11-28T14:00:00Z or a duration such as 2h`,
  );
}

/** An address counts as the prefix of its full length. */
function prefixText(text: string): string {
  try {
    return formatPrefix(parseAddressOrPrefix(text));
  } catch (error) {
    if (!(error instanceof TextError)) throw error;
    throw new QueryError('bad_prefix', error.message);
  }
}
