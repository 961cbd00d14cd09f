import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import {
  all,
  always,
  any,
  atom,
  type Atom,
  type Condition,
  never,
  not,
  type Statement,
  unknownAt,
} from '#interop/import/program.ts';
import { compile } from '#interop/import/rules.ts';
import { compileImport } from '#policy/compile.ts';
import { parsePrefixPattern } from '#text/prefix.ts';
import type { Prefix } from '#wire/nlri.ts';
import { configOf, minimal } from '../../config/files.ts';
import { importOf, MemoryAttrs, only, prefix, route } from '../../policy/given.ts';

/** The properties of a route that the programs below ask about. */
interface Asked {
  readonly net: string;
  readonly med: number;
  readonly path: readonly number[];
  readonly communities: readonly string[];
}

const networks = ['10.0.0.0/8', '10.1.0.0/16', '10.1.2.0/24', '10.128.0.0/9', '11.0.0.0/8'];
const patterns = [
  '10.0.0.0/8+',
  '10.1.0.0/16{16,24}',
  '10.1.2.0/24',
  '0.0.0.0/0{9,16}',
  '11.0.0.0/8',
];

const atoms: fc.Arbitrary<Atom> = fc.oneof(
  fc
    .subarray(patterns, { minLength: 1 })
    .map((texts): Atom => ({ key: 'prefix', patterns: texts.map(parsePrefixPattern) })),
  fc.tuple(fc.nat(3), fc.nat(3)).map(([min, more]): Atom => ({ key: 'med', min, max: min + more })),
  fc
    .tuple(fc.nat(3), fc.nat(2))
    .map(([min, more]): Atom => ({ key: 'as_path_length', min, max: min + more })),
  fc
    .array(fc.constantFrom(only(1), only(2), only(3), { min: 1, max: 2 }, { min: 2, max: 9 }), {
      minLength: 1,
      maxLength: 2,
    })
    .map((ranges): Atom => ({ key: 'origin_as', ranges })),
  fc.constant<Atom>({ key: 'community', texts: ['65000:1'] }),
);

const { condition } = fc.letrec<{ condition: Condition }>((tie) => ({
  condition: fc.oneof(
    { maxDepth: 3, depthSize: 'small' },
    atoms.map(atom),
    tie('condition').map(not),
    fc.array(tie('condition'), { minLength: 1, maxLength: 3 }).map(all),
    fc.array(tie('condition'), { minLength: 1, maxLength: 3 }).map(any),
  ),
}));

/** The AS of the peer is 1. */
const isFromPeer = atom({ key: 'first_as', ranges: [only(1)] });

const { program } = fc.letrec<{ program: Statement[]; statement: Statement }>((tie) => ({
  program: fc.array(tie('statement'), { maxLength: 3 }),
  statement: fc.oneof(
    { maxDepth: 3, depthSize: 'small' },
    fc.constantFrom<Statement>({ kind: 'accept' }, { kind: 'reject' }),
    fc.nat(9).map((value): Statement => ({ kind: 'set', write: { key: 'local_pref', value } })),
    fc
      .tuple(condition, tie('program'), tie('program'))
      .map(([asked, then, otherwise]): Statement => ({
        kind: 'if',
        condition: asked,
        then,
        otherwise,
      })),
  ),
}));

const routes: fc.Arbitrary<Asked> = fc.record({
  net: fc.constantFrom(...networks),
  med: fc.nat(5),
  path: fc.array(fc.constantFrom(1, 2, 3), { minLength: 1, maxLength: 4 }),
  communities: fc.subarray(['65000:1', '65000:2']),
});

it('rules decide every route like the program that they come from', () => {
  fc.assert(
    fc.property(program, fc.array(routes, { minLength: 4, maxLength: 8 }), (statements, asked) => {
      const notes: string[] = [];
      const { rules } = compile(statements, (text) => notes.push(text));
      fc.pre(notes.length === 0);
      const judge = judgeOf(rules);
      for (const one of asked) expect(judge(one)).toEqual(played(statements, one));
    }),
    { numRuns: 400, seed: 20_261_128 },
  );
});

