import { changeKinds, type EventView } from '#api/events/event-view.ts';
import { idTakenMs } from '#api/events/events.ts';
import type { FailoverView } from '#api/events/failover.ts';
import { systemClock, timestamp } from '#clock.ts';
import { CliError, exitCodes } from '../../cli-error.ts';
import type { Cli } from '../../cli-parts.ts';
import { Refusal } from '../../client.ts';
import { pagesOf, warnIfIncomplete } from '../../pages.ts';

/**
 * A failover is recorded when it is over, which takes a little more than 10 s, while its id is from when it was
 * decided.
 */
const recordedWithinMs = 10 * 60_000;
/** An id may be larger than the time if the clock was set back. */
const idLeadMs = 5_000;
/** What happened this long before and after a failover belongs to its story. */
const aroundMs = 60_000;
/** What operators changed this long before it belongs to it too. */
const changedWithinMs = 60 * 60_000;

type Range = Readonly<Record<'since' | 'until', string>>;

/** Searches the whole history for the failover, first where its id says that it is. */
export async function findFailover(cli: Cli, id: string): Promise<FailoverView> {
  const decidedMs = idTakenMs(id);
  const found =
    (await foundIn(cli, id, rangeOf(decidedMs - idLeadMs, decidedMs + recordedWithinMs))) ??
    (await foundIn(cli, id));
  if (found !== undefined) return found;
  throw new CliError(exitCodes.refused, `no failover ${id} is in the history`);
}

async function foundIn(cli: Cli, id: string, range?: Range): Promise<FailoverView | undefined> {
  for await (const { value } of pagesOf<FailoverView>(cli.client(), '/api/v1/failovers', range)) {
    warnIfIncomplete(cli, value);
    const found = value.items.find((item) => item.id === id);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** Returns the failover, what followed from its cause, what else happened, and the present state, for a post-mortem. */
export async function storyOf(cli: Cli, failover: FailoverView) {
  const { prefix, suspected_at: suspected, at, cause_id: causeId } = failover;
  const atMs = Date.parse(at);
  const around = rangeOf(Date.parse(suspected ?? at) - aroundMs, atMs + aroundMs);
  const before = rangeOf(atMs - changedWithinMs, atMs);
  const events = await eventsOf(cli, around);
  const changes: EventView[] = [];
  for (const kind of changeKinds) changes.push(...(await eventsOf(cli, { ...before, kind })));
  const address = new URLSearchParams({ prefix }).toString();
  return {
    failover,
    cause: events.find(({ summary }) => summary?.cause_id === causeId)?.summary,
    events,
    changes_before: changes.toSorted((a, b) => (a.at < b.at ? -1 : 1)),
    now: {
      at: timestamp(systemClock.wall()),
      explain: await ifThere(cli, `/api/v1/explain?${address}`),
      coherence: await ifThere(cli, '/api/v1/coherence'),
    },
  };
}

/** Returns events, oldest first. */
async function eventsOf(cli: Cli, query: Readonly<Record<string, string>>): Promise<EventView[]> {
  const events: EventView[] = [];
  for await (const { value } of pagesOf<EventView>(cli.client(), '/api/v1/events', query)) {
    warnIfIncomplete(cli, value);
    events.push(...value.items);
  }
  return events.toReversed();
}

/** Returns nothing if there is no answer: an address that is no longer announced, for example, has no explanation. */
async function ifThere(cli: Cli, path: string): Promise<unknown> {
  try {
    return (await cli.client().get<unknown>(path)).value;
  } catch (error) {
    if (error instanceof Refusal) return { unknown: error.message };
    throw error;
  }
}

function rangeOf(sinceMs: number, untilMs: number): Range {
  return { since: timestamp(Math.max(0, sinceMs)), until: timestamp(untilMs) };
}
