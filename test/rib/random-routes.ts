import type { PrefixLimit } from '#policy/limit.ts';
import type { ExportSettings, ImportSettings, PolicyChoice } from '#policy/policy.ts';
import type { ServiceBands } from '#rib/path-class.ts';
import type { Dice } from '#support/dice.ts';
import type { Family } from '#wire/constants.ts';
import type { Prefix } from '#wire/nlri.ts';
import type { PathAttributes } from '#wire/path-attributes.ts';
import type { NaiveNlri, NaiveRoute, NaiveService } from '../oracle/rib-oracle.ts';
import {
  address,
  canonical,
  exportOf,
  importOf,
  patterns,
  policyOf,
  prefix,
  route,
  rule,
  sequence,
  set,
} from '../policy/given.ts';
import { announcement } from './given.ts';

/** The configuration of a random peer, and what it negotiates. */
export interface PeerPlan {
  imported: ImportSettings;
  exported: ExportSettings | undefined;
  honours: boolean;
  acceptedLimit: readonly (PrefixLimit | undefined)[];
  receivedLimit: readonly (PrefixLimit | undefined)[];
  readonly asnBytes: 2 | 4;
  readonly addPath: boolean;
  /** Whether it takes several paths of a prefix as a client (RFC 7911), by family. */
  readonly takesSeveral: readonly [boolean, boolean];
  /** The maximum of accepted paths of one prefix, for a peer that sends several. */
  readonly maxPathsPerPrefix: number | undefined;
  /** Takes IPv4 over IPv6 next hops (RFC 8950). */
  readonly extendedNextHop: boolean;
  /** Takes long-lived stale routes (RFC 9494). */
  readonly longLived: boolean;
  /** 65535 with extended messages (RFC 8654). */
  readonly maxMessageBytes: number;
  readonly families: readonly boolean[];
  /** Its routes are accepted and have one neighbour AS, so that only ranks decide. */
  readonly isPlain: boolean;
}

const both = [true, true] as const;
const neither = [false, false] as const;
const prefixes = [
  ['10.0.0.0/8', '10.0.0.0/9', '10.1.0.0/24', '10.1.0.0/25', '192.0.2.1/32', '0.0.0.0/0'].map(
    prefix,
  ),
  [
    '2001:db8:30::1/128',
    '2001:db8:30::2/128',
    '2001:db8:30::3/128',
    '2001:db8:30::/64',
    '2001:db8:31::/48',
    '::/0',
  ].map(prefix),
] as const;

const nextHops = [
  ['192.0.2.11', '192.0.2.12', '192.0.2.99'].map(address),
  ['2001:db8:6::1', '2001:db8:6::2', '2001:db8:6::99'].map(address),
] as const;

export const asNumbers = [65001, 65001, 65004, 4_200_000_001] as const;
const paths: readonly PathAttributes['asPath'][] = [
  [sequence(65001)],
  [sequence(65001)],
  [sequence(65004)],
  [sequence(65001, 65010)],
  [sequence(65004, 4_200_000_001)],
  [set(65001, 65004)],
  [sequence(4_200_000_001, 65001), set(65010, 70_000)],
  [],
];
const pathsOfOne: readonly PathAttributes['asPath'][] = [
  [sequence(65001)],
  [sequence(65001)],
  [sequence(65001, 65010)],
  [sequence(65001), set(65010, 70_000)],
];
const communities: readonly (readonly number[])[] = [
  [],
  [],
  [],
  [0xffff0000],
  [0xffffff01],
  [0xffff0006],
  [0xffff0007],
  [65_000 * 65_536 + 1],
  [65_000 * 65_536 + 1, 65_000 * 65_536 + 2],
  [65_000 * 65_536 + 2],
];

