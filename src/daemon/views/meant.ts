import type { Meant } from '#api/queries.ts';
import { wrongLetters } from '#text/nearest.ts';

/** More would be noise. */
const mostMeant = 3;

/** Finds what differs least from a text, and not much; yields after each candidate. */
export function* meantBy(text: string, candidates: Iterable<Meant>): Generator<void, Meant[]> {
  const given = text.toLowerCase();
  let fewest = Infinity;
  let found: Meant[] = [];
  for (const candidate of candidates) {
    const wrong = wrongLetters(given, comparable(candidate, given)) ?? Infinity;
    if (wrong < fewest) found = [];
    fewest = Math.min(fewest, wrong);
    if (wrong === fewest && wrong < Infinity && found.length < mostMeant) found.push(candidate);
    yield;
  }
  return found;
}

/** The length of an address is compared only where one was typed. */
function comparable({ kind, name }: Meant, given: string): string {
  const word = name.toLowerCase();
  return kind === 'address' && !given.includes('/') ? word.slice(0, word.indexOf('/')) : word;
}
