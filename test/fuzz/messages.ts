import type { Dice } from '#support/dice.ts';
import { keepalive, message, MessageType, routeRefresh } from '#support/raw-message.ts';
import type { DecodeContext } from '#wire/update.ts';
import type { Corpus } from './corpus.ts';
import { flippedBytes, mutateBytes, mutateParts } from './mutate.ts';
import { octets, randomAnnouncement, randomEndOfRib, randomWithdrawal } from './routes.ts';
import { copyOf, plain, updateOf, type UpdateParts } from './update-parts.ts';

/** An UPDATE that is right, wrong in its structure, or wrong in its bytes. */
export function randomUpdate(dice: Dice, corpus: Corpus, context: DecodeContext): Uint8Array {
  const parts = updateParts(dice, corpus, context);
  if (dice.chance(0.35)) mutateParts(parts, dice);
  const bytes = updateOf(parts);
  return dice.chance(0.01) ? flippedBytes(bytes, dice) : bytes;
}

/** Any message of an Established session, right or wrong. */
export function randomMessage(dice: Dice, corpus: Corpus, context: DecodeContext): Uint8Array {
  const made = plain(dice.weighted(kinds)[1](dice, corpus, context));
  return dice.chance(0.004) ? mutateBytes(made, dice) : made;
}

type Make = (dice: Dice, corpus: Corpus, context: DecodeContext) => Uint8Array;

const kinds: readonly (readonly [number, Make])[] = [
  [940, randomUpdate],
  [25, () => keepalive()],
  [25, (dice) => routeRefresh(dice.pick([1, 2, 2, 2, 3]), dice.pick([0, 0, 1, 2, 3]))],
  [1, (dice, corpus) => dice.pick(corpus.others)],
  [1, (dice, corpus) => dice.pick(corpus.opens)],
  [1, (dice) => message(MessageType.notification, octets(dice, 2 + dice.below(30)))],
  [1, (dice) => message(MessageType.routeRefresh, octets(dice, dice.below(9)))],
  [1, (dice) => message(dice.below(8), octets(dice, dice.below(60)))],
];

function updateParts(dice: Dice, corpus: Corpus, context: DecodeContext): UpdateParts {
  const [, make] = dice.weighted(sources);
  return make(dice, corpus, context);
}

type MakeParts = (dice: Dice, corpus: Corpus, context: DecodeContext) => UpdateParts;

const sources: readonly (readonly [number, MakeParts])[] = [
  [60, (dice, _, context) => randomAnnouncement(dice, context)],
  [18, (dice, _, context) => randomWithdrawal(dice, context)],
  [4, (dice) => randomEndOfRib(dice)],
  [18, (dice, corpus) => copyOf(dice.pick(corpus.updates))],
];
