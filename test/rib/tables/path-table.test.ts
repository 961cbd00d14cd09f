import { expect, it } from 'vitest';
import { type AttrsId, none, type PathId, type PeerId, type PrefixId } from '#policy/ids.ts';
import { PathTable } from '#rib/tables/path-table.ts';
import { Staleness } from '#rib/tables/staleness.ts';
import { dice } from '#support/dice.ts';
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
  const ofOneBlock = 2;
  expect(table.bytes).toBe(rows * (31 + 4) + ofOneBlock);
  table.setStaleness(path, Staleness.stale);
  expect(table.bytes).toBe(rows * (32 + 4) + ofOneBlock);
});

it('finds the paths of each peer, however they lie and whichever are gone', () => {
  const roll = dice(7);
  const table = new PathTable(seed);
  const owners = new Map<PathId, PeerId>();
  const rowsOf = (peer: PeerId): PathId[] => {
    const found: PathId[] = [];
    let path = table.nextOf(peer, none as PathId);
    for (; path !== none; path = table.nextOf(peer, path)) found.push(path);
    return found;
  };
  const peers = [1, 2, 3, 700].map((peer) => peer as PeerId);
  for (let turn = 0; turn < 60; turn++) {
    const peer = roll.pick(peers);
    for (let more = roll.pick([1, 50, 3000]); more > 0; more--) {
      owners.set(table.add(1 as PrefixId, peer, owners.size), peer);
    }
    const leaver = roll.pick(peers);
    const mayLeave = roll.chance(0.3) ? 1 : 0.2;
    for (const [path, owner] of owners) {
      if (owner !== leaver || !roll.chance(mayLeave)) continue;
      table.unlink(path);
      table.vacate(path);
      table.free(path);
      owners.delete(path);
    }
    for (const each of peers) {
      const wanted = [...owners].filter(([, owner]) => owner === each).map(([path]) => path);
      expect(rowsOf(each)).toEqual(wanted.toSorted((a, b) => a - b));
    }
  }
});
