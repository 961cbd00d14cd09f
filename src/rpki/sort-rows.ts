import { VrpColumns } from './vrp-columns.ts';

/** Rows between two opportunities to pause. */
const rowsPerStep = 8192;
const digits = 65_536;

/** Up to so many rows are compared: that costs less than the counters of the radix sort. */
const fewRows = 1024;

/**
 * Sorts the rows in the order of `VrpColumns.compare`; equal rows keep their order. Many are sorted by radix, 16 bits
 * at a time, so that 600,000 rows take a tenth of a second and the sort can pause at any row.
 */
export function* sortRows(columns: VrpColumns): Generator<void, VrpColumns> {
  const order = columns.count <= fewRows ? orderOfFew(columns) : yield* orderOfMany(columns);
  const sorted = new VrpColumns(columns.family, columns.count);
  for (let at = 0; at < order.length; at++) {
    const row = order[at];
    sorted.copy(columns, row, columns.announced[row] === 1);
    if (at % rowsPerStep === 0) yield;
  }
  return sorted;
}

function orderOfFew(columns: VrpColumns): Uint32Array {
  return rowsOf(columns).sort((one, other) => columns.compare(one, columns, other));
}

function* orderOfMany(columns: VrpColumns): Generator<void, Uint32Array> {
  let order = rowsOf(columns);
  let spare = new Uint32Array(columns.count);
  for (const digit of digitsOf(columns)) {
    yield* sortBy(digit, order, spare);
    [order, spare] = [spare, order];
  }
  return order;
}

function rowsOf({ count }: VrpColumns): Uint32Array<ArrayBuffer> {
  return Uint32Array.from({ length: count }, (_, row) => row);
}

type Digit = (row: number) => number;

/** Returns the digits from the least significant one. */
function digitsOf({ asns, lengths, maxLengths, words, stride }: VrpColumns): Digit[] {
  const ofWords = Array.from({ length: stride }, (_, word): Digit[] => [
    (row) => words[row * stride + word] & 0xffff,
    (row) => words[row * stride + word] >>> 16,
  ]).toReversed();
  return [
    (row) => asns[row] & 0xffff,
    (row) => asns[row] >>> 16,
    (row) => (lengths[row] << 8) | maxLengths[row],
    ...ofWords.flat(),
  ];
}

function* sortBy(digit: Digit, from: Uint32Array, to: Uint32Array): Generator<void> {
  const starts = new Uint32Array(digits + 1);
  for (let at = 0; at < from.length; at++) {
    starts[digit(from[at]) + 1]++;
    if (at % rowsPerStep === 0) yield;
  }
  for (let value = 0; value < digits; value++) starts[value + 1] += starts[value];
  for (let at = 0; at < from.length; at++) {
    to[starts[digit(from[at])]++] = from[at];
    if (at % rowsPerStep === 0) yield;
  }
}
