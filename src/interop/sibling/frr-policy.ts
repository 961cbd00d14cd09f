import type { SetActions } from '#policy/actions.ts';
import type { Match } from '#policy/match.ts';
import type {
  CommunityPattern,
  CommunityValue,
  NumberRange,
  PrefixPattern,
} from '#policy/patterns.ts';
import type { Policy, Rule } from '#policy/policy.ts';
import type { RuleSource } from '#policy/verdict.ts';
import { formatAddress } from '#text/address.ts';
import { overlapOf } from '#text/asn.ts';
import { formatPrefix } from '#text/prefix.ts';
import { RenderError } from '../render/target.ts';
import type { Line } from '../render/text.ts';
import { digitPatterns } from './digit-patterns.ts';
import { firstAs, Names, type Neighbour, peersMeant } from './names.ts';
import { renderedKeys } from './per-key.ts';
import { refuseValidation } from './validation.ts';

type Family = 0 | 1;
const words = ['ip', 'ipv6'] as const;

/** One entry of a route map: its decision, its conditions and its actions. */
interface Entry {
  readonly verdict: 'permit' | 'deny';
  readonly asks: readonly string[];
  readonly writes: readonly string[];
  readonly goesOn?: 'next' | number;
}

/** Renders route maps and the lists that they name, which FRR must know first. */
export class FrrPolicies {
  private readonly hasCaches: boolean;
  readonly lists: Line[] = [];
  readonly maps: Line[] = [];
  readonly names = new Names();
  private readonly made = new Map<string, string>();

  constructor(hasCaches: boolean) {
    this.hasCaches = hasCaches;
  }

  /**
   * Returns the route map of a list of policies; each name is rendered once. `from` is the peer whose
   * announcements it filters, with its import checks first; `takesBlackholes` is whether clients of the map are sent
   * blackholes.
   */
  map(
    name: string,
    chain: readonly Policy[] | 'all',
    family: Family,
    { from, takesBlackholes = false }: MapUse = {},
  ): string {
    const title = `${this.names.of(name)}-${words[family]}`;
    if (this.made.has(title)) return title;
    this.made.set(title, title);
    const first = from === undefined ? [] : this.checks(from, family);
    const rules =
      chain === 'all'
        ? [everything]
        : chain.flatMap(({ rules: own }) =>
            own.flatMap((rule) => this.entries(rule, family, from, takesBlackholes)),
          );
    [...first, ...rules].forEach(({ verdict, asks, writes, goesOn }, at) => {
      const on =
        goesOn === undefined
          ? []
          : [goesOn === 'next' ? 'on-match next' : `on-match goto ${goesOn}`];
      this.maps.push(`route-map ${title} ${verdict} ${10 * (at + 1)}`, [...asks, ...writes, ...on]);
    });
    if (first.length + rules.length === 0) this.maps.push(`route-map ${title} deny 10`);
    return title;
  }

  /** Renders the import checks that precede all rules: each continues only if it rejects nothing. */
  private checks(peer: Neighbour, family: Family): Entry[] {
    const as = firstAs(peer);
    const { acceptNextHop, address, at, enforceFirstAs } = peer;
    const asks: string[] = [];
    if (enforceFirstAs && as !== undefined) asks.push(`match as-path ${this.firstAsList(as)}`);
    if (acceptNextHop === 'peer') {
      const isOwn = (address.length === 4 ? 0 : 1) === family;
      if (isOwn)
        asks.push(`match ${words[family]} next-hop prefix-list ${this.hopList([at], family)}`);
    } else if (acceptNextHop !== 'any') {
      const own = acceptNextHop.filter((it) => it.family === family).map((it) => formatPrefix(it));
      asks.push(`match ${words[family]} next-hop prefix-list ${this.hopList(own, family)}`);
    }
    return asks.flatMap((ask, index): Entry[] => [
      { verdict: 'permit', asks: [ask], writes: [], goesOn: 10 * (2 * index + 3) },
      { verdict: 'deny', asks: [], writes: [] },
    ]);
  }

