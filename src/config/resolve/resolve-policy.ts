import type { SetActions } from '#policy/actions.ts';
import type { Match } from '#policy/match.ts';
import type { CommunityValue, NumberRange } from '#policy/patterns.ts';
import type { Policy, PolicyChoice, Rule } from '#policy/policy.ts';
import { isHost, parseAddress } from '#text/address.ts';
import { parseAsnRange } from '#text/asn.ts';
import {
  parseCommunityPattern,
  parseExtCommunity,
  parseLargeCommunityPattern,
} from '#text/community.ts';
import { nearest } from '#text/nearest.ts';
import { parsePrefixPattern } from '#text/prefix.ts';
import { TextError } from '#text/text-error.ts';
import { toRange } from '#text/units.ts';
import {
  isList,
  itemsOf,
  mapped,
  parsed,
  parsedList,
  type Scope,
  withoutAbsent,
} from '#yaml/scope.ts';
import type { MatchSourceValue, RuleSourceValue, SetSourceValue } from '../schema/schema-policy.ts';

/** Words of `import` and `export` that no policy may have as its name. */
const reserved = ['none', 'all'];

/** The policies that `import` and `export` may name. */
export interface NamedPolicies {
  readonly valid: ReadonlyMap<string, Policy>;
  /** Whether there may be one that has an error of its own. */
  readonly mayBeInvalid: (name: string) => boolean;
}

/** Resolves the policies of the file; errors are added to the problems of the scope. */
export function resolvePolicies(
  scope: Scope,
  sources: Readonly<Record<string, readonly RuleSourceValue[]>>,
): Policy[] {
  return Object.entries(sources).map(([name, rules]) => {
    if (reserved.includes(name)) {
      scope.problems.add(
        scope.places.ofKey(sources, name),
        `${name}: this word has a special meaning in import and export; choose another name`,
      );
    }
    return { name, rules: rules.map((rule) => resolveRule(scope, rule)) };
  });
}

/** Resolves the value of a peer's `import` or `export`. */
export function resolveChoice(
  scope: Scope,
  container: object,
  key: 'import' | 'export',
  value: string | readonly string[],
  policies: NamedPolicies,
): PolicyChoice {
  if (value === 'none' || value === 'all') return value;
  const chosen: Policy[] = [];
  for (const { item, place } of itemsOf(scope, container, key, value)) {
    const policy = policies.valid.get(item);
    if (policy !== undefined) {
      chosen.push(policy);
      continue;
    }
    const isReserved = reserved.includes(item);
    if (!isReserved && policies.mayBeInvalid(item)) continue;
    const near = nearest(item, [...reserved, ...policies.valid.keys()]);
    const hint = near === undefined ? '' : `; did you mean ${near}?`;
    const message = isReserved
      ? `${item} cannot be an item of a list; write it alone`
      : `there is no policy ${item}${hint}`;
    scope.problems.add(place, `${key}: ${message}`);
  }
  return chosen;
}

function resolveRule(scope: Scope, source: RuleSourceValue): Rule {
  const { offset, source: text } = scope.places.ofContainer(source);
  const { match, set, name, then = 'next' } = source;
  return {
    ...(name !== undefined && { name }),
    match: match === undefined ? {} : resolveMatch(scope, match),
    set: set === undefined ? {} : resolveSet(scope, set),
    then,
    source: { file: text.file, line: text.position(offset).line },
  };
}

function resolveMatch(scope: Scope, source: MatchSourceValue): Match {
  refuseEmpty(scope, source);
  const given = <Key extends keyof MatchSourceValue>(key: Key) => source[key];
  const patterns = (key: 'prefix' | 'next_hop') =>
    mapped(given(key), (value) => parsedList(scope, source, key, value, parsePrefixPattern));
  const ranges = (key: 'med' | 'as_path_length') =>
    mapped(given(key), (value) => parsedList(scope, source, key, value, rangeOf));
  const asnRanges = (key: 'as_path' | 'origin_as') =>
    mapped(given(key), (value) => parsedList(scope, source, key, value, asnRangeOf));
  const communities = <Value>(key: CommunityKey, parse: (text: string) => Value) =>
    mapped(given(key), (value) => parsedList(scope, source, key, value, parse));
  return withoutAbsent({
    prefix: patterns('prefix'),
    nextHop: patterns('next_hop'),
    peer: mapped(source.peer, toList),
    peerAs: mapped(source.peer_as, toList),
    asPath: asnRanges('as_path'),
    originAs: asnRanges('origin_as'),
    asPathLength: ranges('as_path_length'),
    med: ranges('med'),
    community: communities('community', parseCommunityPattern),
    largeCommunity: communities('large_community', parseLargeCommunityPattern),
    extCommunity: communities('ext_community', parseExtCommunity),
    rpki: mapped(source.rpki, toList),
    aspa: mapped(source.aspa, toList),
  } satisfies Readonly<Record<keyof Match, unknown>>);
}

