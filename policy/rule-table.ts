import { families } from '#wire/constants.ts';
import type { Prefix } from '#wire/nlri.ts';
import type { PathAttributes } from '#wire/path-attributes.ts';
import { applyActions, asBlackhole } from './actions.ts';
import { originAs } from './as-path.ts';
import type { AsksFor, NearMiss } from './judge.ts';
import { compileMatch, type RouteTest, type Source, type Validity } from './match.ts';
import type { PrefixPattern } from './patterns.ts';
import type { Policy, Rule } from './policy.ts';
import { isInside } from './prefix-bits.ts';
import { buildPrefixSet, PrefixSet, type PrefixSetData } from './prefix-set.ts';
import { type Usual, usualOf } from './usual.ts';
import { ValidatedClasses } from './validated-classes.ts';
import type { RouteValidator } from './validation.ts';
import type { RuleRef } from './verdict.ts';

/** Why no rule accepted a prefix, if none decided. */
export type UndecidedReason = 'policy' | 'prefix_length' | 'prefix_not_allowed';

/** Why a rule rejected a route: the validation state that it matched, if it named one. */
export type RejectedReason = 'rpki_invalid' | 'aspa_invalid' | 'policy';

/** A route as the rules left it, and which of the things they set ordinary eBGP would otherwise replace. */
export interface Ruled {
  readonly route: PathAttributes;
  readonly wroteMed: boolean;
  readonly wroteNextHop: boolean;
  readonly rule?: RuleRef;
}

export type Decision =
  | ({ readonly kind: 'accepted' } & Ruled)
  /** A rule makes it a blackhole, but the client does not take those, or the rule has no address of its family. */
  | { readonly kind: 'withheld'; readonly reason: 'no_blackhole'; readonly rule: RuleRef }
  | { readonly kind: 'rejected'; readonly reason: RejectedReason; readonly rule: RuleRef }
  | { readonly kind: 'undecided'; readonly reason: UndecidedReason };

interface CompiledRule {
  readonly rule: Rule;
  /** The current place of the rule, which a later configuration may change. */
  readonly ref: { -readonly [Key in keyof RuleRef]: RuleRef[Key] };
  readonly matches: RouteTest;
  /** The decision if it rejects a route for no other reason than the policy; one object for all routes. */
  readonly rejection: Decision;
}

/** The rules that can still match a prefix of one class, in order. */
interface ClassRules {
  readonly rules: readonly CompiledRule[];
  readonly undecided: UndecidedReason;
  /** Present if the first of them accepts every route and sets nothing. */
  readonly passRule: RuleRef | undefined;
}

/** The rules of a list of policies, one after the other, indexed by the class of the prefix. */
export class RuleTable {
  readonly asksFor: AsksFor;
  /** Whether any rule matches by prefix, or by the validity of its origin. */
  readonly looksAtPrefixes: boolean;
  private readonly rules: readonly CompiledRule[];
  private readonly prefixes: PrefixSet;
  /** The key after those of the rules: the networks in which some rule accepts some length. */
  private readonly coverKey: number;
  /** The rules of a class are added when it is first judged. */
  private readonly byClass: ClassRules[] = [];
  private readonly validator: RouteValidator;
  private readonly validated: ValidatedClasses | undefined;

  /** `prefixes` is what `prefixSetOf` returned for the policies, perhaps in another thread. */
  constructor(
    policies: readonly Policy[],
    validator: RouteValidator = nothingValidated,
    prefixes = prefixSetOf(policies),
  ) {
    this.rules = policies.flatMap((policy) =>
      policy.rules.map((rule) => compileRule(rule, policy.name)),
    );
    this.coverKey = this.rules.length;
    this.prefixes = new PrefixSet(prefixes);
    this.validator = validator;
    this.asksFor = {
      origins: this.rules.some(({ rule }) => rule.match.rpki !== undefined),
      paths: this.rules.some(({ rule }) => rule.match.aspa !== undefined),
    };
    this.looksAtPrefixes =
      this.asksFor.origins || this.rules.some(({ rule }) => rule.match.prefix !== undefined);
    this.validated = this.asksFor.origins ? new ValidatedClasses(validator) : undefined;
  }

