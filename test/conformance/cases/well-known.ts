import { attribute } from '../../interop/raw-message.ts';
import {
  asPath,
  changed,
  hex,
  nextHop,
  segment,
  u32,
  usual,
  usualIpv6,
  without,
} from '../bytes.ts';
import { group } from '../case.ts';
import { announced, attributeCase, ipv6AttributeCase, seen, withdrawn } from '../update-case.ts';
import type { AttributeRow } from '../update-case.ts';

const origin = (flags: number, ...value: number[]): Buffer[] => changed(attribute(flags, 1, value));
const path = (...value: number[]): Buffer[] => changed(attribute(0x40, 2, value));
const wideAs = Array.from({ length: 300 }, (_, i) => 65_100 + i);

const originRows: readonly AttributeRow[] = [
  {
    name: 'ORIGIN with the Optional bit',
    clause: 'RFC 7606 §3 c',
    attributes: origin(0xc0, 0),
    want: withdrawn,
  },
  {
    name: 'ORIGIN without the Transitive bit',
    clause: 'RFC 7606 §3 c',
    attributes: origin(0x00, 0),
    want: withdrawn,
  },
  {
    name: 'ORIGIN with the Partial bit is no conflict of Optional and Transitive',
    clause: 'RFC 7606 §3 c',
    attributes: origin(0x60, 0),
    want: announced,
  },
  {
    name: 'ORIGIN of length 0',
    clause: 'RFC 7606 §7.1',
    attributes: origin(0x40),
    want: withdrawn,
  },
  {
    name: 'ORIGIN of length 2',
    clause: 'RFC 7606 §7.1',
    attributes: origin(0x40, 0, 0),
    want: withdrawn,
  },
  {
    name: 'ORIGIN with the undefined value 3',
    clause: 'RFC 7606 §7.1',
    attributes: origin(0x40, 3),
    want: withdrawn,
  },
  {
    name: 'ORIGIN with the undefined value 255',
    clause: 'RFC 7606 §7.1',
    attributes: origin(0x40, 255),
    want: withdrawn,
  },
  {
    name: 'ORIGIN missing',
    clause: 'RFC 7606 §3 d',
    attributes: without(1),
    want: withdrawn,
  },
  {
    name: 'ORIGIN twice: the first counts',
    clause: 'RFC 7606 §3 g',
    attributes: [attribute(0x40, 1, [1]), ...usual],
    want: seen({ 1: '40 01' }),
  },
  {
    name: 'ORIGIN twice, the second malformed: the first counts',
    clause: 'RFC 7606 §3 g',
    attributes: [...usual, attribute(0x40, 1, [9])],
    want: seen({ 1: '40 00' }),
  },
  {
    name: 'ORIGIN that claims more than the block holds',
    clause: 'RFC 7606 §4',
    attributes: [...without(1), hex('40 01 05 00')],
    want: withdrawn,
  },
  {
    name: 'ORIGIN IGP passes',
    clause: 'RFC 4271 §5.1.1',
    attributes: origin(0x40, 0),
    want: seen({ 1: '40 00' }),
  },
  {
    name: 'ORIGIN EGP passes',
    clause: 'RFC 4271 §5.1.1',
    attributes: origin(0x40, 1),
    want: seen({ 1: '40 01' }),
  },
  {
    name: 'ORIGIN INCOMPLETE passes',
    clause: 'RFC 4271 §5.1.1',
    attributes: origin(0x40, 2),
    want: seen({ 1: '40 02' }),
  },
];

