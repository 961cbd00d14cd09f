import type { CoherenceItemView, CoherenceView, SiblingStateView } from '#api/views/coherence.ts';

const harmless: ReadonlySet<string> = new Set(['same', 'tie', 'unknown']);

/** Returns whether route servers have differed for longer than the debounce. */
export function isIncoherent({ items }: Pick<CoherenceView, 'items'>): boolean {
  return items.some(({ state, pending }) => gravityOfState(state, pending === true) === 'bad');
}

/** Returns `bad` if it is certain that a sibling offers something else. */
export function gravityOfState(
  state: SiblingStateView['state'],
  isPending: boolean,
): 'good' | 'busy' | 'bad' {
  if (state === 'same') return 'good';
  return isPending || harmless.has(state) ? 'busy' : 'bad';
}

/** A difference from one sibling, as a row of a table; the address is named in its first row only. */
interface Difference {
  readonly item: CoherenceItemView;
  readonly sibling: SiblingStateView;
  readonly isFirst: boolean;
}

/** Returns what differs, by address and sibling. */
export function differencesOf({ items }: Pick<CoherenceView, 'items'>): Difference[] {
  return items.flatMap((item) =>
    item.siblings
      .filter(({ state }) => state !== 'same')
      .map((sibling, index) => ({ item, sibling, isFirst: index === 0 })),
  );
}
