import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { compileExport, compileImport } from '#policy/compile.ts';
import type { PathAttributes } from '#wire/path-attributes.ts';
import { naiveExport, naiveImport, type NaiveOutcome } from '../oracle/policy-oracle.ts';
import { crowdedPrefixes, exportSettings, importSettings, routes } from './arbitrary.ts';
import {
  canonical,
  exportOutcome,
  importOutcome,
  MemoryAttrs,
  names,
  peer,
  policyOf,
  prefix,
  route,
  rule,
} from './given.ts';

const someRoutes = fc.array(routes, { minLength: 1, maxLength: 4 });
const somePrefixes = fc.array(crowdedPrefixes, { minLength: 1, maxLength: 8 });

function textOf(outcome: string | PathAttributes | NaiveOutcome): string {
  if (typeof outcome === 'string') return outcome;
  if ('reason' in outcome) return outcome.reason;
  return canonical('route' in outcome ? outcome.route : outcome);
}

test('the judge of an import agrees with the naive one, and its verdict is the same for all prefixes of a class', () => {
  fc.assert(
    fc.property(importSettings, someRoutes, somePrefixes, (settings, received, prefixes) => {
      const attrs = new MemoryAttrs();
      const judge = compileImport(settings, attrs);
      const memo = new Map<string, number>();
      for (const [index, given] of received.entries()) {
        for (const where of prefixes) {
          const prefixClass = judge.prefixClass(where);
          const verdict = judge.judge(attrs.intern(given), prefixClass);
          const want = naiveImport(settings, given, where);
          expect(textOf(importOutcome(attrs, verdict))).toBe(textOf(want));
          const key = `${index}/${prefixClass}`;
          expect(memo.get(key) ?? verdict).toBe(verdict);
          memo.set(key, verdict);
        }
      }
    }),
    { numRuns: 1000 },
  );
});

test('the judge of an export agrees with the naive one, and its verdict is the same for all prefixes of a class', () => {
  const sources = fc.integer({ min: 1, max: 3 });
  fc.assert(
    fc.property(
      exportSettings,
      someRoutes,
      somePrefixes,
      sources,
      (settings, accepted, prefixes, from) => {
        const attrs = new MemoryAttrs();
        const judge = compileExport(settings, attrs, names);
        const source = { peer: names.nameOf(peer(from)), peerAs: names.asOf(peer(from)) };
        const memo = new Map<string, number>();
        for (const [index, given] of accepted.entries()) {
          for (const where of prefixes) {
            const prefixClass = judge.prefixClass(where);
            const verdict = judge.judge(attrs.intern(given), peer(from), prefixClass);
            const want = naiveExport(settings, given, source, where);
            expect(textOf(exportOutcome(attrs, verdict))).toBe(textOf(want));
            const key = `${index}/${prefixClass}`;
            expect(memo.get(key) ?? verdict).toBe(verdict);
            memo.set(key, verdict);
          }
        }
      },
    ),
    { numRuns: 1000 },
  );
});

test('an export without a next hop names the rule that let the route through', () => {
  const attrs = new MemoryAttrs();
  const settings = {
    policy: policyOf(rule('accept')),
    localAs: 65002,
    rsClient: false,
    selfNextHop: [undefined, undefined],
    toAnotherAs: true,
    interpretWellKnown: false,
  };
  const judge = compileExport(settings, attrs, names);
  const trace = judge.trace(attrs.intern(route()), peer(1), judge.prefixClass(prefix('::/0')));
  expect(exportOutcome(attrs, trace.verdict)).toBe('next_hop_unusable');
  expect(trace.rule?.line).toBe(1);
});
