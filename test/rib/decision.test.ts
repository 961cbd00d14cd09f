import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type AttrsId, none, type PathId, type PeerId, type PrefixId } from '#policy/ids.ts';
import { type DecisionOptions, type StepName, steps } from '#rib/decision-steps.ts';
import { Decision } from '#rib/decision.ts';
import { PathClasses } from '#rib/path-class.ts';
import { AttrTable } from '#rib/tables/attr-table.ts';
import { PathTable } from '#rib/tables/path-table.ts';
import { PeerRanks } from '#rib/tables/peer-ranks.ts';
import { PrefixTable } from '#rib/tables/prefix-table.ts';
import { wellKnownCommunities } from '#wire/communities.ts';
import type { PathAttributes } from '#wire/path-attributes.ts';
import { address, route, sequence, set } from '../policy/given.ts';
import { seed } from './given.ts';

interface Candidate {
  readonly attributes?: Partial<PathAttributes>;
  readonly address?: string;
  readonly routerId?: number;
  readonly isDrained?: boolean;
  readonly receivedAt?: number;
  readonly pathId?: number;
}

const onlyPrefix = 1 as PrefixId;
const rfc4271: DecisionOptions = { med: 'same_as', tieBreak: 'router_id' };

/** One prefix with the candidates as its paths; each path's id is its place in the list, from 1. */
function decide(candidates: readonly Candidate[], options = rfc4271) {
  const attrs = new AttrTable(seed);
  const paths = new PathTable(1);
  const ranks = new PeerRanks();
  const classes = new PathClasses(paths, attrs, ranks, new PrefixTable(0, 1));
  const decision = new Decision({ paths, attrs, peers: ranks, classes, options }, 1);
  candidates.forEach((it, index) => {
    const peer = (index + 1) as PeerId;
    ranks.add(peer, address(it.address ?? `192.0.2.${index + 1}`), true);
    ranks.setRouterId(peer, it.routerId ?? 7);
    ranks.setDrained(peer, it.isDrained === true);
    const path = paths.add(onlyPrefix, peer, it.pathId ?? 0);
    const accepted = attrs.intern(route(it.attributes));
    paths.setReceived(path, accepted, it.receivedAt ?? 0);
    paths.judge(path, accepted, 0);
    decision.count(none as AttrsId, accepted);
  });
  const all = candidates.map((_, index) => (index + 1) as PathId);
  return { decision, paths, all, best: () => decision.best(paths.first(onlyPrefix)) };
}

const shutdown = 0xffff0000;
const rows: readonly (readonly [StepName, Candidate, Candidate])[] = [
  ['class', { attributes: { med: 500 } }, { isDrained: true, attributes: { med: 1 } }],
  ['class', { attributes: { med: 500 } }, { attributes: { med: 1, communities: [shutdown] } }],
  ['local_pref', { attributes: { localPref: 101, med: 9 } }, { attributes: { med: 1 } }],
  ['local_pref', { attributes: { med: 9 } }, { attributes: { localPref: 99, med: 1 } }],
  [
    'as_path_length',
    { attributes: { asPath: [sequence(65001)], origin: 2 } },
    { attributes: { asPath: [sequence(65001, 65001)] } },
  ],
  [
    'as_path_length',
    { attributes: { asPath: [sequence(65001), set(1, 2, 3)], origin: 2 } },
    { attributes: { asPath: [sequence(65001, 1, 2)] } },
  ],
  ['origin', { attributes: { origin: 0, med: 9 } }, { attributes: { origin: 1, med: 1 } }],
  ['med', { attributes: { med: 1 }, routerId: 9 }, { attributes: { med: 2 }, routerId: 1 }],
  ['med', { routerId: 9 }, { attributes: { med: 1 }, routerId: 1 }],
  ['router_id', { routerId: 0x01010109 }, { routerId: 0xf0000000 }],
  ['peer_address', { address: '192.0.2.9' }, { address: '192.0.2.10' }],
  ['peer_address', { address: '192.0.2.9' }, { address: '2001:db8::1' }],
];

describe('at each step the better path wins, in either order', () => {
  test.each(rows)('%s', (step, winner, loser) => {
    for (const [candidates, best] of [
      [[winner, loser], 1],
      [[loser, winner], 2],
    ] as const) {
      const given = candidates.map((it, i) => ({ address: `192.0.2.${i ? 9 - best : 5}`, ...it }));
      const it = decide(step === 'peer_address' ? candidates : given);
      const lost: StepName[] = [];
      expect(it.best()).toBe(best);
      expect(it.decision.eliminate(it.all, (_, at) => lost.push(at))).toBe(best);
      expect(lost).toEqual([step]);
      expect(it.decision.ranked(it.paths.first(onlyPrefix))[0]).toBe(best);
    }
  });

  test('oldest, if it breaks ties', () => {
    const options = { med: 'same_as', tieBreak: 'oldest' } as const;
    const it = decide(
      [
        { receivedAt: 5, routerId: 1 },
        { receivedAt: 4, routerId: 2 },
      ],
      options,
    );
    expect(it.best()).toBe(2);
  });

  test('path_id, between two paths of one peer', () => {
    const it = decide([{ pathId: 9 }, { pathId: 3 }]);
    const at = steps.findIndex(({ name }) => name === 'path_id');
    expect(it.decision.value(at, 1 as PathId)).toBeGreaterThan(it.decision.value(at, 2 as PathId));
  });
});

