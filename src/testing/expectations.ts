import type { ExplainView } from '#api/views/explain.ts';
import type { AttributesView } from '#daemon/views/path-views.ts';
import { type CoherenceState, worstOf } from '#services/coherence.ts';
import type { Prefix } from '#wire/nlri.ts';
import { nothing } from './case-scope.ts';
import type { CasePlace, Expectation, RouteCheck, SentGroup } from './cases.ts';
import type { OfflineServer } from './offline/offline-server.ts';

/** An expectation that does not hold, and what was found instead. */
export interface Failure {
  readonly place: CasePlace;
  /** The subject of the expectation: `2001:db8:30::3/128`, `service web`. */
  readonly subject: string;
  readonly differences: readonly Difference[];
  /** The reason, if the subject is a prefix that some peer announces. */
  readonly explain?: ExplainView;
}

export interface Difference {
  readonly what: string;
  readonly expected: string;
  readonly actual: string;
}

/** Returns the parts of the expectation that do not hold; empty if all of them do. */
export function differencesOf(server: OfflineServer, expectation: Expectation): Failure[] {
  switch (expectation.kind) {
    case 'route':
      return routeFailures(server, expectation);
    case 'service':
      return serviceFailures(server, expectation);
    case 'session':
      return sessionFailures(server, expectation);
    default:
      return expectation satisfies never;
  }
}

type Of<Kind extends Expectation['kind']> = Extract<Expectation, { kind: Kind }>;

function serviceFailures(server: OfflineServer, { name, state, place }: Of<'service'>): Failure[] {
  const { state: actual, findings } = server.serviceState(name);
  if (actual === state) return [];
  const why = findings.length === 0 ? '' : ` (${findings.join('; ')})`;
  const differences = [{ what: 'state', expected: state, actual: `${actual}${why}` }];
  return [{ place, subject: `service ${name}`, differences }];
}

function sessionFailures(server: OfflineServer, { peer, isUp, place }: Of<'session'>): Failure[] {
  const found = server.peers.named(peer);
  if (found?.isUp === isUp) return [];
  const limit = found?.endedBy?.limit.limit;
  const why = limit === undefined ? '' : ` (by its limit of ${limit})`;
  const actual = `${upOrDown(found?.isUp === true)}${why}`;
  const differences = [{ what: 'session', expected: upOrDown(isUp), actual }];
  return [{ place, subject: `peer ${peer}`, differences }];
}

function upOrDown(isUp: boolean): string {
  return isUp ? 'up' : 'down';
}

/** Returns a failure for each check that does not hold; only the last one has the explanation. */
function routeFailures(server: OfflineServer, { prefix, text, checks }: Of<'route'>): Failure[] {
  const explain = server.explain(prefix);
  const failures = checks.flatMap((check): Failure[] => {
    const differences = routeDifferences(server, prefix, explain, check);
    return differences.length === 0 ? [] : [{ place: check.place, subject: text, differences }];
  });
  if (explain === undefined) return failures;
  return failures.map((failure, at) =>
    at === failures.length - 1 ? { ...failure, explain } : failure,
  );
}

/** Returns the difference, if any; its actual value names each sibling whose offer differs. */
function coherenceDifferences(
  server: OfflineServer,
  prefix: Prefix,
  expected: CoherenceState,
): Difference[] {
  const siblings = server.coherence(prefix);
  const state = worstOf(siblings.map((sibling) => sibling.state));
  if (state === expected) return [];
  const why = siblings.flatMap(({ name, why: text }) =>
    text === undefined ? [] : `${name}: ${text}`,
  );
  const actual = why.length === 0 ? state : `${state} (${why.join('; ')})`;
  return [{ what: 'coherence', expected, actual }];
}

function routeDifferences(
  server: OfflineServer,
  prefix: Prefix,
  view: ExplainView | undefined,
  check: RouteCheck,
): Difference[] {
  switch (check.kind) {
    case 'best':
      return differing('best', check.peer, ranked(view, 1));
    case 'backup':
      return differing('backup', check.peer, ranked(view, 2));
    case 'coherence':
      return coherenceDifferences(server, prefix, check.state);
    case 'rejected':
      return differing(`rejected from ${check.from}`, check.reason, reasonFrom(view, check.from));
    case 'sent':
      return sentDifferences(server.sent(prefix), check.groups);
    default:
      return check satisfies never;
  }
}

function ranked(view: ExplainView | undefined, rank: number): string {
  return view?.candidates.find((candidate) => candidate.rank === rank)?.peer ?? nothing;
}

function reasonFrom(view: ExplainView | undefined, peer: string): string {
  const found = view?.candidates.find((candidate) => candidate.peer === peer);
  if (found === undefined) return 'no path from this peer';
  return found.accepted ? nothing : (found.reason ?? nothing);
}

function sentDifferences(
  sent: ReadonlyMap<string, readonly AttributesView[]>,
  groups: readonly SentGroup[],
): Difference[] {
  const expected = groups.flatMap(({ to }) => to);
  return [
    ...differing('sent to', namesText(expected), namesText([...sent.keys()])),
    ...groups.flatMap((group) =>
      group.to.flatMap((client) => attributeDifferences(client, group, sent.get(client) ?? [])),
    ),
  ];
}

/**
 * Returns the differences of the first path that the client is sent, or none if any of its paths is as expected.
 */
function attributeDifferences(
  client: string,
  { attributes }: SentGroup,
  routes: readonly AttributesView[],
): Difference[] {
  const found = routes.map((route) =>
    Object.entries(attributes).flatMap(([key, value]) =>
      differing(
        `${key} sent to ${client}`,
        valueText(value),
        valueText(route[key as keyof AttributesView]),
      ),
    ),
  );
  return found.some((differences) => differences.length === 0) ? [] : (found[0] ?? []);
}

function differing(what: string, expected: string, actual: string): Difference[] {
  return expected === actual ? [] : [{ what, expected, actual }];
}

/** Returns the names in a fixed order, because clients have none. */
function namesText(names: readonly string[]): string {
  return names.length === 0 ? nothing : [...new Set(names)].toSorted().join(' ');
}

/** Returns the value as text, with communities in a fixed order; the order of AS_PATH matters and is kept. */
function valueText(value: unknown): string {
  if (value === undefined) return nothing;
  if (!Array.isArray(value)) return String(value);
  if (value.length === 0) return nothing;
  const isText = value.every((item) => typeof item === 'string');
  const items = isText ? value.toSorted() : value;
  return items
    .map((item) => (Array.isArray(item) ? `{${item.join(' ')}}` : String(item)))
    .join(' ');
}