/** Transitive communities, and others that must not leave the AS. */
const extCommunities: readonly (readonly Uint8Array[])[] = [
  [],
  [],
  [],
  [Uint8Array.of(0, 2, 0xfd, 0xe8, 0, 0, 0, 1)],
  [Uint8Array.of(0x40, 4, 0xfd, 0xe8, 0, 0, 0, 1), Uint8Array.of(0x80, 6, 0, 0, 0, 0, 0, 9)],
];
const ipv6ExtCommunities: readonly (readonly Uint8Array[])[] = [
  [],
  [],
  [],
  [],
  [Uint8Array.of(0x40, ...Array<number>(19).fill(7))],
];

const policies: readonly PolicyChoice[] = [
  'all',
  'all',
  'all',
  'none',
  policyOf(rule('accept', { prefix: patterns('2001:db8:30::/64{128,128}', '10.0.0.0/8+') })),
  policyOf(
    rule('reject', { med: [{ min: 2, max: 2 }] }),
    rule('next', { prefix: patterns('2001:db8:30::1/128', '10.1.0.0/24+') }, { localPref: 200 }),
    rule('accept', {}, { med: { kind: 'add', value: 1 } }),
  ),
  policyOf(
    rule('accept', { asPath: [{ min: 65010, max: 65010 }] }, { med: { kind: 'set', value: 0 } }),
    rule('accept', { prefix: patterns('10.0.0.0/8{9,24}', '2001:db8::/32{48,64}', '::/0') }),
  ),
];

/**
 * MEDs of random routes are 0 to 3, or 7: each band contains some, and no band contains 7. The last service keeps
 * last paths.
 */
export const serviceSets: readonly (readonly NaiveService[])[] = [
  [],
  [
    {
      prefixes: ['2001:db8:30::1/128', '10.1.0.0/24'].map(prefix),
      up: { min: 0, max: 1 },
      disabled: { min: 2, max: 2 },
    },
    {
      prefixes: ['2001:db8:30::2/128', '10.0.0.0/8'].map(prefix),
      up: { min: 1, max: 2 },
      disabled: { min: 3, max: 3 },
    },
  ],
  [
    {
      prefixes: ['2001:db8:30::2/128', '192.0.2.1/32', '2001:db8:30::1/128'].map(prefix),
      up: { min: 0, max: 0 },
      disabled: { min: 1, max: 2 },
    },
  ],
  [
    {
      prefixes: ['2001:db8:30::1/128', '2001:db8:30::2/128', '10.1.0.0/24', '10.0.0.0/8'].map(
        prefix,
      ),
      up: { min: 0, max: 2 },
      disabled: { min: 3, max: 3 },
      keepMs: 8,
    },
  ],
];

/** The services in the form for the RIB. */
export function bandsOf(services: readonly NaiveService[]): ServiceBands | undefined {
  if (services.length === 0) return undefined;
  return {
    serviceOf: (wanted) => services.findIndex((it) => has(it, wanted)) + 1,
    bands: services,
  };
}

function has({ prefixes: own }: NaiveService, wanted: Prefix): boolean {
  return own.some((one) => canonical(one) === canonical(wanted));
}

/** Prefix patterns of IPv4 only, and routes without MED. */
const blackholing = policyOf(
  rule('accept', { med: [{ min: 0, max: 0 }] }, { blackhole: [address('192.0.2.66')] }),
  rule('accept'),
);

/** Clients with one of these share an export judge. */
const exports: readonly (ExportSettings | undefined)[] = [
  undefined,
  exportOf(),
  exportOf(),
  exportOf({ interpretWellKnown: true }),
  exportOf({ toAnotherAs: false }),
  exportOf({ isLeaving: true }),
  exportOf({ policy: policyOf(rule('reject', { peer: ['P2'] }), rule('accept')) }),
  exportOf({ policy: policyOf(rule('reject', { peerAs: [asNumbers[0]] }), rule('accept')) }),
  exportOf({ policy: policyOf(rule('reject', { peerAs: [asNumbers[0]] }), rule('accept')) }),
  exportOf({
    policy: policyOf(rule('accept', { prefix: patterns('2001:db8:30::/64+', '10.0.0.0/8-') })),
  }),
  exportOf({
    policy: policyOf(rule('accept', {}, { prepend: [65002], med: { kind: 'set', value: 7 } })),
  }),
  exportOf({ policy: blackholing }),
  exportOf({ policy: blackholing, takesBlackholes: true }),
  exportOf({ rsClient: false, selfNextHop: [address('192.0.2.9'), address('2001:db8:1::9')] }),
];

