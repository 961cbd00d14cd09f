import { attribute } from '../../interop/raw-message.ts';
import { changed, hex, med, segment, u32, usual, without } from '../bytes.ts';
import { group } from '../case.ts';
import { attributeCase, seen, withdrawn } from '../update-case.ts';
import type { AttributeRow, Want } from '../update-case.ts';

/** What RFC 7606 says alike of the optional attributes whose errors spoil the route. */
interface Kind {
  readonly label: string;
  readonly type: number;
  readonly flags: number;
  readonly clause: string;
  /** In hex. */
  readonly good: string;
  readonly other: string;
  /** Lengths that are wrong, the value filled with ones. */
  readonly wrongLengths: readonly number[];
}

const kinds: readonly Kind[] = [
  {
    label: 'MULTI_EXIT_DISC',
    type: 4,
    flags: 0x80,
    clause: 'RFC 7606 §7.4',
    good: '00000005',
    other: '00000006',
    wrongLengths: [0, 3, 5],
  },
  {
    label: 'COMMUNITIES',
    type: 8,
    flags: 0xc0,
    clause: 'RFC 7606 §7.8',
    good: 'fde80001 fde80002',
    other: 'fde80003',
    wrongLengths: [0, 3, 6],
  },
  {
    label: 'EXTENDED COMMUNITIES',
    type: 16,
    flags: 0xc0,
    clause: 'RFC 7606 §7.14',
    good: '0002fde800000001',
    other: '0002fde800000002',
    wrongLengths: [0, 7, 12],
  },
  {
    label: 'IPv6 EXTENDED COMMUNITIES',
    type: 25,
    flags: 0xc0,
    clause: 'RFC 7606 §7.15',
    good: '0002 20010db8000000000000000000000001 0007',
    other: '0002 20010db8000000000000000000000002 0007',
    wrongLengths: [0, 19, 21],
  },
  {
    label: 'LARGE_COMMUNITY',
    type: 32,
    flags: 0xc0,
    clause: 'RFC 8092 §6',
    good: '0000fde8 00000001 00000002',
    other: '0000fde8 00000001 00000003',
    wrongLengths: [0, 11, 16],
  },
  {
    label: 'ONLY_TO_CUSTOMER',
    type: 35,
    flags: 0xc0,
    clause: 'RFC 9234 §5',
    good: '0000fde9',
    other: '0000fdf2',
    wrongLengths: [0, 3, 5],
  },
];

const otherFlags = (flags: number): readonly (readonly [string, number])[] =>
  flags === 0x80
    ? [
        ['without the Optional bit', 0x40],
        ['with the Transitive bit', 0xc0],
      ]
    : [
        ['without the Optional bit', 0x40],
        ['without the Transitive bit', 0x80],
      ];

function rowsOf({ label, type, flags, clause, good, other, wrongLengths }: Kind): AttributeRow[] {
  const value = [...hex(good)];
  const flagsText = flags.toString(16);
  return [
    ...otherFlags(flags).map(([what, wrong]) => ({
      name: `${label} ${what}`,
      clause: 'RFC 7606 §3 c',
      attributes: changed(attribute(wrong, type, value)),
      want: withdrawn,
    })),
    ...wrongLengths.map((length) => ({
      name: `${label} of length ${length}`,
      clause,
      attributes: changed(attribute(flags, type, Array<number>(length).fill(1))),
      want: withdrawn,
    })),
    {
      name: `${label} twice: the first counts`,
      clause: 'RFC 7606 §3 g',
      attributes: [
        ...changed(attribute(flags, type, value)),
        attribute(flags, type, [...hex(other)]),
      ],
      want: seen({ [type]: flagsText + good }),
    },
    {
      name: `${label} twice, the second malformed: the first counts`,
      clause: 'RFC 7606 §3 g',
      attributes: [...changed(attribute(flags, type, value)), attribute(flags, type, [1])],
      want: seen({ [type]: flagsText + good }),
    },
    {
      name: `${label} that claims more than the block holds`,
      clause: 'RFC 7606 §4',
      attributes: [...without(type), Buffer.from([flags, type, value.length + 8, ...value])],
      want: withdrawn,
    },
    {
      name: `${label} passes as it came`,
      clause: 'RFC 7947 §2.2',
      attributes: changed(attribute(flags, type, value)),
      want: seen({ [type]: flagsText + good }),
    },
  ];
}

const gone = (type: number): Want => seen({ [type]: 'absent' });

