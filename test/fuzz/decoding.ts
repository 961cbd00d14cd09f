import type { Dice } from '#support/dice.ts';
import { decodeAttributes } from '#wire/attributes.ts';
import { NlriReader } from '#wire/nlri.ts';
import { NotificationError } from '#wire/notification.ts';
import type { NlriRange } from '#wire/path-attributes.ts';
import { UpdateDecoder } from '#wire/update-decoder.ts';
import type { DecodeContext, Update } from '#wire/update.ts';
import { NaiveReset } from '../oracle/naive-reset.ts';
import type { NaiveNlri } from '../oracle/rib-oracle.ts';
import { naiveUpdate } from '../oracle/update-oracle.ts';
import { canonical } from '../policy/given.ts';

/** What an UPDATE says, in words that can be compared, and how it ends the session if it does. */
export interface Reading {
  readonly outcome: 'accepted' | 'treat-as-withdraw' | 'discard' | `reset ${string}`;
  readonly words: string;
}

export function randomContext(dice: Dice): DecodeContext {
  return {
    asnBytes: dice.chance(0.3) ? 2 : 4,
    families: dice.pick([
      [true, true],
      [true, true],
      [true, false],
      [false, true],
    ]),
    addPath: dice.pick([
      [false, false],
      [false, false],
      [true, true],
      [false, true],
    ]),
    extendedNextHop: [dice.chance(0.5), false],
  };
}

/** Reads a whole message with the daemon's decoder; throws everything that is not a NotificationError. */
export function readWithDecoder(message: Uint8Array, context: DecodeContext): Reading {
  try {
    return inWords(new UpdateDecoder().decode(message, 19, message.length, context));
  } catch (error) {
    if (!(error instanceof NotificationError)) throw error;
    return reset(`${error.code}/${error.subcode}`);
  }
}

export function readWithOracle(
  message: Uint8Array,
  context: DecodeContext,
): Omit<Reading, 'outcome'> {
  try {
    const { withdrawn, announced, endOfRib, disabled } = naiveUpdate(message.slice(19), context);
    const routes = announced.map(({ nlri, route }) => ({
      ...nlri,
      route: route.malformed === undefined ? route.attributes : 'malformed',
    }));
    return { words: canonical({ withdrawn, announced: routes, endOfRib, disabled }) };
  } catch (error) {
    if (!(error instanceof NaiveReset)) throw error;
    return reset(error.message);
  }
}

function inWords(update: Update): Reading {
  const withdrawn = [...nlriOf(update, update.withdrawn), ...nlriOf(update, update.mpUnreach)];
  const reach = routesOf(update, update.mpReach, true);
  const classic = routesOf(update, update.nlri, false);
  const announced = [...reach.routes, ...classic.routes];
  const isSpoiled = announced.some(({ route }) => route === 'malformed');
  const outcome = isSpoiled ? 'treat-as-withdraw' : 'accepted';
  const hasLost = reach.hasDiscarded || classic.hasDiscarded;
  return {
    outcome: outcome === 'accepted' && hasLost ? 'discard' : outcome,
    words: canonical({
      withdrawn,
      announced,
      endOfRib: update.endOfRib,
      disabled: update.disabled?.family,
    }),
  };
}

function routesOf(update: Update, range: NlriRange, isMp: boolean) {
  const nlri = nlriOf(update, range);
  if (nlri.length === 0) return { routes: [], hasDiscarded: false };
  const { attributeBytes, attributesStart, attributesEnd } = update;
  const mpNextHop = update.bytes.slice(update.nextHopStart, update.nextHopEnd);
  const decoded = decodeAttributes(attributeBytes, attributesStart, attributesEnd, {
    ...(isMp && { mpNextHop }),
    needsNextHop: !isMp,
  });
  const { attributes, malformed, discarded } = decoded;
  const route = malformed === undefined ? attributes : 'malformed';
  return { routes: nlri.map((it) => ({ ...it, route })), hasDiscarded: discarded.length > 0 };
}

function nlriOf(update: Update, range: NlriRange): NaiveNlri[] {
  const reader = new NlriReader();
  const found: NaiveNlri[] = [];
  reader.reset(update.bytes, range);
  while (reader.next()) {
    const { family, lengthBits, word0, word1, word2, word3, pathId } = reader;
    found.push({ prefix: { family, lengthBits, word0, word1, word2, word3 }, pathId });
  }
  return found;
}

function reset(code: string): Reading {
  return { outcome: `reset ${code}`, words: `reset ${code}` };
}
