import type { Dice } from '#support/dice.ts';
import type { DecodeContext } from '#wire/update.ts';
import type { AttributePart, UpdateParts } from './update-parts.ts';

/** Correct UPDATEs for a small set of prefixes, so that peers announce the same ones. */

const ipv4Prefixes = [
  [8, 10],
  [24, 10, 1, 0],
  [25, 10, 1, 0, 0],
  [32, 192, 0, 2, 1],
  [32, 192, 0, 2, 2],
  [0],
  [22, 198, 51, 100],
  [31, 203, 0, 113, 4],
  [4, 224],
  [24, 127, 0, 0],
  [16, 169, 254],
  [3, 0],
];
const ipv6Prefixes = [
  ...[1, 2, 3, 4, 5].map((last) => [128, 0x20, 1, 0xd, 0xb8, 0, 0x30, ...zeros(9), last]),
  [64, 0x20, 1, 0xd, 0xb8, 0, 0x30, 0, 0],
  [48, 0x20, 1, 0xd, 0xb8, 0, 0x31],
  [0],
  [33, 0x20, 1, 0xd, 0xb8, 0x80],
  [10, 0xfe, 0x80],
  [128, ...zeros(15), 1],
];

const ipv4NextHops = [
  [10, 0, 0, 1],
  [10, 0, 0, 2],
  [10, 0, 0, 9],
  [10, 0, 1, 1],
  [192, 0, 2, 99],
];
const oddIpv4NextHops = [
  [0, 0, 0, 0],
  [127, 0, 0, 1],
  [224, 0, 0, 5],
  [255, 255, 255, 255],
];
const ipv6NextHops = [1, 2, 9, 0x99].map((last) => [0x20, 1, 0xd, 0xb8, 0, 6, ...zeros(9), last]);
const oddIpv6NextHops = [
  zeros(16),
  [...zeros(15), 1],
  [0xfe, 0x80, ...zeros(13), 5],
  [0xff, 2, ...zeros(13), 5],
  [...zeros(10), 0xff, 0xff, 10, 0, 0, 1],
];

/** Ours is 65002. */
const asNumbers = [65001, 65001, 65001, 65003, 64512, 23456, 1, 4_200_000_001, 65002];
const communities = [
  0xffff0006,
  0xffff0007,
  0xffff0000,
  0xffffff01,
  0xffffff02,
  0xffff029a,
  65_000 * 65_536 + 1,
  0,
];

/** An optional transitive attribute that no implementation knows. */
const strangeTypes = [22, 26, 40, 99, 128, 255];

/** A route of one family or the other with one to four prefixes, written as `context` requires. */
export function randomAnnouncement(dice: Dice, context: DecodeContext): UpdateParts {
  const isIpv6 = context.families[1] && (!context.families[0] || dice.chance(0.6));
  const nlri = randomNlri(dice, isIpv6 ? 1 : 0, context);
  const attributes = randomAttributes(dice, context.asnBytes);
  const isMp = isIpv6 || dice.chance(0.15);
  if (!isMp) {
    attributes.push({ flags: 0x40, type: 3, value: nextHopOf(dice, false) });
    return { withdrawn: new Uint8Array(0), attributes: shuffledAtTimes(dice, attributes), nlri };
  }
  const hop = nextHopOf(dice, isIpv6 || (context.extendedNextHop[0] && dice.chance(0.7)));
  const isDouble = hop.length === 16 && dice.chance(0.1);
  const nextHop = isDouble ? [...hop, 0xfe, 0x80, ...zeros(13), 7] : [...hop];
  const value = Uint8Array.from([0, isIpv6 ? 2 : 1, 1, nextHop.length, ...nextHop, 0, ...nlri]);
  const reach = { flags: 0x80, type: 14, value };
  const all = dice.chance(0.5) ? [reach, ...attributes] : [...attributes, reach];
  const none = new Uint8Array(0);
  return { withdrawn: none, attributes: shuffledAtTimes(dice, all), nlri: none };
}

/**
 * Routes of both families with equal attributes, including the next hop if the session carries IPv4 over IPv6 next hops
 * (RFC 8950): what is remembered of a set because of one must hold for the other.
 */