const limits: readonly (PrefixLimit | undefined)[] = [
  undefined,
  undefined,
  undefined,
  { limit: 2, action: 'block' },
  { limit: 1, action: 'block' },
  { limit: 3, action: 'restart' },
  { limit: 2, action: 'warning' },
];

export function randomPeer(roll: Dice, number: number, isPlain = false): PeerPlan {
  const isIpv4 = roll.chance(0.3);
  const peerAddress = address(isIpv4 ? `192.0.2.${10 + number}` : `2001:db8:6::${number}`);
  const imported = importOf({ peerName: `P${number}`, peerAddress, peerAs: roll.pick(asNumbers) });
  const addPath = roll.chance(0.3);
  return {
    ...randomSettings(roll, imported, isPlain),
    asnBytes: roll.chance(0.2) ? 2 : 4,
    addPath,
    maxPathsPerPrefix: addPath && roll.chance(0.5) ? 1 + roll.below(2) : undefined,
    extendedNextHop: roll.chance(0.7),
    longLived: roll.chance(0.7),
    maxMessageBytes: roll.chance(0.6) ? 4096 : 65_535,
    families: roll.pick([both, both, both, both, [true, false], [false, true]]),
    takesSeveral: roll.pick([neither, neither, neither, both, [true, false], [false, true]]),
    isPlain,
  };
}

/** A route that the peer sent before, if the family accepts its next hop: the same attributes in both families. */
export function randomRouteOrLast(
  roll: Dice,
  plan: PeerPlan,
  family: Family,
  last: NaiveRoute | undefined,
): NaiveRoute {
  const isUsable = last !== undefined && (family === 0 || last.attributes.nextHop.length === 16);
  return isUsable && roll.chance(0.25) ? last : randomRoute(roll, plan, family);
}

/** The settings that may change without a reset. */
export type SettingsPlan = Pick<
  PeerPlan,
  'imported' | 'exported' | 'honours' | 'acceptedLimit' | 'receivedLimit'
>;

export function randomSettings(roll: Dice, known: ImportSettings, isPlain: boolean): SettingsPlan {
  const isLimited = !isPlain && roll.chance(0.4);
  const limit = (): PrefixLimit | undefined => (isLimited ? roll.pick(limits) : undefined);
  return {
    imported: {
      ...known,
      peerAddress: roll.chance(0.5) ? mirrored(known.peerAddress) : known.peerAddress,
      policy: isPlain ? 'all' : roll.pick(policies),
      missingMed: isPlain ? 'zero' : roll.pick(['zero', 'zero', 'reject', 2]),
      acceptNextHop: isPlain || roll.chance(0.8) ? 'any' : 'peer',
      enforceFirstAs: !isPlain && roll.chance(0.2),
      allowAsSets: isPlain || roll.chance(0.7),
    },
    exported: randomExport(roll, known.peerName),
    honours: roll.chance(0.7),
    acceptedLimit: [limit(), limit()],
    receivedLimit: [limit(), limit()],
  };
}

function randomExport(roll: Dice, name: string): ExportSettings | undefined {
  if (roll.chance(0.3)) return memberExport(roll);
  return roll.chance(0.4) ? ownExport(roll, name) : roll.pick(exports);
}

/** Returns a policy that only differs from those of other members in the communities that it looks for. */
function memberExport(roll: Dice): ExportSettings {
  const community = [[65_000, 1 + roll.below(2)]];
  const policy = roll.pick([
    policyOf(rule('accept')),
    policyOf(rule('reject', { community }), rule('accept')),
    policyOf(rule('next', { community }, { prepend: [65_000] }), rule('accept')),
    policyOf(rule('reject', { community, med: [{ min: 1, max: 1 }] }), rule('accept')),
    policyOf(rule('accept', { community }), rule('reject')),
  ]);
  return exportOf({ policy });
}

