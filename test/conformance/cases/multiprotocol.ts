import { attribute, update } from '#support/raw-message.ts';
import {
  announceIpv4,
  announceIpv6,
  changed,
  hex,
  mpReach,
  mpUnreach,
  nextHopIpv6,
  u16,
  updateOf,
  usual,
  usualIpv6,
} from '../bytes.ts';
import { group } from '../case.ts';
import { nlriList } from '../own.ts';
import {
  announced,
  kept,
  notSent,
  reset,
  seen,
  spoilt,
  updateCase,
  type UpdateRow,
  withdrawn,
} from '../update-case.ts';

const none = Buffer.alloc(0);
const mpError = reset('3/9');
const v6 = (text: string): number[] => [...hex(text)];
const linkLocal = v6('fe800000000000000000000000000001');
/** ORIGIN, AS_PATH, MED and then an attribute of type 14 with any value. */
const reach = (flags: number, value: readonly number[]): Buffer =>
  updateOf(...usualIpv6, attribute(flags, 14, value));
const unreach = (flags: number, value: readonly number[]): Buffer =>
  updateOf(attribute(flags, 15, value));

const reachRows: readonly UpdateRow[] = [
  {
    name: 'MP_REACH_NLRI as the first attribute',
    clause: 'RFC 7606 §5.1',
    family: 'ipv6',
    send: (own) => announceIpv6(own.ipv6()),
    want: announced,
  },
  {
    name: 'MP_REACH_NLRI as the last attribute, as ExaBGP sends it',
    clause: 'RFC 7606 §5.1',
    family: 'ipv6',
    send: (own) => updateOf(...usualIpv6, mpReach(own.ipv6())),
    want: announced,
  },
  {
    name: 'MP_REACH_NLRI among the other attributes',
    clause: 'RFC 7606 §5.1',
    family: 'ipv6',
    send: (own) => updateOf(usual[0], mpReach(own.ipv6()), ...usualIpv6.slice(1)),
    want: announced,
  },
  {
    name: 'MP_REACH_NLRI with an extended length',
    clause: 'RFC 4271 §4.3',
    family: 'ipv6',
    send: (own) => announceIpv6(own.ipv6(), undefined, { flags: 0x90 }),
    want: announced,
  },
  {
    name: 'MP_REACH_NLRI with the Partial bit is no conflict of Optional and Transitive',
    clause: 'RFC 7606 §3 c',
    family: 'ipv6',
    send: (own) => announceIpv6(own.ipv6(), undefined, { flags: 0xa0 }),
    want: announced,
  },
  {
    name: 'The reserved octet of MP_REACH_NLRI is ignored',
    clause: 'RFC 4760 §3',
    family: 'ipv6',
    send: (own) => announceIpv6(own.ipv6(), undefined, { reserved: 0xff }),
    want: announced,
  },
  ...spoilt({
    name: 'MP_REACH_NLRI with the Transitive bit cannot be trusted',
    clause: 'RFC 7606 §5.3, §3 j',
    family: 'ipv6',
    send: (own) => announceIpv6(own.ipv6(), undefined, { flags: 0xc0 }),
  }),
  ...spoilt({
    name: 'MP_REACH_NLRI without the Optional bit cannot be trusted',
    clause: 'RFC 7606 §5.3, §3 j',
    family: 'ipv6',
    send: (own) => announceIpv6(own.ipv6(), undefined, { flags: 0x40 }),
  }),
  {
    name: 'MP_REACH_NLRI twice resets the session',
    clause: 'RFC 7606 §3 g',
    family: 'ipv6',
    send: (own) => updateOf(mpReach(own.ipv6()), ...usualIpv6, mpReach(own.ipv6(2))),
    want: reset('3/1', ''),
  },
  {
    name: 'MP_REACH_NLRI of length 0 resets the session',
    clause: 'RFC 7606 §5.3, RFC 4760 §7',
    family: 'ipv6',
    send: () => reach(0x80, []),
    want: reset('3/9', '800e00'),
  },
  ...spoilt(
    {
      name: 'MP_REACH_NLRI of length 4',
      clause: 'RFC 7606 §5.3, RFC 4760 §7',
      family: 'ipv6',
      send: () => reach(0x80, [0, 2, 1, 0]),
    },
    reset('3/9', '800e0400020100'),
  ),
  ...spoilt({
    name: 'MP_REACH_NLRI whose next hop overruns it',
    clause: 'RFC 7606 §7.11',
    family: 'ipv6',
    send: () => reach(0x80, [0, 2, 1, 16, ...nextHopIpv6.slice(0, 8)]),
  }),
  ...[0, 4, 8, 15, 17, 24, 31, 33].flatMap((length) =>
    spoilt({
      name: `A next hop of ${length} octets for an IPv6 route`,
      clause: 'RFC 7606 §7.11, RFC 2545 §3',
      family: 'ipv6',
      send: (own) =>
        announceIpv6(own.ipv6(), undefined, { nextHop: Array<number>(length).fill(0x20) }),
    }),
  ),
  {
    name: 'A family that is disabled stays so, and its good routes are ignored',
    clause: 'RFC 7606 §2, RFC 4760 §7',
    family: 'ipv6',
    send: (own) => [
      announceIpv6(own.ipv6(), undefined, { nextHop: [1, 2, 3, 4] }),
      announceIpv6(own.ipv6()),
    ],
    want: withdrawn,
  },
  {
    name: 'Routes of the other family stay when one is disabled, and new ones come',
    clause: 'RFC 7606 §2, RFC 4760 §7',
    send: (own) => [
      announceIpv6(own.ipv6(), undefined, { nextHop: [1, 2, 3, 4] }),
      announceIpv6(own.ipv6(), undefined, { nextHop: [1, 2, 3, 4] }),
      announceIpv4(own.ipv4()),
    ],
    want: announced,
  },
  {
    name: 'When both families are spoilt the session is reset',
    clause: 'RFC 7606 §3 j, §7.11',
    send: (own) => [
      announceIpv6(own.ipv6(), undefined, { nextHop: [1, 2, 3, 4] }),
      updateOf(mpReach(own.ipv4(), { afi: 1, nextHop: [1, 2, 3] }), ...usualIpv6),
    ],
    want: mpError,
  },
  {
    name: 'A next hop of 32 octets passes as its global half alone',
    clause: 'RFC 2545 §3, docs/rfcs.md',
    family: 'ipv6',
    send: (own) => announceIpv6(own.ipv6(), undefined, { nextHop: [...nextHopIpv6, ...linkLocal] }),
    want: seen({ 14: '80 20010db8000000000000000000000001' }),
  },
  ...[
    ['unspecified', '00000000000000000000000000000000'],
    ['loopback', '00000000000000000000000000000001'],
    ['multicast', 'ff020000000000000000000000000001'],
    ['link-local alone', 'fe800000000000000000000000000001'],
    ['IPv4-mapped', '00000000000000000000ffffc0000201'],
  ].map(([what, address]): UpdateRow => {
    return {
      name: `A next hop that is ${what} spoils an IPv6 route`,
      clause: 'RFC 2545 §3, RFC 4271 §6.3, docs/rfcs.md',
      family: 'ipv6',
      send: (own) => announceIpv6(own.ipv6(), undefined, { nextHop: v6(address) }),
      want: withdrawn,
    };
  }),
  {
    name: 'A link-local address in the place of the global one spoils an IPv6 route',
    clause: 'RFC 2545 §3, docs/rfcs.md',
    family: 'ipv6',
    send: (own) => announceIpv6(own.ipv6(), undefined, { nextHop: [...linkLocal, ...nextHopIpv6] }),
    want: withdrawn,
  },
  {
    name: 'An IPv4 route in MP_REACH_NLRI is a route as any other',
    clause: 'RFC 4760 §3',
    send: (own) => updateOf(mpReach(own.ipv4(), { afi: 1, nextHop: [192, 0, 2, 1] }), ...usualIpv6),
    want: announced,
  },
  {
    name: 'An IPv4 route with an IPv6 next hop that was not agreed on resets a session of one family',
    clause: 'RFC 8950 §4, RFC 7606 §7.11',
    peer: { families: ['ipv4'] },
    send: (own) => updateOf(mpReach(own.ipv4(), { afi: 1 }), ...usualIpv6),
    want: mpError,
  },
  {
    name: 'MP_REACH_NLRI of an unknown AFI is left aside',
    clause: 'RFC 4760 §6, docs/rfcs.md',
    send: () => updateOf(mpReach(hex('18 cb0071'), { afi: 16_397 }), ...usualIpv6),
    want: kept,
  },
  {
    name: 'MP_REACH_NLRI of an unknown SAFI is left aside',
    clause: 'RFC 4760 §6, docs/rfcs.md',
    family: 'ipv6',
    send: (own) => updateOf(mpReach(own.ipv6(), { safi: 200 }), ...usualIpv6),
    want: kept,
  },
  {
    name: 'MP_REACH_NLRI of a family that was not negotiated is left aside',
    clause: 'RFC 4760 §6, docs/rfcs.md',
    peer: { families: ['ipv4'] },
    send: (own) => announceIpv6(own.ipv6()),
    want: kept,
  },
  {
    name: 'Routes of a family that was not negotiated are not passed on',
    clause: 'RFC 4760 §6',
    peer: { families: ['ipv4'] },
    isFirst: true,
    route: (own) => own.ipv6(),
    send: (own) => announceIpv6(own.ipv6()),
    want: notSent,
  },
  {
    name: 'IPv4 routes of a session for IPv6 only are not passed on',
    clause: 'RFC 4760 §6',
    peer: { families: ['ipv6'] },
    isFirst: true,
    route: (own) => own.ipv4(),
    send: (own) => announceIpv4(own.ipv4()),
    want: notSent,
  },
  {
    name: 'MP_REACH_NLRI without NLRI does nothing',
    clause: 'RFC 4760 §3',
    family: 'ipv6',
    send: () => updateOf(mpReach(none), ...usualIpv6),
    want: kept,
  },
  {
    name: 'IPv4 routes in the NLRI field and IPv6 routes in MP_REACH_NLRI: the IPv6 one',
    clause: 'RFC 7606 §5.1',
    family: 'ipv6',
    send: (own) => update([mpReach(own.ipv6()), ...usual], own.ipv4(2), none),
    want: seen({ 3: 'absent', 14: '80 20010db8000000000000000000000001' }),
  },
  {
    name: 'IPv4 routes in the NLRI field and IPv6 routes in MP_REACH_NLRI: the IPv4 one',
    clause: 'RFC 7606 §5.1',
    send: (own) => update([mpReach(own.ipv6(2)), ...usual], own.ipv4(), none),
    want: seen({ 3: '40 c0000201' }),
  },
];