describe('MED of several neighbour ASes', () => {
  const candidates = [from(65001, 10, 3), from(65004, 50, 2), from(65001, 50, 1)];

  test('is compared within one neighbour AS first', () => {
    const it = decide(candidates);
    expect(it.decision.isTotal).toBe(false);
    expect(it.best()).toBe(2);
    expect(it.decision.ranked(it.paths.first(onlyPrefix))).toEqual([2, 1, 3]);
  });

  test('is compared between all paths with med: always', () => {
    const it = decide(candidates, { ...rfc4271, med: 'always' });
    expect(it.decision.isTotal).toBe(true);
    expect(it.best()).toBe(1);
  });

  test('a path that is empty or begins with a set counts as its own neighbour AS', () => {
    const it = decide([
      { attributes: { asPath: [set(65001)], med: 9 }, routerId: 1 },
      from(65001, 1, 2),
    ]);
    expect(it.decision.isTotal).toBe(false);
    expect(it.best()).toBe(1);
  });
});

function from(asn: number, med: number, routerId: number): Candidate {
  return { attributes: { asPath: [sequence(asn)], med }, routerId };
}

const candidate: fc.Arbitrary<Candidate> = fc.record({
  attributes: fc.record({
    asPath: fc.constantFrom([sequence(65001)], [sequence(65004)], [sequence(65001, 65004)]),
    med: fc.integer({ min: 0, max: 3 }),
    localPref: fc.constantFrom(undefined, undefined, 50).map((it) => it ?? 100),
    origin: fc.constantFrom(0, 0, 2),
  }),
  routerId: fc.integer({ min: 1, max: 3 }),
});
/** In two thirds of the cases no path is demoted. */
const demotion: fc.Arbitrary<Candidate> = fc.constantFrom(
  {},
  {},
  { isDrained: true },
  { attributes: { communities: [shutdown] } },
  { attributes: { communities: [wellKnownCommunities.llgr_stale] } },
);
const plain = fc.array(candidate, { minLength: 1, maxLength: 7 });
const demoted = fc.array(
  fc.tuple(candidate, demotion).map(([it, { isDrained = false, attributes }]) => ({
    ...it,
    isDrained,
    attributes: { ...it.attributes, ...attributes },
  })),
  { minLength: 1, maxLength: 7 },
);
const some = fc.oneof(plain, plain, demoted);

test('best, compare and eliminate agree wherever MED orders all paths', () => {
  fc.assert(fc.property(some, fc.constantFrom('always', 'same_as'), doAgree), { numRuns: 500 });
});

test('the order is that in which eliminate finds the best path, one after the other', () => {
  fc.assert(fc.property(some, isTakenOut), { numRuns: 500 });
});

test('the order of arrival does not matter', () => {
  fc.assert(fc.property(some, fc.nat(7), isAsBefore), { numRuns: 500 });
});

function doAgree(candidates: readonly Candidate[], med: DecisionOptions['med']): void {
  const it = decide(candidates, { ...rfc4271, med });
  if (!it.decision.isTotal) return;
  const sorted = it.all.toSorted((a, b) => it.decision.compare(a, b));
  expect(it.decision.eliminate(it.all)).toBe(sorted[0]);
  expect(it.best()).toBe(sorted[0]);
  expect(it.decision.ranked(it.paths.first(onlyPrefix))).toEqual(sorted);
}

function isTakenOut(candidates: readonly Candidate[]): void {
  const it = decide(candidates, rfc4271);
  const rest = [...it.all];
  const wanted: PathId[] = [];
  for (let best = it.decision.eliminate(rest); best !== undefined;) {
    wanted.push(best);
    rest.splice(rest.indexOf(best), 1);
    best = it.decision.eliminate(rest);
  }
  const first = it.paths.first(onlyPrefix);
  expect(it.decision.ranked(first)).toEqual(wanted);
  expect([...it.decision.inOrder(first)]).toEqual(wanted);
  expect(it.decision.best(first)).toBe(wanted[0] ?? 0);
}

function isAsBefore(candidates: readonly Candidate[], turn: number): void {
  const named = candidates.map((it, index) => ({ ...it, address: `198.51.100.${index}` }));
  const turned = named.map((_, index) => named[(index + turn) % named.length]).toReversed();
  const names = (list: typeof named) => {
    const it = decide(list);
    return it.decision.ranked(it.paths.first(onlyPrefix)).map((path) => list[path - 1].address);
  };
  expect(names(turned)).toEqual(names(named));
}
