import type { PathId } from './ids.ts';

/**
 * Paths that a limit holds back, lowest first by an order given: a binary heap. Entries go stale when
 * their path changes; whoever takes one checks it.
 */
export class BlockedQueue {
  private heap: PathId[] = [];
  private readonly isBefore: (a: PathId, b: PathId) => boolean;

  constructor(isBefore: (a: PathId, b: PathId) => boolean) {
    this.isBefore = isBefore;
  }

  get size(): number {
    return this.heap.length;
  }

  add(path: PathId): void {
    const { heap } = this;
    let at = heap.push(path) - 1;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!this.isBefore(path, heap[parent])) break;
      heap[at] = heap[parent];
      at = parent;
    }
    heap[at] = path;
  }

  /** The first path, or `undefined` when empty. */
  take(): PathId | undefined {
    const { heap } = this;
    const first = heap[0];
    const last = heap.pop();
    if (last !== undefined && heap.length > 0) this.sink(last);
    return first;
  }

  /** Drops what `isWanted` refuses, and doubles. */
  keep(isWanted: (path: PathId) => boolean): void {
    const wanted = new Set(this.heap.filter(isWanted));
    this.heap = [];
    for (const path of wanted) this.add(path);
  }

  private sink(path: PathId): void {
    const { heap } = this;
    let at = 0;
    for (;;) {
      let child = at * 2 + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && this.isBefore(heap[child + 1], heap[child])) child++;
      if (!this.isBefore(heap[child], path)) break;
      heap[at] = heap[child];
      at = child;
    }
    heap[at] = path;
  }
}
