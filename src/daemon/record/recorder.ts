import type { CauseKind } from '#api/events/causes.ts';
import { type EventView, eventView } from '#api/events/event-view.ts';
import { type EventKind, idTakenMs, isBefore } from '#api/events/events.ts';
import { type Clock, timestamp } from '#clock.ts';
import type { EventBus } from '../event-bus.ts';

/** How many events are kept: of all kinds together, and of those that must not be pushed out by the others. */
const keptOrdinary = 10_000;
const keptReserved = 2_500;
/** How many events of one kind and one peer are recorded in a minute; the others are counted in one line. */
const rowsPerMinute = 60;
const minuteMs = 60_000;
/** Each address is recorded once in this time, however many other events of its kind and peer there are. */
const hourMs = 60 * 60 * 1000;
/** Counts of fewer changes than this share the rows of a minute with those of all other peers. */
const manyChanges = 1000;

/** Failovers, configurations and what operators did: a flapping peer does not push them out. */
const reserved: ReadonlySet<EventKind> = new Set<EventKind>([
  'failover',
  'config_loaded',
  'config_refused',
  'config_confirmed',
  'config_lost',
  'config_rolled_back',
  'command',
  'note',
  'drain',
  'undrain',
  'drain_overdue',
  'drain_failed',
  'state_lost',
  'started',
  'stopping',
]);

/** A query of the history; absent fields match everything. Times are Unix ms. */
export interface RecordQuery {
  readonly sinceMs?: number;
  readonly untilMs?: number;
  readonly peer?: string;
  readonly prefix?: string;
  readonly service?: string;
  readonly kind?: EventKind;
  /** The kind of the cause. */
  readonly causeKind?: CauseKind;
  /** For failovers: true for the summaries of causes, false for addresses. */
  readonly isSummary?: boolean;
}

/** The events of one kind and one peer within a minute. */
interface Tally {
  readonly first: EventView;
  recorded: number;
  unrecorded: number;
}

/**
 * The record of what happened: the last events, bounded and shared fairly. It takes every emitted event except
 * transitional states, and answers newest first. What is recorded is also passed to followers.
 */
export class Recorder {
  private readonly clock: Clock;
  private readonly events: EventBus;
  private ordinary: EventView[] = [];
  private reserved: EventView[] = [];
  private readonly tallies = new Map<string, Tally>();
  private minuteEndsMs: number;
  /** Kinds and addresses that have been recorded in this hour. */
  private readonly seen = new Set<string>();
  private hourEndsMs: number;
  /**
   * Everything that was recorded after this event is here: the last one that was dropped, or an id from before the
   * first.
   */
  private floor: string;
  private follower: ((event: EventView) => void) | undefined;

  constructor(clock: Clock, events: EventBus) {
    this.clock = clock;
    this.events = events;
    this.minuteEndsMs = clock.monotonic() + minuteMs;
    this.hourEndsMs = clock.monotonic() + hourMs;
    this.floor = events.takeId();
    events.subscribe((event, at, id) => {
      if (event.event !== 'peer_state') this.take(eventView(event, at, id));
    });
  }

  /** Calls the function with each event that is recorded from now on. */
  follow(follower: (event: EventView) => void): void {
    this.follower = follower;
  }

  /** The id after which nothing that was recorded is missing here. */
  get completeAfter(): string {
    return this.floor;
  }

  /** Records something that is no event for the log and the stream. */
  add(event: Omit<EventView, 'id' | 'at'>): void {
    this.take({ ...event, id: this.events.takeId(), at: timestamp(this.clock.wall()) });
  }

  /**
   * Makes later ids larger than this one, which was the last that an earlier daemon gave out. Events that have smaller
   * ones, because the clock was set back, get other ones; the map says which event each has become.
   */
  continueAfter(id: string): ReadonlyMap<EventView, EventView> {
    const { events } = this;
    const renumbered = new Map<EventView, EventView>();
    events.continueAfter(id);
    const all = [...this.newestFirst()].toReversed();
    if (all.length > 0 && !isBefore(id, all[0].id)) {
      for (const event of all) renumbered.set(event, { ...event, id: events.takeId() });
    }
    const current = (event: EventView): EventView => renumbered.get(event) ?? event;
    this.ordinary = this.ordinary.map(current);
    this.reserved = this.reserved.map(current);
    if (isBefore(this.floor, id)) this.floor = id;
    return renumbered;
  }

  /** At most `limit` events before the event `before`, newest first. */
  query(query: RecordQuery, limit: number, before: string | undefined): EventView[] {
    this.events.flush();
    this.endMinute();
    const found: EventView[] = [];
    for (const event of this.newestFirst(query.kind)) {
      if (before !== undefined && !isBefore(event.id, before)) continue;
      if (isOlder(event.id, query)) break;
      if (!matches(event, query)) continue;
      found.push(event);
      if (found.length >= limit) break;
    }
    return found;
  }

  /** Returns the events after this one, oldest first; `undefined` if some of them may be missing. */
  after(id: string): readonly EventView[] | undefined {
    if (isBefore(id, this.floor) || isBefore(this.events.latestId, id)) return undefined;
    const later = [...this.newestFirst()].filter((event) => isBefore(id, event.id));
    return later.toReversed();
  }

