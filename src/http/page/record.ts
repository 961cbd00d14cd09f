import type { EventView } from '#api/events/event-view.ts';
import { idTakenMs } from '#api/events/events.ts';
import type { FailoverCauseView, FailoverView } from '#api/events/failover.ts';
import type { EventQuery, FailoverQuery, Queries } from '#api/queries.ts';
import { timestamp } from '#clock.ts';
import type { Gap, Window } from './timeline.ts';

/** What views read from the history. */

/** How many failovers a timeline is drawn from at most. */
const mostFailovers = 1000;
/** How many starts of the daemon it shows at most. */
const mostStarts = 10;
/** A failover is recorded within this time of its detection. */
const recordedWithinMs = 15_000;

/** The failovers of a window, and the times of which nothing is known. */
export interface Past {
  /** Oldest first. */
  readonly failovers: readonly FailoverView[];
  /** In order. */
  readonly gaps: readonly Gap[];
  /** Why something is missing. */
  readonly incomplete?: string;
}

/** Reads the failovers of a window; of all services, of one, or of one address. */
export async function pastOf(
  queries: Queries,
  window: Window,
  about: Pick<FailoverQuery, 'service' | 'prefix'> = {},
): Promise<Past> {
  const until = timestamp(window.toMs + recordedWithinMs);
  const query = { ...about, since: timestamp(window.fromMs), until };
  const page = await queries.failovers(query, { limit: mostFailovers });
  const failovers = page.items.filter(isOfAddress).toReversed();
  const gaps = await gapsOf(queries, window);
  if (page.next_cursor === undefined) {
    const { incomplete } = page;
    return { failovers, gaps, ...(incomplete !== undefined && { incomplete }) };
  }
  const fromMs = Date.parse(failovers.at(0)?.at ?? until);
  return {
    failovers,
    gaps: merged([{ fromMs: window.fromMs, toMs: fromMs }, ...gaps]),
    incomplete: `only the last ${mostFailovers} moves are drawn`,
  };
}

/** Returns the failover with this id. An id contains its time, by which the history is searched. */
export async function failoverOf(queries: Queries, id: string): Promise<FailoverView | undefined> {
  if (!/^[0-9a-z]{1,11}$/.test(id)) return undefined;
  const atMs = idTakenMs(id);
  const query = {
    since: timestamp(atMs - recordedWithinMs),
    until: timestamp(atMs + recordedWithinMs),
  };
  let cursor: string | undefined;
  do {
    const page = await queries.failovers(query, {
      limit: mostFailovers,
      ...(cursor !== undefined && { cursor }),
    });
    const found = page.items.filter(isOfAddress).find((one) => one.id === id);
    if (found !== undefined) return found;
    cursor = page.next_cursor;
  } while (cursor !== undefined);
  return undefined;
}

/** Returns the last events, for the history of a peer or a prefix. */
export async function lastEvents(queries: Queries, query: EventQuery): Promise<EventView[]> {
  const { items } = await queries.events(query, { limit: mostOfHistory });
  return items;
}

/** How many events the page of a peer or a prefix lists at most. */
const mostOfHistory = 15;

function isOfAddress(item: FailoverView | FailoverCauseView): item is FailoverView {
  return 'prefix' in item;
}

/** Returns a gap before each start of the daemon; it begins with the last event that is recorded before. */
async function gapsOf(queries: Queries, { fromMs, toMs }: Window): Promise<Gap[]> {
  const within = { since: timestamp(fromMs), until: timestamp(toMs) };
  const starts = await queries.events({ ...within, kind: 'started' }, { limit: mostStarts });
  const gaps: Gap[] = [];
  for (const { at, id } of starts.items.toReversed()) {
    const [before] = (await queries.events({}, { limit: 1, cursor: id })).items;
    gaps.push({
      fromMs: before === undefined ? fromMs : Date.parse(before.at),
      toMs: Date.parse(at),
    });
  }
  return merged(gaps);
}

/** Returns the gaps in order, without overlaps. */
function merged(gaps: readonly Gap[]): Gap[] {
  const apart: Gap[] = [];
  for (const gap of gaps) {
    const last = apart.at(-1);
    if (last === undefined || gap.fromMs > last.toMs) apart.push(gap);
    else apart[apart.length - 1] = { fromMs: last.fromMs, toMs: Math.max(last.toMs, gap.toMs) };
  }
  return apart;
}
