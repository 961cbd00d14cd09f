import { Readable } from 'node:stream';
import { anonymous } from '#api/anonymous.ts';
import { type EventView, eventView, streamName } from '#api/events/event-view.ts';
import {
  type DaemonEvent,
  type EventSource,
  isBefore,
  type Timestamp,
} from '#api/events/events.ts';
import type { Queries } from '#api/queries.ts';
import type { Cancel, Clock } from '#clock.ts';
import type { Turns } from './answers/turns.ts';
import { finished } from './answers/work.ts';

/** Events that were recorded. */
export interface EventRecord {
  /** Returns the events after this one, oldest first; `undefined` if some of them may be missing. */
  after(id: string): Promise<readonly EventView[] | undefined>;
}

interface StreamParts {
  readonly queries: Queries;
  readonly events: EventSource;
  readonly clock: Clock;
  readonly turns: Turns;
  /** How many events are kept for readers that are slow or come back. */
  readonly kept?: number;
  /** The history, for readers that come back after the last events are no longer kept, or after a restart. */
  readonly record?: EventRecord;
}

/** An event as it is sent to readers that may see names, and to all others; each text is made for its first reader. */
interface Texts {
  text?: string;
  anonymousText?: string;
}

interface Kept extends Texts {
  readonly event: DaemonEvent;
  readonly at: Timestamp;
  readonly id: string;
}

interface Snapshot extends Texts {
  readonly id: string;
  /** The number of the first event that may not be included. */
  readonly next: number;
  readonly data: object;
}

interface Client {
  readonly readable: Readable;
  /** Whether it may read who did what. */
  readonly seesNames: boolean;
  /** Number of the next event to send. */
  next: number;
  /** Older events are being read, or a snapshot is being made, for this reader; nothing else is sent meanwhile. */
  isWaiting: boolean;
  /** Whether the reader can take more; it is sent nothing while it cannot. */
  hungry: boolean;
}

const heartbeatMs = 15_000;

/**
 * Server-sent events. The last events are kept once for all readers; a reader is only a number that points into them,
 * so a stuck one costs nothing. If what it has missed is no longer kept, it gets a `gap` and a new `snapshot`.
 * `Last-Event-ID` may also name an event of the history, from before a restart.
 */
export class EventStream {
  private readonly parts: StreamParts;
  private readonly kept: number;
  private readonly ring: Kept[] = [];
  /** The number of the next event; the first is 1, and event n is kept at n % kept. */
  private next = 1;
  private lastId = '0';
  private readonly readers = new Set<Client>();
  /** The snapshot that is being made, for all readers that arrive meanwhile. */
  private snapshot: Promise<Snapshot> | undefined;
  private readonly unsubscribe: () => void;
  private isClosed = false;
  private stopHeartbeat: Cancel | undefined;

  constructor(parts: StreamParts) {
    this.parts = parts;
    this.kept = parts.kept ?? 1024;
    this.unsubscribe = parts.events.subscribe((event, at, id) => this.add({ event, at, id }));
  }

  get clients(): number {
    return this.readers.size;
  }

  /** Adds a reader, which continues after `lastEventId`; `seesNames` means that it may read who did what. */
  open(lastEventId: string | undefined, seesNames: boolean): Readable {
    this.parts.events.flush();
    const client: Client = {
      readable: new Readable({
        read: () => {
          client.hungry = true;
          this.feed(client);
        },
        destroy: (error, done) => {
          this.leave(client);
          done(error);
        },
      }),
      seesNames,
      next: this.next,
      isWaiting: false,
      hungry: false,
    };
    this.readers.add(client);
    this.stopHeartbeat ??= this.parts.clock.every(heartbeatMs, () => this.beat());
    client.readable.push('retry: 2000\n\n');
    this.start(client, lastEventId);
    return client.readable;
  }

  /** Ends every reader, and no longer listens to events. */
  close(): void {
    this.isClosed = true;
    this.unsubscribe();
    for (const { readable } of this.readers) readable.push(null);
    this.stopHeartbeat?.();
  }

  private start(client: Client, lastEventId: string | undefined): void {
    const next = lastEventId === undefined ? undefined : this.numberAfter(lastEventId);
    if (next !== undefined) client.next = next;
    else this.onItsOwn(client, this.begin(client, lastEventId));
  }

  /** Returns the number of the event after this one; `undefined` if the event is no longer kept, or never existed. */
  private numberAfter(id: string): number | undefined {
    if (id === '0' && this.oldest() === 1) return 1;
    for (let number = this.next - 1; number >= this.oldest(); number--) {
      if (this.ring[number % this.kept].id === id) return number + 1;
    }
    return undefined;
  }

