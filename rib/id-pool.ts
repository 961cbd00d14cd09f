/** Hands out small positive integers, freed ones first; 0 is never given. */
export class IdPool {
  private nextId = 1;
  private freed: number[] = [];

  take(): number {
    return this.freed.pop() ?? this.nextId++;
  }

  give(id: number): void {
    this.freed.push(id);
  }

  /** Every id ever given is below this. */
  get limit(): number {
    return this.nextId;
  }

  /** Ids in use. */
  get size(): number {
    return this.nextId - 1 - this.freed.length;
  }
}

type Column = Uint8Array | Uint16Array | Uint32Array | Int32Array | Float64Array;

/**
 * The column with room for `capacity` rows of `stride` values, zero-filled at the end. The old one is
 * detached and its memory is free at once: copies left to the garbage collector were a fifth of the
 * peak while a million paths load.
 */
export function widen<C extends Column>(column: C, capacity: number, stride = 1): C {
  const Make = column.constructor as new (buffer: ArrayBuffer) => C;
  return new Make(bufferOf(column).transfer(capacity * stride * column.BYTES_PER_ELEMENT));
}

/** Frees the memory of a column that nobody reads any more, as `widen` does: at once. */
export function release(column: Column): void {
  bufferOf(column).transfer(0);
}

function bufferOf({ buffer }: Column): ArrayBuffer {
  if (!(buffer instanceof ArrayBuffer)) throw new TypeError('a column is not shared');
  return buffer;
}

/** The next capacity that holds `id`: doubling while small, then by a quarter, to waste little memory. */
export function capacityFor(id: number, capacity: number): number {
  let size = Math.max(capacity, 64);
  while (size <= id) size = size < 1 << 18 ? size * 2 : size + (size >> 2);
  return size;
}
