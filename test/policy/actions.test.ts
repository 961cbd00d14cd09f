import { describe, expect, test } from 'vitest';
import type { SetActions } from '#policy/actions.ts';
import type { PathAttributes } from '#wire/path-attributes.ts';
import {
  address,
  communities,
  judgedBy,
  large,
  largeCommunities,
  route,
  rule,
  sequence,
  set,
  standard,
} from './given.ts';

describe('the actions of a rule give a route', () => {
  type Attributes = Partial<PathAttributes>;
  const rows: readonly (readonly [string, SetActions, Attributes, Attributes])[] = [
    ['nothing', {}, { med: 5 }, { med: 5 }],
    ['a MED', { med: { kind: 'set', value: 100 } }, { med: 5 }, { med: 100 }],
    ['a MED where there was none', { med: { kind: 'set', value: 0 } }, {}, { med: 0 }],
    ['a higher MED', { med: { kind: 'add', value: 10 } }, { med: 5 }, { med: 15 }],
    ['a sum where there was no MED', { med: { kind: 'add', value: 10 } }, {}, { med: 10 }],
    ['no MED below 0', { med: { kind: 'add', value: -10 } }, { med: 5 }, { med: 0 }],
    [
      'no MED over 32 bits',
      { med: { kind: 'add', value: 9 } },
      { med: 4294967290 },
      { med: 4294967295 },
    ],
    ['LOCAL_PREF', { localPref: 200 }, {}, { localPref: 200 }],
    [
      'a community at the end',
      { addCommunities: standards('65535:65281') },
      communities('65000:1'),
      communities('65000:1', '65535:65281'),
    ],
    [
      'a community once',
      { addCommunities: standards('65000:1') },
      communities('65000:1'),
      communities('65000:1'),
    ],
    [
      'fewer communities',
      { removeCommunities: standards('65000:*') },
      communities('65000:1', '65001:1', '65000:2'),
      communities('65001:1'),
    ],
    [
      'fewer communities before others are added',
      { removeCommunities: standards('65000:*'), addCommunities: standards('65000:9') },
      communities('65000:1'),
      communities('65000:9'),
    ],
    [
      'a large community',
      { addCommunities: larger('65000:1:2') },
      {},
      largeCommunities([65000, 1, 2]),
    ],
    [
      'a large community once',
      { addCommunities: larger('65000:1:2') },
      largeCommunities([65000, 1, 2]),
      largeCommunities([65000, 1, 2]),
    ],
    [
      'fewer large communities',
      { removeCommunities: larger('65000:1:*') },
      largeCommunities([65000, 1, 2], [65000, 2, 2]),
      largeCommunities([65000, 2, 2]),
    ],
    [
      'the first AS once more, and another outside',
      { prepend: [65030, 'first_as', 'first_as'] },
      { asPath: [sequence(65001, 65007)] },
      { asPath: [sequence(65030, 65001, 65001, 65001, 65007)] },
    ],
    [
      'no first AS where the path begins with a set',
      { prepend: ['first_as'] },
      { asPath: [set(65001)] },
      { asPath: [set(65001)] },
    ],
    ['ASes in front', { prepend: [65030, 65031] }, {}, { asPath: [sequence(65030, 65031, 65001)] }],
    [
      'ASes before a set',
      { prepend: [65030] },
      { asPath: [set(1, 2)] },
      { asPath: [sequence(65030), set(1, 2)] },
    ],
    [
      'ASes before an empty path',
      { prepend: [65030] },
      { asPath: [] },
      { asPath: [sequence(65030)] },
    ],
    [
      'a sequence of 255 ASes',
      { prepend: [65030] },
      { asPath: [sequence(...fill(254))] },
      { asPath: [sequence(65030, ...fill(254))] },
    ],
    [
      'a second sequence after 255',
      { prepend: [65030] },
      { asPath: [sequence(...fill(255))] },
      { asPath: [sequence(65030), sequence(...fill(255))] },
    ],
    ['a next hop', { nextHop: address('2001:db8::7') }, {}, { nextHop: address('2001:db8::7') }],
    ['no next hop of the other family', { nextHop: address('192.0.2.7') }, {}, {}],
  ];
  test.each(rows)('%s', (_, actions, before, after) => {
    expect(judgedBy([rule('accept', {}, actions)], before).outcome).toEqual(route(after));
  });
});

function standards(...texts: string[]) {
  return texts.map((text) => ({ kind: 'standard', pattern: standard(text) }) as const);
}

function larger(...texts: string[]) {
  return texts.map((text) => ({ kind: 'large', pattern: large(text) }) as const);
}

function fill(count: number): readonly number[] {
  return Array.from({ length: count }, () => 65001);
}
