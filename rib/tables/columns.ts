/** The values of one property, by id. */
type Column = Uint8Array | Uint16Array | Uint32Array | Int32Array | Float64Array;

/**
 * Returns the column with space for `capacity` rows, zero-filled at the end. New memory comes zeroed
 * from the kernel and is not resident before it is written, while `transfer` would write all of it. The old column is
 * detached, so that its memory is free at once and not when garbage is collected. Each of these was a tenth and more of
 * the peak while a million paths load (bench S3b).
 */
export function widen<C extends Column>(column: C, capacity: number): C {
  const Make = column.constructor as new (length: number) => C;
  const wide = new Make(capacity);
  wide.set(column);
  release(column);
  return wide;
}

/** Frees the memory of a column that is no longer read, at once. */
export function release(column: Column): void {
  bufferOf(column).transfer(0);
}

function bufferOf({ buffer }: Column): ArrayBuffer {
  if (!(buffer instanceof ArrayBuffer)) throw new TypeError('a column is not shared');
  return buffer;
}

/** Returns the next capacity that holds `id`. It doubles, because rows that were never written are not resident. */
export function capacityFor(id: number, capacity: number): number {
  let size = Math.max(capacity, 64);
  while (size <= id) size *= 2;
  return size;
}

/** Returns the column, widened if it has fewer rows. */
export function atLeast<C extends Column>(column: C, rows: number): C {
  return column.length < rows ? widen(column, rows) : column;
}

/** Tables with fewer rows grow at once. */
const leastAhead = 1 << 16;

/**
 * Widens the columns of a table in steps while the last 64th of its rows is filled: to widen all of them at once took
 * 15 ms at a million paths. It begins no earlier, because tables that do not become larger need none of it.
 */
export class Growth {
  /** How many rows every column has. */
  rows: number;
  private done = 0;
  private readonly steps: readonly ((rows: number) => void)[];

  /** Each step makes space for that many rows in a part of the table, unless there is space already. */
  constructor(rows: number, steps: readonly ((rows: number) => void)[]) {
    this.rows = rows;
    this.steps = steps;
  }

  /** To be called for the first id that is not below what this returned the last time, at first `rows`. */
  reach(id: number): number {
    const { steps } = this;
    if (id < this.rows) steps[this.done++](this.rows * 2);
    else {
      const rows = capacityFor(id, this.rows);
      for (const step of steps) step(rows);
      this.rows = rows;
      this.done = 0;
    }
    if (this.rows < leastAhead) return this.rows;
    const ahead = this.rows / 64;
    return this.rows - ahead + Math.floor((ahead * this.done) / steps.length);
  }
}
