import type { DaemonEvent, EventSource, Timestamp } from '#api/events.ts';
import { type Clock, timestamp } from '#clock.ts';
import { printable } from '#text/printable.ts';

type Listener = (event: DaemonEvent, at: Timestamp) => void;

interface News {
  readonly event: DaemonEvent;
  readonly wallMs: number;
}

/**
 * Hands each rare event to whoever watches, in order; costs a call when nobody does. Routers come first:
 * what is emitted is told when the turn of the event loop that sends what the RIB decides is over, for a line
 * of log takes as long as a message to a router (bench S1 with a service configured: a fifth of a failover).
 */
export class EventBus implements EventSource {
  private readonly clock: Clock;
  private readonly listeners = new Set<Listener>();
  private news: News[] = [];

  constructor(clock: Clock) {
    this.clock = clock;
  }

  /** Whoever leaves is told first what was emitted until then. */
  subscribe(listener: Listener): () => void {
    this.listeners.add(listener);
    return () => {
      this.flush();
      this.listeners.delete(listener);
    };
  }

  emit(event: DaemonEvent): void {
    if (this.listeners.size === 0) return;
    if (this.news.length === 0) this.afterNextTurn();
    this.news.push({ event: withSafeText(event), wallMs: this.clock.wall() });
  }

  flush(): void {
    const { news } = this;
    this.news = [];
    for (const { event, wallMs } of news) {
      const at = timestamp(wallMs);
      for (const listener of this.listeners) listener(event, at);
    }
  }

  /** The RIB works in the turn after the one that gave it work. */
  private afterNextTurn(): void {
    this.clock.soon(() => this.clock.soon(() => this.flush()));
  }
}

/** What a peer or an operator has said goes to logs and terminals. */
function withSafeText(event: DaemonEvent): DaemonEvent {
  return 'text' in event && event.text !== undefined
    ? { ...event, text: printable(event.text) }
    : event;
}
