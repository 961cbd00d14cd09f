import { attribute } from '#support/raw-message.ts';
import { asPath, changed, segment, shortAsPath, shortSegment, u16, u32 } from '../bytes.ts';
import { group } from '../case.ts';
import { multiprotocolIpv4, multiprotocolIpv6, routeRefresh } from '../open-bytes.ts';
import { attributeCase, type AttributeRow, seen, type Want, withdrawn } from '../update-case.ts';

const open = { capabilities: [multiprotocolIpv4, multiprotocolIpv6, routeRefresh] };
const wide = 4_200_000_001;
const asTrans = 23_456;
const address = [192, 0, 2, 7];

/** From a source with 2-octet AS numbers, as a client with 4-octet ones sees it. */
function fromOld(
  name: string,
  clause: string,
  path: Buffer,
  others: readonly Buffer[],
  want: Want,
): AttributeRow {
  return { name, clause, open, attributes: changed(path, ...others), want };
}

const as4Path = (...value: number[]): Buffer => attribute(0xc0, 17, value);
const aggregator = (as: number): Buffer => attribute(0xc0, 7, [...u16(as), ...address]);
const as4Aggregator = (as: number): Buffer => attribute(0xc0, 18, [...u32(as), ...address]);

const fromOldRows: readonly AttributeRow[] = [
  fromOld(
    'A path of 2-octet ASes is passed on in four octets',
    'RFC 6793 §4.2.3',
    shortAsPath(65_001, 65_010),
    [],
    seen({ 2: '40 02020000fde90000fdf2', 17: 'absent' }),
  ),
  fromOld(
    'AS4_PATH says what AS_TRANS stands for',
    'RFC 6793 §4.2.3',
    shortAsPath(65_001, asTrans),
    [as4Path(...segment(2, 65_001, wide))],
    seen({ 2: '40 02020000fde9fa56ea01', 17: 'absent' }),
  ),
  fromOld(
    'An AS4_PATH that is shorter than AS_PATH is its tail',
    'RFC 6793 §4.2.3',
    shortAsPath(65_001, 65_010, asTrans),
    [as4Path(...segment(2, wide))],
    seen({ 2: '40 02030000fde90000fdf2fa56ea01', 17: 'absent' }),
  ),
  fromOld(
    'An AS4_PATH that is longer than AS_PATH is ignored',
    'RFC 6793 §4.2.3',
    shortAsPath(65_001, asTrans),
    [as4Path(...segment(2, 65_001, 65_010, wide))],
    seen({ 2: '40 02020000fde900005ba0', 17: 'absent' }),
  ),
  fromOld(
    'AS_TRANS without AS4_PATH stays what it is',
    'RFC 6793 §4.2.3',
    shortAsPath(65_001, asTrans),
    [],
    seen({ 2: '40 02020000fde900005ba0', 17: 'absent' }),
  ),
  fromOld(
    'An AS4_PATH that cannot be read is discarded',
    'RFC 6793 §6',
    shortAsPath(65_001, asTrans),
    [as4Path(2, 9, 0, 0)],
    seen({ 2: '40 02020000fde900005ba0', 17: 'absent' }),
  ),
  fromOld(
    'An AS4_PATH with an unknown segment type is discarded',
    'RFC 6793 §6',
    shortAsPath(65_001, asTrans),
    [as4Path(...segment(7, 65_001, wide))],
    seen({ 2: '40 02020000fde900005ba0', 17: 'absent' }),
  ),
  fromOld(
    'Confederation segments of AS4_PATH are left out',
    'RFC 6793 §6',
    shortAsPath(65_001, asTrans),
    [as4Path(...segment(3, 65_020), ...segment(2, 65_001, wide))],
    seen({ 2: '40 02020000fde9fa56ea01', 17: 'absent' }),
  ),
  fromOld(
    'AS_PATH in 4-octet AS numbers from a peer that has 2 is malformed',
    'RFC 7606 §7.2',
    asPath(65_001),
    [],
    withdrawn,
  ),
  fromOld(
    'A loop that only AS4_PATH shows is a loop',
    'RFC 6793 §4.2.3, RFC 4271 §9.1.2',
    shortAsPath(65_001, asTrans, asTrans),
    [as4Path(...segment(2, 65_001, 65_002, wide))],
    withdrawn,
  ),
  fromOld(
    'AGGREGATOR has six octets, and is passed on in eight',
    'RFC 6793 §4.2.3',
    shortAsPath(65_001),
    [aggregator(65_001)],
    seen({ 7: 'c0 0000fde9c0000207', 18: 'absent' }),
  ),
  fromOld(
    'AS4_AGGREGATOR says what AS_TRANS in AGGREGATOR stands for',
    'RFC 6793 §4.2.3',
    shortAsPath(65_001),
    [aggregator(asTrans), as4Aggregator(wide)],
    seen({ 7: 'c0 fa56ea01c0000207', 18: 'absent' }),
  ),
  fromOld(
    'AS4_AGGREGATOR beside an AGGREGATOR that is not AS_TRANS is ignored',
    'RFC 6793 §4.2.3',
    shortAsPath(65_001),
    [aggregator(65_010), as4Aggregator(wide)],
    seen({ 7: 'c0 0000fdf2c0000207', 18: 'absent' }),
  ),
  fromOld(
    'AS4_PATH counts for nothing where AGGREGATOR is not AS_TRANS and AS4_AGGREGATOR is there',
    'RFC 6793 §4.2.3',
    shortAsPath(65_001, asTrans),
    [aggregator(65_010), as4Aggregator(wide), as4Path(...segment(2, 65_001, wide))],
    seen({ 2: '40 02020000fde900005ba0', 7: 'c0 0000fdf2c0000207' }),
  ),
  fromOld(
    'AGGREGATOR of eight octets from a peer with 2-octet AS numbers is discarded',
    'RFC 7606 §7.7',
    shortAsPath(65_001),
    [attribute(0xc0, 7, [...u32(65_001), ...address])],
    seen({ 7: 'absent' }),
  ),
  fromOld(
    'An AS_SET of 2-octet ASes is refused as any other',
    'RFC 9774 §3',
    attribute(0x40, 2, [...shortSegment(2, 65_001), ...shortSegment(1, 65_010)]),
    [],
    withdrawn,
  ),
];