  private entries(
    { match, set, then, source }: Rule,
    family: Family,
    from: Neighbour | undefined,
    takesBlackholes: boolean,
  ): Entry[] {
    if (match.peer !== undefined || match.peerAs !== undefined) {
      if (from === undefined)
        throw cannot(source, 'match on export by the peer that a route came from');
      if (!peersMeant([from], match).includes(from)) return [];
    }
    const asks = this.asks(match, family, source);
    if (asks === undefined) return [];
    const hole = blackholeOf(set, family);
    if (set.blackhole !== undefined && (hole === undefined || !takesBlackholes)) {
      return originAsks(match).map((origin) => ({
        verdict: 'deny',
        asks: [...asks, ...origin],
        writes: [],
      }));
    }
    const writes = then === 'reject' ? [] : this.writes(set, family, source);
    const verdict = then === 'reject' ? 'deny' : 'permit';
    return originAsks(match).map((origin) => ({
      verdict,
      asks: [...asks, ...origin],
      writes,
      ...(then === 'next' && { goesOn: 'next' }),
    }));
  }

  /** Returns `undefined` if no route of the family matches. */
  private asks(match: Match, family: Family, source: RuleSource): string[] | undefined {
    refuseValidation(match, source, 'FRR', this.hasCaches);
    const { prefix, nextHop } = match;
    const own = (patterns: Iterable<PrefixPattern>) =>
      [...patterns].filter((it) => it.family === family);
    if (prefix !== undefined && own(prefix).length === 0) return undefined;
    if (nextHop !== undefined && own(nextHop).length === 0) return undefined;
    const ip = words[family];
    return renderedKeys<Match, string>(match, {
      // `entries` leaves out rules for other peers, and makes an entry for each state of `rpki`.
      peer: () => [],
      peerAs: () => [],
      rpki: () => [],
      // `refuseValidation` has refused the rule.
      aspa: () => [],
      asPathLength: () => {
        throw cannot(source, 'compare the length of AS_PATH');
      },
      extCommunity: () => {
        throw cannot(source, 'match these extended communities');
      },
      prefix: (patterns) => [
        `match ${ip} address prefix-list ${this.prefixList(own(patterns), family)}`,
      ],
      nextHop: (patterns) => [
        `match ${ip} next-hop prefix-list ${this.hopList(
          own(patterns).map((it) => formatPrefix(it)),
          family,
        )}`,
      ],
      asPath: (ranges) => [`match as-path ${this.asPathList(asPathRows(ranges, match.originAs))}`],
      originAs: (ranges) =>
        match.asPath === undefined
          ? [`match as-path ${this.asPathList(ranges.map((range) => `_${asnPattern(range)}$`))}`]
          : [],
      med: (ranges) => [this.medAsk(ranges, source)],
      community: (patterns) => [`match community ${this.communityList('community', patterns)}`],
      largeCommunity: (patterns) => [
        `match large-community ${this.communityList('large-community', patterns)}`,
      ],
    });
  }

  private medAsk([first, ...others]: NonNullable<Match['med']>, source: RuleSource): string {
    if (others.length > 0 || first.min !== first.max)
      throw cannot(source, 'compare MED with a range');
    return `match metric ${first.min}`;
  }

  private writes(set: SetActions, family: Family, source: RuleSource): string[] {
    const hole = blackholeOf(set, family);
    return renderedKeys<SetActions, string>(set, {
      med: ({ kind, value }) => {
        if (kind === 'add')
          throw cannot(source, 'add to a MED that may be missing as fingerpost does');
        return [`set metric ${value}`];
      },
      localPref: (value) => [`set local-preference ${value}`],
      removeCommunities: (removed) => this.removals(removed),
      addCommunities: (added) => additions(added, hole),
      prepend: (asns) => prependLine(asns, source),
      nextHop: (address) => (hole === undefined ? nextHopLine(address, family) : []),
      blackhole: () => [
        ...(set.addCommunities === undefined ? additions([], hole) : []),
        ...(hole === undefined ? [] : nextHopLine(hole, family)),
      ],
    });
  }

