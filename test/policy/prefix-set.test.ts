import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { PrefixPattern } from '#policy/patterns.ts';
import { PrefixSet } from '#policy/prefix-set.ts';
import type { Prefix } from '#wire/nlri.ts';
import { naiveMatchesPrefix } from '../oracle/policy-oracle.ts';
import { crowdedPatterns, crowdedPrefixes } from './arbitrary.ts';
import { patterns, prefix } from './given.ts';

function keysOf(keys: readonly (readonly PrefixPattern[])[], given: Prefix): readonly number[] {
  const set = PrefixSet.of(keys);
  return [...set.keysOf(set.classOf(given))].toSorted((a, b) => a - b);
}

describe('a pattern matches as in BIRD', () => {
  const rows = [
    {
      pattern: '2001:db8:30::/64{128,128}',
      inside: ['2001:db8:30::1/128', '2001:db8:30::/128', '2001:db8:30::ffff:ffff:ffff:ffff/128'],
      outside: [
        '2001:db8:30::/64',
        '::/0',
        '2001:db8:31::1/128',
        '2001:db8:30::/127',
        '2001:db8:30:1::1/128',
        '2001:db8:2f::1/128',
        '0.0.0.0/0',
        '32.1.13.184/32',
      ],
    },
    { pattern: '10.0.0.0/8', inside: ['10.0.0.0/8'], outside: ['10.0.0.0/9', '10.0.0.0/7'] },
    {
      pattern: '10.0.0.0/8+',
      inside: ['10.0.0.0/8', '10.0.0.0/9', '10.255.255.255/32'],
      outside: ['10.0.0.0/7', '11.0.0.0/9', '0.0.0.0/0'],
    },
    {
      pattern: '10.0.0.0/8-',
      inside: ['10.0.0.0/8', '10.0.0.0/7', '8.0.0.0/6', '0.0.0.0/0'],
      outside: ['10.0.0.0/9', '12.0.0.0/7', '11.0.0.0/8'],
    },
    {
      pattern: '10.32.0.0/12{8,16}',
      inside: ['10.32.0.0/12', '10.47.0.0/16', '10.0.0.0/8', '10.32.0.0/11', '10.32.0.0/16'],
      outside: ['10.48.0.0/16', '10.0.0.0/7', '10.32.0.0/17', '10.64.0.0/10'],
    },
    {
      pattern: '10.32.0.0/12{8,10}',
      inside: ['10.0.0.0/8', '10.0.0.0/10'],
      outside: ['10.32.0.0/12', '10.32.0.0/11', '10.32.0.0/16'],
    },
    { pattern: '::/0', inside: ['::/0'], outside: ['::/1', '0.0.0.0/0'] },
    { pattern: '0.0.0.0/0+', inside: ['0.0.0.0/0', '255.255.255.255/32'], outside: ['::/0'] },
    { pattern: '2001:db8::/32+', inside: ['2001:db8:1::1/128'], outside: ['2001:db9::1/128'] },
    {
      pattern: '2001:db8::/64+',
      inside: ['2001:db8::1:0:0:1/128'],
      outside: ['2001:db8:0:1::/64'],
    },
    { pattern: '2001:db8::/96+', inside: ['2001:db8::1:1/128'], outside: ['2001:db8::1:0:0/96'] },
    {
      pattern: '2001:db8::1/128-',
      inside: ['2001:db8::1/128', '2001:db8::/127', '2001:db8::/33', '::/0', '2001:db8::/64'],
      outside: ['2001:db8::/128', '2001:db8::2/127', '2001:db8:8000::/33'],
    },
  ];
  test.each(rows)('$pattern', ({ pattern, inside, outside }) => {
    const keys = [patterns(pattern)];
    for (const text of inside) expect([text, keysOf(keys, prefix(text))]).toEqual([text, [0]]);
    for (const text of outside) expect([text, keysOf(keys, prefix(text))]).toEqual([text, []]);
  });
});

test('a prefix that matches nothing is of class 0', () => {
  const set = PrefixSet.of([patterns('10.0.0.0/8', '2001:db8::/32+')]);
  expect(set.classOf(prefix('192.0.2.0/24'))).toBe(0);
  expect(set.classOf(prefix('::/0'))).toBe(0);
});

test('without patterns every prefix is of class 0', () => {
  const set = PrefixSet.of([]);
  expect(set.classOf(prefix('0.0.0.0/0'))).toBe(0);
  expect(set.classOf(prefix('2001:db8::1/128'))).toBe(0);
});

test('prefixes that match the same keys are of one class', () => {
  const set = PrefixSet.of([patterns('10.0.0.0/8+', '2001:db8::/32+'), patterns('10.1.0.0/16+')]);
  expect(set.classOf(prefix('10.2.0.0/16'))).toBe(set.classOf(prefix('2001:db8:1::/48')));
  expect(set.classOf(prefix('10.1.0.0/16'))).not.toBe(set.classOf(prefix('10.2.0.0/16')));
});

test('ten thousand patterns of one key are one class', () => {
  const many = Array.from({ length: 10_000 }, (_, index) => ({
    ...prefix('10.0.0.0/24'),
    word0: (10 << 24) | (index << 8),
    minBits: 24,
    maxBits: 32,
  }));
  const set = PrefixSet.of([many]);
  expect(set.keysOf(set.classOf(prefix('10.39.15.128/25')))).toEqual(new Set([0]));
  expect(set.classOf(prefix('10.39.16.0/24'))).toBe(0);
});

test('the keys of a prefix are those of the naive matcher', () => {
  fc.assert(
    fc.property(
      fc.array(crowdedPatterns, { maxLength: 6 }),
      fc.array(crowdedPrefixes, { minLength: 1, maxLength: 40 }),
      (keys, prefixes) => {
        const set = PrefixSet.of(keys);
        for (const given of prefixes) {
          const naive = keys.flatMap((list, key) =>
            list.some((pattern) => naiveMatchesPrefix(given, pattern)) ? [key] : [],
          );
          expect(new Set(set.keysOf(set.classOf(given)))).toEqual(new Set(naive));
        }
      },
    ),
    { numRuns: 500 },
  );
});
