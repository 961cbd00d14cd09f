import type { ChangesView, PrefixChangeView, ServerView } from '#api/views/changes.ts';
import type { Effect } from '#services/outlook.ts';

/** A word and how bad it is; `plain` is neither good nor bad. */
export interface Weighed {
  readonly gravity: 'good' | 'busy' | 'bad' | 'plain';
  readonly text: string;
}

/** Returns what would follow from a change: `nothing goes dark`, `2 left without a backup`. */
export function outcomeTexts({ counts }: Pick<ChangesView, 'counts'>): Weighed[] {
  const { changed, dark, no_backup: bare, moves, gains } = counts;
  if (changed === 0) return [{ gravity: 'good', text: 'nothing changes' }];
  return [
    dark === 0
      ? { gravity: 'good', text: 'nothing goes dark' }
      : { gravity: 'bad', text: `${addresses(dark)} dark` },
    ...some('busy', bare, `${bare} left without a backup`),
    ...some('plain', moves, `${moves} served by another node`),
    ...some('plain', gains, `${gains} come up`),
  ];
}

function some(gravity: Weighed['gravity'], count: number, text: string): Weighed[] {
  return count === 0 ? [] : [{ gravity, text }];
}

function addresses(count: number): string {
  return count === 1 ? '1 address goes' : `${count} addresses go`;
}

/** What becomes of one address. */
export const effectTexts: Readonly<Record<Effect, Weighed>> = {
  dark: { gravity: 'bad', text: 'goes dark' },
  no_backup: { gravity: 'busy', text: 'no backup' },
  moves: { gravity: 'plain', text: 'moves' },
  gains: { gravity: 'good', text: 'comes up' },
};

/** Returns `ok -> no_backup`, or a dash for a prefix of no service. */
export function stateChangeText({ state }: Pick<PrefixChangeView, 'state'>): string {
  if (state === undefined) return '-';
  return state.before === state.after ? state.after : `${state.before} -> ${state.after}`;
}

/** Returns the node and its MED: `w1 102`. */
export function serverText(server: ServerView | undefined): string {
  if (server === undefined) return '-';
  return server.med === undefined ? server.node : `${server.node} ${server.med}`;
}
