import { capacityFor, widen } from './id-pool.ts';
import type { PrefixId } from '#policy/ids.ts';
import { none } from '#policy/ids.ts';

/** Prefixes whose advertisement may have to change, each once, first in first out. One bit's byte a prefix. */
export class DirtySet {
  private queue = new Uint32Array(1024);
  private head = 0;
  private count = 0;
  private isIn = new Uint8Array(64);

  get size(): number {
    return this.count;
  }

  has(prefix: PrefixId): boolean {
    return prefix < this.isIn.length && this.isIn[prefix] === 1;
  }

  add(prefix: PrefixId): void {
    if (prefix >= this.isIn.length) {
      this.isIn = widen(this.isIn, capacityFor(prefix, this.isIn.length));
    }
    if (this.isIn[prefix] === 1) return;
    this.isIn[prefix] = 1;
    if (this.count === this.queue.length) this.grow();
    this.queue[(this.head + this.count) & (this.queue.length - 1)] = prefix;
    this.count++;
  }

  /** The prefix that waits longest, or 0. */
  take(): PrefixId {
    if (this.count === 0) return none as PrefixId;
    const prefix = this.queue[this.head];
    this.head = (this.head + 1) & (this.queue.length - 1);
    this.count--;
    this.isIn[prefix] = 0;
    return prefix as PrefixId;
  }

  private grow(): void {
    const wide = new Uint32Array(this.queue.length * 2);
    const tail = this.queue.subarray(this.head);
    wide.set(tail);
    wide.set(this.queue.subarray(0, this.head), tail.length);
    this.queue = wide;
    this.head = 0;
  }
}
