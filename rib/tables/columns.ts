/** The values of one property, by id. */
type Column = Uint8Array | Uint16Array | Uint32Array | Int32Array | Float64Array;

/**
 * Returns the column with space for `capacity` rows of `stride` values, zero-filled at the end. New memory comes zeroed
 * from the kernel and is not resident before it is written, while `transfer` would write all of it. The old column is
 * detached, so that its memory is free at once and not when garbage is collected. Each of these was a tenth and more of
 * the peak while a million paths load (bench S3b).
 */
export function widen<C extends Column>(column: C, capacity: number, stride = 1): C {
  const Make = column.constructor as new (length: number) => C;
  const wide = new Make(capacity * stride);
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