  private removals(removed: readonly CommunityValue[]): string[] {
    const standard = patternsOf(removed, 'standard');
    const large = patternsOf(removed, 'large');
    return [
      ...(standard.length === 0
        ? []
        : [`set comm-list ${this.communityList('community', standard)} delete`]),
      ...(large.length === 0
        ? []
        : [`set large-comm-list ${this.communityList('large-community', large)} delete`]),
    ];
  }

  private prefixList(patterns: readonly PrefixPattern[], family: Family): string {
    return this.list(
      `${words[family]} prefix-list`,
      patterns.flatMap((pattern) => prefixEntries(pattern)),
      'seq',
    );
  }

  private hopList(networks: readonly string[], family: Family): string {
    const widest = family === 0 ? 32 : 128;
    const rows = networks.map((text) => (text.includes('/') ? text : `${text}/${widest}`));
    return this.list(
      `${words[family]} prefix-list`,
      rows.map((row) => (row.endsWith(`/${widest}`) ? row : `${row} le ${widest}`)),
      'seq',
    );
  }

  private firstAsList(as: number): string {
    return this.asPathList([`^${as}_`]);
  }

  private asPathList(expressions: readonly string[]): string {
    return this.list('bgp as-path access-list', expressions);
  }

  /** In an expanded list each row is a regular expression over all communities of the route. */
  private communityList(
    kind: 'community' | 'large-community',
    patterns: readonly CommunityPattern[],
  ): string {
    const rows = patterns.map(
      (pattern) => `_${pattern.map((part) => part ?? '[0-9]+').join(':')}_`,
    );
    return this.list(`bgp ${kind}-list expanded`, rows);
  }

  /** Equal lists are rendered once. */
  private list(kind: string, rows: readonly string[], numbered?: 'seq'): string {
    const key = `${kind} ${rows.join('|')}`;
    const known = this.made.get(key);
    if (known !== undefined) return known;
    const name = `LIST-${this.made.size + 1}`;
    this.made.set(key, name);
    rows.forEach((row, at) => {
      const number = numbered === undefined ? '' : ` seq ${5 * (at + 1)}`;
      this.lists.push(`${kind} ${name}${number} permit ${row}`);
    });
    return name;
  }
}

/** Who a route map is for. */
interface MapUse {
  readonly from?: Neighbour;
  readonly takesBlackholes?: boolean;
}

/** An entry has one condition on AS_PATH: of two FRR would keep the last, so both keys become one. */
function asPathRows(
  ranges: readonly NumberRange[],
  origins: readonly NumberRange[] | undefined,
): string[] {
  if (origins === undefined) return ranges.map((range) => `_${asnPattern(range)}_`);
  return ranges.flatMap((range) => origins.flatMap((origin) => originRows(range, origin)));
}

/** The origin itself may be the AS that is looked for, or another AS before it. */
function originRows(range: NumberRange, origin: NumberRange): string[] {
  const both = overlapOf(range, origin);
  const itself = both === undefined ? [] : [`_${asnPattern(both)}$`];
  const isWholly = range.min <= origin.min && origin.max <= range.max;
  return isWholly ? itself : [...itself, `_${asnPattern(range)}_(.*_)?${asnPattern(origin)}$`];
}

function asnPattern({ min, max }: NumberRange): string {
  const patterns = digitPatterns(min, max);
  return patterns.length === 1 ? patterns[0] : `(${patterns.join('|')})`;
}

function blackholeOf({ blackhole = [] }: SetActions, family: Family): Uint8Array | undefined {
  return blackhole.find(({ length }) => length === (family === 0 ? 4 : 16));
}