export function randomTwins(dice: Dice, context: DecodeContext): UpdateParts[] {
  const attributes = randomAttributes(dice, context.asnBytes);
  const nextHop = nextHopOf(dice, true);
  const none = new Uint8Array(0);
  return [1, 0]
    .filter((family) => context.families[family] && (family === 1 || context.extendedNextHop[0]))
    .map((family) => {
      const nlri = randomNlri(dice, family === 1 ? 1 : 0, context);
      const value = Uint8Array.from([0, family + 1, 1, 16, ...nextHop, 0, ...nlri]);
      return {
        withdrawn: none,
        attributes: [{ flags: 0x80, type: 14, value }, ...attributes],
        nlri: none,
      };
    });
}

export function randomWithdrawal(dice: Dice, context: DecodeContext): UpdateParts {
  const isIpv6 = context.families[1] && (!context.families[0] || dice.chance(0.6));
  const nlri = randomNlri(dice, isIpv6 ? 1 : 0, context);
  const none = new Uint8Array(0);
  if (!isIpv6 && dice.chance(0.8)) return { withdrawn: nlri, attributes: [], nlri: none };
  const value = Uint8Array.from([0, isIpv6 ? 2 : 1, 1, ...nlri]);
  const unreach = { flags: 0x80, type: 15, value };
  // As ExaBGP does.
  const beside = dice.chance(0.3) ? randomAttributes(dice, context.asnBytes).slice(0, 2) : [];
  return { withdrawn: none, attributes: [...beside, unreach], nlri: none };
}

export function randomEndOfRib(dice: Dice): UpdateParts {
  const none = new Uint8Array(0);
  if (dice.chance(0.4)) return { withdrawn: none, attributes: [], nlri: none };
  const afi = dice.chance(0.9) ? 2 : 1;
  const unreach = { flags: dice.pick([0x80, 0x90]), type: 15, value: Uint8Array.of(0, afi, 1) };
  return { withdrawn: none, attributes: [unreach], nlri: none };
}

export function randomNlri(dice: Dice, family: 0 | 1, { addPath }: DecodeContext): Uint8Array {
  const count = 1 + dice.below(4);
  const prefixes = Array.from({ length: count }, () => {
    const known = dice.pick(family === 0 ? ipv4Prefixes : ipv6Prefixes);
    const prefix = dice.chance(0.05) ? withHostBits(known) : known;
    const pathId = dice.below(dice.chance(0.9) ? 3 : 100);
    return addPath[family] ? [0, 0, 0, pathId, ...prefix] : prefix;
  });
  return Uint8Array.from(prefixes.flat());
}

function randomAttributes(dice: Dice, asnBytes: 2 | 4): AttributePart[] {
  const path = randomPath(dice, asnBytes);
  const parts: AttributePart[] = [
    { flags: 0x40, type: 1, value: Uint8Array.of(dice.pick([0, 0, 0, 1, 2])) },
    { flags: dice.pick([0x40, 0x50]), type: 2, value: path },
  ];
  if (dice.chance(0.8)) parts.push({ flags: 0x80, type: 4, value: u32(dice.below(5) * 50) });
  for (const [probability, make] of seldom) {
    if (dice.chance(probability)) parts.push(make(dice, asnBytes));
  }
  if (asnBytes === 2 && dice.chance(0.2)) parts.push(...besideTwoOctets(dice));
  return parts;
}

/** What RFC 6793 merges, sometimes more of it than there should be. */
function besideTwoOctets(dice: Dice): AttributePart[] {
  const asn = u32(dice.pick(asNumbers));
  const parts = [
    transitive(dice, 17, randomPath(dice, 4)),
    transitive(dice, 18, Uint8Array.of(...asn, 10, 0, 0, 8)),
    transitive(
      dice,
      7,
      Uint8Array.of(...dice.pick([Uint8Array.of(91, 160), asn.slice(2)]), 10, 0, 0, 8),
    ),
  ];
  const chosen = parts.filter(() => dice.chance(0.6));
  return dice.chance(0.1) ? [...chosen, ...chosen] : chosen;
}

