import { describe, expect, it } from 'vitest';
import {
  compareAddress,
  type ComparedAddress,
  type ComparedRoute,
  worstOf,
} from '#services/coherence.ts';

function via(node: number, med: number, given: Partial<ComparedRoute> = {}): ComparedRoute {
  const common = { asPathLength: 1, origin: 0, neighbourAs: 65001 };
  return { nextHop: `2001:db8::${node}`, med, ...common, ...given };
}

const silence = {
  kind: 'silence',
  text: 'its session with this server ended: hold timer expired',
} as const;
const gone = {
  kind: 'gone',
  text: 'its session with this server ended: connection reset',
} as const;

const given: readonly (readonly [string, ComparedAddress, string, RegExp?])[] = [
  ['both have none', {}, 'same'],
  ['the same route', { ours: via(1, 100), theirs: via(1, 100) }, 'same'],
  [
    'the same node with another MED',
    { ours: via(1, 1000), theirs: via(1, 100) },
    'different',
    /MED 1000 here and 100 there/,
  ],
  [
    'another node, which would lose here',
    { ours: via(1, 100), theirs: via(2, 200) },
    'different',
    /ours would win here/,
  ],
  [
    'another node, which would win here',
    { ours: via(1, 200), theirs: via(2, 100) },
    'different',
    /this server does not have that path/,
  ],
  [
    'another node, which is drained here',
    { ours: via(1, 200), theirs: via(2, 100), theirsHere: 'it is drained here' },
    'different',
    /; it is drained here$/,
  ],
  ['equal up to MED', { ours: via(1, 100), theirs: via(2, 100) }, 'tie', /equal up to MED/],
  [
    'another neighbour AS',
    { ours: via(1, 100), theirs: via(2, 100, { neighbourAs: 65009 }) },
    'different',
    /not compared everywhere/,
  ],
  ['they have none', { ours: via(1, 100) }, 'missing_there', /it offers nothing/],
  ['we have none', { theirs: via(1, 100) }, 'missing_here', /no peer announces it here/],
  [
    'we refuse it',
    { theirs: via(1, 100), theirsHere: 'it is refused here: prefix_length' },
    'missing_here',
    /refused here: prefix_length/,
  ],
  [
    'they hear a node that fell silent here',
    { ours: via(2, 200), theirs: via(1, 100), lost: silence },
    'only_they_hear_it',
    /cannot be known here/,
  ],
  [
    'they offer a node that closed its session here',
    { ours: via(2, 200), theirs: via(1, 100), lost: gone },
    'stale_wins',
    /connection reset/,
  ],
  [
    'the same, and we have none left',
    { theirs: via(1, 100), lost: gone },
    'stale_wins',
    /connection reset/,
  ],
  [
    'nothing is certain of it',
    { ours: via(1, 100), theirs: via(2, 100), unknown: 'its observer session is down' },
    'unknown',
    /session is down/,
  ],
];

type Row = readonly [string, ComparedAddress, string, RegExp | undefined];
const rows = given.map(([name, address, state, why]): Row => [name, address, state, why]);

describe('an address at two route servers', () => {
  it.each(rows)('%s', (_name, address, state, why) => {
    const comparison = compareAddress(address);
    expect(comparison.state).toBe(state);
    if (why === undefined) expect(comparison.why).toBeUndefined();
    else expect(comparison.why).toMatch(why);
  });

  it('has the worst state that it has with any sibling', () => {
    expect(worstOf(['same', 'tie', 'missing_there'])).toBe('missing_there');
    expect(worstOf(['same', 'unknown'])).toBe('unknown');
    expect(worstOf([])).toBe('same');
  });
});
