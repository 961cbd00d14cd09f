import { eventKinds } from '#api/events/event-view.ts';
import { type EventQuery, QueryError } from '#api/queries.ts';
import type { ServiceAddressView, ServiceRows, ServiceView } from '#api/views/service.ts';
import type { TroubleView } from '#api/views/trouble.ts';
import { finished } from '../answers/work.ts';
import type { Context } from '../context.ts';
import { found } from '../problem.ts';
import type { Frame } from './frame.ts';
import type { Html } from './html.ts';
import { type Asked, type Make, placeIn, view } from './made.ts';
import { failoverOf, pastOf } from './record.ts';
import { fromFirstRecord, spansOf, type Window } from './timeline.ts';
import { eventsView, pageEvents } from './views/events.ts';
import { failoverView } from './views/failover.ts';
import { countOf } from './views/services.ts';
import {
  firstZoom,
  lengthMs,
  timelinePage,
  type TimelineParts,
  timelineView,
  zoomIn,
} from './views/timeline.ts';

/** How many rows the timeline has on its own page, and on the first screen. */
const pageRows = 100;
const firstRows = 8;
/** Unless a span is chosen, the timeline begins where the record does, but at least this long ago. */
const leastMs = 60_000;

/** What happened: the views that read the history. */
export const recordPages: Readonly<Record<string, Make>> = {
  '/timeline': async (context, frame, asked) => {
    const { queries, turns } = context;
    const services = await finished(turns, queries.services());
    const { service } = asked;
    const addresses = addressesOf(
      services.filter(({ name }) => service === undefined || name === service),
    );
    const from = placeIn(asked);
    const shown = addresses.slice(from, from + pageRows);
    const parts = await timelineOf(context, asked, shown, {
      path: 'timeline',
      kept: service === undefined ? {} : { service },
    });
    return view({
      title: 'Timeline',
      place: 'timeline',
      body: timelinePage(frame, parts, { from, pageRows, total: addresses.length }),
    });
  },

  '/events': async ({ queries }, frame, asked) => {
    const query = eventQueryIn(asked);
    const { cursor } = asked;
    const page = { limit: pageEvents, ...(cursor !== undefined && { cursor }) };
    const events = await queries.events(query, page);
    return view({ title: 'Events', place: 'events', body: eventsView(frame, query, events) });
  },

  '/failovers/:id': async ({ queries }, frame, { id = '' }) => {
    const unknown = ['unknown_failover', `no failover ${id} is in the history`] as const;
    const failover = found(await failoverOf(queries, id), ...unknown);
    return view({
      title: `Failover of ${failover.prefix}`,
      place: 'timeline',
      body: failoverView(frame, failover),
    });
  },
};

interface FirstScreen {
  readonly services: ServiceRows;
  readonly trouble: TroubleView;
  readonly asked: Asked;
}

/** Makes the timeline of the addresses in trouble and, if there is space, of others. */
export async function firstTimeline(
  context: Context,
  frame: Frame,
  { services, trouble, asked }: FirstScreen,
): Promise<Html> {
  const affected = trouble.addresses.items.slice(0, firstRows).map(({ prefix }) => prefix);
  const others = services.rows.map(({ prefix }) => prefix);
  const prefixes = [...new Set([...affected, ...others])].slice(0, firstRows);
  const shown = prefixes.flatMap((prefix) => context.queries.serviceAddress(prefix) ?? []);
  if (shown.length === 0) return undefined;
  const { service, state } = asked;
  const kept = { ...(service !== undefined && { service }), ...(state !== undefined && { state }) };
  const parts = await timelineOf(context, asked, shown, { path: './', kept });
  return timelineView(frame, parts, { total: countOf(services) });
}

function addressesOf(services: readonly ServiceView[]): ServiceAddressView[] {
  return services.flatMap(({ addresses }) => addresses);
}

/** Reads who served these addresses in the window that is asked for. */
async function timelineOf(
  context: Context,
  asked: Asked,
  addresses: readonly ServiceAddressView[],
  links: Pick<TimelineParts, 'path' | 'kept'>,
): Promise<TimelineParts> {
  const { queries, clock } = context;
  const nowMs = clock.wall();
  const zoom = zoomIn(asked.span) ?? firstZoom;
  const toMs = endIn(asked, nowMs);
  const whole: Window = { fromMs: toMs - lengthMs(zoom), toMs };
  const isNow = toMs === nowMs;
  const about = addresses.length === 1 ? { prefix: addresses[0].prefix } : {};
  const { failovers, gaps, incomplete } = await pastOf(queries, whole, about);
  const isChosen = asked.span !== undefined || asked.until !== undefined;
  const window = isChosen ? whole : fromFirstRecord(whole, gaps, leastMs);
  const byPrefix = Map.groupBy(failovers, ({ prefix }) => prefix);
  return {
    ...links,
    window,
    zoom,
    isNow,
    incomplete,
    nodes: new Map(queries.sources().map(({ name, node = name }) => [name, node])),
    rows: addresses.map(({ prefix, paths }) => {
      const peer = paths.find(({ best }) => best)?.peer;
      const now = { isNow, ...(peer !== undefined && { peer }) };
      return { prefix, spans: spansOf(window, byPrefix.get(prefix) ?? [], gaps, now) };
    }),
  };
}

/** Returns the end of the window, now at the latest. Throws a `QueryError` for a text that is no time. */
function endIn({ until }: Asked, nowMs: number): number {
  if (until === undefined || until === '') return nowMs;
  const ms = Date.parse(until);
  if (Number.isNaN(ms)) {
    throw new QueryError('bad_time', `${until}: expected a time as 2026-11-28T14:00:00Z`);
  }
  return Math.min(ms, nowMs);
}

/** Returns what is asked of the history; an empty field asks for nothing. */
function eventQueryIn(asked: Asked): EventQuery {
  const given = Object.fromEntries(
    (['since', 'until', 'peer', 'prefix', 'service'] as const).flatMap((name) => {
      const text = asked[name]?.trim() ?? '';
      return text === '' ? [] : [[name, text]];
    }),
  );
  const kind = eventKinds.find((name) => name === asked.kind);
  return { ...given, ...(kind !== undefined && { kind }) };
}
