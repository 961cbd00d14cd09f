/**
 * What is wrong now, in the order in which someone needs it who has just been woken up: what is dark, what the losses
 * have in common, and what must not fail next. Pure: facts in, words and rows out.
 */
import type { AddressAudit, ServiceState } from './audit.ts';
import { countText } from './state-text.ts';

/**
 * Worst first. `dark`: no path. `down` and `not_answering`: served by a node that says that it is down, or whose
 * address does not answer.
 */
export const troubleKinds = ['dark', 'down', 'not_answering', 'no_backup'] as const;
export type TroubleKind = (typeof troubleKinds)[number];

/** Returns what is wrong with an address; `undefined` if nothing is that cannot wait until morning. */
export function troubleOf({ state, paths }: AddressAudit): TroubleKind | undefined {
  if (state === 'absent') return 'dark';
  if (state === 'only_down_paths') return 'down';
  if (paths[0]?.probe === 'not_answering') return 'not_answering';
  return state === 'no_backup' ? 'no_backup' : undefined;
}

/** Returns whether users already notice an address in this trouble. */
export function isFelt(kind: TroubleKind): boolean {
  return kind !== 'no_backup';
}

/** Words that an age may follow: `without a backup for 9 s`. */
const troubleWords: Readonly<Record<TroubleKind, string>> = {
  dark: 'dark',
  down: 'served only by nodes that are down',
  not_answering: 'served by nodes that do not answer',
  no_backup: 'without a backup',
};

interface VerdictFacts {
  readonly counts: Readonly<Record<TroubleKind, number>>;
  readonly addresses: number;
  readonly sessionsDown: number;
  readonly sessions: number;
  /** The number of further things that are wrong. */
  readonly others: number;
  readonly lesser: readonly LesserState[];
}

/** Addresses in a state that can wait until morning, and an example of what is wrong with one of them. */
export interface LesserState {
  readonly state: ServiceState;
  readonly count: number;
  readonly text: string;
}

/** Returns the worst that is wrong, without its age: `2 of 300 addresses dark`. */
export function verdictOf({
  counts,
  addresses,
  sessionsDown,
  sessions,
  others,
  lesser,
}: VerdictFacts): string {
  const noun = addresses === 1 ? 'address' : 'addresses';
  const share = (count: number): string => `${countText(count)} of ${countText(addresses)} ${noun}`;
  const worst = troubleKinds.find((kind) => counts[kind] > 0);
  if (worst !== undefined) return `${share(counts[worst])} ${troubleWords[worst]}`;
  if (sessionsDown > 0) {
    return `${sessionsDown} of ${sessions} ${sessions === 1 ? 'session' : 'sessions'} down`;
  }
  if (others > 0) return 'no address and no session is in trouble, but see below';
  const [least] = lesser;
  if (least === undefined) return 'no trouble';
  return `no trouble, but ${share(least.count)} ${least.state}: ${least.text}`;
}

/** A session that is down or up, and where its peer is. */
export interface PlacedSession {
  readonly peer: string;
  readonly node?: string | undefined;
  readonly rack?: string | undefined;
  readonly site?: string | undefined;
  readonly group?: string | undefined;
  /** Why it ended: `hold timer expired`. */
  readonly reason?: string | undefined;
  /** When it was lost, in ms by any one clock; absent: it is up, or never was. */
  readonly lostAtMs?: number | undefined;
}

/** Losses within this time of each other count as one event. */
const togetherMs = 10_000;

/**
 * Returns what sessions that were lost together have in common: `12 of 14 sessions lost within 0.8 s, all dc1`, or `all
 * of ours: suspect this host`. `undefined` if fewer than two were lost together.
 */
export function commonFactor(sessions: readonly PlacedSession[]): string | undefined {
  const lost = latestTogether(sessions);
  if (lost.length < 2) return undefined;
  const times = lost.map(({ lostAtMs = 0 }) => lostAtMs);
  const withinMs = Math.max(...times) - Math.min(...times);
  const count = `${lost.length} of ${sessions.length} sessions lost within ${(withinMs / 1000).toFixed(1)} s`;
  const shared = [
    lost.length === sessions.length ? 'all of ours: suspect this host' : place(lost, sessions),
    sharedBy(lost, 'reason'),
  ];
  return [count, ...shared.filter((text) => text !== undefined)].join(', ');
}

/** Returns the narrowest place that contains all lost sessions but not all sessions. */
function place(
  lost: readonly PlacedSession[],
  sessions: readonly PlacedSession[],
): string | undefined {
  for (const key of ['node', 'rack', 'site', 'group'] as const) {
    const value = sharedBy(lost, key);
    if (value === undefined || sharedBy(sessions, key) !== undefined) continue;
    const whole = sessions.filter((row) => row[key] === value).length;
    const label = key === 'site' ? '' : `${key} `;
    return whole === lost.length ? `all of ${label}${value}` : `all in ${label}${value}`;
  }
  return undefined;
}

function sharedBy(
  rows: readonly PlacedSession[],
  key: 'node' | 'rack' | 'site' | 'group' | 'reason',
): string | undefined {
  const values = new Set(rows.map((row) => row[key]));
  const [value] = values;
  return values.size === 1 ? value : undefined;
}

/** Returns the largest group of losses within a few seconds, and of equally large ones the latest. */
function latestTogether(sessions: readonly PlacedSession[]): readonly PlacedSession[] {
  const lost = sessions
    .filter(({ lostAtMs }) => lostAtMs !== undefined)
    .toSorted((a, b) => (a.lostAtMs ?? 0) - (b.lostAtMs ?? 0));
  let best: readonly PlacedSession[] = [];
  let first = 0;
  for (const [last, row] of lost.entries()) {
    while ((row.lostAtMs ?? 0) - (lost[first].lostAtMs ?? 0) > togetherMs) first++;
    if (last - first + 1 >= best.length) best = lost.slice(first, last + 1);
  }
  return best;
}

/** A node, and addresses that only it keeps from going dark. */
export interface Untouchable {
  readonly node: string;
  readonly prefixes: readonly string[];
}

/** Returns the nodes whose loss would make an address dark, those of most addresses first. */
export function untouchable(
  rows: Iterable<{ readonly prefix: string; readonly onlyNode?: string | undefined }>,
): Untouchable[] {
  const byNode = new Map<string, string[]>();
  for (const { prefix, onlyNode } of rows) {
    if (onlyNode === undefined) continue;
    const prefixes = byNode.get(onlyNode) ?? [];
    byNode.set(onlyNode, prefixes);
    prefixes.push(prefix);
  }
  return [...byNode]
    .map(([node, prefixes]) => ({ node, prefixes }))
    .toSorted((a, b) => b.prefixes.length - a.prefixes.length || (a.node < b.node ? -1 : 1));
}
