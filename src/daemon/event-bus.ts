import type { DaemonEvent, EventListener, EventSource } from '#api/events/events.ts';
import { type Clock, timestamp } from '#clock.ts';
import { printable } from '#text/printable.ts';

/** For how many milliseconds of a turn of the event loop events are delivered. */
const deliveringMs = 3;

interface PendingEvent {
  readonly event: DaemonEvent;
  readonly wallMs: number;
  readonly id: string;
}

/**
 * Passes each rare event to the subscribers, in order; costs one call if there are none. Routers come first: an emitted
 * event is delivered after the turn of the event loop that sends what the RIB decides, because a line of log takes as
 * long as a message to a router (bench S1 with a service configured: a fifth of a failover).
 */
export class EventBus implements EventSource {
  private readonly clock: Clock;
  private readonly listeners = new Set<EventListener>();
  private pending: PendingEvent[] = [];
  /** How many of `pending` have been delivered. */
  private delivered = 0;
  private isScheduled = false;
  private lastId = 0;

  constructor(clock: Clock) {
    this.clock = clock;
  }

  /** A subscriber that leaves first receives what was emitted until then. */
  subscribe(listener: EventListener): () => void {
    this.listeners.add(listener);
    return () => {
      this.flush();
      this.listeners.delete(listener);
    };
  }

  emit(event: DaemonEvent): void {
    if (this.listeners.size === 0) return;
    const id = this.takeId();
    this.pending.push({ event: withSafeText(event), wallMs: this.clock.wall(), id });
    if (this.isScheduled) return;
    this.isScheduled = true;
    // The RIB works in the turn after the one that gave it work.
    this.clock.soon(() => this.clock.soon(() => this.deliver()));
  }

  /** Delivers at once what has been emitted until now. */
  flush(): void {
    for (let { waiting } = this; waiting > 0; waiting--) this.deliverNext();
  }

  /** Returns a unique id: the microsecond, or the next number if the clock stands still or was set back. */
  takeId(): string {
    this.lastId = Math.max(this.lastId + 1, Math.floor(this.clock.wall() * 1000));
    return this.lastId.toString(36);
  }

  /** The last id that was given out. */
  get latestId(): string {
    return this.lastId.toString(36);
  }

  /** Makes later ids larger than one that was given out before a restart. */
  continueAfter(id: string): void {
    this.lastId = Math.max(this.lastId, parseInt(id, 36));
  }

  private get waiting(): number {
    return this.pending.length - this.delivered;
  }

  /**
   * Hundreds of sessions may begin or end at the same time: then this takes several turns. A listener that throws does
   * not keep what follows from being delivered.
   */
  private deliver(): void {
    const startMs = this.clock.monotonic();
    try {
      for (let { waiting } = this; waiting > 0; waiting--) {
        this.deliverNext();
        if (this.clock.monotonic() - startMs >= deliveringMs) break;
      }
    } finally {
      this.isScheduled = this.waiting > 0;
      if (this.isScheduled) this.clock.soon(() => this.deliver());
    }
  }

  private deliverNext(): void {
    if (this.waiting === 0) return;
    const { event, wallMs, id } = this.pending[this.delivered++];
    if (this.waiting === 0) {
      this.pending = [];
      this.delivered = 0;
    }
    const at = timestamp(wallMs);
    for (const listener of this.listeners) listener(event, at, id);
  }
}

/** What a peer or an operator has written goes to logs and terminals. */
function withSafeText(event: DaemonEvent): DaemonEvent {
  return 'text' in event && event.text !== undefined
    ? { ...event, text: printable(event.text) }
    : event;
}