type CommunityKey = 'community' | 'large_community' | 'ext_community';

/** An empty list of alternatives matches nothing, which is never intended. */
function refuseEmpty(scope: Scope, source: MatchSourceValue): void {
  for (const [key, value] of Object.entries(source)) {
    if (!Array.isArray(value) || value.length > 0 || !scope.places.isWhole(value)) continue;
    scope.problems.add(
      scope.places.ofValue(source, key),
      `${key}: an empty list matches nothing; leave the key out to match all`,
    );
  }
}

function resolveSet(scope: Scope, source: SetSourceValue): SetActions {
  const communities = (
    key: 'add_communities' | 'remove_communities',
    parse: (text: string) => CommunityValue,
  ) => mapped(source[key], (value) => parsedList(scope, source, key, value, parse));
  return withoutAbsent({
    med: mapped(source.med, (value) => medAction(scope, source, value)),
    localPref: source.local_pref,
    addCommunities: communities('add_communities', wholeCommunity),
    removeCommunities: communities('remove_communities', communityValue),
    prepend: mapped(source.prepend, toList),
    nextHop: mapped(source.next_hop, (text) =>
      parsed(scope, source, 'next_hop', () => nextHopOf(text)),
    ),
    blackhole: mapped(source.blackhole, (value) => blackholesOf(scope, source, value)),
  } satisfies Readonly<Record<keyof SetActions, unknown>>);
}

/** At most one of each family: which of two would be written could not be said. */
function blackholesOf(
  scope: Scope,
  source: SetSourceValue,
  value: string | readonly string[],
): Uint8Array[] {
  if (source.next_hop !== undefined) {
    scope.problems.add(
      scope.places.ofValue(source, 'blackhole'),
      'blackhole: writes the next hop, and so does next_hop; remove one of them',
    );
  }
  const addresses = parsedList(scope, source, 'blackhole', value, nextHopOf);
  if (new Set(addresses.map(({ length }) => length)).size < addresses.length) {
    scope.problems.add(
      scope.places.ofValue(source, 'blackhole'),
      'blackhole: expected at most one address of each family',
    );
  }
  return addresses;
}

/** A sign makes it a change of the MED. */
function medAction(
  scope: Scope,
  source: SetSourceValue,
  given: string | number,
): NonNullable<SetActions['med']> {
  const value = Number(given);
  if (Math.abs(value) > maxU32) {
    scope.problems.add(scope.places.ofValue(source, 'med'), `med: expected at most ${maxU32}`);
  }
  return { kind: /^[+-]/.test(String(given)) ? 'add' : 'set', value };
}

const maxU32 = 0xffff_ffff;

function communityValue(text: string): CommunityValue {
  return text.split(':').length === 3
    ? { kind: 'large', pattern: parseLargeCommunityPattern(text) }
    : { kind: 'standard', pattern: parseCommunityPattern(text) };
}

function wholeCommunity(text: string): CommunityValue {
  if (text.includes('*')) {
    throw new TextError(
      'bad_community',
      `${text}: a pattern with * cannot be added; give a number`,
    );
  }
  return communityValue(text);
}

function nextHopOf(text: string): Uint8Array {
  const address = parseAddress(text);
  if (isHost(address)) return address;
  const what = address.some((octet) => octet !== 0) ? 'a multicast or reserved' : 'the unspecified';
  throw new TextError('bad_address', `${text}: ${what} address cannot be a next hop`);
}

/** Throws like the functions of `#text`, so that the error is reported at the element. */
export function rangeOf(value: string | number): NumberRange {
  const range = toRange(value);
  if (range.min <= range.max) return range;
  throw new TextError('bad_pattern', `${value}: the first number is greater than the second`);
}

function asnRangeOf(value: string | number): NumberRange {
  return typeof value === 'string' ? parseAsnRange(value) : { min: value, max: value };
}

function toList<Item>(value: Item | readonly Item[]): readonly Item[] {
  return isList(value) ? value : [value];
}
