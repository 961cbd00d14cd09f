import { describe, expect, test } from 'vitest';
import type { Match } from '#policy/match.ts';
import { parseExtCommunity } from '#text/community.ts';
import type { PathAttributes } from '#wire/path-attributes.ts';
import {
  communities,
  judgedBy,
  large,
  largeCommunities,
  only,
  patterns,
  rule,
  sequence,
  set,
  standard,
} from './given.ts';

describe('a match', () => {
  const path = [sequence(65001, 65010), set(65020, 65021)];
  const rows: readonly (readonly [string, Match, Partial<PathAttributes>, boolean])[] = [
    ['without keys', {}, {}, true],
    ['next hop inside', { nextHop: patterns('2001:db8:6::/64') }, {}, true],
    ['next hop outside', { nextHop: patterns('2001:db8:7::/64') }, {}, false],
    ['next hop of the other family', { nextHop: patterns('0.0.0.0/0') }, {}, false],
    ['peer by name', { peer: ['W2', 'W1'] }, {}, true],
    ['another peer', { peer: ['W2'] }, {}, false],
    ['peer AS', { peerAs: [65001] }, {}, true],
    ['another peer AS', { peerAs: [65000, 65003] }, {}, false],
    ['an AS in the sequence', { asPath: [only(65010)] }, { asPath: path }, true],
    ['an AS in the set', { asPath: [only(65021)] }, { asPath: path }, true],
    ['an AS not in the path', { asPath: [only(65011)] }, { asPath: path }, false],
    ['an AS in a range', { asPath: [{ min: 65011, max: 65020 }] }, { asPath: path }, true],
    ['the bounds of a range', { asPath: [{ min: 65021, max: 65021 }] }, { asPath: path }, true],
    ['a range between two ASes', { asPath: [{ min: 65002, max: 65009 }] }, { asPath: path }, false],
    [
      'the second of two ranges that overlap',
      {
        asPath: [
          { min: 1, max: 65000 },
          { min: 64512, max: 65005 },
        ],
      },
      { asPath: path },
      true,
    ],
    [
      'the origin AS in a range',
      { originAs: [{ min: 65002, max: 4294967295 }] },
      { asPath: [sequence(65001, 65010)] },
      true,
    ],
    [
      'a range of origins, in which a set never is',
      { originAs: [{ min: 1, max: 4294967295 }] },
      { asPath: path },
      false,
    ],
    ['the origin AS', { originAs: [only(65010)] }, { asPath: [sequence(65001, 65010)] }, true],
    ['an AS on the way', { originAs: [only(65001)] }, { asPath: [sequence(65001, 65010)] }, false],
    ['an origin that is a set', { originAs: [only(65010), only(65020)] }, { asPath: path }, false],
    ['an empty path has no origin', { originAs: [only(0)] }, { asPath: [] }, false],
    ['path length, a set as one', { asPathLength: [{ min: 3, max: 3 }] }, { asPath: path }, true],
    ['a shorter path', { asPathLength: [{ min: 2, max: Infinity }] }, {}, false],
    ['the empty path is 0 long', { asPathLength: [{ min: 0, max: 0 }] }, { asPath: [] }, true],
    ['MED at the bound', { med: [{ min: 0, max: 499 }] }, { med: 499 }, true],
    ['MED over the bound', { med: [{ min: 0, max: 499 }] }, { med: 500 }, false],
    ['MED in a second range', { med: [only(7), { min: 1000, max: Infinity }] }, { med: 4e9 }, true],
    ['a missing MED as 0', { med: [{ min: 0, max: 499 }] }, {}, true],
    ['a missing MED not as 100', { med: [only(100)] }, {}, false],
    ['a community', { community: [standard('65000:1')] }, communities('64999:2', '65000:1'), true],
    [
      'a community, other number',
      { community: [standard('65000:2')] },
      communities('65000:1'),
      false,
    ],
    ['a community by its AS', { community: [standard('65000:*')] }, communities('65000:7'), true],
    ['a community by its number', { community: [standard('*:7')] }, communities('65000:7'), true],
    ['any community', { community: [standard('*:*')] }, {}, false],
    [
      'the highest community',
      { community: [standard('65535:65535')] },
      communities('65535:65535'),
      true,
    ],
    [
      'a large community',
      { largeCommunity: [large('65000:1:2')] },
      largeCommunities([65000, 1, 2]),
      true,
    ],
    [
      'a large community, partly',
      { largeCommunity: [large('65000:*:2')] },
      largeCommunities([65000, 9, 2]),
      true,
    ],
    [
      'a community with the highest bit',
      { community: [standard('65535:65281')] },
      communities('65535:65281'),
      true,
    ],
    [
      'a community with the highest bit by its first part',
      { community: [standard('65535:*')] },
      communities('32767:65281', '65535:0'),
      true,
    ],
    [
      'a community by its second part',
      { community: [standard('*:65535')] },
      communities('65535:32767'),
      false,
    ],
    ['any community', { community: [standard('*:*')] }, communities('0:0'), true],
    ['any community, of none', { community: [standard('*:*')] }, {}, false],
    [
      'another large community',
      { largeCommunity: [large('65000:1:2')] },
      largeCommunities([65000, 1, 3]),
      false,
    ],
    [
      'a large community of 4 octets',
      { largeCommunity: [large('4294967295:0:0')] },
      largeCommunities([4294967295, 0, 0]),
      true,
    ],
    [
      'a route target',
      { extCommunity: [parseExtCommunity('rt:65000:4294967295')] },
      rtOf(0, 2, 0xfd, 0xe8, 255, 255, 255, 255),
      true,
    ],
    [
      'a route target by its AS',
      { extCommunity: [parseExtCommunity('rt:65000:*')] },
      rtOf(0, 2, 0xfd, 0xe8, 0, 0, 0, 9),
      true,
    ],
    [
      'a route origin is not a target',
      { extCommunity: [parseExtCommunity('rt:65000:*')] },
      rtOf(0, 3, 0xfd, 0xe8, 0, 0, 0, 9),
      false,
    ],
    [
      'a target by address',
      { extCommunity: [parseExtCommunity('rt:192.0.2.1:7')] },
      rtOf(1, 2, 192, 0, 2, 1, 0, 7),
      true,
    ],
    [
      'a target of a 4-octet AS',
      { extCommunity: [parseExtCommunity('rt:131072:7')] },
      rtOf(2, 2, 0, 2, 0, 0, 0, 7),
      true,
    ],
    [
      'a generic one',
      { extCommunity: [parseExtCommunity('generic:0x43000000:0x1')] },
      rtOf(0x43, 0, 0, 0, 0, 0, 0, 1),
      true,
    ],
    ['no ASPA: unknown', { aspa: ['valid', 'unknown'] }, {}, true],
    ['no ASPA: never invalid', { aspa: ['valid', 'invalid'] }, {}, false],
    ['no RPKI table: not found', { rpki: ['valid', 'not_found'] }, {}, true],
    ['no RPKI table: never valid', { rpki: ['valid', 'invalid'] }, {}, false],
    ['two keys that both hold', { peer: ['W1'], med: [only(5)] }, { med: 5 }, true],
    ['two keys of which one holds', { peer: ['W1'], med: [only(5)] }, { med: 6 }, false],
    ['a key without values', { peer: [] }, {}, false],
    ['a prefix key without values', { prefix: [] }, {}, false],
    ['the prefix and another key', { prefix: patterns('::/0+'), peer: ['W1'] }, {}, true],
    ['the prefix but not another key', { prefix: patterns('::/0+'), peer: ['W2'] }, {}, false],
  ];
  test.each(rows)('%s', (_, match, attributes, matches) => {
    const { outcome } = judgedBy([rule('accept', match)], attributes);
    expect(typeof outcome !== 'string').toBe(matches);
  });
});

function rtOf(...bytes: readonly number[]) {
  return { extCommunities: [Uint8Array.from(bytes)] };
}