const unreachRows: readonly UpdateRow[] = [
  {
    name: 'MP_UNREACH_NLRI withdraws',
    clause: 'RFC 4760 §4',
    family: 'ipv6',
    send: (own) => updateOf(mpUnreach(own.ipv6())),
    want: withdrawn,
  },
  {
    name: 'MP_UNREACH_NLRI withdraws an IPv4 route that came in the NLRI field',
    clause: 'RFC 4760 §4',
    send: (own) => updateOf(mpUnreach(own.ipv4(), { afi: 1 })),
    want: withdrawn,
  },
  {
    name: 'MP_UNREACH_NLRI of length 0 resets the session',
    clause: 'RFC 7606 §5.3, RFC 4760 §7',
    family: 'ipv6',
    send: () => unreach(0x80, []),
    want: reset('3/9', '800f00'),
  },
  {
    name: 'MP_UNREACH_NLRI of length 2 resets the session',
    clause: 'RFC 7606 §5.3, RFC 4760 §7',
    family: 'ipv6',
    send: () => unreach(0x80, u16(2)),
    want: reset('3/9', '800f020002'),
  },
  {
    name: 'MP_UNREACH_NLRI twice resets the session',
    clause: 'RFC 7606 §3 g',
    family: 'ipv6',
    send: (own) => updateOf(mpUnreach(own.ipv6()), mpUnreach(own.ipv6(2))),
    want: reset('3/1', ''),
  },
  ...spoilt({
    name: 'MP_UNREACH_NLRI with the Transitive bit cannot be trusted',
    clause: 'RFC 7606 §5.3, §3 j',
    family: 'ipv6',
    send: (own) => updateOf(mpUnreach(own.ipv6(), { flags: 0xc0 })),
  }),
  ...spoilt({
    name: 'MP_UNREACH_NLRI without the Optional bit cannot be trusted',
    clause: 'RFC 7606 §5.3, §3 j',
    family: 'ipv6',
    send: (own) => updateOf(mpUnreach(own.ipv6(), { flags: 0x40 })),
  }),
  {
    name: 'MP_UNREACH_NLRI of an unknown AFI is left aside',
    clause: 'RFC 4760 §6, docs/rfcs.md',
    send: () => updateOf(mpUnreach(hex('18 cb0071'), { afi: 25, safi: 65 })),
    want: kept,
  },
  {
    name: 'MP_UNREACH_NLRI of a family that was not negotiated is left aside',
    clause: 'RFC 4760 §6, docs/rfcs.md',
    peer: { families: ['ipv4'] },
    send: (own) => updateOf(mpUnreach(own.ipv6())),
    want: kept,
  },
  {
    name: 'A route in MP_REACH_NLRI and another in MP_UNREACH_NLRI: one comes',
    clause: 'RFC 7606 §5.1',
    family: 'ipv6',
    send: (own) => updateOf(mpReach(own.ipv6()), mpUnreach(own.ipv6(2)), ...usualIpv6),
    want: announced,
  },
  {
    name: 'A route in MP_REACH_NLRI and another in MP_UNREACH_NLRI: one goes',
    clause: 'RFC 7606 §5.1',
    family: 'ipv6',
    send: (own) => updateOf(mpUnreach(own.ipv6()), mpReach(own.ipv6(2)), ...usualIpv6),
    want: withdrawn,
  },
  {
    name: 'The same route in MP_REACH_NLRI and MP_UNREACH_NLRI is announced',
    clause: 'RFC 4271 §4.3, docs/rfcs.md',
    family: 'ipv6',
    send: (own) => updateOf(mpReach(own.ipv6()), ...usualIpv6, mpUnreach(own.ipv6())),
    want: announced,
  },
  {
    name: 'Several routes in one MP_UNREACH_NLRI are all withdrawn',
    clause: 'RFC 4760 §4',
    family: 'ipv6',
    send: (own) => [
      announceIpv6(nlriList(own.ipv6(2), own.ipv6(3))),
      updateOf(mpUnreach(nlriList(own.ipv6(3), own.ipv6(1), own.ipv6(2)))),
    ],
    want: withdrawn,
  },
  {
    name: 'An empty MP_UNREACH_NLRI is an End-of-RIB and changes nothing',
    clause: 'RFC 4724 §2',
    family: 'ipv6',
    send: () => updateOf(mpUnreach(none)),
    want: kept,
  },
  {
    name: 'A spoiled IPv6 route beside an IPv4 one spoils both',
    clause: 'RFC 7606 §2',
    family: 'ipv6',
    send: (own) =>
      update([mpReach(own.ipv6()), ...changed(attribute(0x40, 1, [9]))], own.ipv4(2), none),
    want: withdrawn,
  },
];

export const multiprotocolCases = [
  ...group('mp_reach_nlri', reachRows.map(updateCase)),
  ...group('mp_unreach_nlri', unreachRows.map(updateCase)),
];