const asPathRows: readonly AttributeRow[] = [
  {
    name: 'AS_PATH with the Optional bit',
    clause: 'RFC 7606 §3 c',
    attributes: changed(attribute(0xc0, 2, segment(2, 65_001))),
    want: withdrawn,
  },
  {
    name: 'AS_PATH without the Transitive bit',
    clause: 'RFC 7606 §3 c',
    attributes: changed(attribute(0x00, 2, segment(2, 65_001))),
    want: withdrawn,
  },
  {
    name: 'AS_PATH whose segment claims more ASes than there are',
    clause: 'RFC 7606 §7.2',
    attributes: path(2, 2, ...u32(65_001)),
    want: withdrawn,
  },
  {
    name: 'AS_PATH with one octet left over',
    clause: 'RFC 7606 §7.2',
    attributes: path(...segment(2, 65_001), 2),
    want: withdrawn,
  },
  {
    name: 'AS_PATH with half an AS number',
    clause: 'RFC 7606 §7.2',
    attributes: path(2, 1, 0, 0),
    want: withdrawn,
  },
  {
    name: 'AS_PATH in 2-octet AS numbers from a peer that has 4',
    clause: 'RFC 7606 §7.2',
    attributes: path(2, 1, 0xfd, 0xe9),
    want: withdrawn,
  },
  {
    name: 'AS_PATH with segment type 0',
    clause: 'RFC 7606 §7.2',
    attributes: path(...segment(0, 65_001)),
    want: withdrawn,
  },
  {
    name: 'AS_PATH with segment type 5',
    clause: 'RFC 7606 §7.2',
    attributes: path(...segment(2, 65_001), ...segment(5, 65_010)),
    want: withdrawn,
  },
  {
    name: 'AS_PATH with an empty segment',
    clause: 'RFC 7606 §7.2',
    attributes: path(...segment(2, 65_001), 2, 0),
    want: withdrawn,
  },
  {
    name: 'AS_PATH with an empty first segment',
    clause: 'RFC 7606 §7.2',
    attributes: path(2, 0, ...segment(2, 65_001)),
    want: withdrawn,
  },
  {
    name: 'AS_PATH with a confederation sequence from outside the confederation',
    clause: 'RFC 5065 §5, RFC 7606 §7.2',
    attributes: path(...segment(3, 65_010), ...segment(2, 65_001)),
    want: withdrawn,
  },
  {
    name: 'AS_PATH with a confederation set from outside the confederation',
    clause: 'RFC 5065 §5, RFC 7606 §7.2',
    attributes: path(...segment(2, 65_001), ...segment(4, 65_010)),
    want: withdrawn,
  },
  {
    name: 'AS_PATH with AS 0',
    clause: 'RFC 7607 §2',
    attributes: changed(asPath(65_001, 0, 65_010)),
    want: withdrawn,
  },
  {
    name: 'AS_PATH missing',
    clause: 'RFC 7606 §3 d',
    attributes: without(2),
    want: withdrawn,
  },
  {
    name: 'AS_PATH twice: the first counts',
    clause: 'RFC 7606 §3 g',
    attributes: [...usual, asPath(65_001, 65_010)],
    want: seen({ 2: '40 02010000fde9' }),
  },
  {
    name: 'AS_PATH that claims more than the block holds',
    clause: 'RFC 7606 §4',
    attributes: [...without(2), hex('40 02 0a 0201 0000fde9')],
    want: withdrawn,
  },
  {
    name: 'AS_PATH with the AS of the daemon is a loop',
    clause: 'RFC 4271 §9.1.2',
    attributes: changed(asPath(65_001, 65_002, 65_010)),
    want: withdrawn,
  },
  {
    name: 'AS_PATH that ends with the AS of the daemon is a loop',
    clause: 'RFC 4271 §9.1.2',
    attributes: changed(asPath(65_001, 65_010, 65_002)),
    want: withdrawn,
  },
  {
    name: 'AS_PATH that begins with another AS than the peer is refused',
    clause: 'RFC 4271 §6.3, product.md 1 enforce_first_as',
    attributes: changed(asPath(65_010, 65_001)),
    want: withdrawn,
  },
  {
    name: 'AS_PATH that begins with another AS than the peer passes where that is allowed',
    clause: 'RFC 7947 §2.2.2.1, product.md 1 enforce_first_as',
    peer: { enforceFirstAs: false },
    attributes: changed(asPath(65_010, 65_001)),
    want: seen({ 2: '40 02020000fdf20000fde9' }),
  },
  {
    name: 'An empty AS_PATH from an external peer does not begin with its AS',
    clause: 'RFC 4271 §5.1.2, §6.3',
    attributes: path(),
    want: withdrawn,
  },
  {
    name: 'AS_PATH that begins with a set does not begin with the AS of the peer',
    clause: 'RFC 4271 §6.3, RFC 9774 §3',
    peer: { allowAsSets: true },
    attributes: path(...segment(1, 65_001, 65_010)),
    want: withdrawn,
  },
  {
    name: 'AS_SET is refused',
    clause: 'RFC 9774 §3',
    attributes: path(...segment(2, 65_001), ...segment(1, 65_010, 65_011)),
    want: withdrawn,
  },
  {
    name: 'AS_SET passes where that is allowed',
    clause: 'RFC 4271 §4.3, product.md 1 allow_as_sets',
    peer: { allowAsSets: true },
    attributes: path(...segment(2, 65_001), ...segment(1, 65_010, 65_011)),
    want: seen({ 2: '40 02010000fde9 01020000fdf20000fdf3' }),
  },
  {
    name: 'AS_PATH in two sequences passes',
    clause: 'RFC 4271 §4.3',
    attributes: path(...segment(2, 65_001), ...segment(2, 65_010)),
    want: announced,
  },
  {
    name: 'AS_PATH of 301 ASes passes',
    clause: 'RFC 4271 §5.1.2',
    attributes: changed(
      attribute(0x50, 2, [
        ...segment(2, 65_001, ...wideAs.slice(0, 250)),
        ...segment(2, ...wideAs.slice(250)),
      ]),
    ),
    want: announced,
  },
  {
    name: 'AS_PATH with 4-octet ASes passes',
    clause: 'RFC 6793 §4.1',
    attributes: changed(asPath(65_001, 4_200_000_001)),
    want: seen({ 2: '40 02020000fde9fa56ea01' }),
  },
  {
    name: 'AS_PATH with AS_TRANS from a peer that has 4-octet AS numbers passes',
    clause: 'RFC 6793 §4.2.3',
    attributes: changed(asPath(65_001, 23_456)),
    want: seen({ 2: '40 02020000fde900005ba0' }),
  },
  {
    name: 'AS_PATH with the AS of the client passes: loops are for the client to find',
    clause: 'RFC 4271 §9.1.2, RFC 7947 §2.2.2',
    attributes: changed(asPath(65_001, 65_003)),
    want: seen({ 2: '40 02020000fde90000fdeb' }),
  },
];

