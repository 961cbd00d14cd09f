import * as fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { compileExport } from '#policy/compile.ts';
import type { Match } from '#policy/match.ts';
import type { ExportSettings, Rule } from '#policy/policy.ts';
import { communityKeys, usualOf } from '#policy/usual.ts';
import { exportSettings, routes } from './arbitrary.ts';
import {
  communities,
  exportOf,
  large,
  largeCommunities,
  MemoryAttrs,
  names,
  only,
  patterns,
  peer,
  policyOf,
  prefix,
  route,
  rule,
  standard,
} from './given.ts';

function refuse(match: Match): Rule {
  return rule('reject', match);
}

function outcomeOf(settings: ExportSettings): string | undefined {
  return compileExport(settings, new MemoryAttrs(), names).usual?.outcome;
}

describe('the usual outcome of rules', () => {
  const rows: readonly (readonly [string, readonly Rule[], readonly (number | string)[]])[] = [
    ['one rule for all', [rule('accept')], []],
    ['no rule', [], []],
    [
      'a standard community is a number',
      [refuse({ community: [standard('65535:1')] }), rule('accept')],
      [4_294_901_761],
    ],
    [
      'a large community is text',
      [refuse({ largeCommunity: [large('65000:0:4200000001')] }), rule('accept')],
      ['65000:0:4200000001'],
    ],
    [
      'each of several that a rule looks for',
      [refuse({ community: [standard('0:1'), standard('0:2')] }), rule('accept')],
      [1, 2],
    ],
    [
      'a rule that also looks at something else',
      [refuse({ community: [standard('0:1')], med: [only(5)] }), rule('accept')],
      [1],
    ],
    [
      'a rule that needs one of either kind, one of which cannot be listed',
      [
        refuse({ community: [standard('0:*')], largeCommunity: [large('65000:0:1')] }),
        rule('accept'),
      ],
      ['65000:0:1'],
    ],
    [
      'rules after the one that decides are not looked at',
      [rule('accept'), refuse({ community: [standard('0:1')] })],
      [],
    ],
  ];
  it.each(rows)('%s', (_, rules, wanted) => {
    expect(usualOf(rules)?.communities).toEqual(wanted);
  });

  it.each([
    ['a rule looks at something else', [refuse({ peer: ['W1'] }), rule('accept')]],
    ['a rule looks at prefixes', [refuse({ prefix: patterns('::/0+') }), rule('accept')]],
    ['communities cannot be listed', [refuse({ community: [standard('0:*')] }), rule('accept')]],
    [
      'one of several cannot be listed',
      [refuse({ community: [standard('0:1'), standard('*:2')] }), rule('accept')],
    ],
    ['a rule for all goes on', [rule('next', {}, { localPref: 7 }), rule('accept')]],
  ])('there is none if %s', (_, rules) => {
    expect(usualOf(rules)).toBeUndefined();
  });

  it('differs by what the deciding rule sets, and by the other settings', () => {
    const settings = exportOf({ policy: policyOf(rule('accept')) });
    const others = [
      { ...settings, policy: policyOf(rule('reject')) },
      { ...settings, policy: policyOf(rule('accept', {}, { prepend: [65002] })) },
      { ...settings, policy: policyOf() },
      { ...settings, policy: 'all' as const },
      { ...settings, policy: 'none' as const },
      { ...settings, interpretWellKnown: true },
      { ...settings, isLeaving: true },
      { ...settings, role: 'rs' as const },
    ];
    const outcomes = [settings, ...others].map((each) => outcomeOf(each));
    expect(new Set(outcomes).size).toBe(outcomes.length);
    expect(outcomes).not.toContain(undefined);
    const longer = policyOf(rule('reject', { community: [standard('0:1')] }), rule('accept'));
    expect(outcomeOf({ ...settings, policy: longer })).toBe(outcomes[0]);
  });
});

test('the communities of a route are named as those of rules', () => {
  const given = route({ ...communities('65535:1'), ...largeCommunities([65000, 0, 4200000001]) });
  expect(communityKeys(given)).toEqual([4_294_901_761, '65000:0:4200000001']);
});

test('judges with an equal usual outcome agree on every route that has none of their communities', () => {
  const exact = fc.constantFrom('0:0', '65000:1', '65000:7').map((text) => standard(text));
  const exactLarge = fc.constantFrom('0:1:7', '65000:1:0').map((text) => large(text));
  const matches: fc.Arbitrary<Match> = fc.oneof(
    fc.record({ community: fc.array(exact, { minLength: 1, maxLength: 2 }) }),
    fc.record({ largeCommunity: fc.array(exactLarge, { minLength: 1, maxLength: 2 }) }),
    fc.record({ community: fc.tuple(exact), med: fc.constant([only(1)]) }),
    fc.constant({}),
  );
  const conditional = fc
    .tuple(fc.constantFrom('accept', 'reject', 'next'), matches, fc.boolean())
    .map(([then, match, sets]) =>
      rule(then, match, sets ? { med: { kind: 'set', value: 9 } } : {}),
    );
  const policies = fc
    .tuple(
      fc.array(conditional, { maxLength: 3 }),
      fc.constantFrom([rule('accept')], [rule('reject')], []),
    )
    .map(([rules, last]) => policyOf(...rules, ...last));
  let compared = 0;
  fc.assert(
    fc.property(exportSettings, policies, policies, routes, (settings, one, other, given) => {
      const attrs = new MemoryAttrs();
      const judges = [one, other].map((policy) =>
        compileExport({ ...settings, policy }, attrs, names),
      );
      const [a, b] = judges.map(({ usual }) => usual);
      if (a === undefined || b === undefined || a.outcome !== b.outcome) return;
      const listed = new Set([...a.communities, ...b.communities]);
      if (communityKeys(given).some((key) => listed.has(key))) return;
      compared++;
      const id = attrs.intern(given);
      const verdicts = judges.map((judge) =>
        judge.judge(id, peer(1), judge.prefixClass(prefix('10.0.0.0/8'))),
      );
      expect(verdicts[0]).toBe(verdicts[1]);
    }),
    { numRuns: 3000 },
  );
  expect(compared).toBeGreaterThan(300);
});
