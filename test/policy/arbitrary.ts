import * as fc from 'fast-check';
import type { SetActions } from '#policy/actions.ts';
import type { Match } from '#policy/match.ts';
import type { Role } from '#policy/otc.ts';
import type { CommunityValue, PrefixPattern } from '#policy/patterns.ts';
import type { ExportSettings, ImportSettings, PolicyChoice, Rule } from '#policy/policy.ts';
import { families } from '#wire/constants.ts';
import type { Prefix } from '#wire/nlri.ts';
import type { AsPathSegment, PathAttributes } from '#wire/path-attributes.ts';
import { address, exportOf, importOf, patterns, policyOf, route, rule } from './given.ts';

/** Words that are mostly equal and otherwise differ at either end, so that networks nest, fork and meet. */
const word = mostly(0, 1, 2, 0x80000000 | 0, 0xc0000000 | 0, -1);
const length4 = fc.constantFrom(0, 1, 2, 3, 8, 16, 30, 31, 32);
const length6 = fc.oneof(length4, fc.constantFrom(33, 34, 63, 64, 65, 95, 96, 97, 126, 127, 128));

/** Prefixes of both families, close together. */
export const crowdedPrefixes: fc.Arbitrary<Prefix> = fc.oneof(
  fc.tuple(word, length4).map(([word0, lengthBits]) => cut([word0, 0, 0, 0], 0, lengthBits)),
  fc
    .tuple(fc.tuple(word, word, word, word), length6)
    .map(([words, lengthBits]) => cut(words, 1, lengthBits)),
);

/** Lists of patterns over the same prefixes. */
export const crowdedPatterns: fc.Arbitrary<readonly PrefixPattern[]> = fc.array(
  fc.tuple(crowdedPrefixes, length6, length6).map(([prefix, a, b]) => {
    const widest = families[prefix.family].maxLengthBits;
    const [minBits, maxBits] = [Math.min(a, b, widest), Math.min(Math.max(a, b), widest)];
    return { ...prefix, minBits, maxBits };
  }),
  { maxLength: 4 },
);

function cut(words: readonly number[], family: 0 | 1, lengthBits: number): Prefix {
  const masked = words.map((value, index) => {
    const bits = lengthBits - index * 32;
    if (bits <= 0) return 0;
    return bits >= 32 ? value : value & (-1 << (32 - bits));
  });
  return {
    family,
    lengthBits,
    word0: masked[0],
    word1: masked[1],
    word2: masked[2],
    word3: masked[3],
  };
}

/** Few of each kind, so that rules often match. */
const asn = fc.constantFrom(65001, 65003, 65010, 4_200_000_001);
const value = fc.constantFrom(0, 1, 100, 4_294_967_295);
const community = fc.constantFrom(
  0,
  65_000 * 65_536 + 1,
  65_000 * 65_536 + 7,
  0xffffff01,
  0xffffff03,
);
const hosts = ['2001:db8:6::11', '2001:db8:7::12', '192.0.2.1'];
const unusable = ['2001:db8:1::9', '127.0.0.1', '::ffff:1.2.3.4', '::1', 'fe80::1'];
const nextHop = fc
  .oneof({ weight: 5, arbitrary: fc.constantFrom(...hosts) }, fc.constantFrom(...unusable))
  .map((text) => address(text));
const networks = fc.subarray([
  ...patterns('2001:db8:6::/64', '2001:db8::/32', '192.0.2.0/24', '::/0'),
]);
const roles: readonly Role[] = ['provider', 'rs', 'rs_client', 'customer', 'peer'];

export const routes: fc.Arbitrary<PathAttributes> = fc
  .record(
    {
      asPath: fc.array(segments(), { maxLength: 2 }),
      nextHop,
      med: value,
      localPref: value,
      otc: asn,
      communities: fc.uniqueArray(community, { maxLength: 2 }),
      largeCommunities: fc.uniqueArray(largeCommunity(), { maxLength: 2, selector: String }),
      extCommunities: fc.array(
        fc.constantFrom(
          ...[0, 1, 2, 0x40, 0xc1].map((type) => Uint8Array.from([type, 2, 0, 0, 0, 1, 0, 7])),
        ),
        { maxLength: 2 },
      ),
    },
    { requiredKeys: ['asPath', 'nextHop'] },
  )
  .map((given) => route(given));

export const importSettings: fc.Arbitrary<ImportSettings> = fc
  .record({
    policy: policies(),
    acceptNextHop: fc.oneof(mostly<'any' | 'peer'>('any', 'peer'), networks),
    missingMed: mostly<ImportSettings['missingMed']>('zero', 'reject', 5),
    enforceFirstAs: mostly(false, true),
    allowAsSets: mostly(true, false),
    role: mostly<Role | undefined>(undefined, ...roles),
  })
  .map(({ role: ours, ...given }) =>
    importOf(ours === undefined ? given : { ...given, role: ours }),
  );

const blackholes = mostly<SetActions>(
  {},
  { blackhole: [address('192.0.2.66')] },
  { blackhole: [address('2001:db8::66'), address('192.0.2.66')] },
);

