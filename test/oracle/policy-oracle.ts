import type { Match } from '#policy/match.ts';
import type { PrefixPattern } from '#policy/patterns.ts';
import type { ExportSettings, ImportSettings, PolicyChoice, Rule } from '#policy/policy.ts';
import type { Prefix } from '#wire/nlri.ts';
import type { PathAttributes } from '#wire/path-attributes.ts';

/** The naive twin of policy/compile: prefixes are strings of bits, and each rule is read again for each route. */

export type NaiveOutcome = { readonly reason: string } | { readonly route: PathAttributes };

interface Source {
  readonly peer: string;
  readonly peerAs: number;
}

export function naiveImport(
  it: ImportSettings,
  received: PathAttributes,
  prefix: Prefix,
): NaiveOutcome {
  const reason = naiveHygiene(it, received);
  if (reason !== undefined) return { reason };
  let route = received;
  if (typeof it.missingMed === 'number' && route.med === undefined) {
    route = { ...route, med: it.missingMed };
  }
  if (['customer', 'peer', 'rs_client'].includes(it.role ?? '') && route.otc === undefined) {
    route = { ...route, otc: it.peerAs };
  }
  const source = { peer: it.peerName, peerAs: it.peerAs };
  return naiveRules(it.policy, route, source, prefix).outcome;
}

export function naiveExport(
  it: ExportSettings,
  accepted: PathAttributes,
  source: Source,
  prefix: Prefix,
): NaiveOutcome {
  if (it.policy === 'none') return { reason: 'no_policy' };
  const upward = ['customer', 'peer', 'rs_client'].includes(it.role ?? '');
  if (upward && accepted.otc !== undefined) return { reason: 'otc_leak' };
  const kept = accepted.communities.some((c) => c >= 0xffffff01 && c <= 0xffffff03);
  if (it.interpretWellKnown && kept) return { reason: 'no_export' };
  const leaving = it.toAnotherAs ? naiveLeaving(accepted) : accepted;
  const blackholes = it.takesBlackholes === true ? 'taken' : 'withheld';
  const { outcome, wrote } = naiveRules(it.policy, leaving, source, prefix, blackholes);
  if ('reason' in outcome) {
    const { reason } = outcome;
    return { reason: reason.startsWith('prefix') ? 'prefix_not_allowed' : reason };
  }
  const { localPref: _, ...route } = outcome.route;
  const downward = ['provider', 'peer', 'rs'].includes(it.role ?? '');
  const otc = route.otc ?? (downward ? it.localAs : undefined);
  const communities =
    it.isLeaving === true ? [...new Set([...route.communities, 0xffff0000])] : route.communities;
  const left = { ...route, communities };
  const marked = otc === undefined ? left : { ...left, otc };
  if (it.rsClient) return { route: marked };
  const nextHop = wrote.has('nextHop') ? marked.nextHop : it.selfNextHop[prefix.family];
  if (nextHop === undefined) return { reason: 'next_hop_unusable' };
  const { med, ...rest } = marked;
  const asPath = naivePrepend(marked.asPath, [it.localAs]);
  const sent = { ...rest, nextHop, asPath };
  return { route: wrote.has('med') && med !== undefined ? { ...sent, med } : sent };
}

/** RFC 4360 §6: types 0x40 to 0x7f and 0xc0 to 0xff stay in their AS. */
function naiveLeaving(route: PathAttributes): PathAttributes {
  const extCommunities = route.extCommunities.filter(passes);
  const ipv6ExtCommunities = route.ipv6ExtCommunities.filter(passes);
  const gone = new Set([
    ...(extCommunities.length === 0 ? [16] : []),
    ...(ipv6ExtCommunities.length === 0 ? [25] : []),
  ]);
  const partial = route.partial?.filter((type) => !gone.has(type)) ?? [];
  const { partial: _, ...others } = route;
  const left = { ...others, extCommunities, ipv6ExtCommunities };
  return partial.length === 0 ? left : { ...left, partial };
}

function passes(community: Uint8Array): boolean {
  return Math.floor(community[0] / 64) % 2 === 0;
}

export function naiveMatchesPrefix(prefix: Prefix, pattern: PrefixPattern): boolean {
  if (prefix.family !== pattern.family) return false;
  if (prefix.lengthBits < pattern.minBits || prefix.lengthBits > pattern.maxBits) return false;
  const [ours, theirs] = [bitsOf(prefix), bitsOf(pattern)];
  return ours.startsWith(theirs) || theirs.startsWith(ours);
}

