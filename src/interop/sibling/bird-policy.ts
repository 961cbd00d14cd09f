import type { SetActions } from '#policy/actions.ts';
import type { Match } from '#policy/match.ts';
import type {
  CommunityPattern,
  CommunityValue,
  ExtCommunityPattern,
  NumberRange,
  PrefixPattern,
} from '#policy/patterns.ts';
import type { Policy, Rule } from '#policy/policy.ts';
import type { RuleSource } from '#policy/verdict.ts';
import { formatAddress } from '#text/address.ts';
import { formatPrefix, formatPrefixPattern } from '#text/prefix.ts';
import { birdFamilies, type BirdFamily } from '../render/bird-syntax.ts';
import { RenderError } from '../render/target.ts';
import type { Line } from '../render/text.ts';
import { type BirdContext, protocolName } from './bird-context.ts';
import { originTerm } from './bird-validation.ts';
import { makesBlackholes, type Names, type Neighbour, peersMeant } from './names.ts';
import { renderedKeys } from './per-key.ts';
import { refuseValidation } from './validation.ts';

const maxMed = 0xffff_ffff;

/**
 * Renders a policy as a function of BIRD's filter language, which accepts, rejects, or returns if no rule
 * decides. One that makes blackholes asks whether the client is for them.
 */
export function birdFunction(policy: Policy, context: BirdContext): Line[] {
  const { names } = context;
  const body = policy.rules.flatMap((rule) => birdRule(rule, context));
  const parameter = makesBlackholes([policy]) ? 'bool takes_blackholes' : '';
  return [`function policy_${names.of(policy.name)}(${parameter})`, '{', body, '}'];
}

/** Calls the function of a policy for a client. */
export function birdCall(policy: Policy, client: Neighbour, names: Names): string {
  const argument = makesBlackholes([policy]) ? String(client.blackhole) : '';
  return `policy_${names.of(policy.name)}(${argument});`;
}

function birdRule({ name, match, set, then, source }: Rule, context: BirdContext): Line[] {
  const hasCaches = context.daemon === 'bird' && context.config.rpki !== undefined;
  refuseValidation(match, source, 'BIRD', hasCaches);
  const condition = conditionOf(match, context);
  if (set.prepend !== undefined) refuseMixed(set.prepend, source);
  const actions = [...setLines(set, context), ...(then === 'next' ? [] : [`${then};`])];
  const comment = name === undefined ? [] : [`# ${name}`];
  if (condition.length === 0) return [...comment, ...actions];
  if (actions.length === 0) return comment;
  if (actions.length === 1) return [...comment, `if ${condition.join(' && ')} then ${actions[0]}`];
  return [...comment, `if ${condition.join(' && ')} then {`, actions, '}'];
}

/** Each line prepends to what the lines before have made: what is first then need not be the route's own first AS. */
function refuseMixed(prepend: NonNullable<SetActions['prepend']>, { file, line }: RuleSource) {
  const innermost = prepend.findLastIndex((asn) => asn !== 'first_as');
  if (innermost < 0 || !prepend.slice(0, innermost).includes('first_as')) return;
  throw new RenderError(
    `${file}:${line}: BIRD cannot prepend first_as outside of a number; put first_as last, or change the rule`,
  );
}

/** Returns terms that are joined by AND. */
function conditionOf(match: Match, { peers, names, onlyFamily }: BirdContext): string[] {
  const source = (): string[] => [
    anyOf(peersMeant(peers, match).map((it) => sourceTerm(it, names))),
  ];
  return renderedKeys<Match, string>(match, {
    prefix: (patterns) => [prefixTerm([...patterns], onlyFamily)],
    nextHop: (patterns) => [nextHopTerm(patterns, onlyFamily)],
    peer: source,
    // One term for both.
    peerAs: () => (match.peer === undefined ? source() : []),
    asPath: (ranges) => [anyOf(ranges.map((range) => `bgp_path ~ [= * ${asnText(range)} * =]`))],
    originAs: (ranges) => [`bgp_path.last ~ [ ${ranges.map(asnText).join(', ')} ]`],
    asPathLength: (ranges) => [rangeTerm('bgp_path.len', ranges)],
    med: (ranges) => [medTerm(ranges)],
    community: (patterns) => [`bgp_community ~ [ ${patterns.map(tuple).join(', ')} ]`],
    largeCommunity: (patterns) => [`bgp_large_community ~ [ ${patterns.map(tuple).join(', ')} ]`],
    extCommunity: (patterns) => [`bgp_ext_community ~ [ ${patterns.map(extTuple).join(', ')} ]`],
    rpki: (states) => [originTerm(states)],
    // `refuseValidation` has refused the rule.
    aspa: () => [],
  });
}

/** The name of a peer of a range ends in a number. */
function sourceTerm(peer: Neighbour, names: Names): string {
  const name = protocolName(peer, names);
  return peer.isRange ? `proto ~ "${name}_*"` : `proto = "${name}"`;
}

/** A set may contain patterns of one family only. */
function prefixTerm(patterns: readonly PrefixPattern[], onlyFamily?: BirdFamily): string {
  return anyOf(
    familiesWritten(onlyFamily).flatMap((family) => {
      const own = ofFamily(patterns, family).map(formatPrefixPattern);
      if (own.length === 0) return [];
      const term = `net ~ [ ${own.join(', ')} ]`;
      return [onlyFamily === undefined ? `(net.type = NET_IP${family.at(-1)} && ${term})` : term];
    }),
  );
}

