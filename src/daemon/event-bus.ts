import type { Clock } from '../clock.ts';
import { timestamp } from '../clock.ts';
import type { Timestamp } from '../watch.ts';
import type { DaemonEvent, EventSource } from '../watch-events.ts';

type Listener = (event: DaemonEvent, at: Timestamp) => void;

/** Hands each rare event to whoever watches; costs a call when nobody does. */
export class EventBus implements EventSource {
  private readonly clock: Clock;
  private readonly listeners = new Set<Listener>();

  constructor(clock: Clock) {
    this.clock = clock;
  }

  subscribe(listener: Listener): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  emit(event: DaemonEvent): void {
    if (this.listeners.size === 0) return;
    const at = timestamp(this.clock.wall());
    for (const listener of this.listeners) listener(event, at);
  }
}
