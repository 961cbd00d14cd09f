/** The first rows, up to a number, of rows that come in any order; no more than twice as many are held. */
export class FirstRows<Key, Row> {
  private readonly limit: number;
  private readonly compare: (a: Key, b: Key) => number;
  private held: { readonly key: Key; readonly row: Row }[] = [];
  /** The last key that could still be among the first. */
  private last: Key | undefined;

  constructor(limit: number, compare: (a: Key, b: Key) => number) {
    this.limit = limit;
    this.compare = compare;
  }

  /** `make` is called only if the row may be among the first. */
  add(key: Key, make: () => Row): void {
    if (this.limit === 0) return;
    if (this.last !== undefined && this.compare(key, this.last) > 0) return;
    this.held.push({ key, row: make() });
    if (this.held.length >= this.limit * 2) this.sort();
  }

  list(): Row[] {
    this.sort();
    return this.held.map(({ row }) => row);
  }

  private sort(): void {
    this.held.sort((a, b) => this.compare(a.key, b.key));
    this.held = this.held.slice(0, this.limit);
    if (this.held.length === this.limit) this.last = this.held.at(-1)?.key;
  }
}
