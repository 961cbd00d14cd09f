import { closest, distance } from 'fastest-levenshtein';

/**
 * Returns the known word that was probably meant: one that differs only in capitals, or else, the longer it is, with
 * the more wrong letters.
 */
export function nearest(given: string, known: readonly string[]): string | undefined {
  const sameLetters = known.find((word) => word.toLowerCase() === given.toLowerCase());
  if (sameLetters !== undefined) return sameLetters;
  const alike = known.filter((word) => Math.abs(word.length - given.length) <= mostWrong);
  if (alike.length === 0 || given === '') return undefined;
  const best = closest(given, alike);
  return wrongLetters(given, best) === undefined ? undefined : best;
}

/** Returns how many letters are wrong if a known word was meant; `undefined` if that is unlikely. */
export function wrongLetters(given: string, known: string): number | undefined {
  if (Math.abs(known.length - given.length) > mostWrong) return undefined;
  const wrong = distance(given, known);
  const allowed = Math.min(mostWrong, Math.max(1, Math.floor(known.length / 2)));
  return wrong <= allowed && wrong < given.length ? wrong : undefined;
}

/** The most letters that may be wrong in a word that is still recognized. */
const mostWrong = 3;