function naiveHygiene(it: ImportSettings, route: PathAttributes): string | undefined {
  const asns = route.asPath.flatMap((segment) => segment.asns);
  if (asns.includes(it.localAs)) return 'as_loop';
  const hasSet = route.asPath.some((segment) => segment.kind === 'set');
  if (hasSet && !it.allowAsSets) return 'as_set';
  const ledBySequence = route.asPath[0]?.kind === 'sequence';
  if (it.enforceFirstAs && !(ledBySequence && asns[0] === it.peerAs)) return 'first_as';
  const nextHop = addressBits(route.nextHop);
  if (naiveBadNextHops.some((bad) => nextHop.startsWith(bad))) {
    return 'next_hop_invalid';
  }
  if (it.localAddresses.some((ours) => addressBits(ours) === nextHop)) return 'next_hop_invalid';
  if (it.acceptNextHop === 'peer' && nextHop !== addressBits(it.peerAddress)) {
    return 'next_hop_foreign';
  }
  if (typeof it.acceptNextHop !== 'string' && !naiveInNetworks(nextHop, it.acceptNextHop)) {
    return 'next_hop_foreign';
  }
  if (it.missingMed === 'reject' && route.med === undefined) return 'missing_med';
  const { role, peerAs } = it;
  if (route.otc !== undefined && (role === 'provider' || role === 'rs')) return 'otc_leak';
  if (route.otc !== undefined && role === 'peer' && route.otc !== peerAs) return 'otc_leak';
  return it.policy === 'none' ? 'no_policy' : undefined;
}

/** Next hops that are refused, in the form that `addressBits` returns. */
const naiveBadNextHops = [
  `4:${'0'.repeat(8)}`,
  '4:01111111',
  '4:111',
  `6:${'0'.repeat(128)}`,
  `6:${'0'.repeat(127)}1`,
  `6:${'0'.repeat(80)}${'1'.repeat(16)}`,
  '6:1111111010',
  '6:11111111',
];

interface NaiveRuled {
  readonly outcome: NaiveOutcome;
  readonly wrote: ReadonlySet<string>;
}

function naiveRules(
  policy: PolicyChoice,
  received: PathAttributes,
  from: Source,
  prefix: Prefix,
  blackholes: 'taken' | 'withheld' = 'withheld',
): NaiveRuled {
  const wrote = new Set<string>();
  if (policy === 'all') return { outcome: { route: received }, wrote };
  const rules = policy === 'none' ? [] : policy.flatMap((it) => it.rules);
  let route = received;
  for (const rule of rules) {
    if (!naiveMatches(rule.match, route, from, prefix)) continue;
    if (rule.then === 'reject') return { outcome: { reason: 'policy' }, wrote };
    if (rule.set.med !== undefined) wrote.add('med');
    if (rule.set.nextHop?.length === route.nextHop.length) wrote.add('nextHop');
    route = naiveActions(route, rule.set);
    if (rule.set.blackhole !== undefined) {
      const hole = rule.set.blackhole.find((it) => it.length === route.nextHop.length);
      if (blackholes === 'withheld' || hole === undefined) {
        return { outcome: { reason: 'no_blackhole' }, wrote };
      }
      const communities = [...new Set([...route.communities, 0xffffff01])];
      route = { ...route, nextHop: hole, communities };
      wrote.add('nextHop');
    }
    if (rule.then === 'accept') return { outcome: { route }, wrote };
  }
  return { outcome: { reason: naiveUndecided(rules, prefix) }, wrote };
}

function naiveUndecided(rules: readonly Rule[], prefix: Prefix): string {
  const accepted = rules
    .filter((rule) => rule.then === 'accept')
    .flatMap((rule) => (rule.match.prefix === undefined ? [] : [[...rule.match.prefix]]));
  if (accepted.length === 0) return 'policy';
  const all = accepted.flat();
  if (all.some((pattern) => naiveMatchesPrefix(prefix, pattern))) return 'policy';
  const covers = (pattern: PrefixPattern) =>
    pattern.family === prefix.family && bitsOf(prefix).startsWith(bitsOf(pattern));
  return all.some(covers) ? 'prefix_length' : 'prefix_not_allowed';
}

