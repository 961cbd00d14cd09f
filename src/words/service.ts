import type { ServiceAddressView, ServicePathView, ServiceView } from '#api/views/service.ts';
import { type ServiceState, serviceStates } from '#services/audit.ts';
import { byName } from './text.ts';

/** What follows a MED in the matrix of services, and what it means. */
export const marks = [
  ['h', 'this node is the home of the address'],
  ['~', 'the node says that it is disabled'],
  ['!', 'the node says that it is down'],
  ['?', 'a MED outside all bands'],
  ['x', 'drained on this server'],
  ['g', 'drained by the node itself (GRACEFUL_SHUTDOWN)'],
  ['k', 'withdrawn by the node, and kept as the last path of the address'],
  ['p', 'announced as up, but its own address does not answer from here'],
] as const;
export type Mark = (typeof marks)[number][0];

const bandMarks: Readonly<Record<ServicePathView['band'], Mark | ''>> = {
  up: '',
  disabled: '~',
  down: '!',
  unknown: '?',
};

/** Returns the mark that says why a path should not take traffic; empty for a healthy path whose node answers. */
export function healthMark(path: ServicePathView): Mark | '' {
  const { healthy, drained_by: by, kept_until: keptUntil, band, probe } = path;
  if (keptUntil !== undefined) return 'k';
  if (healthy) return probe === 'not_answering' ? 'p' : '';
  if (by === 'server') return 'x';
  return band === 'up' && by === 'node' ? 'g' : bandMarks[band];
}

/** Returns the marks that occur, with their meanings. */
export function usedMarks(addresses: readonly ServiceAddressView[]): (typeof marks)[number][] {
  const used = new Set(
    addresses.flatMap(({ home, paths }): string[] => [
      ...(home === undefined ? [] : ['h']),
      ...paths.map(healthMark),
    ]),
  );
  return marks.filter(([mark]) => used.has(mark));
}

/** Returns the nodes that announce or should serve any of the addresses, sorted by name. */
export function nodesOf({ addresses }: Pick<ServiceView, 'addresses'>): string[] {
  const nodes = addresses.flatMap(({ paths, home }) => [
    ...paths.map(({ node }) => node),
    ...(home === undefined ? [] : [home]),
  ]);
  return [...new Set(nodes)].toSorted(byName);
}

/**
 * Returns how bad a state is: `bad` if a failure is felt or the next one will be, `busy` if someone should look at it.
 */
export function gravityOf(state: ServiceState): 'good' | 'busy' | 'bad' {
  if (state === 'ok') return 'good';
  const isBad = state === 'absent' || state === 'only_down_paths' || state === 'no_backup';
  return isBad ? 'bad' : 'busy';
}

/** Returns `no_backup` as people say it. */
export function serviceStateText(state: ServiceState): string {
  return state.replaceAll('_', ' ');
}

/** Returns a sentence of the API as people say it: the states in it without their underscores. */
export function spoken(sentence: string): string {
  return serviceStates.reduce(
    (said, state) => said.replaceAll(state, serviceStateText(state)),
    sentence,
  );
}
