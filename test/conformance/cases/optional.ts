import { attribute } from '#support/raw-message.ts';
import { changed, hex, without } from '../bytes.ts';
import { group } from '../case.ts';
import { attributeCase, type AttributeRow, seen, withdrawn } from '../update-case.ts';

/** What RFC 7606 requires alike for the optional attributes whose errors affect one route. */
interface Kind {
  readonly label: string;
  readonly type: number;
  readonly flags: number;
  readonly clause: string;
  /** In hex. */
  readonly good: string;
  readonly other: string;
  /** Lengths that are wrong; the value is filled with ones. */
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

export const optionalCases = kinds.flatMap((kind) =>
  group(kind.label.toLowerCase(), rowsOf(kind).map(attributeCase)),
);
