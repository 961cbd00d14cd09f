import { type EventView, eventView } from '#api/event-view.ts';
import { type EventKind, isBefore } from '#api/events.ts';
import { type Clock, timestamp } from '#clock.ts';
import type { EventBus } from '../event-bus.ts';

/** Events that are kept: of all kinds together, and of those that must not be pushed out by the others. */
const keptOrdinary = 10_000;
const keptReserved = 2_500;
/** Events in a minute of one kind about one peer or prefix; what is more is counted in one line. */
const rowsPerMinute = 60;
const minuteMs = 60_000;

/** Failovers, configurations and what operators did: a flapping peer does not push them out. */
const reserved: ReadonlySet<EventKind> = new Set<EventKind>([
  'failover',
  'config_loaded',
  'config_refused',
  'config_confirmed',
  'config_rolled_back',
  'command',
  'note',
  'drain',
  'undrain',
  'drain_overdue',
  'drain_failed',
  'started',
  'stopping',
]);

/** What is asked of the record; what is absent does not matter. Times in unix ms. */
export interface RecordQuery {
  readonly sinceMs?: number;
  readonly untilMs?: number;
  readonly peer?: string;
  readonly prefix?: string;
  readonly service?: string;
  readonly kind?: EventKind;
  /** Of failovers: the summaries of causes, or the addresses. */
  readonly isSummary?: boolean;
}

/** Events of one kind about one peer or prefix within a minute. */
interface Tally {
  readonly first: EventView;
  rows: number;
}

/**
 * The record of what happened: the last events, bounded and fair. It takes every event that is emitted, but for
 * states on the way, and answers newest first.
 */
export class Recorder {
  private readonly clock: Clock;
  private readonly events: EventBus;
  private ordinary: EventView[] = [];
  private reserved: EventView[] = [];
  private readonly tallies = new Map<string, Tally>();
  private minuteEndsMs: number;
  /** The last event that has been dropped. */
  private droppedId = '0';

  constructor(clock: Clock, events: EventBus) {
    this.clock = clock;
    this.events = events;
    this.minuteEndsMs = clock.monotonic() + minuteMs;
    events.subscribe((event, at, id) => {
      if (event.event !== 'peer_state') this.take(eventView(event, at, id));
    });
  }

  /** At most `limit` events before the event `before`, newest first. */
  query(query: RecordQuery, limit: number, before: string | undefined): EventView[] {
    this.events.flush();
    this.endMinute();
    const found: EventView[] = [];
    for (const event of this.newestFirst()) {
      if (before !== undefined && !isBefore(event.id, before)) continue;
      if (!matches(event, query)) continue;
      found.push(event);
      if (found.length >= limit) break;
    }
    return found;
  }

  /** The events after this one, oldest first; `undefined` where some of them may be missing. */
  after(id: string): Promise<readonly EventView[] | undefined> {
    const isKnown =
      !isBefore(id, this.droppedId) && [...this.newestFirst()].some((event) => event.id === id);
    if (!isKnown) return Promise.resolve(undefined);
    const later = [...this.newestFirst()].filter((event) => isBefore(id, event.id));
    return Promise.resolve(later.toReversed());
  }

  private take(event: EventView): void {
    this.endMinute();
    const key = `${event.kind} ${event.prefix ?? event.peer ?? ''}`;
    const tally = this.tallies.get(key) ?? { first: event, rows: 0 };
    this.tallies.set(key, tally);
    tally.rows++;
    if (tally.rows <= rowsPerMinute) this.keep(event);
  }

  /** What was not kept of the minute that has passed is counted, one line for each peer or prefix. */
  private endMinute(): void {
    const now = this.clock.monotonic();
    if (now < this.minuteEndsMs) return;
    this.minuteEndsMs = now + minuteMs;
    for (const { first, rows } of this.tallies.values()) {
      if (rows > rowsPerMinute) this.keep(this.summary(first, rows - rowsPerMinute));
    }
    this.tallies.clear();
  }

  private summary({ kind, level, peer, prefix, service }: EventView, count: number): EventView {
    const about = prefix ?? peer;
    const whose = about === undefined ? '' : `${about}: `;
    return {
      id: this.events.takeId(),
      at: timestamp(this.clock.wall()),
      kind,
      level,
      text: `${whose}${count} more events of the kind ${kind} within a minute were not recorded one by one`,
      ...(peer !== undefined && { peer }),
      ...(prefix !== undefined && { prefix }),
      ...(service !== undefined && { service }),
    };
  }

  private keep(event: EventView): void {
    if (reserved.has(event.kind)) this.reserved = this.added(this.reserved, event, keptReserved);
    else this.ordinary = this.added(this.ordinary, event, keptOrdinary);
  }

  /** Cut back now and then, so that most additions cost no copy. */
  private added(list: EventView[], event: EventView, most: number): EventView[] {
    list.push(event);
    if (list.length < most * 1.25) return list;
    const dropped = list[list.length - most - 1];
    if (isBefore(this.droppedId, dropped.id)) this.droppedId = dropped.id;
    return list.slice(-most);
  }

  private *newestFirst(): Generator<EventView> {
    let ordinary = this.ordinary.length - 1;
    let kept = this.reserved.length - 1;
    while (ordinary >= 0 || kept >= 0) {
      const isKept =
        ordinary < 0 || (kept >= 0 && isBefore(this.ordinary[ordinary].id, this.reserved[kept].id));
      yield isKept ? this.reserved[kept--] : this.ordinary[ordinary--];
    }
  }
}

function matches(event: EventView, query: RecordQuery): boolean {
  const { sinceMs = -Infinity, untilMs = Infinity, peer, prefix, service, kind, isSummary } = query;
  const at = Date.parse(event.at);
  return (
    at >= sinceMs &&
    at <= untilMs &&
    (peer === undefined || event.peer === peer) &&
    (prefix === undefined || event.prefix === prefix) &&
    (service === undefined || event.service === service) &&
    (kind === undefined || event.kind === kind) &&
    (isSummary === undefined || (event.summary !== undefined) === isSummary)
  );
}
