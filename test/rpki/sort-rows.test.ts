import { expect, it } from 'vitest';
import { atOnce } from '#daemon/in-slices.ts';
import type { Vrp } from '#rpki/pdu.ts';
import { sortRows } from '#rpki/sort-rows.ts';
import { VrpColumns } from '#rpki/vrp-columns.ts';
import { type Dice, dice } from '#support/dice.ts';
import { families, type Family } from '#wire/constants.ts';

/** Few different values, so that many rows are equal in part and some wholly. */
function randomVrp(roll: Dice, family: Family): Vrp {
  const word = (): number => roll.pick([0, 1, 0x7fff_ffff, 0x8000_0000, 0xffff_ffff, 0x0001_0000]);
  const [word0, word1, word2, word3] = Array.from({ length: 4 }, word);
  const lengthBits = roll.below(4);
  const maxLengthBits = lengthBits + roll.below(3);
  return { family, word0, word1, word2, word3, lengthBits, maxLengthBits, asn: word() };
}

const rowOf = (columns: VrpColumns) => (row: number) => [columns.vrp(row), columns.announced[row]];

it.each(
  families.flatMap(({ family }) => [0, 1, 2, 30, 1024, 1025, 5000].map((count) => [count, family])),
)('%i rows of family %i come in order, and equal ones as they were added', (count, family) => {
  const roll = dice(count);
  const columns = new VrpColumns(family as Family);
  for (let row = 0; row < count; row++)
    columns.add(randomVrp(roll, family as Family), roll.chance(0.5));
  const sorted = atOnce(sortRows(columns));
  const rows = Array.from({ length: count }, (_, row) => row);
  const wanted = rows.toSorted((one, other) => columns.compare(one, columns, other));
  expect(rows.map(rowOf(sorted))).toEqual(wanted.map(rowOf(columns)));
});
