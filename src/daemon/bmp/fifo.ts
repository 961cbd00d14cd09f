/** Below this many places none is given back. */
const fewPlaces = 64;

/**
 * First in, first out. What has been taken is not held any more, even if the queue is never empty: a reader that is
 * always a little behind keeps a queue so for days.
 */
export class Fifo<Item> {
  private items: (Item | undefined)[] = [];
  private taken = 0;

  get size(): number {
    return this.items.length - this.taken;
  }

  /** Places in memory: at most twice as many as items wait, and a few. */
  get places(): number {
    return this.items.length;
  }

  push(item: Item): void {
    this.items.push(item);
  }

  /** Returns the item that has waited longest. */
  shift(): Item | undefined {
    if (this.size === 0) return undefined;
    const item = this.items[this.taken];
    this.items[this.taken++] = undefined;
    if (this.size === 0 || (this.taken >= fewPlaces && this.taken >= this.size)) {
      this.items = this.items.slice(this.taken);
      this.taken = 0;
    }
    return item;
  }
}
