import type { PathId } from '#policy/ids.ts';

/**
 * Paths that a limit holds back, lowest first in a given order. It is a binary heap that knows where each path is, so
 * that a path can be removed as soon as it changes. Its size grows with blocked paths only.
 */
export class BlockedQueue {
  private readonly heap: PathId[] = [];
  private readonly places = new Map<PathId, number>();
  private readonly isBefore: (a: PathId, b: PathId) => boolean;

  /** The order of two paths must not change while both are in the queue. */
  constructor(isBefore: (a: PathId, b: PathId) => boolean) {
    this.isBefore = isBefore;
  }

  get size(): number {
    return this.heap.length;
  }

  /** Returns the path that is first, or `undefined` if the queue is empty. */
  first(): PathId | undefined {
    return this.heap[0];
  }

  /** `path` must not be in the queue. */
  add(path: PathId): void {
    this.rise(path, this.heap.length);
  }

  /** `path` must be in the queue. */
  remove(path: PathId): void {
    const at = this.places.get(path);
    const last = this.heap.pop();
    if (at === undefined || last === undefined) throw new RangeError(`path ${path} is not blocked`);
    this.places.delete(path);
    if (last === path) return;
    if (at > 0 && this.isBefore(last, this.heap[(at - 1) >> 1])) this.rise(last, at);
    else this.sink(last, at);
  }

  clear(): void {
    this.heap.length = 0;
    this.places.clear();
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
