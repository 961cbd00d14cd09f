import type { Dice } from '#support/dice.ts';
import { fourOctetAsCapability, open, type OpenFields } from '#support/raw-message.ts';
import type { Corpus } from './corpus.ts';
import { flippedBytes, mutateBytes } from './mutate.ts';
import { octets } from './routes.ts';
import { plain } from './update-parts.ts';

type CapabilityBytes = readonly [number, readonly number[]];

/** An OPEN: usually one that is accepted, with random capabilities. */
export function randomOpen(dice: Dice, corpus: Corpus): Uint8Array {
  const roll = dice.below(20);
  if (roll === 0) return dice.pick(corpus.opens);
  if (roll === 1) return flippedBytes(dice.pick(corpus.opens), dice);
  const made = plain(open(randomFields(dice)));
  if (roll === 2) return flippedBytes(made, dice);
  return roll === 3 ? mutateBytes(made, dice) : made;
}

/** An OPEN of a peer whose routes are kept, usually for long. */
export function restarterOpen(dice: Dice): Uint8Array {
  const capabilities: CapabilityBytes[] = [
    [1, [0, 1, 0, 1]],
    [1, [0, 2, 0, 1]],
    gracefulRestart(dice),
    ...(dice.chance(0.8) ? [longLived(dice)] : []),
    fourOctetAsCapability(65001),
  ];
  return plain(open({ as: 65001, holdTimeSec: 90, routerId: '10.0.0.77', capabilities }));
}

function randomFields(dice: Dice): OpenFields {
  const as = dice.chance(0.9) ? 65001 : dice.pick([65003, 23456, 0, 65002, 1]);
  const wide = dice.chance(0.15) ? 4_200_000_000 + dice.below(1000) : as;
  const hasWide = dice.chance(0.8);
  const capabilities: CapabilityBytes[] = [
    [1, [0, 1, 0, 1]],
    [1, [0, 2, 0, 1]],
    ...optional.filter(() => dice.chance(0.5)).map((make) => make(dice)),
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

const optional: readonly ((dice: Dice) => CapabilityBytes)[] = [
  () => [2, []],
  () => [5, [0, 1, 0, 1, 0, 2]],
  () => [6, []],
  () => [64, [0, 0]],
  gracefulRestart,
  () => [69, [0, 1, 1, 3, 0, 2, 1, 3]],
  () => [70, []],
  longLived,
  () => [128, []],
];

/** Random R, N and F bits, times and families (RFC 4724 §3, RFC 8538 §2). */
function gracefulRestart(dice: Dice): CapabilityBytes {
  const flags = dice.pick([0, 0x40, 0x40, 0x80, 0xc0]);
  const families = [1, 2].filter(() => dice.chance(0.85));
  const rows = families.flatMap((afi) => [0, afi, 1, forwarding(dice)]);
  return [64, [flags, dice.pick([0, 2, 5, 120, 120]), ...rows]];
}

/** RFC 9494 §3. */
function longLived(dice: Dice): CapabilityBytes {
  const families = [1, 2].filter(() => dice.chance(0.85));
  const rows = families.flatMap((afi) => {
    return [0, afi, 1, forwarding(dice), 0, 0, dice.pick([0, 3, 9, 60])];
  });
  return [71, rows];
}

function forwarding(dice: Dice): number {
  return dice.chance(0.8) ? 0x80 : 0;
}

function randomCapability(dice: Dice): CapabilityBytes {
  const code = dice.pick([1, 5, 6, 9, 64, 65, 69, 71, 73, 75, 99, dice.below(256)]);
  return [code, [...octets(dice, dice.below(10))]];
}

function shuffled(dice: Dice, capabilities: readonly CapabilityBytes[]): CapabilityBytes[] {
  const few = capabilities.filter(() => dice.chance(0.8));
  return few.toSorted(() => (dice.chance(0.5) ? 1 : -1));
}
