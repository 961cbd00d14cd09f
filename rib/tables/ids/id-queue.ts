import { none } from '#policy/ids.ts';

/** Ids, first in, first out. */
export class IdQueue {
  private ids = new Uint32Array(1024);
  private head = 0;
  private count = 0;

  push(id: number): void {
    if (this.count === this.ids.length) this.grow();
    this.ids[(this.head + this.count) & (this.ids.length - 1)] = id;
    this.count++;
  }

  /** The id that waits longest, or 0. */
  shift(): number {
    if (this.count === 0) return none;
    const id = this.ids[this.head];
    this.head = (this.head + 1) & (this.ids.length - 1);
    this.count--;
    return id;
  }

  private grow(): void {
    const wide = new Uint32Array(this.ids.length * 2);
    const tail = this.ids.subarray(this.head);
    wide.set(tail);
    wide.set(this.ids.subarray(0, this.head), tail.length);
    this.ids = wide;
    this.head = 0;
  }
}