const toOldRows: readonly AttributeRow[] = [
  {
    name: 'A client with 2-octet AS numbers is sent them in two octets',
    clause: 'RFC 6793 §4.2.2',
    attributes: changed(asPath(65_001, 65_010)),
    want: seen({ 2: '40 0202fde9fdf2', 17: 'absent' }),
  },
  {
    name: 'A client with 2-octet AS numbers is sent AS_TRANS, and the path in AS4_PATH',
    clause: 'RFC 6793 §4.2.2',
    attributes: changed(asPath(65_001, wide)),
    want: seen({ 2: '40 0202fde95ba0', 17: 'c0 02020000fde9fa56ea01' }),
  },
  {
    name: 'A client with 2-octet AS numbers is sent an AGGREGATOR of six octets',
    clause: 'RFC 6793 §4.2.2',
    attributes: changed(attribute(0xc0, 7, [...u32(65_010), ...address])),
    want: seen({ 7: 'c0 fdf2c0000207', 18: 'absent' }),
  },
  {
    name: 'A client with 2-octet AS numbers is sent AS_TRANS as aggregator, and AS4_AGGREGATOR',
    clause: 'RFC 6793 §4.2.2',
    attributes: changed(attribute(0xc0, 7, [...u32(wide), ...address])),
    want: seen({ 7: 'c0 5ba0c0000207', 18: 'c0 fa56ea01c0000207' }),
  },
  {
    name: 'An AS_SET of 4-octet ASes is translated for a client with 2-octet AS numbers',
    clause: 'RFC 6793 §4.2.2',
    peer: { allowAsSets: true },
    attributes: changed(attribute(0x40, 2, [...segment(2, 65_001), ...segment(1, wide, 65_010)])),
    want: seen({
      2: '40 0201fde9 01025ba0fdf2',
      17: 'c0 02010000fde9 0102fa56ea010000fdf2',
    }),
  },
].map((row) => ({ ...row, client: 'old' as const }));

const throughRows: readonly AttributeRow[] = [
  {
    ...fromOld(
      'What a peer with 2-octet AS numbers sent reaches a client with such numbers as it was',
      'RFC 6793 §4.2',
      shortAsPath(65_001, asTrans),
      [as4Path(...segment(2, 65_001, wide))],
      seen({ 2: '40 0202fde95ba0', 17: 'c0 02020000fde9fa56ea01' }),
    ),
    client: 'old',
  },
];

export const twoOctetCases = group(
  'two-octet',
  [...fromOldRows, ...toOldRows, ...throughRows].map(attributeCase),
);
