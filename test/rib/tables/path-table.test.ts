import { expect, it } from 'vitest';
import type { AttrsId, PathId, PeerId, PrefixId } from '#policy/ids.ts';
import { PathTable } from '#rib/tables/path-table.ts';
import { Staleness } from '#rib/tables/staleness.ts';
import { seed } from '../given.ts';

/**
 * Returns whether the path of the row has an identifier and may be stale. The first such row is added when all other
 * columns have been widened for the 131,072nd row.
 */
function isLate(row: number): boolean {
  return row > 130_500;
}

it('keeps every row while its columns are widened one after the other, even columns that are added late', () => {
  const table = new PathTable(seed);
  const count = 300_000;
  for (let row = 1; row <= count; row++) {
    const path = table.add(row as PrefixId, ((row % 300) + 1) as PeerId, isLate(row) ? row : 0);
    table.setReceived(path, (row & 1023) as AttrsId, row);
    table.judge(path, (row & 511) as AttrsId, row % 7);
    if (isLate(row)) table.setStaleness(path, row % 2 === 0 ? Staleness.stale : Staleness.fresh);
  }
  let wrong = 0;
  for (let row = 1; row <= count; row++) {
    const path = row as PathId;
    const isRight =
      table.prefix(path) === row &&
      table.peer(path) === (row % 300) + 1 &&
      table.pathId(path) === (isLate(row) ? row : 0) &&
      table.received(path) === (row & 1023) &&
      table.receivedAt(path) === row &&
      table.accepted(path) === (row & 511) &&
      table.reason(path) === row % 7 &&
      table.staleness(path) ===
        (isLate(row) && row % 2 === 0 ? Staleness.stale : Staleness.fresh) &&
      table.first(row as PrefixId) === row;
    if (!isRight) wrong++;
  }
  expect(wrong).toBe(0);
});

it('takes 27 bytes per path and 4 per prefix, and more only for what is used', () => {
  const table = new PathTable(seed);
  const rows = 64;
  expect(table.bytes).toBe(rows * (27 + 4));
  const path = table.add(1 as PrefixId, 1 as PeerId, 7);
  expect(table.bytes).toBe(rows * (31 + 4));
  table.setStaleness(path, Staleness.stale);
  expect(table.bytes).toBe(rows * (32 + 4));
});