function naiveMatches(match: Match, route: PathAttributes, from: Source, prefix: Prefix): boolean {
  const asns = new Set(route.asPath.flatMap((segment) => segment.asns));
  const last = route.asPath.at(-1);
  const origin = last?.kind === 'sequence' ? last.asns[last.asns.length - 1] : undefined;
  const ones = route.asPath.map((segment) => (segment.kind === 'set' ? 1 : segment.asns.length));
  const length = ones.reduce((sum, count) => sum + count, 0);
  const standard = route.communities.map((c) => [Math.floor(c / 65536), c % 65536]);
  const extended = route.extCommunities.map((c) => extendedParts(c));
  const answers = [
    match.prefix === undefined ||
      [...match.prefix].some((pattern) => naiveMatchesPrefix(prefix, pattern)),
    match.nextHop === undefined || naiveInNetworks(addressBits(route.nextHop), match.nextHop),
    match.peer?.some((name) => name === from.peer),
    match.peerAs?.some((asn) => asn === from.peerAs),
    match.asPath?.some(({ min, max }) => [...asns].some((asn) => min <= asn && asn <= max)),
    match.originAs?.some(({ min, max }) => origin !== undefined && min <= origin && origin <= max),
    match.asPathLength?.some((range) => range.min <= length && length <= range.max),
    match.med?.some((range) => range.min <= (route.med ?? 0) && (route.med ?? 0) <= range.max),
    match.community?.some((pattern) => standard.some((parts) => fits(parts, pattern))),
    match.largeCommunity?.some((pattern) => route.largeCommunities.some((c) => fits(c, pattern))),
    match.extCommunity?.some(({ type, subtype, value }) =>
      extended.some((parts) => fits(parts, [type, subtype, ...value])),
    ),
  ];
  return !answers.includes(false);
}

function naiveActions(route: PathAttributes, set: Rule['set']): PathAttributes {
  const { removeCommunities: removed = [], addCommunities: added = [], nextHop } = set;
  const standard = removed.filter(({ kind }) => kind === 'standard');
  const large = removed.filter(({ kind }) => kind === 'large');
  const communities = route.communities.filter(
    (c) => !standard.some((it) => fits([Math.floor(c / 65536), c % 65536], it.pattern)),
  );
  const largeCommunities = route.largeCommunities.filter(
    (c) => !large.some((it) => fits(c, it.pattern)),
  );
  for (const { kind, pattern } of added) {
    const [a = 0, b = 0, c = 0] = pattern;
    if (kind === 'standard' && !communities.includes(a * 65536 + b))
      communities.push(a * 65536 + b);
    const known = largeCommunities.some((it) => fits(it, pattern));
    if (kind === 'large' && !known) largeCommunities.push([a, b, c]);
  }
  const changed = { ...route, communities, largeCommunities };
  const own = route.asPath[0]?.kind === 'sequence' ? route.asPath[0].asns.slice(0, 1) : [];
  const prepended = (set.prepend ?? []).flatMap((it) => (typeof it === 'number' ? [it] : own));
  const written = { ...changed, asPath: naivePrepend(route.asPath, prepended) };
  const faced = nextHop?.length === route.nextHop.length ? { ...written, nextHop } : written;
  const preferred = set.localPref === undefined ? faced : { ...faced, localPref: set.localPref };
  if (set.med === undefined) return preferred;
  const sum = (set.med.kind === 'add' ? (route.med ?? 0) : 0) + set.med.value;
  return { ...preferred, med: Math.min(Math.max(sum, 0), 2 ** 32 - 1) };
}

function naivePrepend(path: PathAttributes['asPath'], asns: readonly number[]) {
  if (asns.length === 0) return path;
  const head = path[0]?.kind === 'sequence' ? path[0].asns : [];
  const rest = path[0]?.kind === 'sequence' ? path.slice(1) : path;
  return [{ kind: 'sequence', asns: [...asns, ...head] } as const, ...rest];
}

function fits(parts: readonly number[], pattern: readonly (number | undefined)[]): boolean {
  return !pattern.some((part, index) => part !== undefined && part !== parts[index]);
}

/** Type, subtype, and the two parts of the value (RFC 4360 §3). */
function extendedParts(bytes: Uint8Array): readonly number[] {
  const number = (from: number, to: number) =>
    bytes.slice(from, to).reduce((sum, byte) => sum * 256 + byte, 0);
  const middle = bytes[0] === 1 || bytes[0] === 2 ? 6 : 4;
  return [bytes[0], bytes[1], number(2, middle), number(middle, 8)];
}

function naiveInNetworks(host: string, networks: readonly PrefixPattern[]): boolean {
  return networks.some((network) =>
    host.startsWith(`${network.family * 2 + 4}:${bitsOf(network)}`),
  );
}

/** Returns `4:` or `6:`, then one digit for each bit. */
function addressBits(bytes: Uint8Array): string {
  const bits = [...bytes].map((byte) => byte.toString(2).padStart(8, '0')).join('');
  return `${bytes.length === 4 ? 4 : 6}:${bits}`;
}

function bitsOf(network: Prefix | PrefixPattern): string {
  const words = [network.word0, network.word1, network.word2, network.word3];
  const bits = words.map((word) => (word >>> 0).toString(2).padStart(32, '0')).join('');
  return bits.slice(0, network.lengthBits);
}