/** RFC 7999 §3.2. */
function noExportOf(blackhole: Uint8Array | undefined): string[] {
  return blackhole === undefined ? [] : ['no-export'];
}

/** Communities are added by one line for each kind; NO_EXPORT belongs to a blackhole. */
function additions(added: readonly CommunityValue[], hole: Uint8Array | undefined): string[] {
  const standard = patternsOf(added, 'standard').map((pattern) => pattern.join(':'));
  const large = patternsOf(added, 'large').map((pattern) => pattern.join(':'));
  const all = [...standard, ...noExportOf(hole)];
  return [
    ...(all.length === 0 ? [] : [`set community ${all.join(' ')} additive`]),
    ...(large.length === 0 ? [] : [`set large-community ${large.join(' ')} additive`]),
  ];
}

function patternsOf(
  values: readonly CommunityValue[],
  wanted: CommunityValue['kind'],
): CommunityPattern[] {
  return values.filter(({ kind }) => kind === wanted).map(({ pattern }) => pattern);
}

function nextHopLine(address: Uint8Array, family: Family): string[] {
  if (address.length !== (family === 0 ? 4 : 16)) return [];
  const key = family === 0 ? 'ip next-hop' : 'ipv6 next-hop global';
  return [`set ${key} ${formatAddress(address)}`];
}

/** FRR prepends either numbers or what it calls the last AS, which is the first of the path. */
function prependLine(prepend: NonNullable<SetActions['prepend']>, source: RuleSource): string[] {
  const repeated = prepend.filter((asn) => asn === 'first_as').length;
  if (prepend.length === 0) return [];
  if (repeated === 0) return [`set as-path prepend ${prepend.join(' ')}`];
  if (repeated < prepend.length) throw cannot(source, 'prepend both first_as and numbers');
  if (repeated > 10) throw cannot(source, 'prepend first_as more than ten times');
  return [`set as-path prepend last-as ${repeated}`];
}

/** An entry asks for one state only: a rule that names several is as many entries, of which a route matches one. */
function originAsks({ rpki }: Match): string[][] {
  if (rpki === undefined) return [[]];
  return rpki.map((state) => [`match rpki ${state === 'not_found' ? 'notfound' : state}`]);
}

const everything: Entry = { verdict: 'permit', asks: [], writes: [] };

/**
 * `ge` and `le` must be longer than the network; patterns for shorter prefixes become networks of their own.
 */
function prefixEntries(pattern: PrefixPattern): string[] {
  const { lengthBits, minBits, maxBits } = pattern;
  const text = formatPrefix(pattern);
  const shorter: string[] = [];
  for (let bits = minBits; bits < Math.min(lengthBits, maxBits + 1); bits++) {
    shorter.push(formatPrefix(shortened(pattern, bits)));
  }
  if (maxBits < lengthBits) return shorter;
  if (minBits <= lengthBits && maxBits === lengthBits) return [...shorter, text];
  const ge = minBits > lengthBits ? ` ge ${minBits}` : '';
  return [...shorter, `${text}${ge} le ${maxBits}`];
}

function shortened(pattern: PrefixPattern, lengthBits: number): PrefixPattern {
  const cut = (word: number, at: number): number => {
    const bits = Math.min(32, Math.max(0, lengthBits - 32 * at));
    return bits === 0 ? 0 : word & (-1 << (32 - bits));
  };
  const { word0, word1, word2, word3 } = pattern;
  return {
    ...pattern,
    lengthBits,
    word0: cut(word0, 0),
    word1: cut(word1, 1),
    word2: cut(word2, 2),
    word3: cut(word3, 3),
  };
}

function cannot({ file, line }: RuleSource, what: string): RenderError {
  return new RenderError(`${file}:${line}: FRR cannot ${what}; change the rule, or render BIRD`);
}