  /** Counts what was not recorded in the minute that has passed, in one line for each kind and peer. */
  endMinute(): void {
    const now = this.clock.monotonic();
    if (now < this.minuteEndsMs) return;
    this.minuteEndsMs = now + minuteMs;
    for (const { first, unrecorded } of this.tallies.values()) {
      if (unrecorded > 0) this.keep(this.summary(first, unrecorded));
    }
    this.tallies.clear();
    if (now < this.hourEndsMs) return;
    this.hourEndsMs = now + hourMs;
    this.seen.clear();
  }

  private take(event: EventView): void {
    this.endMinute();
    const key = tallyKey(event);
    const tally = this.tallies.get(key) ?? { first: event, recorded: 0, unrecorded: 0 };
    this.tallies.set(key, tally);
    const isNew = this.isNewAddress(event);
    if (tally.recorded >= rowsPerMinute && !isNew) {
      tally.unrecorded++;
      return;
    }
    tally.recorded++;
    this.keep(event);
  }

  /** Each state of an address counts separately. */
  private isNewAddress({ kind, prefix, new_state: state = '' }: EventView): boolean {
    if (prefix === undefined) return false;
    const before = this.seen.size;
    return this.seen.add(`${kind} ${state} ${prefix}`).size > before;
  }

  private summary(first: EventView, count: number): EventView {
    const { kind, level, prefix, service } = first;
    const peer = peerOf(first);
    const about = peer ?? prefix;
    const whose = about === undefined ? '' : `${about}: `;
    return {
      id: this.events.takeId(),
      at: timestamp(this.clock.wall()),
      kind,
      level,
      text: `${whose}${count} more events of the kind ${kind} within a minute were not recorded individually`,
      ...(peer !== undefined && { peer }),
      ...(peer === undefined && prefix !== undefined && { prefix }),
      ...(service !== undefined && { service }),
    };
  }

  private keep(event: EventView): void {
    this.follower?.(event);
    if (isReserved(event)) this.reserved = this.added(this.reserved, event, keptReserved);
    else this.ordinary = this.added(this.ordinary, event, keptOrdinary);
  }

  /**
   * Keeps the list in the order of ids: an event may be delivered after a later one that did not have to wait for that.
   * Cuts the list only now and then, so that most additions cost no copy.
   */
  private added(list: EventView[], event: EventView, most: number): EventView[] {
    let at = list.length;
    while (at > 0 && isBefore(event.id, list[at - 1].id)) at--;
    list.splice(at, 0, event);
    if (list.length < most * 1.25) return list;
    const dropped = list[list.length - most - 1];
    if (isBefore(this.floor, dropped.id)) this.floor = dropped.id;
    return list.slice(-most);
  }

  /** All events, or those with which those of one kind are kept. */
  private *newestFirst(only?: EventKind): Generator<EventView> {
    const isReservedOnly = only !== undefined && reserved.has(only);
    const isOrdinaryOnly = only !== undefined && !isReservedOnly;
    let ordinary = isReservedOnly ? -1 : this.ordinary.length - 1;
    let kept = isOrdinaryOnly ? -1 : this.reserved.length - 1;
    while (ordinary >= 0 || kept >= 0) {
      const isKept =
        ordinary < 0 || (kept >= 0 && isBefore(this.ordinary[ordinary].id, this.reserved[kept].id));
      yield isKept ? this.reserved[kept--] : this.ordinary[ordinary--];
    }
  }
}

/** Returns whether others must not push the event out. */
export function isReserved({ kind }: EventView): boolean {
  return reserved.has(kind);
}

/** Returns the peer that the event is about, or that has caused it. */
function peerOf({ peer, cause }: EventView): string | undefined {
  return peer ?? cause?.peer;
}

/** For events that share the rows of a minute. The summary of a cause must not be lost among its addresses. */
function tallyKey(event: EventView): string {
  const { kind, prefix, summary, counts, count } = event;
  if (counts !== undefined && counts.changes < manyChanges) return `${kind} counts`;
  const isSummary = summary !== undefined || count !== undefined;
  return `${kind} ${isSummary ? 'summary ' : ''}${peerOf(event) ?? prefix ?? ''}`;
}

/** An event is stamped within this time of the moment when its id was taken. */
const stampedWithinMs = 1000;

/** Returns whether this event, and so each one before it, is older than everything that is asked for. */
export function isOlder(id: string, { sinceMs = -Infinity }: RecordQuery): boolean {
  return idTakenMs(id) < sinceMs - stampedWithinMs;
}

function matches(event: EventView, query: RecordQuery): boolean {
  const { peer, prefix, service, kind, causeKind, isSummary } = query;
  return (
    (kind === undefined || event.kind === kind) &&
    (peer === undefined || event.peer === peer) &&
    (prefix === undefined || event.prefix === prefix) &&
    (service === undefined || event.service === service) &&
    (causeKind === undefined || event.cause?.kind === causeKind) &&
    (isSummary === undefined || (event.summary !== undefined) === isSummary) &&
    isWithin(event, query)
  );
}

/** Reading a time takes longer than comparing names. */
function isWithin({ at }: EventView, { sinceMs, untilMs }: RecordQuery): boolean {
  if (sinceMs === undefined && untilMs === undefined) return true;
  const atMs = Date.parse(at);
  return atMs >= (sinceMs ?? -Infinity) && atMs <= (untilMs ?? Infinity);
}