const nextHopRows: readonly AttributeRow[] = [
  {
    name: 'NEXT_HOP with the Optional bit',
    clause: 'RFC 7606 §3 c',
    attributes: changed(attribute(0xc0, 3, [192, 0, 2, 1])),
    want: withdrawn,
  },
  {
    name: 'NEXT_HOP without the Transitive bit',
    clause: 'RFC 7606 §3 c',
    attributes: changed(attribute(0x00, 3, [192, 0, 2, 1])),
    want: withdrawn,
  },
  {
    name: 'NEXT_HOP of length 0',
    clause: 'RFC 7606 §7.3',
    attributes: changed(nextHop()),
    want: withdrawn,
  },
  {
    name: 'NEXT_HOP of length 3',
    clause: 'RFC 7606 §7.3',
    attributes: changed(nextHop(192, 0, 2)),
    want: withdrawn,
  },
  {
    name: 'NEXT_HOP of length 5',
    clause: 'RFC 7606 §7.3',
    attributes: changed(nextHop(192, 0, 2, 1, 0)),
    want: withdrawn,
  },
  {
    name: 'NEXT_HOP of length 16',
    clause: 'RFC 7606 §7.3',
    attributes: changed(nextHop(...hex('20010db8000000000000000000000001'))),
    want: withdrawn,
  },
  {
    name: 'NEXT_HOP missing beside NLRI',
    clause: 'RFC 7606 §3 d',
    attributes: without(3),
    want: withdrawn,
  },
  {
    name: 'NEXT_HOP twice: the first counts',
    clause: 'RFC 7606 §3 g',
    attributes: [...usual, nextHop(192, 0, 2, 9)],
    want: seen({ 3: '40 c0000201' }),
  },
  {
    name: 'NEXT_HOP that claims more than the block holds',
    clause: 'RFC 7606 §4',
    attributes: [...without(3), hex('40 03 08 c0000201')],
    want: withdrawn,
  },
  ...[
    ['unspecified', 0, 0, 0, 0],
    ['in 0.0.0.0/8', 0, 1, 2, 3],
    ['loopback', 127, 0, 0, 1],
    ['multicast', 224, 0, 0, 5],
    ['of class E', 240, 0, 0, 1],
    ['broadcast', 255, 255, 255, 255],
  ].map(([what, ...address]): AttributeRow => {
    return {
      name: `NEXT_HOP ${what} is no address of a host`,
      clause: 'RFC 4271 §6.3, product.md 2',
      attributes: changed(nextHop(...address.map(Number))),
      want: withdrawn,
    };
  }),
];

