import { Family } from '#wire/constants.ts';
import type { Prefix } from '#wire/nlri.ts';
import type { PathAttributes } from '#wire/path-attributes.ts';
import { withoutNonTransitive } from './communities.ts';
import { exportRefusal, outgoing } from './export.ts';
import { fillIn, Hygiene } from './hygiene.ts';
import type { AttrsId, PeerId } from './ids.ts';
import type {
  AsksFor,
  AttrsInterner,
  ExportJudge,
  ImportJudge,
  NearMiss,
  PeerNames,
} from './judge.ts';
import type { Source } from './match.ts';
import type { ExportSettings, ImportSettings, PolicyChoice } from './policy.ts';
import { type Ruled, type RuleTable, RuleTables } from './rule-table.ts';
import type { Usual } from './usual.ts';
import { allowed, type JudgeTrace, rejected, type Verdict, withheld } from './verdict.ts';

/** A judge that can be kept when its rules have only moved to other lines or files. */
export interface Relocatable {
  /** Takes over the new places of the rules; otherwise `policy` equals what the judge was compiled from. */
  relocate(policy: PolicyChoice): void;
}

/**
 * Compiles the judge of one peer's announcements: fixed checks, then the rules. It remembers no routes. Judges that are
 * compiled with the same `tables` share what they have in common.
 */
export function compileImport(
  settings: ImportSettings,
  attrs: AttrsInterner,
  tables = new RuleTables(),
): ImportJudge & Relocatable {
  return new CompiledImport(settings, attrs, rulesOf(settings.policy, tables));
}

/** Compiles the judge that decides which routes one class of clients may have, as `compileImport` does. */
export function compileExport(
  settings: ExportSettings,
  attrs: AttrsInterner,
  names: PeerNames,
  tables = new RuleTables(),
): ExportJudge & Relocatable {
  return new CompiledExport(settings, attrs, names, rulesOf(settings.policy, tables));
}

class CompiledImport implements ImportJudge, Relocatable {
  private readonly settings: ImportSettings;
  private readonly attrs: AttrsInterner;
  private readonly rules: RuleTable | undefined;
  private readonly source: Source;
  private readonly hygiene: Hygiene;

  constructor(settings: ImportSettings, attrs: AttrsInterner, rules: RuleTable | undefined) {
    this.settings = settings;
    this.attrs = attrs;
    this.rules = rules;
    const { peerName, peerAs, role } = settings;
    this.source = { peer: peerName, peerAs, ...(role !== undefined && { role }) };
    this.hygiene = new Hygiene(settings);
  }

  get asksFor(): AsksFor | undefined {
    return this.rules?.asksFor;
  }

  relocate(policy: PolicyChoice): void {
    if (typeof policy !== 'string') this.rules?.relocate(policy);
  }

  prefixClass(prefix: Prefix): number {
    return this.rules === undefined ? 0 : this.rules.classOf(prefix);
  }

  judge(id: AttrsId, prefixClass: number): Verdict {
    return this.trace(id, prefixClass).verdict;
  }

  trace(id: AttrsId, prefixClass: number): JudgeTrace {
    const spoiled = this.attrs.malformed(id);
    if (spoiled !== undefined) return rejected(`malformed:${spoiled}`);
    const reason = this.hygiene.reason(this.attrs, id);
    if (reason !== undefined) return rejected(reason);
    if (this.hygiene.fillsNothing(this.attrs, id)) {
      if (this.rules === undefined) return allowed(id);
      const rule = this.rules.passRule(prefixClass);
      if (rule !== undefined) return allowed(id, rule);
    }
    return this.decide(id, prefixClass);
  }

  nearMiss(prefix: Prefix): NearMiss | undefined {
    return this.rules?.nearMiss(prefix);
  }

  /** Judges by the content of the route. */
  private decide(id: AttrsId, prefixClass: number): JudgeTrace {
    const received = this.attrs.read(id);
    const route = fillIn(received, this.settings);
    if (this.rules === undefined) return allowed(internIfNew(this.attrs, id, received, route));
    const decision = this.rules.decide(route, this.source, prefixClass);
    switch (decision.kind) {
      case 'accepted':
        return allowed(internIfNew(this.attrs, id, received, decision.route), decision.rule);
      case 'rejected':
        return rejected(decision.reason, decision.rule);
      case 'withheld':
        return rejected('policy', decision.rule);
      case 'undecided':
        return rejected(decision.reason);
    }
  }
}