const discardRows: readonly AttributeRow[] = [
  {
    name: 'ATOMIC_AGGREGATE of length 1 is discarded',
    clause: 'RFC 7606 §7.6',
    attributes: changed(attribute(0x40, 6, [0])),
    want: gone(6),
  },
  {
    name: 'ATOMIC_AGGREGATE with the Optional bit is discarded',
    clause: 'RFC 7606 §3 f',
    attributes: changed(attribute(0xc0, 6, [])),
    want: gone(6),
  },
  {
    name: 'ATOMIC_AGGREGATE twice is there once',
    clause: 'RFC 7606 §3 g',
    attributes: changed(attribute(0x40, 6, []), attribute(0x40, 6, [])),
    want: seen({ 6: '40' }),
  },
  {
    name: 'ATOMIC_AGGREGATE passes',
    clause: 'RFC 4271 §5.1.6',
    attributes: changed(attribute(0x40, 6, [])),
    want: seen({ 6: '40' }),
  },
  {
    name: 'AGGREGATOR of 6 octets from a peer with 4-octet AS numbers is discarded',
    clause: 'RFC 7606 §7.7',
    attributes: changed(attribute(0xc0, 7, [0xfd, 0xe9, 192, 0, 2, 7])),
    want: gone(7),
  },
  {
    name: 'AGGREGATOR of length 0 is discarded',
    clause: 'RFC 7606 §7.7',
    attributes: changed(attribute(0xc0, 7, [])),
    want: gone(7),
  },
  {
    name: 'AGGREGATOR of 9 octets is discarded',
    clause: 'RFC 7606 §7.7',
    attributes: changed(attribute(0xc0, 7, [...u32(65_001), 192, 0, 2, 7, 0])),
    want: gone(7),
  },
  {
    name: 'AGGREGATOR with AS 0 is discarded',
    clause: 'RFC 7607 §2',
    attributes: changed(attribute(0xc0, 7, [...u32(0), 192, 0, 2, 7])),
    want: gone(7),
  },
  {
    name: 'AGGREGATOR without the Optional bit is discarded',
    clause: 'RFC 7606 §3 f',
    attributes: changed(attribute(0x40, 7, [...u32(65_001), 192, 0, 2, 7])),
    want: gone(7),
  },
  {
    name: 'AGGREGATOR twice: the first counts',
    clause: 'RFC 7606 §3 g',
    attributes: [
      ...changed(attribute(0xc0, 7, [...u32(65_001), 192, 0, 2, 7])),
      attribute(0xc0, 7, [...u32(65_010), 192, 0, 2, 8]),
    ],
    want: seen({ 7: 'c0 0000fde9 c0000207' }),
  },
  {
    name: 'AGGREGATOR that claims more than the block holds spoils the route',
    clause: 'RFC 7606 §4',
    attributes: [...usual, hex('c0 07 08 0000fde9')],
    want: withdrawn,
  },
  {
    name: 'AGGREGATOR passes as it came',
    clause: 'RFC 4271 §5.1.7',
    attributes: changed(attribute(0xc0, 7, [...u32(65_001), 192, 0, 2, 7])),
    want: seen({ 7: 'c0 0000fde9 c0000207' }),
  },
  {
    name: 'AGGREGATOR with the Partial bit keeps it',
    clause: 'RFC 4271 §5',
    attributes: changed(attribute(0xe0, 7, [...u32(65_001), 192, 0, 2, 7])),
    want: seen({ 7: 'e0 0000fde9 c0000207' }),
  },
  {
    name: 'ORIGINATOR_ID from an external peer is discarded',
    clause: 'RFC 7606 §7.9',
    attributes: changed(attribute(0x80, 9, [10, 0, 0, 1])),
    want: gone(9),
  },
  {
    name: 'ORIGINATOR_ID from an external peer is discarded whatever its length',
    clause: 'RFC 7606 §7.9',
    attributes: changed(attribute(0x80, 9, [10, 0])),
    want: gone(9),
  },
  {
    name: 'CLUSTER_LIST from an external peer is discarded',
    clause: 'RFC 7606 §7.10',
    attributes: changed(attribute(0x80, 10, [10, 0, 0, 1])),
    want: gone(10),
  },
  {
    name: 'CLUSTER_LIST from an external peer is discarded whatever its length',
    clause: 'RFC 7606 §7.10',
    attributes: changed(attribute(0x80, 10, [10, 0, 0])),
    want: gone(10),
  },
  {
    name: 'AS4_PATH from a peer with 4-octet AS numbers is discarded',
    clause: 'RFC 6793 §4.1, §6',
    attributes: changed(attribute(0xc0, 17, segment(2, 65_001, 4_200_000_001))),
    want: seen({ 2: '40 02010000fde9', 17: 'absent' }),
  },
  {
    name: 'A malformed AS4_PATH from a peer with 4-octet AS numbers is discarded',
    clause: 'RFC 6793 §6',
    attributes: changed(attribute(0xc0, 17, [2, 9, 0])),
    want: gone(17),
  },
  {
    name: 'AS4_AGGREGATOR from a peer with 4-octet AS numbers is discarded',
    clause: 'RFC 6793 §4.1, §6',
    attributes: changed(attribute(0xc0, 18, [...u32(65_001), 192, 0, 2, 7])),
    want: gone(18),
  },
  {
    name: 'AS4_AGGREGATOR of a wrong length is discarded',
    clause: 'RFC 6793 §6',
    attributes: changed(attribute(0xc0, 18, [1, 2, 3])),
    want: gone(18),
  },
  {
    name: 'Two errors at once: what spoils the route is stronger than what costs an attribute',
    clause: 'RFC 7606 §3 h',
    attributes: changed(attribute(0x40, 6, [0]), attribute(0xc0, 8, [1])),
    want: withdrawn,
  },
];