export const exportSettings: fc.Arbitrary<ExportSettings> = fc
  .record({
    policy: policies(blackholes),
    takesBlackholes: fc.boolean(),
    rsClient: fc.boolean(),
    selfNextHop: mostly<ExportSettings['selfNextHop']>(
      [address('192.0.2.9'), address('2001:db8:1::9')],
      [address('192.0.2.9'), undefined],
    ),
    toAnotherAs: mostly(true, false),
    interpretWellKnown: fc.boolean(),
    role: mostly<Role | undefined>(undefined, ...roles),
  })
  .map(({ role: ours, ...given }) =>
    exportOf(ours === undefined ? given : { ...given, role: ours }),
  );

/** The first value in three of four cases. */
function mostly<Value>(usual: Value, ...others: readonly Value[]): fc.Arbitrary<Value> {
  return fc.oneof(
    { weight: 3, arbitrary: fc.constant(usual) },
    { weight: 1, arbitrary: fc.constantFrom(...others) },
  );
}

/** Returns policies. `holes` are further actions that rules may have: `blackhole`, in exports only. */
function policies(holes: fc.Arbitrary<SetActions> = fc.constant({})): fc.Arbitrary<PolicyChoice> {
  const written = fc.tuple(actions(), holes).map(([set, hole]) => ({ ...set, ...hole }));
  const rules = fc.array(fc.tuple(verdicts(), matches(), written), { maxLength: 5 });
  const chosen = rules.map((rows) =>
    policyOf(...rows.map(([then, match, set]) => rule(then, match, set))),
  );
  return fc.oneof(
    { weight: 1, arbitrary: fc.constantFrom('none', 'all') },
    { weight: 9, arbitrary: chosen },
  );
}

function verdicts(): fc.Arbitrary<Rule['then']> {
  return fc.constantFrom('accept', 'accept', 'next', 'reject');
}

/** Most rules have one key or two. */
function matches(): fc.Arbitrary<Match> {
  const ranges = fc.array(
    fc.constantFrom({ min: 0, max: 0 }, { min: 1, max: 2 }, { min: 2, max: Infinity }),
    { maxLength: 2 },
  );
  const asnRanges = fc.array(
    fc.tuple(asn, asn).map(([a, b]) => ({ min: Math.min(a, b), max: Math.max(a, b) })),
    { maxLength: 3 },
  );
  const parts = fc.constantFrom(0, 1, 7, 65_000, undefined);
  const keys = fc.record({
    nextHop: networks,
    peer: fc.subarray(['W1', 'W2']),
    peerAs: fc.subarray([65_001, 65_002]),
    asPath: asnRanges,
    originAs: asnRanges,
    asPathLength: ranges,
    med: ranges,
    community: fc.array(fc.tuple(parts, parts), { maxLength: 2 }),
    largeCommunity: fc.array(fc.tuple(parts, parts, parts), { maxLength: 2 }),
    extCommunity: fc.array(
      fc.record({
        type: fc.constantFrom(0, 1, 2),
        subtype: fc.constantFrom(2, 3),
        value: fc.constantFrom([0, 65_543], [1, 7], [undefined, 7]),
      }),
      { maxLength: 2 },
    ),
  });
  const names = ['nextHop', 'peer', 'peerAs', 'asPath', 'originAs', 'asPathLength'] as const;
  const more = ['med', 'community', 'largeCommunity', 'extCommunity'] as const;
  return fc
    .tuple(keys, fc.subarray([...names, ...more], { maxLength: 2 }), fc.option(crowdedPatterns))
    .map(([all, kept, prefix]) => ({
      ...Object.fromEntries(kept.map((name) => [name, all[name]])),
      ...(prefix === null ? {} : { prefix }),
    }));
}

function actions(): fc.Arbitrary<SetActions> {
  const communities = fc.array(communityValue(), { maxLength: 2 });
  return fc.record(
    {
      med: fc.record({ kind: fc.constantFrom('set', 'add'), value: fc.constantFrom(1, 100) }),
      localPref: value,
      addCommunities: communities,
      removeCommunities: communities,
      prepend: fc.array(fc.oneof(asn, fc.constant('first_as' as const)), { maxLength: 3 }),
      nextHop,
    },
    { requiredKeys: [] },
  );
}

function communityValue(): fc.Arbitrary<CommunityValue> {
  const part = fc.constantFrom(1, 7, 65_000);
  return fc.oneof(
    fc.tuple(part, part).map((pattern) => ({ kind: 'standard', pattern }) as const),
    fc.tuple(part, part, part).map((pattern) => ({ kind: 'large', pattern }) as const),
  );
}

function largeCommunity(): fc.Arbitrary<[number, number, number]> {
  return fc.tuple(fc.constantFrom(7, 65_000), fc.constantFrom(1, 7), fc.constantFrom(1, 7));
}

function segments(): fc.Arbitrary<AsPathSegment> {
  return fc.record({
    kind: mostly<AsPathSegment['kind']>('sequence', 'set'),
    asns: fc.array(asn, { minLength: 1, maxLength: 3 }),
  });
}