class CompiledExport implements ExportJudge, Relocatable {
  readonly looksAtPrefixes: boolean;
  readonly usual: Usual | undefined;
  private readonly settings: ExportSettings;
  private readonly attrs: AttrsInterner;
  private readonly names: PeerNames;
  private readonly rules: RuleTable | undefined;
  private readonly looksAtSources: boolean;
  /**
   * Whether every route passes unchanged. If so, no set is ever decoded, which saves a fifth of the work of sharing
   * (bench:micro).
   */
  private readonly isTransparent: boolean;

  constructor(
    settings: ExportSettings,
    attrs: AttrsInterner,
    names: PeerNames,
    rules: RuleTable | undefined,
  ) {
    this.settings = settings;
    this.attrs = attrs;
    this.names = names;
    this.rules = rules;
    this.looksAtPrefixes = rules?.looksAtPrefixes === true;
    this.looksAtSources = rules?.looksAtSources === true;
    this.usual = usualExport(settings, rules);
    const { policy, rsClient, interpretWellKnown, role, isLeaving = false } = settings;
    const changesNothing = rsClient && !interpretWellKnown && role === undefined && !isLeaving;
    this.isTransparent = policy === 'all' && changesNothing;
  }

  get asksFor(): AsksFor | undefined {
    return this.rules?.asksFor;
  }

  relocate(policy: PolicyChoice): void {
    if (typeof policy !== 'string') this.rules?.relocate(policy);
  }

  /** The lowest bit is the family, because our own next hop depends on it. */
  prefixClass(prefix: Prefix): number {
    const ruleClass = this.rules === undefined ? 0 : this.rules.classOf(prefix);
    return this.settings.rsClient ? ruleClass * 2 : ruleClass * 2 + prefix.family;
  }

  judge(id: AttrsId, source: PeerId, prefixClass: number): Verdict {
    const { attrs, settings } = this;
    if (this.isTransparent && !attrs.hasLocalPref(id)) {
      if (!settings.toAnotherAs || !attrs.hasNonTransitive(id)) return id as number as Verdict;
    }
    return this.trace(id, source, prefixClass).verdict;
  }

  trace(id: AttrsId, source: PeerId, prefixClass: number): JudgeTrace {
    const accepted = this.attrs.read(id);
    const refusal = exportRefusal(accepted, this.settings);
    if (refusal !== undefined) return withheld(refusal);
    const family = (prefixClass & 1) === 0 ? Family.ipv4Unicast : Family.ipv6Unicast;
    const leaving = this.settings.toAnotherAs ? withoutNonTransitive(accepted) : accepted;
    if (this.rules === undefined) return this.send(id, accepted, family, unruled(leaving));
    const { takesBlackholes } = this.settings;
    const from = this.looksAtSources ? this.sourceOf(source) : noSource;
    const decision = this.rules.decide(leaving, from, prefixClass >> 1, takesBlackholes);
    switch (decision.kind) {
      case 'accepted':
        return this.send(id, accepted, family, decision);
      case 'rejected':
        return withheld('policy', decision.rule);
      case 'withheld':
        return withheld(decision.reason, decision.rule);
      case 'undecided':
        return withheld(decision.reason === 'policy' ? 'policy' : 'prefix_not_allowed');
    }
  }

  private send(id: AttrsId, accepted: PathAttributes, family: Family, ruled: Ruled): JudgeTrace {
    const route = outgoing(ruled, family, this.settings);
    if (route === undefined) return withheld('next_hop_unusable', ruled.rule);
    return allowed(internIfNew(this.attrs, id, accepted, route), ruled.rule);
  }

  private sourceOf(peer: PeerId): Source {
    return { peer: this.names.nameOf(peer), peerAs: this.names.asOf(peer) };
  }
}

/** Returns the usual outcome of a judge, which depends on its rules and on all its other settings. */
function usualExport(settings: ExportSettings, rules: RuleTable | undefined): Usual | undefined {
  const { policy, ...others } = settings;
  const usual = typeof policy === 'string' ? { communities: [], outcome: policy } : rules?.usual;
  return usual && { ...usual, outcome: `${usual.outcome} ${JSON.stringify(others)}` };
}

/** Stands for the source if no rule looks at it. */
const noSource: Source = { peer: '', peerAs: 0 };

/** Returns the rules of a policy; `all` and `none` need none. */
function rulesOf(policy: PolicyChoice, tables: RuleTables): RuleTable | undefined {
  return typeof policy === 'string' ? undefined : tables.of(policy);
}

function unruled(route: PathAttributes): Ruled {
  return { route, wroteMed: false, wroteNextHop: false };
}

/** A step that changes nothing returns the same object, so a route that is left unchanged is not interned again. */
function internIfNew(
  attrs: AttrsInterner,
  id: AttrsId,
  before: PathAttributes,
  after: PathAttributes,
): AttrsId {
  return before === after ? id : attrs.intern(after);
}