/** Conditions in which the comparison of the first AS is an atom like any other. */
const checkedConditions = fc.oneof(
  condition,
  fc.array(fc.oneof(condition, fc.constant(isFromPeer)), { minLength: 1, maxLength: 3 }).map(all),
  fc
    .array(fc.oneof(condition, fc.constant(not(isFromPeer))), { minLength: 1, maxLength: 3 })
    .map(any),
);

it('a check of the first AS, in whatever form it is written, loses none of the conditions beside it', () => {
  const steps = fc.tuple(fc.array(checkedConditions, { maxLength: 3 }), fc.boolean(), program);
  fc.assert(
    fc.property(steps, fc.array(routes, { minLength: 4, maxLength: 8 }), (given, asked) => {
      const [others, isNegated, last] = given;
      const good = others.reduceRight<Condition>((rest, term) => all([not(term), rest]), always);
      const bad = others.reduceRight<Condition>(
        (rest, term) => any([term, all([not(term), rest])]),
        never,
      );
      const rejected = isNegated
        ? not(all([isFromPeer, good]))
        : any([not(isFromPeer), all([isFromPeer, bad])]);
      const statements: Statement[] = [
        { kind: 'if', condition: rejected, then: [{ kind: 'reject' }], otherwise: [] },
        ...last,
      ];
      const notes: string[] = [];
      const { rules, enforcesFirstAs } = compile(statements, (text) => notes.push(text));
      expect(enforcesFirstAs).toBe(true);
      fc.pre(notes.length === 0);
      const judge = judgeOf(rules, true);
      for (const one of asked) expect(judge(one)).toEqual(played(statements, one));
    }),
    { numRuns: 300, seed: 20_261_129 },
  );
});

/** The lines that are not understood are 1 to 4; whether the condition of line N holds is bit N. */
const partlyUnderstood = fc.oneof(
  condition,
  fc.integer({ min: 1, max: 4 }).map(unknownAt),
  fc
    .tuple(condition, fc.integer({ min: 1, max: 4 }))
    .map(([of, line]) => all([of, unknownAt(line)])),
  fc.integer({ min: 1, max: 4 }).map((line) => not(unknownAt(line))),
);
const { doubtful } = fc.letrec<{ doubtful: Statement[]; statement: Statement }>((tie) => ({
  doubtful: fc.array(tie('statement'), { maxLength: 4 }),
  statement: fc.oneof(
    { maxDepth: 2, depthSize: 'small' },
    fc.constantFrom<Statement>({ kind: 'accept' }, { kind: 'reject' }),
    fc
      .tuple(partlyUnderstood, tie('doubtful'), tie('doubtful'))
      .map(([asked, then, otherwise]): Statement => ({
        kind: 'if',
        condition: asked,
        then,
        otherwise,
      })),
  ),
}));

it('rules accept what the program may reject only if a line is named that was not understood', () => {
  const truths = fc.integer({ min: 0, max: 31 });
  const asked = fc.array(fc.tuple(routes, truths), { minLength: 8, maxLength: 16 });
  let loose = 0;
  fc.assert(
    fc.property(doubtful, asked, (statements, each) => {
      const notes: string[] = [];
      const { rules, looseLines } = compile(statements, (text) => notes.push(text));
      fc.pre(notes.length === 0);
      loose += looseLines.size > 0 ? 1 : 0;
      if (looseLines.size > 0) return;
      const judge = judgeOf(rules);
      for (const [one, truth] of each) {
        if (judge(one) !== 'rejected') expect(played(statements, one, truth)).not.toBe('rejected');
      }
    }),
    { numRuns: 600, seed: 20_261_129 },
  );
  expect(loose).toBeGreaterThan(50);
  expect(loose).toBeLessThan(450);
});

