import { attribute } from '#support/raw-message.ts';
import { changed, hex, nextHop, u32, usual, usualIpv6, without } from '../bytes.ts';
import { group } from '../case.ts';
import {
  attributeCase,
  type AttributeRow,
  ipv6AttributeCase,
  seen,
  withdrawn,
} from '../update-case.ts';

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
      clause: 'RFC 4271 §6.3, docs/rfcs.md',
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

export const nextHopCases = [
  ...group('next_hop', nextHopRows.map(attributeCase)),
  ...group('local_pref', localPrefRows.map(attributeCase)),
  ...group('ipv6 attributes', ipv6Rows.map(ipv6AttributeCase)),
];
