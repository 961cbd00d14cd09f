import type { PathId } from '#policy/ids.ts';
import { capacityFor, widen } from '../tables/columns.ts';

/**
 * The places of paths in their queues, for any number of queues of which no path is in two. It has 4 bytes for each
 * path, once one has waited: a Map would be written at every step of a path through its heap.
 */
export class QueuePlaces {
  private places = new Uint32Array(64);

  /** Returns where the path was put last, which may be out of date. */
  of(path: PathId): number {
    return path < this.places.length ? this.places[path] : 0;
  }

  set(path: PathId, place: number): void {
    if (path >= this.places.length)
      this.places = widen(this.places, capacityFor(path, this.places.length));
    this.places[path] = place;
  }
}

/**
 * Paths that a limit holds back, lowest first in a given order. It is a binary heap that knows where each path is, so
 * that a path can be removed as soon as it changes. Its size grows with blocked paths only.
 */
export class BlockedQueue {
  private readonly heap: PathId[] = [];
  private readonly places: QueuePlaces;
  private readonly isBefore: (a: PathId, b: PathId) => boolean;

  /** The order of two paths must not change while both are in the queue. */
  constructor(places: QueuePlaces, isBefore: (a: PathId, b: PathId) => boolean) {
    this.places = places;
    this.isBefore = isBefore;
  }

  get size(): number {
    return this.heap.length;
  }

  /** Returns the path that is first, or `undefined` if the queue is empty. */
  first(): PathId | undefined {
    return this.heap[0];
  }

  has(path: PathId): boolean {
    return this.heap[this.places.of(path)] === path;
  }

  /** `path` must not be in the queue. */
  add(path: PathId): void {
    this.rise(path, this.heap.length);
  }

  /** `path` must be in the queue. */
  remove(path: PathId): void {
    if (!this.has(path)) throw new RangeError(`path ${path} is not blocked`);
    const at = this.places.of(path);
    const last = this.heap.pop();
    if (last === undefined || last === path) return;
    if (at > 0 && this.isBefore(last, this.heap[(at - 1) >> 1])) this.rise(last, at);
    else this.sink(last, at);
  }

  clear(): void {
    this.heap.length = 0;
  }

  private rise(path: PathId, from: number): void {
    let at = from;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!this.isBefore(path, this.heap[parent])) break;
      this.put(this.heap[parent], at);
      at = parent;
    }
    this.put(path, at);
  }

  private sink(path: PathId, from: number): void {
    const { heap } = this;
    let at = from;
    for (;;) {
      let child = at * 2 + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && this.isBefore(heap[child + 1], heap[child])) child++;
      if (!this.isBefore(heap[child], path)) break;
      this.put(heap[child], at);
      at = child;
    }
    this.put(path, at);
  }

  private put(path: PathId, at: number): void {
    this.heap[at] = path;
    this.places.set(path, at);
  }
}
