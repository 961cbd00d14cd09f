import { Readable } from 'node:stream';
import type { DaemonEvent, EventSource, Timestamp } from '#api/events.ts';
import type { Queries } from '#api/queries.ts';
import type { Cancel, Clock } from '#clock.ts';

interface StreamParts {
  readonly queries: Queries;
  readonly events: EventSource;
  readonly clock: Clock;
  /** Events kept for readers that are slow or come back. */
  readonly kept?: number;
}

interface Kept {
  readonly event: DaemonEvent;
  readonly at: Timestamp;
  /** As every reader gets it; made for the first of them. */
  text?: string;
}

interface Client {
  readonly readable: Readable;
  /** Number of the next event to send. */
  next: number;
  /** The reader has room; it is told nothing while it has none. */
  hungry: boolean;
}

const heartbeatMs = 15_000;

/**
 * Server-sent events. The last events are kept once for all readers; a reader is only a number into
 * them, so that a stuck one costs nothing: when what it misses is no longer there it gets a `gap`
 * and a new `snapshot`. Ids name the run of the daemon and the event, for `Last-Event-ID`.
 */
export class EventStream {
  private readonly parts: StreamParts;
  private readonly kept: number;
  private readonly ring: Kept[] = [];
  /** Number of the event to come; the first is 1, event n is at n % kept. */
  private next = 1;
  private readonly boot: string;
  private readonly readers = new Set<Client>();
  private readonly unsubscribe: () => void;
  private stopHeartbeat: Cancel | undefined;

  constructor(parts: StreamParts) {
    this.parts = parts;
    this.kept = parts.kept ?? 1024;
    this.boot = Math.floor(parts.clock.wall()).toString(36);
    this.unsubscribe = parts.events.subscribe((event, at) => this.add({ event, at }));
  }

  get clients(): number {
    return this.readers.size;
  }

  /** A new reader, from where `lastEventId` left off. */
  open(lastEventId: string | undefined): Readable {
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
      next: this.next,
      hungry: false,
    };
    this.readers.add(client);
    this.stopHeartbeat ??= this.parts.clock.every(heartbeatMs, () => this.beat());
    client.readable.push('retry: 2000\n\n');
    this.start(client, lastEventId);
    return client.readable;
  }

  /** Ends every reader, and listens no more. */
  close(): void {
    this.unsubscribe();
    for (const { readable } of this.readers) readable.push(null);
    this.stopHeartbeat?.();
  }

  private start(client: Client, lastEventId: string | undefined): void {
    if (lastEventId === undefined) {
      client.readable.push(this.snapshot());
      return;
    }
    const seen = this.seen(lastEventId);
    if (seen === undefined) client.readable.push(this.gap());
    else client.next = seen + 1;
  }

  /** The number in an id of this run that can still be gone on from. */
  private seen(id: string): number | undefined {
    const [, boot, text] = /^(\w+)-(\d{1,15})$/.exec(id) ?? [];
    if (boot !== this.boot) return undefined;
    const number = Number(text);
    return number >= this.oldest() - 1 && number < this.next ? number : undefined;
  }

  private oldest(): number {
    return Math.max(1, this.next - this.kept);
  }

  private add(kept: Kept): void {
    this.ring[this.next % this.kept] = kept;
    this.next++;
    for (const client of this.readers) this.feed(client);
  }

  private feed(client: Client): void {
    if (client.next < this.oldest() && client.hungry) {
      client.next = this.next;
      client.hungry = client.readable.push(this.gap());
    }
    while (client.hungry && client.next < this.next) {
      const kept = this.ring[client.next % this.kept];
      kept.text ??= this.textOf(kept, client.next);
      const { text } = kept;
      client.next++;
      client.hungry = client.readable.push(text);
    }
  }

  private textOf({ event, at }: Kept, number: number): string {
    return message(streamName(event), this.id(number), eventData(event, at));
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

  private id(number: number): string {
    return `${this.boot}-${number}`;
  }

  private gap(): string {
    return message('gap', this.id(this.next - 1), {}) + this.snapshot();
  }

  private snapshot(): string {
    const { queries } = this.parts;
    const data = { status: queries.status(), peers: queries.peers() };
    return message('snapshot', this.id(this.next - 1), data);
  }
}

type StreamName = 'peer' | 'route' | 'service' | 'config' | 'drain' | 'coherence' | 'daemon';

function streamName(event: DaemonEvent): StreamName {
  switch (event.event) {
    case 'peer_up':
    case 'peer_down':
    case 'peer_state':
    case 'notification':
    case 'update_error':
    case 'family_disabled':
    case 'limit_hit':
    case 'limit_cleared':
    case 'bfd':
      return 'peer';
    case 'best_changed':
      return 'route';
    case 'config_loaded':
    case 'config_refused':
      return 'config';
    case 'probe':
      return 'service';
    case 'coherence':
      return 'coherence';
    case 'drain':
    case 'undrain':
    case 'drain_overdue':
    case 'drain_failed':
      return 'drain';
    case 'started':
    case 'listening':
    case 'auth_failed':
    case 'unknown_source':
    case 'warning':
    case 'start_failed':
    case 'brake':
    case 'stopping':
    case 'internal_error':
      return 'daemon';
    default:
      return event satisfies never;
  }
}

/** A stack stays in the log. */
function eventData(event: DaemonEvent, at: Timestamp): object {
  if (event.event === 'internal_error') return { at, event: event.event, text: event.text };
  return { at, ...event };
}

/** JSON has no raw line ends, so one `data:` line holds it. */
function message(name: string, id: string, data: object): string {
  return `id: ${id}\nevent: ${name}\ndata: ${JSON.stringify(data)}\n\n`;
}
