import { describe, expect, it } from 'vitest';
import { type AddressAudit, auditAddress, type ServicePath } from '#services/audit.ts';
import {
  commonFactor,
  type PlacedSession,
  troubleOf,
  untouchable,
  verdictOf,
} from '#services/trouble.ts';

const rule = {
  minHealthy: 2,
  medBands: {
    up: { min: 0, max: 499 },
    disabled: { min: 500, max: 999 },
    down: { min: 1000, max: Infinity },
  },
};

function audited(...paths: Partial<ServicePath>[]): AddressAudit {
  const whole = paths.map((path, at) => ({
    node: `w${at + 1}`,
    peer: `W${at + 1}`,
    med: 100 + at,
    isDrained: false,
    ...path,
  }));
  return auditAddress(rule, whole);
}

describe('the trouble of an address', () => {
  it.each([
    ['dark', audited()],
    ['down', audited({ med: 1000 }, { med: 1001 })],
    ['not_answering', audited({ probe: 'not_answering' }, {})],
    ['no_backup', audited({})],
    [undefined, audited({}, {})],
    [undefined, audited({}, { probe: 'not_answering' })],
    [undefined, audited({}, { med: 100 })],
  ])('is %s', (want, audit) => {
    expect(troubleOf(audit)).toBe(want);
  });
});

const none = { dark: 0, down: 0, not_answering: 0, no_backup: 0 };

describe('the verdict', () => {
  it.each([
    ['2 of 300 addresses dark', { counts: { ...none, dark: 2, no_backup: 5 }, addresses: 300 }],
    ['1 of 1 address without a backup', { counts: { ...none, no_backup: 1 }, addresses: 1 }],
    ['1,000 of 100,000 addresses dark', { counts: { ...none, dark: 1000 }, addresses: 100_000 }],
    ['2 of 14 sessions down', { sessionsDown: 2 }],
    ['no address and no session is in trouble, but see below', { others: 1 }],
    [
      'no trouble, but 3 of 3 addresses degraded: all nodes that are up are in site dc1',
      {
        lesser: [
          { state: 'degraded', count: 3, text: 'all nodes that are up are in site dc1' },
          { state: 'tie', count: 1, text: 'w1 and w2 have the same MED 100' },
        ],
      },
    ],
    ['no trouble', {}],
  ] as const)('is: %s', (want, facts) => {
    const well = {
      counts: none,
      addresses: 3,
      sessionsDown: 0,
      sessions: 14,
      others: 0,
      lesser: [],
    };
    expect(verdictOf({ ...well, ...facts })).toBe(want);
  });
});

/** `site/rack/node`, with when it was lost in ms where it was. */
function session(peer: string, where: string, lostAtMs?: number, reason = 'tcp'): PlacedSession {
  const [site, rack, node] = where.split('/');
  return { peer, site, rack, node, group: 'nodes', reason, lostAtMs };
}

describe('what lost sessions have in common', () => {
  it.each<[string | undefined, PlacedSession[]]>([
    [undefined, [session('A', 'dc1/a/1', 0), session('B', 'dc1/a/2')]],
    [
      '2 of 3 sessions lost within 0.8 s, all of dc1, tcp',
      [session('A', 'dc1/a/1', 0), session('B', 'dc1/b/2', 800), session('C', 'dc2/c/3')],
    ],
    [
      '2 of 4 sessions lost within 0.0 s, all in dc1, tcp',
      [
        session('A', 'dc1/a/1', 0),
        session('B', 'dc1/b/2', 0),
        session('C', 'dc1/c/3'),
        session('D', 'dc2/c/4'),
      ],
    ],
    [
      '2 of 3 sessions lost within 0.1 s, all of rack a',
      [session('A', 'dc1/a/1', 0, 'x'), session('B', 'dc1/a/2', 100, 'y'), session('C', 'dc1/b/3')],
    ],
    [
      '2 of 2 sessions lost within 2.0 s, all of ours: suspect this host, tcp',
      [session('A', 'dc1/a/1', 0), session('B', 'dc2/b/2', 2000)],
    ],
    [
      '2 of 3 sessions lost within 1.0 s, tcp',
      [session('A', 'dc1/a/1', 0), session('B', 'dc2/b/2', 1000), session('C', 'dc1/c/3')],
    ],
    [
      undefined,
      [session('A', 'dc1/a/1', 0), session('B', 'dc1/a/2', 60_000), session('C', 'dc2/c/3')],
    ],
  ])('is %s', (want, sessions) => {
    expect(commonFactor(sessions)).toBe(want);
  });
});

it('the nodes that must not be touched are those that an address has alone, those of most addresses first', () => {
  const rows = [
    { prefix: 'a', onlyNode: 'w1' },
    { prefix: 'b', onlyNode: 'w2' },
    { prefix: 'c', onlyNode: 'w2' },
    { prefix: 'd' },
  ];
  expect(untouchable(rows)).toEqual([
    { node: 'w2', prefixes: ['b', 'c'] },
    { node: 'w1', prefixes: ['a'] },
  ]);
});