/** If patterns stand for addresses, only the network matters. */
export function nextHopTerm(patterns: readonly PrefixPattern[], onlyFamily?: BirdFamily): string {
  return anyOf(
    familiesWritten(onlyFamily).flatMap((family) =>
      ofFamily(patterns, family).map((pattern) => {
        const term = `bgp_next_hop ~ ${formatPrefix(pattern)}`;
        return onlyFamily === undefined ? `(${isNextHopOf(family)} && ${term})` : `(${term})`;
      }),
    ),
  );
}

function isNextHopOf(family: BirdFamily): string {
  return family === 'ipv4' ? 'bgp_next_hop.is_v4' : '! bgp_next_hop.is_v4';
}

function familiesWritten(onlyFamily: BirdFamily | undefined): readonly BirdFamily[] {
  return onlyFamily === undefined ? birdFamilies : [onlyFamily];
}

function ofFamily(patterns: readonly PrefixPattern[], family: BirdFamily): PrefixPattern[] {
  return patterns.filter((pattern) => birdFamilies[pattern.family] === family);
}

/** A missing MED counts as 0. */
function medTerm(ranges: readonly NumberRange[]): string {
  const term = `(defined(bgp_med) && ${rangeTerm('bgp_med', ranges)})`;
  return ranges.some(({ min }) => min === 0) ? `(! defined(bgp_med) || ${term})` : term;
}

function rangeTerm(value: string, ranges: readonly NumberRange[]): string {
  return anyOf(
    ranges.map(({ min, max }) => {
      if (min === max) return `${value} = ${min}`;
      const upper = max >= maxMed ? '' : ` && ${value} <= ${max}`;
      return min === 0 && upper !== '' ? `${value} <= ${max}` : `(${value} >= ${min}${upper})`;
    }),
  );
}

function asnText({ min, max }: NumberRange): string {
  return min === max ? `${min}` : `${min}..${max}`;
}

function anyOf(terms: readonly string[]): string {
  if (terms.length === 0) return 'false';
  return terms.length === 1 ? terms[0] : `(${terms.join(' || ')})`;
}

function tuple(pattern: CommunityPattern): string {
  return `(${pattern.map((part) => part ?? '*').join(', ')})`;
}

function extTuple({ type, subtype, value }: ExtCommunityPattern): string {
  const kind = type <= 0x02 ? ['', '', 'rt', 'ro'][subtype] : undefined;
  if (kind !== undefined && kind !== '')
    return `(${kind}, ${value.map((it) => it ?? '*').join(', ')})`;
  const [first = 0, second = 0] = value;
  const high = ((type << 24) | (subtype << 16) | first) >>> 0;
  return `(generic, 0x${high.toString(16)}, 0x${second.toString(16)})`;
}

function setLines(set: SetActions, { onlyFamily }: BirdContext): string[] {
  return renderedKeys<SetActions, string>(set, {
    med: medLines,
    localPref: (value) => [`bgp_local_pref = ${value};`],
    removeCommunities: (removed) =>
      removed.map((it) => `${listOf(it)}.delete([ ${tuple(it.pattern)} ]);`),
    addCommunities: (added) => added.map((it) => `${listOf(it)}.add(${tuple(it.pattern)});`),
    prepend: (asns) =>
      asns
        .toReversed()
        .map((asn) => `bgp_path.prepend(${asn === 'first_as' ? 'bgp_path.first' : asn});`),
    nextHop: (address) => nextHopLines(address, onlyFamily),
    blackhole: (addresses) => blackholeLines(addresses, onlyFamily),
  });
}

/** A family without an address for blackholes has none. */
function blackholeLines(addresses: readonly Uint8Array[], onlyFamily?: BirdFamily): string[] {
  const missing = familiesWritten(onlyFamily).filter(
    (family) => !addresses.some((address) => familyOf(address) === family),
  );
  return [
    'if ! takes_blackholes then reject;',
    ...missing.map((family) =>
      onlyFamily === undefined ? `if ${isNextHopOf(family)} then reject;` : 'reject;',
    ),
    ...addresses.flatMap((address) => nextHopLines(address, onlyFamily)),
    'bgp_community.add((65535, 65281)); # NO_EXPORT (RFC 7999)',
  ];
}

function familyOf({ length }: Uint8Array): BirdFamily {
  return length === 4 ? 'ipv4' : 'ipv6';
}

function medLines({ kind, value }: NonNullable<SetActions['med']>): string[] {
  if (kind === 'set') return [`bgp_med = ${value};`];
  const missing = `if ! defined(bgp_med) then bgp_med = 0;`;
  if (value >= 0) {
    return [
      missing,
      `if bgp_med > ${maxMed - value} then bgp_med = ${maxMed}; else bgp_med = bgp_med + ${value};`,
    ];
  }
  return [missing, `if bgp_med < ${-value} then bgp_med = 0; else bgp_med = bgp_med - ${-value};`];
}

function nextHopLines(address: Uint8Array, onlyFamily?: BirdFamily): string[] {
  const family = familyOf(address);
  const action = `bgp_next_hop = ${formatAddress(address)};`;
  if (onlyFamily === undefined) return [`if ${isNextHopOf(family)} then ${action}`];
  return family === onlyFamily ? [action] : [];
}

function listOf({ kind }: CommunityValue): string {
  return kind === 'large' ? 'bgp_large_community' : 'bgp_community';
}
