import { describe, expect, it } from 'vitest';
import { caseOf, differencesOf, failuresOf, file } from './files.ts';

const one = '"2001:db8:30::1/128"';
const first = `{ peer: W1, announce: ${one}, med: 100 }`;
const second = `{ peer: W2, announce: ${one}, med: 101 }`;

/** Cases that hold, so that there is no difference. */
const holds: readonly [name: string, steps: string, expectations: string][] = [
  ['the best, the backup', `${second}, ${first}`, `{ prefix: ${one}, best: W1, backup: W2 }`],
  ['a sibling that says nothing yet', first, `{ prefix: ${one}, coherence: unknown }`],
  [
    'a sibling that offers the same, with the attributes that are heard here',
    `${first}, { sibling: { name: RS4, best: ${one}, next_hop: "2001:db8:6::11" } }`,
    `{ prefix: ${one}, coherence: same }`,
  ],
  [
    'a sibling that prefers the other node',
    `${first}, ${second}, { sibling: { name: RS4, best: ${one}, next_hop: "2001:db8:7::12" } }`,
    `{ prefix: ${one}, coherence: different }`,
  ],
  [
    'a sibling that has not heard of a worse MED',
    `${second}, { sibling: { name: RS4, best: ${one}, next_hop: "2001:db8:7::12", med: 1 } }`,
    `{ prefix: ${one}, coherence: different }`,
  ],
  [
    'a sibling that no longer offers anything',
    `${first}, { sibling: { name: RS4, best: ${one}, next_hop: "2001:db8:6::11" } }, { sibling: { name: RS4, best: ${one} } }`,
    `{ prefix: ${one}, coherence: missing_there }`,
  ],
  [
    'a sibling that still offers a node whose session has ended here',
    `${first}, { sibling: { name: RS4, best: ${one}, next_hop: "2001:db8:6::11" } }, { peer: W1, down: true }`,
    `{ prefix: ${one}, coherence: stale_wins }`,
  ],
  ['no path at all', '', `{ prefix: ${one}, best: none, backup: none, sent: none }`],
  [
    'a peer by its address',
    `{ peer: "2001:db8:6:0::11", announce: ${one} }`,
    `{ prefix: ${one}, best: W1 }`,
  ],
  [
    'a peer of a range by its address',
    `{ peer: "2001:db8:40::7", announce: ${one} }`,
    `{ prefix: ${one}, best: "2001:db8:40::7" }`,
  ],
  [
    'exactly the clients, without one that has shadow: true',
    first,
    `{ prefix: ${one}, sent: { to: [EVERY, ER3, ER2] } }`,
  ],
  [
    'clients that are sent nothing by their own policy',
    `{ peer: W1, announce: ${one}, communities: ["65001:9", "65001:8"] }`,
    `{ prefix: ${one}, sent: { to: [ER2, EVERY], communities: ["65001:8", "65001:9"] } }`,
  ],
  [
    'clients that are sent different routes',
    `{ peer: W1, announce: ${one}, communities: "65001:9", med: 1 }, ${second}`,
    `{ prefix: ${one}, sent: [{ to: [ER2, EVERY], med: 1, next_hop: "2001:db8:6::11" }, { to: [ER3], med: 101 }] }`,
  ],
  [
    'any of the routes of a client that takes several',
    `${first}, ${second}`,
    `{ prefix: ${one}, sent: [{ to: [ER2, ER3, EVERY], med: 100 }, { to: [EVERY], med: 101 }] }`,
  ],
  [
    'every attribute',
    `{ peer: W1, announce: ${one}, as_path: [65001, 64999, [64998, 64997]], origin: incomplete, large_communities: "1:2:3", ext_communities: ["rt:65001:1", "generic:0x43000000:0x1"] }`,
    `{ prefix: ${one}, sent: { to: [ER2, ER3, EVERY], med: none, as_path: [65001, 64999, [64998, 64997]], origin: incomplete, large_communities: ["1:2:3"], ext_communities: "rt:65001:1", communities: [] } }`,
  ],
  [
    'an IPv4 route of an IPv6 session',
    '{ peer: W1, announce: 198.51.100.1/32 }',
    '{ prefix: 198.51.100.1/32, best: W1 }',
  ],
  [
    'why a route is rejected',
    `{ peer: W1, announce: [${one}, "2001:db8:31::/64", "2001:db8:30::/64"] }`,
    `{ prefix: ${one}, from: W1, rejected: none }, { prefix: "2001:db8:31::/64", from: W1, rejected: prefix_not_allowed }, { prefix: "2001:db8:30::/64", from: W1, rejected: prefix_length }`,
  ],
  [
    'a peer that goes down',
    `${first}, ${second}, { peer: W1, down: true }`,
    `{ prefix: ${one}, best: W2, backup: none }, { peer: W1, up: false }`,
  ],
  [
    'a peer that comes up without routes',
    `${first}, { peer: W1, down: true }, { peer: W1, up: true }`,
    `{ prefix: ${one}, best: none }, { peer: W1, up: true }`,
  ],
  [
    'a peer that announces after it was down',
    `{ peer: W1, down: true }, ${first}`,
    `{ prefix: ${one}, best: W1 }, { peer: W1, up: true }`,
  ],
  ['a withdrawal', `${first}, { peer: W1, withdraw: ${one} }`, `{ prefix: ${one}, best: none }`],
  [
    'the router id breaks a tie',
    `{ peer: W1, announce: ${one}, router_id: 9.9.9.9 }, { peer: W2, announce: ${one}, router_id: 1.1.1.1 }`,
    `{ prefix: ${one}, best: W2 }`,
  ],
  ['the state of a service', `${first}, ${second}`, '{ service: web, state: ok }'],
  ['the state of a service without a backup', first, '{ service: web, state: no_backup }'],
  [
    'a drained node',
    `${first}, ${second}, { drain: w1, force: true }`,
    `{ prefix: ${one}, best: W2, backup: W1 }`,
  ],
  [
    'a node that is no longer drained',
    `${first}, ${second}, { drain: w1, force: true }, { undrain: w1 }`,
    `{ prefix: ${one}, best: W1 }`,
  ],
  [
    'a node that does not answer',
    `${first}, ${second}, { probe: { node: w1, answering: false } }`,
    `{ prefix: ${one}, best: W2, backup: W1 }`,
  ],
  [
    'a node that answers again',
    `${first}, ${second}, { probe: { node: w1, answering: false } }, { probe: { node: w1, service: web, answering: true } }`,
    `{ prefix: ${one}, best: W1 }`,
  ],
  [
    'a session that its limit ends',
    `{ peer: W1, announce: [${one}, "2001:db8:30::2/128", "2001:db8:30::3/128"] }, { peer: W1, announce: "2001:db8:30::4/128" }`,
    `{ prefix: ${one}, best: none }, { peer: W1, up: false }`,
  ],
];

