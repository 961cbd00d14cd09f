import { none } from '#policy/ids.ts';
import { capacityFor, widen } from '../columns.ts';
import { IdQueue } from './id-queue.ts';

const Place = { nowhere: 0, waiting: 1, takenOut: 2 } as const;

/** Ids that wait, each once, in the order in which they came. A byte for each id that there is. */
export class WaitingIds {
  private readonly queue = new IdQueue();
  private places = new Uint8Array(64);
  private count = 0;

  get size(): number {
    return this.count;
  }

  add(id: number): void {
    if (id >= this.places.length)
      this.places = widen(this.places, capacityFor(id, this.places.length));
    const before = this.places[id];
    if (before === Place.waiting) return;
    this.places[id] = Place.waiting;
    this.count++;
    // One that was taken out has its place in the queue still.
    if (before === Place.nowhere) this.queue.push(id);
  }

  delete(id: number): void {
    if (id >= this.places.length || this.places[id] !== Place.waiting) return;
    this.places[id] = Place.takenOut;
    this.count--;
  }

  /** The id that waits longest, or 0. */
  take(): number {
    while (this.count > 0) {
      const id = this.queue.shift();
      const isWaiting = this.places[id] === Place.waiting;
      this.places[id] = Place.nowhere;
      if (!isWaiting) continue;
      this.count--;
      return id;
    }
    return none;
  }
}