  /** Takes over the places of the rules from policies with the same rules. */
  relocate(policies: readonly Policy[]): void {
    const rules = policies.flatMap((policy) => policy.rules);
    for (const [index, { ref }] of this.rules.entries()) {
      Object.assign(ref, rules[index].source);
    }
  }

  /** Whether any rule matches by the peer that a path came from. */
  get looksAtSources(): boolean {
    return this.rules.some(({ rule: { match } }) => {
      return match.peer !== undefined || match.peerAs !== undefined;
    });
  }

  get usual(): Usual | undefined {
    return this.looksAtPrefixes ? undefined : usualOf(this.rules.map(({ rule }) => rule));
  }

  classOf(prefix: Prefix): number {
    if (!this.looksAtPrefixes) return 0;
    const ruleClass = this.prefixes.classOf(prefix);
    return this.validated === undefined ? ruleClass : this.validated.classOf(ruleClass, prefix);
  }

  /**
   * Returns the rule, if any, that accepts every route to a prefix of this class unchanged. With such a rule, as prefix
   * filters have it, no route has to be decoded; this saves a fifth of the CPU time of a full table (bench:micro).
   */
  passRule(prefixClass: number): RuleRef | undefined {
    return this.rulesFor(prefixClass).passRule;
  }

  /** Returns the first rule that accepts some length in a network that contains the prefix. */
  nearMiss(prefix: Prefix): NearMiss | undefined {
    for (const { rule, ref } of this.rules.filter(acceptsByPrefix)) {
      for (const pattern of rule.match.prefix ?? []) {
        if (isInside(prefix, pattern)) return { rule: ref, pattern };
      }
    }
    return undefined;
  }

  /**
   * Returns the decision of the first rule that decides; after `next` the following rules see what was set. For
   * exports, `takesBlackholes` says whether the client is sent routes that a rule makes a blackhole.
   */
  decide(
    received: PathAttributes,
    source: Source,
    prefixClass: number,
    takesBlackholes = false,
  ): Decision {
    const { rules, undecided } = this.rulesFor(prefixClass);
    const validity = this.validityOf(received, source, prefixClass);
    let route = received;
    let wroteMed = false;
    let wroteNextHop = false;
    for (const { rule, ref, matches, rejection } of rules) {
      if (!matches(route, source, validity)) continue;
      if (rule.then === 'reject') {
        const reason = reasonOf(rule, validity);
        return reason === 'policy' ? rejection : { kind: 'rejected', reason, rule: ref };
      }
      route = applyActions(route, rule.set);
      wroteMed ||= rule.set.med !== undefined;
      wroteNextHop ||= rule.set.nextHop?.length === route.nextHop.length;
      if (rule.set.blackhole !== undefined) {
        const blackhole = takesBlackholes ? asBlackhole(route, rule.set.blackhole) : undefined;
        if (blackhole === undefined) {
          return { kind: 'withheld', reason: 'no_blackhole', rule: ref };
        }
        route = blackhole;
        wroteNextHop = true;
      }
      if (rule.then === 'accept') {
        return { kind: 'accepted', route, wroteMed, wroteNextHop, rule: ref };
      }
    }
    return { kind: 'undecided', reason: undecided };
  }

  /** Validates the route as it was received; what rules set does not affect it. */
  private validityOf(route: PathAttributes, { role }: Source, prefixClass: number): Validity {
    const { validator, validated, asksFor } = this;
    if (!asksFor.origins && !asksFor.paths) return unvalidated;
    const originClass = validated?.originClassOf(prefixClass) ?? 0;
    return {
      origin: validator.originState(originClass, originAs(route.asPath)),
      path: asksFor.paths ? validator.pathState(route.asPath, role) : 'unknown',
    };
  }

  private rulesFor(prefixClass: number): ClassRules {
    const ruleClass = this.validated?.ruleClassOf(prefixClass) ?? prefixClass;
    return (this.byClass[ruleClass] ??= this.rulesOf(ruleClass));
  }

  private rulesOf(prefixClass: number): ClassRules {
    const keys = this.prefixes.keysOf(prefixClass);
    const rules = this.rules.filter(
      ({ rule }, key) => rule.match.prefix === undefined || keys.has(key),
    );
    const passRule = rules.length > 0 && passesAll(rules[0]) ? rules[0].ref : undefined;
    return { rules, undecided: this.undecidedReason(rules, keys), passRule };
  }

