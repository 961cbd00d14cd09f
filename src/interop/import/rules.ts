import { overlapOf } from '#text/asn.ts';
import { type Draft, keyOf, type Keys, pruned, ruleOf, type RuleSource } from './drafts.ts';
import { intersection } from './patterns.ts';
import {
  all,
  any,
  type Atom,
  type Condition,
  normalized,
  not,
  type Statement,
  type Write,
} from './program.ts';

/** The result of a program: rules, and the checks for which a peer of fingerpost has a key. */
export interface Compiled {
  readonly rules: readonly RuleSource[];
  /** The first AS of AS_PATH must be the peer's. */
  readonly enforcesFirstAs: boolean;
  /** The next hop must be the peer's address. */
  readonly wantsOwnNextHop: boolean;
  /** Lines that were not understood, and without which routes are accepted that the program may reject. */
  readonly looseLines: ReadonlySet<number>;
}

/** `isLoose`: routes are accepted that the program may reject. */
type Say = (text: string, isLoose?: boolean) => void;

/** A longer list of rules would not be readable. */
const mostRules = 500;
/** Each branch after which the program continues doubles what follows. */
const mostSteps = 20_000;

/**
 * Turns a program into rules, of which the first that matches decides. A rule has no `not`: what holds for a
 * part of all routes comes first, then what holds for the remaining ones. `note` receives what no rule can
 * express.
 */
export function compile(program: readonly Statement[], note: Say): Compiled {
  const compiler = new Compiler(note);
  const drafts = pruned(compiler.run(program, []));
  const { enforcesFirstAs, wantsOwnNextHop, looseLines } = compiler;
  if (drafts.length > mostRules)
    note(`${drafts.length} rules would be necessary; all but the first ${mostRules} are left out`);
  const rules = drafts.slice(0, mostRules).map(ruleOf);
  return { rules, enforcesFirstAs, wantsOwnNextHop, looseLines };
}

class Compiler {
  enforcesFirstAs = false;
  wantsOwnNextHop = false;
  readonly looseLines = new Set<number>();
  private steps = 0;
  /** What follows is compiled only to compare it. */
  private isProbing = false;
  private readonly say: Say;

  constructor(say: Say) {
    this.say = say;
  }

  /** Returns rules for all routes that reach this statement; the last rule matches every remaining route. */
  run([statement, ...rest]: readonly Statement[], writes: readonly Write[]): Draft[] {
    if (++this.steps > mostSteps) return this.givenUp();
    if (statement === undefined) return [{ keys: new Map(), writes: [], then: 'reject' }];
    switch (statement.kind) {
      case 'accept':
        return [{ keys: new Map(), writes, then: 'accept' }];
      case 'reject':
        return [{ keys: new Map(), writes: [], then: 'reject' }];
      case 'set':
        return this.run(rest, [...writes, statement.write]);
      case 'if': {
        if (this.isProbing && !decides([statement])) return this.run(rest, writes);
        if (isNested(statement)) {
          const [inner] = statement.then;
          const condition = all([statement.condition, inner.condition]);
          return this.run([{ ...inner, condition }, ...rest], writes);
        }
        const condition = this.withoutWritten(statement.condition, writes);
        const then = () => this.run([...statement.then, ...rest], writes);
        const otherwise = () => this.run([...statement.otherwise, ...rest], writes);
        if (isRejection(statement)) return this.guarded(this.checked(condition), then, otherwise);
        return this.guarded(condition, then, otherwise);
      }
      default:
        return statement satisfies never;
    }
  }

  private givenUp(): Draft[] {
    if (this.steps === mostSteps + 1)
      this.note('there are too many branches for rules; the remaining routes are rejected');
    return [{ keys: new Map(), writes: [], then: 'reject' }];
  }

