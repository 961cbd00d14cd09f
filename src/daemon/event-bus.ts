import type { DaemonEvent, EventListener, EventSource } from '#api/events/events.ts';
import { type Clock, timestamp } from '#clock.ts';
import { printable } from '#text/printable.ts';

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
    if (this.pending.length === 0) this.afterNextTurn();
    const id = this.takeId();
    this.pending.push({ event: withSafeText(event), wallMs: this.clock.wall(), id });
  }

  flush(): void {
    const { pending } = this;
    this.pending = [];
    for (const { event, wallMs, id } of pending) {
      const at = timestamp(wallMs);
      for (const listener of this.listeners) listener(event, at, id);
    }
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

  /** The RIB works in the turn after the one that gave it work. */
  private afterNextTurn(): void {
    this.clock.soon(() => this.clock.soon(() => this.flush()));
  }
}

/** What a peer or an operator has written goes to logs and terminals. */
function withSafeText(event: DaemonEvent): DaemonEvent {
  return 'text' in event && event.text !== undefined
    ? { ...event, text: printable(event.text) }
    : event;
}