const valueRows: readonly AttributeRow[] = [
  {
    name: 'MULTI_EXIT_DISC missing stays missing',
    clause: 'RFC 4271 §5.1.4, RFC 7947 §2.2.3',
    attributes: without(4),
    want: seen({ 4: 'absent' }),
  },
  {
    name: 'MULTI_EXIT_DISC 4294967295 passes',
    clause: 'RFC 7947 §2.2.3',
    attributes: changed(med(0xffff_ffff)),
    want: seen({ 4: '80 ffffffff' }),
  },
  {
    name: 'COMMUNITIES with the Partial bit keep it',
    clause: 'RFC 4271 §5',
    attributes: changed(attribute(0xe0, 8, [...hex('fde80001')])),
    want: seen({ 8: 'e0 fde80001' }),
  },
  {
    name: 'COMMUNITIES pass in the order in which they came, twice the same too',
    clause: 'RFC 7947 §2.2.4',
    attributes: changed(attribute(0xc0, 8, [...hex('fde80009 fde80001 fde80009')])),
    want: seen({ 8: 'c0 fde80009 fde80001 fde80009' }),
    isOurs: true,
  },
  {
    name: 'NO_EXPORT is for the clients and passes',
    clause: 'RFC 7947 §2.2.4',
    attributes: changed(attribute(0xc0, 8, [...hex('ffffff01')])),
    want: seen({ 8: 'c0 ffffff01' }),
  },
  {
    name: 'NO_ADVERTISE is for the clients and passes',
    clause: 'RFC 7947 §2.2.4',
    attributes: changed(attribute(0xc0, 8, [...hex('ffffff02')])),
    want: seen({ 8: 'c0 ffffff02' }),
  },
  {
    name: 'NO_EXPORT_SUBCONFED is for the clients and passes',
    clause: 'RFC 7947 §2.2.4',
    attributes: changed(attribute(0xc0, 8, [...hex('ffffff03')])),
    want: seen({ 8: 'c0 ffffff03' }),
  },
  {
    name: 'NO_EXPORT is honoured where that is configured',
    clause: 'RFC 1997, product.md 1 communities',
    peer: { interpretsCommunities: true },
    attributes: changed(attribute(0xc0, 8, [...hex('ffffff01')])),
    want: seen({ 8: 'c0 ffffff01' }),
    isOurs: true,
  },
  {
    name: 'BLACKHOLE passes',
    clause: 'RFC 7999 §3',
    attributes: changed(attribute(0xc0, 8, [...hex('ffff029a')])),
    want: seen({ 8: 'c0 ffff029a' }),
  },
  {
    name: 'GRACEFUL_SHUTDOWN passes',
    clause: 'RFC 8326 §4, RFC 7947 §2.2.4',
    attributes: changed(attribute(0xc0, 8, [...hex('ffff0000')])),
    want: seen({ 8: 'c0 ffff0000' }),
  },
  {
    name: 'Sixty-four communities need an extended length and pass',
    clause: 'RFC 4271 §4.3',
    attributes: changed(
      attribute(0xd0, 8, Array.from({ length: 64 }, (_, i) => [0xfd, 0xe8, 0, i]).flat()),
    ),
    want: seen({
      8: `c0${Array.from({ length: 64 }, (_, i) => `fde800${i.toString(16).padStart(2, '0')}`).join('')}`,
    }),
  },
  {
    name: 'A non-transitive extended community passes: to the clients we are not there',
    clause: 'RFC 7947 §2.2.4, product.md 2',
    attributes: changed(attribute(0xc0, 16, [...hex('4004fde800000001')])),
    want: seen({ 16: 'c0 4004fde800000001' }),
  },
  {
    name: 'An extended community of an unknown type passes',
    clause: 'RFC 4360 §6, RFC 7606 §7.14',
    attributes: changed(attribute(0xc0, 16, [...hex('9e9e010203040506')])),
    want: seen({ 16: 'c0 9e9e010203040506' }),
  },
  {
    name: 'A large community that comes twice passes once',
    clause: 'RFC 8092 §5',
    attributes: changed(
      attribute(0xc0, 32, [...hex('0000fde80000000100000002 0000fde80000000100000002')]),
    ),
    want: seen({ 32: 'c0 0000fde8 00000001 00000002' }),
  },
  {
    name: 'Large communities pass in the order in which they came',
    clause: 'RFC 7947 §2.2.4',
    attributes: changed(
      attribute(0xc0, 32, [...hex('0000fde80000000900000002 0000fde80000000100000002')]),
    ),
    want: seen({ 32: 'c0 0000fde80000000900000002 0000fde80000000100000002' }),
    isOurs: true,
  },
  {
    name: 'All kinds of communities pass side by side',
    clause: 'RFC 7947 §2.2.4',
    attributes: changed(
      attribute(0xc0, 8, [...hex('fde80001')]),
      attribute(0xc0, 16, [...hex('0002fde800000001')]),
      attribute(0xc0, 32, [...hex('0000fde80000000100000002')]),
    ),
    want: seen({
      8: 'c0 fde80001',
      16: 'c0 0002fde800000001',
      32: 'c0 0000fde80000000100000002',
    }),
  },
];