/**
 * Returns a policy of its own, as every member of an exchange has one: it is judged separately, whether it equals
 * others or not.
 */
function ownExport(roll: Dice, name: string): ExportSettings {
  const policy = roll.pick([
    policyOf(rule('accept')),
    policyOf(rule('reject', { community: [[65_000, undefined]] }), rule('accept')),
    policyOf(rule('reject', { peer: [name, roll.pick(['P1', 'P2', 'P3'])] }), rule('accept')),
    policyOf(rule('reject', { prefix: patterns('10.1.0.0/24', '::/0') }), rule('accept')),
    policyOf(rule('reject', { peerAs: [asNumbers[0]] }), rule('accept')),
    policyOf(rule('accept', { med: [{ min: 1, max: 1 }] }, { prepend: [65_000] }), rule('accept')),
  ]);
  return exportOf({ policy });
}

/** Returns another address, which no other peer has and whose mirror is the address itself. */
export function mirrored(peerAddress: Uint8Array): Uint8Array {
  const last = peerAddress.length - 1;
  return peerAddress.with(last, 210 - peerAddress[last]);
}

/** One to three routes of one family that the peer negotiated. */
export function randomNlri(roll: Dice, plan: PeerPlan): NaiveNlri[] {
  const family = plan.families[0] && (roll.chance(0.5) || !plan.families[1]) ? 0 : 1;
  return Array.from({ length: 1 + roll.below(3) }, () => ({
    prefix: roll.pick(prefixes[family]),
    pathId: plan.addPath ? roll.below(3) : 0,
  }));
}

export function randomRoute(roll: Dice, plan: PeerPlan, family: Family): NaiveRoute {
  const own = plan.imported.peerAddress;
  const isWide = family === 1 || roll.chance(0.2);
  const candidates = [
    ...nextHops[isWide ? 1 : 0],
    ...((own.length === 16) === isWide ? [own, own] : []),
  ];
  const attributes = route({
    origin: roll.pick([0, 0, 0, 2]),
    asPath: roll.pick(plan.isPlain ? pathsOfOne : paths),
    nextHop: roll.pick(candidates),
    communities: roll.chance(0.12) ? manyCommunities(roll) : roll.pick(communities),
    extCommunities: roll.pick(extCommunities),
    ipv6ExtCommunities: roll.pick(ipv6ExtCommunities),
    ...(roll.chance(0.8) && { med: roll.pick([0, 1, 1, 1, 2, 3]) }),
  });
  return roll.chance(0.06) ? { attributes, malformed: 'origin' } : { attributes };
}

/**
 * Returns so many communities that a message of 4096 bytes is full to within a few octets; they are distinct, and none
 * is well known.
 */
function manyCommunities(roll: Dice): number[] {
  const count = roll.pick([988, 1000, 1003, 1004, 1005, 1006, 1008, 1010]) + roll.below(3);
  return Array.from({ length: count }, (_, at) => 65_000 * 65_536 + 100 + at);
}

/** Returns the bytes of UPDATEs with which a peer of the plan announces the route, in one of several encodings. */
export function randomAnnouncement(
  roll: Dice,
  { addPath, asnBytes }: PeerPlan,
  nlri: readonly NaiveNlri[],
  announced: NaiveRoute,
): Uint8Array {
  const respell = respelled(roll, announced);
  return announcement(nlri, announced.attributes, {
    addPath,
    asnBytes,
    respell,
    maxLength: 65_535,
  });
}

/** Returns the block unchanged, with ORIGIN last, or with an ORIGIN that spoils it. */
function respelled(roll: Dice, { malformed }: NaiveRoute): (block: Uint8Array) => Uint8Array {
  if (malformed !== undefined) {
    return (block) => block.with(3, 9);
  }
  return roll.chance(0.2)
    ? (block) => Uint8Array.of(...block.subarray(4), ...block.subarray(0, 4))
    : (block) => block;
}