  /** Sends the events recorded since then, or a snapshot; afterwards the events that are kept here. */
  private async begin(client: Client, lastEventId: string | undefined): Promise<void> {
    client.isWaiting = true;
    const events = lastEventId === undefined ? undefined : await this.recordedAfter(lastEventId);
    if (this.isOver(client)) return;
    if (events === undefined) {
      await this.tellAll(client, lastEventId === undefined ? '' : this.gap());
      return;
    }
    for (const event of events) client.readable.push(eventMessage(event, client.seesNames));
    client.next = this.numberBehind(events.at(-1)?.id ?? this.lastId);
    this.goOn(client);
  }

  private async recordedAfter(id: string): Promise<readonly EventView[] | undefined> {
    return isId(id) ? this.parts.record?.after(id) : undefined;
  }

  /** Sends a snapshot, and then the events that happened since it was begun. */
  private async tellAll(client: Client, before: string): Promise<void> {
    client.isWaiting = true;
    const snapshot = await (this.snapshot ??= this.takeSnapshot());
    if (this.isOver(client)) return;
    const { id, next, data } = snapshot;
    const text = textFor(client, snapshot, (seesNames) =>
      message('snapshot', id, seesNames ? data : anonymous(data)),
    );
    client.hungry = client.readable.push(before + text);
    client.next = next;
    this.goOn(client);
  }

  /** A reader that cannot be answered is disconnected; no other reader is affected. */
  private onItsOwn(client: Client, telling: Promise<void>): void {
    telling.catch((error: unknown) =>
      client.readable.destroy(error instanceof Error ? error : undefined),
    );
  }

  private goOn(client: Client): void {
    client.isWaiting = false;
    this.feed(client);
  }

  private isOver({ readable }: Client): boolean {
    return this.isClosed || readable.destroyed;
  }

  /** Returns the number of the first kept event that is later than this one. */
  private numberBehind(id: string): number {
    let number = this.next;
    while (number > this.oldest() && isBefore(id, this.ring[(number - 1) % this.kept].id)) number--;
    return number;
  }

  private oldest(): number {
    return Math.max(1, this.next - this.kept);
  }

  private add(kept: Kept): void {
    this.ring[this.next % this.kept] = kept;
    this.lastId = kept.id;
    this.next++;
    for (const client of this.readers) this.feed(client);
  }

  private feed(client: Client): void {
    if (client.isWaiting) return;
    if (client.next < this.oldest() && client.hungry) {
      this.onItsOwn(client, this.tellAll(client, this.gap()));
      return;
    }
    while (client.hungry && client.next < this.next) {
      const kept = this.ring[client.next % this.kept];
      const text = textFor(client, kept, (seesNames) => keptMessage(kept, seesNames));
      client.next++;
      client.hungry = client.readable.push(text);
    }
  }

  private beat(): void {
    for (const client of this.readers) {
      if (client.hungry) client.hungry = client.readable.push(':\n\n');
    }
  }

  private leave(client: Client): void {
    this.readers.delete(client);
    if (this.readers.size > 0) return;
    this.stopHeartbeat?.();
    this.stopHeartbeat = undefined;
  }

  private gap(): string {
    return message('gap', this.lastId, {});
  }

  /**
   * It is made in slices, because there may be 1,000 peers; what happens meanwhile is sent after it, whether it is
   * included or not.
   */
  private async takeSnapshot(): Promise<Snapshot> {
    const { queries, turns } = this.parts;
    const { next, lastId: id } = this;
    try {
      const peers = await finished(turns, queries.peers());
      await turns.next();
      return { id, next, data: { status: queries.status(), peers } };
    } finally {
      this.snapshot = undefined;
    }
  }
}

function textFor(
  { seesNames }: Client,
  texts: Texts,
  make: (seesNames: boolean) => string,
): string {
  return seesNames ? (texts.text ??= make(true)) : (texts.anonymousText ??= make(false));
}

function keptMessage({ event, at, id }: Kept, seesNames: boolean): string {
  return eventMessage(eventView(event, at, id), seesNames);
}

function eventMessage(event: EventView, seesNames: boolean): string {
  const shown = seesNames ? event : anonymous(event);
  return message(streamName(event.kind), event.id, shown);
}

/** As `EventBus` makes them. */
function isId(text: string): boolean {
  return /^[0-9a-z]{1,11}$/.test(text);
}

/** JSON contains no raw line ends, so one `data:` line can hold it. */
function message(name: string, id: string, data: object): string {
  return `id: ${id}\nevent: ${name}\ndata: ${JSON.stringify(data)}\n\n`;
}