const unknownRows: readonly AttributeRow[] = [
  {
    name: 'An unknown optional transitive attribute passes with the Partial bit',
    clause: 'RFC 4271 §5, §9',
    attributes: changed(attribute(0xc0, 99, [1, 2, 3])),
    want: seen({ 99: 'e0 010203' }),
  },
  {
    name: 'An unknown optional transitive attribute that is partial stays so',
    clause: 'RFC 4271 §5',
    attributes: changed(attribute(0xe0, 99, [1, 2, 3])),
    want: seen({ 99: 'e0 010203' }),
  },
  {
    name: 'An unknown optional transitive attribute without a value passes',
    clause: 'RFC 4271 §5',
    attributes: changed(attribute(0xc0, 99, [])),
    want: seen({ 99: 'e0' }),
  },
  {
    name: 'An unknown optional transitive attribute of 300 octets passes',
    clause: 'RFC 4271 §5',
    attributes: changed(attribute(0xd0, 99, Array<number>(300).fill(7))),
    want: seen({ 99: `e0${'07'.repeat(300)}` }),
  },
  {
    name: 'Two unknown optional transitive attributes pass both',
    clause: 'RFC 4271 §5',
    attributes: changed(attribute(0xc0, 199, [1]), attribute(0xc0, 99, [2])),
    want: seen({ 99: 'e0 02', 199: 'e0 01' }),
  },
  {
    name: 'An unknown optional transitive attribute twice: the first counts',
    clause: 'RFC 7606 §3 g',
    attributes: [...changed(attribute(0xc0, 99, [1])), attribute(0xc0, 99, [2])],
    want: seen({ 99: 'e0 01' }),
  },
  {
    name: 'ATTR_SET, of which nothing is known here, passes with the Partial bit',
    clause: 'RFC 4271 §5, RFC 6368 §5',
    attributes: changed(attribute(0xc0, 128, [...u32(65_001), 0x40, 1, 1, 0])),
    want: seen({ 128: 'e0 0000fde9 40010100' }),
  },
  {
    name: 'An unknown optional non-transitive attribute is dropped',
    clause: 'RFC 4271 §5, §9',
    attributes: changed(attribute(0x80, 99, [1, 2, 3])),
    want: seen({ 99: 'absent' }),
  },
  {
    name: 'AIGP, which is not transitive, is dropped',
    clause: 'RFC 7311 §3.1, RFC 4271 §5',
    attributes: changed(attribute(0x80, 26, [...hex('01 000b 0000000000000005')])),
    want: seen({ 26: 'absent' }),
  },
  {
    name: 'An unknown attribute that claims more than the block holds spoils the route',
    clause: 'RFC 7606 §4',
    attributes: [...usual, hex('c0 63 09 01')],
    want: withdrawn,
  },
  {
    name: 'An unknown well-known attribute resets the session',
    clause: 'RFC 4271 §6.3',
    attributes: changed(attribute(0x40, 99, [1, 2])),
    want: { route: 'withdrawn', notification: { code: '3/2', data: '4063020102' } },
  },
  {
    name: 'An unknown attribute with neither bit is well-known and resets the session',
    clause: 'RFC 4271 §6.3',
    attributes: changed(attribute(0x00, 98, [])),
    want: { route: 'withdrawn', notification: { code: '3/2', data: '006200' } },
  },
];

export const optionalCases = [
  ...kinds.flatMap((kind) => group(kind.label.toLowerCase(), rowsOf(kind).map(attributeCase))),
  ...group('attribute discard', discardRows.map(attributeCase)),
  ...group('values', valueRows.map(attributeCase)),
  ...group('unknown attributes', unknownRows.map(attributeCase)),
];