const seldom: readonly (readonly [number, (dice: Dice, asnBytes: 2 | 4) => AttributePart])[] = [
  [0.05, (dice) => ({ flags: 0x40, type: 5, value: u32(dice.below(300)) })],
  [0.05, () => ({ flags: 0x40, type: 6, value: new Uint8Array(0) })],
  [0.05, aggregator],
  [
    0.3,
    (dice) =>
      transitive(
        dice,
        8,
        listOf(dice, () => u32(dice.pick(communities))),
      ),
  ],
  [
    0.05,
    (dice) =>
      transitive(
        dice,
        16,
        listOf(dice, () => octets(dice, 8)),
      ),
  ],
  [
    0.03,
    (dice) =>
      transitive(
        dice,
        25,
        listOf(dice, () => octets(dice, 20)),
      ),
  ],
  [
    0.1,
    (dice) =>
      transitive(
        dice,
        32,
        listOf(dice, () => large(dice)),
      ),
  ],
  [0.05, (dice) => transitive(dice, 35, u32(dice.pick([65001, 65003, 64512])))],
  [0.1, (dice) => transitive(dice, dice.pick(strangeTypes), octets(dice, dice.below(12)))],
  [0.01, (dice) => transitive(dice, dice.pick(strangeTypes), octets(dice, 300 + dice.below(2500)))],
  [0.03, (dice) => ({ flags: 0x80, type: dice.pick(strangeTypes), value: octets(dice, 3) })],
  [0.04, (dice) => transitive(dice, 17, randomPath(dice, 4))],
  [0.03, (dice) => transitive(dice, 18, Uint8Array.of(...u32(dice.pick(asNumbers)), 10, 0, 0, 7))],
  [0.03, (dice) => ({ flags: 0x80, type: 9, value: octets(dice, 4) })],
];

/** With Partial at times. */
function transitive(dice: Dice, type: number, value: Uint8Array): AttributePart {
  return { flags: dice.chance(0.2) ? 0xe0 : 0xc0, type, value };
}

function aggregator(dice: Dice, asnBytes: 2 | 4): AttributePart {
  const asn = u32(dice.pick(asNumbers)).slice(4 - asnBytes);
  return transitive(dice, 7, Uint8Array.of(...asn, 10, 0, 0, 7));
}

function randomPath(dice: Dice, asnBytes: 2 | 4): Uint8Array {
  if (dice.chance(0.02)) return new Uint8Array(0);
  const segments = dice.chance(0.85) ? 1 : 1 + dice.below(4);
  const octetsOf = Array.from({ length: segments }, (_, at) => {
    const type = at > 0 && dice.chance(0.4) ? 1 : 2;
    const count = dice.chance(0.01) ? 255 : 1 + dice.below(4);
    const asns = Array.from({ length: count }, (__, place) =>
      at + place === 0 && dice.chance(0.8) ? 65001 : dice.pick(asNumbers),
    );
    return [type, count, ...asns.flatMap((asn) => Array.from(u32(asn).slice(4 - asnBytes)))];
  });
  return Uint8Array.from(octetsOf.flat());
}

function nextHopOf(dice: Dice, isIpv6: boolean): Uint8Array {
  const isOdd = dice.chance(0.04);
  if (isIpv6) return Uint8Array.from(dice.pick(isOdd ? oddIpv6NextHops : ipv6NextHops));
  return Uint8Array.from(dice.pick(isOdd ? oddIpv4NextHops : ipv4NextHops));
}

/** The same prefix in another spelling: bits are set beyond its length, if its octets have any. */
function withHostBits(prefix: readonly number[]): number[] {
  const spare = 8 * (prefix.length - 1) - prefix[0];
  return [...prefix.slice(0, -1), prefix[prefix.length - 1] | (spare > 0 ? (1 << spare) - 1 : 0)];
}

function shuffledAtTimes(dice: Dice, parts: AttributePart[]): AttributePart[] {
  if (dice.chance(0.8)) return parts;
  return parts
    .map((part) => ({ part, key: dice.below(1 << 20) }))
    .toSorted((a, b) => a.key - b.key)
    .map(({ part }) => part);
}

function listOf(dice: Dice, make: () => Uint8Array): Uint8Array {
  return Uint8Array.from(Array.from({ length: 1 + dice.below(3) }, () => [...make()]).flat());
}

function large(dice: Dice): Uint8Array {
  return Uint8Array.of(...u32(dice.pick(asNumbers)), ...u32(dice.below(2)), ...u32(dice.below(2)));
}

export function octets(dice: Dice, count: number): Uint8Array {
  return Uint8Array.from({ length: count }, () => dice.below(256));
}

export function u32(value: number): Uint8Array {
  return Uint8Array.of(value >>> 24, (value >>> 16) & 255, (value >>> 8) & 255, value & 255);
}

function zeros(count: number): number[] {
  return Array<number>(count).fill(0);
}