type Outcome = { readonly localPref: number | undefined } | 'rejected';

/** Compiles the rules and returns their decision about a route. */
function judgeOf(rules: unknown, enforceFirstAs = false): (asked: Asked) => Outcome {
  const { policies } = configOf(minimal(`policies: { p: ${JSON.stringify(rules)} }\n`));
  const attrs = new MemoryAttrs();
  const judge = compileImport(
    importOf({ policy: policies, enforceFirstAs, peerAs: 1, acceptNextHop: 'any' }),
    attrs,
  );
  return ({ net, med, path, communities }) => {
    const given = route({
      med,
      asPath: [{ kind: 'sequence', asns: path }],
      communities: communities.map((text) => 65000 * 65536 + Number(text.split(':')[1])),
    });
    const id = attrs.intern(given);
    const verdict = judge.judge(id, judge.prefixClass(prefix(net)));
    return verdict > 0 ? { localPref: attrs.read(verdict as never).localPref } : 'rejected';
  };
}

/** A route, and which of the conditions that are not understood hold. */
interface Played extends Asked {
  readonly truth: number;
}

/** Runs the program statement by statement; it is the plain oracle of the rules. */
function played(statements: readonly Statement[], asked: Asked, truth = 0): Outcome {
  return playedAll(statements, { ...asked, truth }, { localPref: undefined }) ?? 'rejected';
}

function playedAll(
  statements: readonly Statement[],
  asked: Played,
  written: { localPref: number | undefined },
): Outcome | undefined {
  for (const statement of statements) {
    if (statement.kind === 'if') {
      const branch = holds(statement.condition, asked) ? statement.then : statement.otherwise;
      const outcome = playedAll(branch, asked, written);
      if (outcome !== undefined) return outcome;
    } else if (statement.kind === 'set' && statement.write.key === 'local_pref') {
      written.localPref = statement.write.value;
    } else return statement.kind === 'accept' ? { ...written } : 'rejected';
  }
  return undefined;
}

function holds(asking: Condition, asked: Played): boolean {
  switch (asking.kind) {
    case 'constant':
      return asking.value;
    case 'unknown':
      return (asked.truth >> asking.line) % 2 === 1;
    case 'not':
      return !holds(asking.of, asked);
    case 'and':
      return asking.of.every((each) => holds(each, asked));
    case 'or':
      return asking.of.some((each) => holds(each, asked));
    case 'atom':
      return isSo(asking.atom, asked);
    default:
      return asking satisfies never;
  }
}

function isSo(asking: Atom, { net, med, path, communities }: Asked): boolean {
  switch (asking.key) {
    case 'prefix':
      return asking.patterns.some((pattern) => covers(pattern, prefix(net)));
    case 'med':
      return med >= asking.min && med <= asking.max;
    case 'as_path_length':
      return path.length >= asking.min && path.length <= asking.max;
    case 'first_as':
      return asking.ranges.some(({ min, max }) => min <= path[0] && path[0] <= max);
    case 'origin_as':
      return asking.ranges.some(({ min, max }) => min <= lastOf(path) && lastOf(path) <= max);
    case 'community':
      return asking.texts.some((text) => communities.includes(text));
    default:
      throw new Error(`not asked here: ${asking.key}`);
  }
}

function lastOf(path: readonly number[]): number {
  return path[path.length - 1];
}

/** Both are IPv4. */
function covers(pattern: Prefix & { minBits: number; maxBits: number }, net: Prefix): boolean {
  const bits = Math.min(pattern.lengthBits, net.lengthBits);
  const mask = bits === 0 ? 0 : -1 << (32 - bits);
  const isAlike = (pattern.word0 & mask) === (net.word0 & mask);
  return isAlike && net.lengthBits >= pattern.minBits && net.lengthBits <= pattern.maxBits;
}