  private guarded(condition: Condition, then: () => Draft[], otherwise: () => Draft[]): Draft[] {
    switch (condition.kind) {
      case 'constant':
        return condition.value ? then() : otherwise();
      case 'unknown': {
        const kept = otherwise();
        if (this.wouldRejectMore(then, otherwise, kept)) this.looseLines.add(condition.line);
        return kept;
      }
      case 'not':
        return this.guarded(condition.of, otherwise, then);
      case 'or': {
        const [first, ...others] = condition.of;
        return this.guarded(first, then, () => this.guarded(any(others), then, otherwise));
      }
      case 'and': {
        // Negated conditions come first, so that no two conditions on one key meet in a rule.
        const [first, ...others] = condition.of.toSorted((a, b) => rank(a) - rank(b));
        return this.guarded(first, () => this.guarded(all(others), then, otherwise), otherwise);
      }
      case 'atom':
        return this.within(condition.atom, then, otherwise);
      default:
        return condition satisfies never;
    }
  }

  private within(atom: Atom, then: () => Draft[], otherwise: () => Draft[]): Draft[] {
    if (this.isEnforced(atom)) return then();
    if (atom.key === 'first_as' || atom.key === 'own_next_hop') {
      const kept = otherwise();
      this.note(
        atom.key === 'first_as'
          ? 'a comparison of the first AS of AS_PATH can only reject other routes (enforce_first_as)'
          : 'a comparison of the next hop with the peer can only reject other routes (accept_next_hop)',
        this.wouldRejectMore(then, otherwise, kept),
      );
      return kept;
    }
    const inside = then();
    const kept = otherwise();
    const isLoose = kept.some(({ then: verdict }) => verdict === 'accept');
    return [
      ...inside.flatMap((draft): Draft[] => {
        const keys = this.both(draft.keys, atom, isLoose && draft.then === 'reject');
        return keys === undefined ? [] : [{ ...draft, keys }];
      }),
      ...kept,
    ];
  }

  /**
   * Returns whether the branch, which is left out, rejects routes that are accepted by the rules that are kept instead.
   * Both are compiled without what only writes: nothing is decided there, and each such branch would double the rules.
   */
  private wouldRejectMore(
    branch: () => Draft[],
    otherwise: () => Draft[],
    kept: readonly Draft[],
  ): boolean {
    const { steps, enforcesFirstAs, wantsOwnNextHop, isProbing } = this;
    if (!isProbing) this.steps = 0;
    this.isProbing = true;
    const left = branch();
    const others = isProbing ? kept : otherwise();
    Object.assign(this, { enforcesFirstAs, wantsOwnNextHop, isProbing });
    if (!isProbing) this.steps = steps;
    return rejectsMore(left, others);
  }

  private note(text: string, isLoose = false): void {
    if (!this.isProbing) this.say(text, isLoose);
  }

  /** Returns whether a key of the peer refuses every route of which this does not hold, before any rule is asked. */
  private isEnforced({ key }: Atom): boolean {
    return (
      (key === 'first_as' && this.enforcesFirstAs) ||
      (key === 'own_next_hop' && this.wantsOwnNextHop)
    );
  }

  /** Returns keys that require both; `undefined` if no route can match both. */
  private both(keys: Keys, atom: Atom, isLoose: boolean): Keys | undefined {
    const known = keys.get(atom.key);
    const joined = known === undefined ? atom : this.conjunction(known, atom, isLoose);
    return joined === undefined ? undefined : new Map([...keys, [atom.key, joined]]);
  }

  private conjunction(a: Atom, b: Atom, isLoose: boolean): Atom | undefined {
    if ('patterns' in a && 'patterns' in b) {
      const patterns = intersection(a.patterns, b.patterns);
      return patterns.length === 0 ? undefined : { ...a, patterns };
    }
    if ('min' in a && 'min' in b) {
      const both = overlapOf(a, b);
      return both === undefined ? undefined : { ...a, ...both };
    }
    if ('names' in a && 'names' in b) {
      const names = a.names.filter((name) => b.names.includes(name));
      return names.length === 0 ? undefined : { ...a, names };
    }
    if ('ranges' in a && 'ranges' in b && a.key !== 'as_path') {
      const ranges = a.ranges.flatMap((mine) =>
        b.ranges.flatMap((its) => overlapOf(mine, its) ?? []),
      );
      return ranges.length === 0 ? undefined : { ...a, ranges };
    }
    if ('states' in a && 'states' in b) {
      const states = a.states.filter((state) => b.states.includes(state));
      return states.length === 0 ? undefined : { ...a, states };
    }
    if (JSON.stringify(a) === JSON.stringify(b)) return a;
    this.note(
      `no rule can have two conditions on ${a.key}; routes that match both are neither accepted nor rejected here`,
      isLoose,
    );
    return undefined;
  }