/** Cases that do not hold, and the differences. */
const fails: readonly [name: string, steps: string, expectations: string, differences: string[]][] =
  [
    [
      'another best and backup',
      `${first}, ${second}`,
      `{ prefix: ${one}, best: W2, backup: none }`,
      [
        '2001:db8:30::1/128: best: expected W2, got W1',
        '2001:db8:30::1/128: backup: expected none, got W2',
      ],
    ],
    [
      'one client too few',
      first,
      `{ prefix: ${one}, sent: { to: [ER2] } }`,
      ['2001:db8:30::1/128: sent to: expected ER2, got ER2 ER3 EVERY'],
    ],
    [
      'a client too many',
      '',
      `{ prefix: ${one}, sent: { to: ER2 } }`,
      ['2001:db8:30::1/128: sent to: expected ER2, got none'],
    ],
    [
      'another attribute',
      first,
      `{ prefix: ${one}, sent: { to: [ER2, ER3, EVERY], as_path: [65001, 65001] } }`,
      ['ER2', 'ER3', 'EVERY'].map(
        (client) =>
          `2001:db8:30::1/128: as_path sent to ${client}: expected 65001 65001, got 65001`,
      ),
    ],
    [
      'another reason',
      '{ peer: W1, announce: "::/0" }',
      '{ prefix: "::/0", from: W1, rejected: policy }, { prefix: "::/0", from: W2, rejected: policy }',
      [
        '::/0: rejected from W1: expected policy, got prefix_not_allowed',
        '::/0: rejected from W2: expected policy, got no path from this peer',
      ],
    ],
    [
      'another state',
      first,
      '{ service: web, state: ok }',
      [
        'service web: state: expected ok, got no_backup (2001:db8:30::1/128: only w1 is up: no other node could take over)',
      ],
    ],
    [
      'a session that is up',
      first,
      '{ peer: W1, up: false }',
      ['peer W1: session: expected down, got up'],
    ],
    [
      'a route of a session that a limit has ended',
      `{ peer: W1, announce: [${one}, "2001:db8:30::2/128", "2001:db8:30::3/128", "2001:db8:30::4/128"] }, ${first}`,
      '',
      [
        'announce: step: expected a peer that is up, got a peer whose session was ended by max_prefix 3; { peer: W1, up: true } starts another',
      ],
    ],
    [
      'a drain that the guard refuses',
      `${first}, ${second}, { drain: w1 }`,
      `{ prefix: ${one}, best: W1 }`,
      [
        'drain: step: expected a drain that the guard allows, got refused (2001:db8:30::1/128: 1 of 2 healthy nodes of web would be left, but min_healthy is 2); add force: true to drain it anyway',
      ],
    ],
    [
      'a withdrawal of a peer that is down',
      `{ peer: W1, down: true }, { peer: W1, withdraw: ${one} }`,
      '',
      ['withdraw: step: expected a peer that is up, got a peer whose session is down'],
    ],
  ];

describe('a case', () => {
  it.each(holds)('can expect %s', (_name, steps, expectations) => {
    expect(differencesOf(caseOf(steps, expectations))).toEqual([]);
  });

  it.each(fails)('fails for %s', (_name, steps, expectations, differences) => {
    expect(differencesOf(caseOf(steps, expectations))).toEqual(differences);
  });

  it('names the place of what does not hold, and explains the prefix once', () => {
    const failures = failuresOf(caseOf(first, `{ prefix: ${one}, best: W2, backup: W1 }`));
    expect(failures.map(({ place }) => place)).toEqual([
      { file, line: 5, column: 46 },
      { file, line: 5, column: 56 },
    ]);
    expect(failures.map(({ explain }) => explain?.best?.peer)).toEqual([undefined, 'W1']);
  });

  it('continues from stage to stage, and each case starts from the beginning', () => {
    const then = `${caseOf(first, '')}    then: [{ given: [${second}], expect: [{ prefix: ${one}, backup: W2 }] }]\n`;
    expect(differencesOf(then)).toEqual([]);
    const other = `  - name: other\n    expect: [{ prefix: ${one}, best: none }]\n`;
    expect(differencesOf(then + other)).toEqual([]);
  });
});
