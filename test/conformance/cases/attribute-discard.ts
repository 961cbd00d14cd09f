import { attribute } from '#support/raw-message.ts';
import { changed, hex, segment, u32, usual } from '../bytes.ts';
import { group } from '../case.ts';
import { attributeCase, type AttributeRow, seen, type Want, withdrawn } from '../update-case.ts';

const gone = (type: number): Want => seen({ [type]: 'absent' });

const rows: readonly AttributeRow[] = [
  {
    name: 'ATOMIC_AGGREGATE of length 1 is discarded',
    clause: 'RFC 7606 §7.6',
    attributes: changed(attribute(0x40, 6, [0])),
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
    name: 'ORIGINATOR_ID from an external peer is discarded whatever its flags',
    clause: 'RFC 7606 §7.9',
    attributes: changed(attribute(0xc0, 9, [10, 0, 0, 1])),
    want: gone(9),
  },
  {
    name: 'CLUSTER_LIST from an external peer is discarded whatever its flags',
    clause: 'RFC 7606 §7.10',
    attributes: changed(attribute(0xc0, 10, [10, 0, 0, 1])),
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

export const attributeDiscardCases = group('attribute discard', rows.map(attributeCase));