const localPrefRows: readonly AttributeRow[] = [
  {
    name: 'LOCAL_PREF from an external peer is discarded',
    clause: 'RFC 7606 §7.5',
    attributes: changed(attribute(0x40, 5, u32(500))),
    want: seen({ 5: 'absent' }),
  },
  {
    name: 'LOCAL_PREF from an external peer is discarded whatever its length',
    clause: 'RFC 7606 §7.5',
    attributes: changed(attribute(0x40, 5, [1, 2, 3])),
    want: seen({ 5: 'absent' }),
  },
  {
    name: 'LOCAL_PREF from an external peer is discarded whatever its flags',
    clause: 'RFC 7606 §7.5',
    attributes: changed(attribute(0xc0, 5, u32(500))),
    want: seen({ 5: 'absent' }),
  },
  {
    name: 'LOCAL_PREF missing is as it should be between ASes',
    clause: 'RFC 4271 §5.1.5',
    attributes: usual,
    want: seen({ 5: 'absent' }),
  },
];

const ipv6Rows: readonly AttributeRow[] = [
  {
    name: 'A malformed ORIGIN has an IPv6 route treated as withdrawn too',
    clause: 'RFC 7606 §2, §7.1',
    attributes: [attribute(0x40, 1, [7]), ...usualIpv6.slice(1)],
    want: withdrawn,
  },
  {
    name: 'A missing AS_PATH has an IPv6 route treated as withdrawn too',
    clause: 'RFC 7606 §3 d',
    attributes: without(2, 3),
    want: withdrawn,
  },
  {
    name: 'NEXT_HOP beside MP_REACH_NLRI is ignored',
    clause: 'RFC 4760 §3',
    attributes: usual,
    want: seen({ 3: 'absent', 14: '80 20010db8000000000000000000000001' }),
  },
  {
    name: 'An IPv6 route needs no NEXT_HOP',
    clause: 'RFC 4760 §3',
    attributes: usualIpv6,
    want: seen({ 3: 'absent' }),
  },
];

export const wellKnownCases = [
  ...group('origin', originRows.map(attributeCase)),
  ...group('as_path', asPathRows.map(attributeCase)),
  ...group('next_hop', nextHopRows.map(attributeCase)),
  ...group('local_pref', localPrefRows.map(attributeCase)),
  ...group('ipv6 attributes', ipv6Rows.map(ipv6AttributeCase)),
];
