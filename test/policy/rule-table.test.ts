import { describe, expect, test } from 'vitest';
import type { SetActions } from '#policy/actions.ts';
import { compileImport } from '#policy/compile.ts';
import type { Rule } from '#policy/policy.ts';
import { RuleTables } from '#policy/rule-table.ts';
import {
  importOf,
  importOutcome,
  judgedBy,
  MemoryAttrs,
  only,
  patterns,
  policyOf,
  route,
  rule,
} from './given.ts';

describe('the rules in their order', () => {
  test('the first rule that decides counts', () => {
    const rules = [rule('accept', {}, setMed(1)), rule('reject'), rule('accept', {}, setMed(2))];
    expect(judgedBy(rules)).toEqual({ outcome: route({ med: 1 }), line: 1 });
  });

  test('a rule that rejects gives the reason policy and is named', () => {
    const rules = [rule('accept', { peer: ['W2'] }), rule('reject'), rule('accept')];
    expect(judgedBy(rules)).toEqual({ outcome: 'policy', line: 2 });
  });

  test('next continues with what was set, and later rules see it', () => {
    const rules = [
      rule('next', {}, setMed(500)),
      rule('next', { med: [only(500)] }, { localPref: 50 }),
      rule('accept', { med: [only(0)] }),
      rule('accept', { med: [only(500)] }),
    ];
    expect(judgedBy(rules)).toEqual({ outcome: route({ med: 500, localPref: 50 }), line: 4 });
  });

  test('what was set before a reject has no effect', () => {
    expect(judgedBy([rule('next', {}, setMed(1)), rule('reject')]).outcome).toBe('policy');
  });

  test('a route that no rule decides is rejected, and no rule is named', () => {
    expect(judgedBy([rule('next', {}, setMed(1))])).toEqual({ outcome: 'policy', line: undefined });
  });

  test('a list of policies acts as one policy that has their rules in order', () => {
    const attrs = new MemoryAttrs();
    const [first] = policyOf(rule('next', {}, setMed(7)));
    const [second] = policyOf(rule('reject', { peer: ['W2'] }), rule('accept'));
    const policy = [first, { ...second, name: 'second' }];
    const judge = compileImport(importOf({ policy }), attrs);
    const { verdict, rule: ref } = judge.trace(attrs.intern(route()), 0);
    expect(importOutcome(attrs, verdict)).toEqual(route({ med: 7 }));
    expect(ref).toEqual({ policy: 'second', file: 'test.yaml', line: 2 });
  });

  test('the name of a rule is shown', () => {
    const attrs = new MemoryAttrs();
    const named = { ...rule('accept'), name: 'service loopbacks' };
    const judge = compileImport(importOf({ policy: policyOf(named) }), attrs);
    const { rule: ref } = judge.trace(attrs.intern(route()), 0);
    expect(ref).toEqual({
      policy: 'tested',
      name: 'service loopbacks',
      file: 'test.yaml',
      line: 1,
    });
  });
});

describe('the reason if no rule accepts a prefix', () => {
  const loopbacks = rule('accept', { prefix: patterns('2001:db8:30::/64{128,128}') });
  const rows: readonly (readonly [string, readonly Rule[], string, string])[] = [
    ['a pattern covers network and length', [loopbacks], '2001:db8:30::1/128', 'accepted'],
    ['only the network', [loopbacks], '2001:db8:30::/64', 'prefix_length'],
    ['only the network', [loopbacks], '2001:db8:30::/127', 'prefix_length'],
    ['a shorter prefix around it', [loopbacks], '2001:db8::/32', 'prefix_not_allowed'],
    ['the default route', [loopbacks], '::/0', 'prefix_not_allowed'],
    ['another network', [loopbacks], '2001:db8:31::1/128', 'prefix_not_allowed'],
    ['the other family', [loopbacks], '192.0.2.1/32', 'prefix_not_allowed'],
    [
      'the prefix is allowed, but another key does not match',
      [rule('accept', { ...loopbacks.match, peer: ['W2'] })],
      '2001:db8:30::1/128',
      'policy',
    ],
    ['no rule matches by prefix', [rule('accept', { peer: ['W2'] })], '::/0', 'policy'],
    [
      'a rule that rejects by prefix allows none',
      [rule('reject', { prefix: patterns('::/0{0,15}') }), rule('accept', { peer: ['W2'] })],
      '2001:db8::/32',
      'policy',
    ],
    [
      'a rule that rejects some lengths does not allow the others',
      [rule('reject', { prefix: patterns('::/0{0,15}') }), loopbacks],
      '2001:db9::/32',
      'prefix_not_allowed',
    ],
    [
      'a rule rejects it',
      [rule('reject', { prefix: patterns('::/0+') }), loopbacks],
      '2001:db8:30::/64',
      'policy',
    ],
  ];
  test.each(rows)('%s', (_, rules, text, want) => {
    const { outcome } = judgedBy(rules, {}, text);
    expect(typeof outcome === 'string' ? outcome : 'accepted').toBe(want);
  });
});

test('lists of the same policies share one table', () => {
  const tables = new RuleTables();
  const [first] = policyOf(rule('accept'));
  const [second] = policyOf(rule('reject'));
  expect(tables.of([first, second])).toBe(tables.of([first, second]));
  expect(tables.of([second, first])).not.toBe(tables.of([first, second]));
  expect(tables.of([first])).not.toBe(tables.of([first, second]));
});

function setMed(value: number): SetActions {
  return { med: { kind: 'set', value } };
}