  private undecidedReason(
    rules: readonly CompiledRule[],
    keys: ReadonlySet<number>,
  ): UndecidedReason {
    if (rules.some(acceptsByPrefix) || !this.rules.some(acceptsByPrefix)) return 'policy';
    return keys.has(this.coverKey) ? 'prefix_length' : 'prefix_not_allowed';
  }
}

/**
 * Builds the prefixes of all rules of a list of policies: the part of a table that takes long if there are many, a
 * second for 200,000 patterns. The key after those of the rules is `coverKey`.
 */
export function prefixSetOf(policies: readonly Policy[]): PrefixSetData {
  const rules = policies.flatMap((policy) => policy.rules);
  const keys = rules.map((rule) => rule.match.prefix ?? []);
  const accepted = rules
    .filter((rule) => acceptsByPrefix({ rule }))
    .flatMap(({ match }) => [...(match.prefix ?? [])]);
  return buildPrefixSet([...keys, accepted.map(whole)]);
}

/** Returns what is already built for a list of policies, if anything. */
export type PreparedPrefixes = (policies: readonly Policy[]) => PrefixSetData | undefined;

/** One table for each list of policies, shared by all judges that use the list. */
export class RuleTables {
  private readonly tables: { readonly policies: readonly Policy[]; readonly table: RuleTable }[] =
    [];
  private readonly prepared: PreparedPrefixes;
  private readonly validator: RouteValidator | undefined;

  constructor(prepared: PreparedPrefixes = () => undefined, validator?: RouteValidator) {
    this.prepared = prepared;
    this.validator = validator;
  }

  of(policies: readonly Policy[]): RuleTable {
    const known = this.tables.find((entry) => isSameList(entry.policies, policies));
    if (known !== undefined) return known.table;
    const table = new RuleTable(policies, this.validator, this.prepared(policies));
    this.tables.push({ policies, table });
    return table;
  }
}

/** The validity for rules that use none. Looking for the origin would take long with a policy for each client. */
const unvalidated: Validity = { origin: 'not_found', path: 'unknown' };

/** Without data every route is NotFound (RFC 6811 §2), and no path is verified either. */
const nothingValidated: RouteValidator = {
  renumberings: 0,
  originClass: () => 0,
  originState: () => 'not_found',
  pathState: () => 'unknown',
};

/** If a rule names `invalid`, that is itself the reason for the routes that are invalid. */
function reasonOf({ match: { rpki, aspa } }: Rule, { origin, path }: Validity): RejectedReason {
  if (origin === 'invalid' && rpki?.includes('invalid') === true) return 'rpki_invalid';
  return path === 'invalid' && aspa?.includes('invalid') === true ? 'aspa_invalid' : 'policy';
}

function isSameList(a: readonly Policy[], b: readonly Policy[]): boolean {
  return a.length === b.length && a.every((policy, index) => policy === b[index]);
}

/** Returns whether the rule matches by nothing but the prefix, accepts, and sets nothing. */
function passesAll({ rule: { match, set, then } }: CompiledRule): boolean {
  const keys = Object.entries(match).filter(([key, values]) => key !== 'prefix' && values);
  return then === 'accept' && keys.length === 0 && Object.keys(set).length === 0;
}

/** Only a rule that may accept shows which prefixes are welcome. */
function acceptsByPrefix({ rule }: Pick<CompiledRule, 'rule'>): boolean {
  return rule.then === 'accept' && rule.match.prefix !== undefined;
}

/** Returns the pattern with its network at every length. */
function whole(pattern: PrefixPattern): PrefixPattern {
  const { lengthBits, family } = pattern;
  return { ...pattern, minBits: lengthBits, maxBits: families[family].maxLengthBits };
}

function compileRule(rule: Rule, policy: string): CompiledRule {
  const { name, match, source } = rule;
  const ref = { ...source, policy, ...(name === undefined ? {} : { name }) };
  const rejection = { kind: 'rejected', reason: 'policy', rule: ref } as const;
  return { rule, ref, matches: compileMatch(match), rejection };
}
