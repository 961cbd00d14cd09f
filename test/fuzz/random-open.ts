import type { OpenFields } from '../interop/raw-message.ts';
import { fourOctetAsCapability, open } from '../interop/raw-message.ts';
import type { Dice } from '../rib/dice.ts';
import type { Corpus } from './corpus.ts';
import { flippedBytes, mutateBytes } from './mutate.ts';
import { octets } from './routes.ts';
import { plain } from './update-parts.ts';

type CapabilityBytes = readonly [number, readonly number[]];

/** An OPEN: mostly one that is welcome, with capabilities as they come. */
export function randomOpen(dice: Dice, corpus: Corpus): Uint8Array {
  const roll = dice.below(20);
  if (roll === 0) return dice.pick(corpus.opens);
  if (roll === 1) return flippedBytes(dice.pick(corpus.opens), dice);
  const made = plain(open(randomFields(dice)));
  if (roll === 2) return flippedBytes(made, dice);
  return roll === 3 ? mutateBytes(made, dice) : made;
}

function randomFields(dice: Dice): OpenFields {
  const as = dice.chance(0.9) ? 65001 : dice.pick([65003, 23456, 0, 65002, 1]);
  const wide = dice.chance(0.15) ? 4_200_000_000 + dice.below(1000) : as;
  const hasWide = dice.chance(0.8);
  const capabilities: CapabilityBytes[] = [
    [1, [0, 1, 0, 1]],
    [1, [0, 2, 0, 1]],
    ...optional.filter(() => dice.chance(0.5)),
    ...(dice.chance(0.2) ? [randomCapability(dice)] : []),
    ...(hasWide ? [fourOctetAsCapability(wide)] : []),
  ];
  const routerId = `10.${dice.below(3)}.${dice.below(2)}.${dice.below(3) + (dice.chance(0.99) ? 1 : 0)}`;
  return {
    as,
    holdTimeSec: dice.pick([90, 90, 90, 180, 30, 3, dice.below(5)]),
    routerId,
    capabilities: dice.chance(0.9) ? capabilities : shuffled(dice, capabilities),
  };
}

const optional: readonly CapabilityBytes[] = [
  [2, []],
  [5, [0, 1, 0, 1, 0, 2]],
  [6, []],
  [64, [0, 0]],
  [64, [0x40, 120, 0, 1, 1, 0x80, 0, 2, 1, 0x80]],
  [69, [0, 1, 1, 3, 0, 2, 1, 3]],
  [70, []],
  [71, [0, 2, 1, 0x80, 0, 0, 60]],
  [128, []],
];

function randomCapability(dice: Dice): CapabilityBytes {
  const code = dice.pick([1, 5, 6, 9, 64, 65, 69, 71, 73, 75, 99, dice.below(256)]);
  return [code, [...octets(dice, dice.below(10))]];
}

function shuffled(dice: Dice, capabilities: readonly CapabilityBytes[]): CapabilityBytes[] {
  const few = capabilities.filter(() => dice.chance(0.8));
  return few.toSorted(() => (dice.chance(0.5) ? 1 : -1));
}