  /** `if the first AS is another then reject` is a key of the peer. Returns the condition without it. */
  private checked(given: Condition): Condition {
    const condition = normalized(given);
    const terms = condition.kind === 'or' ? condition.of : [condition];
    return any(
      terms.filter((term) => {
        const key = term.kind === 'not' && term.of.kind === 'atom' ? term.of.atom.key : undefined;
        if (key === 'first_as') this.enforcesFirstAs = true;
        if (key === 'own_next_hop') this.wantsOwnNextHop = true;
        return key !== 'first_as' && key !== 'own_next_hop';
      }),
    );
  }

  /** A condition on an attribute that was written before is useless: rules see the route as it was received. */
  private withoutWritten(condition: Condition, writes: readonly Write[]): Condition {
    if (writes.length === 0) return condition;
    const written = new Set(writes.flatMap(({ key }) => askedBy[key]));
    const visit = (it: Condition): Condition => {
      if (it.kind === 'not') return not(visit(it.of));
      if (it.kind === 'and') return all(it.of.map(visit));
      if (it.kind === 'or') return any(it.of.map(visit));
      if (it.kind !== 'atom' || !written.has(it.atom.key)) return it;
      this.note(
        `${it.atom.key} is compared after it was written; the value that was received is compared instead`,
      );
      return it;
    };
    return visit(condition);
  }
}

const askedBy: Readonly<Record<Write['key'], readonly Atom['key'][]>> = {
  med: ['med'],
  local_pref: [],
  prepend: ['as_path', 'as_path_length', 'first_as'],
  next_hop: ['next_hop', 'own_next_hop'],
  add_communities: ['community', 'large_community'],
  remove_communities: ['community', 'large_community'],
};

type Branch = Extract<Statement, { kind: 'if' }>;

/** Returns whether the branch is `if A then if B then …` without an else. */
function isNested(branch: Branch): branch is Branch & { readonly then: readonly [Branch] } {
  const { then, otherwise } = branch;
  const [first] = then;
  return (
    otherwise.length === 0 &&
    then.length === 1 &&
    first.kind === 'if' &&
    first.otherwise.length === 0
  );
}

/** Returns whether a route may be accepted or rejected in one of the statements. */
function decides(statements: readonly Statement[]): boolean {
  return statements.some((statement) =>
    statement.kind === 'if'
      ? decides(statement.then) || decides(statement.otherwise)
      : statement.kind !== 'set',
  );
}

function rank({ kind }: Condition): number {
  return kind === 'not' ? 0 : 1;
}

function isRejection({ then, otherwise }: Extract<Statement, { kind: 'if' }>): boolean {
  return then[0]?.kind === 'reject' && otherwise.length === 0;
}

/**
 * Returns whether the first rules may reject a route that the others accept: a rejection of theirs is missing among the
 * others, or stands behind something there that accepts and is missing here.
 */
function rejectsMore(rules: readonly Draft[], others: readonly Draft[]): boolean {
  const accepted = new Set<string>();
  for (const rule of rules) {
    if (rule.then === 'accept') {
      accepted.add(keyOf(rule));
      continue;
    }
    const at = others.findIndex((it) => it.then === 'reject' && keyOf(it) === keyOf(rule));
    const before = others.slice(0, at < 0 ? others.length : at);
    if (before.some((it) => it.then === 'accept' && !accepted.has(keyOf(it)))) return true;
  }
  return false;
}
