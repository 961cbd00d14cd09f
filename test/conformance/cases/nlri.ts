import { announceIpv4, announceIpv6, hex, mpUnreach, updateOf, withdrawIpv4 } from '../bytes.ts';
import { group } from '../case.ts';
import { nlriList } from '../own.ts';
import {
  announced,
  kept,
  notSent,
  reset,
  spoilt,
  updateCase,
  type UpdateRow,
} from '../update-case.ts';

const networkError = reset('3/10', '');
const mpError = reset('3/9');

/** Where no route can lead. */
const bogus: readonly (readonly [what: string, prefix: Buffer])[] = [
  ['IPv4 multicast addresses', hex('18 e00107')],
  ['all IPv4 multicast addresses', hex('04 e0')],
  ['IPv4 addresses of class E', hex('18 f00107')],
  ['IPv4 loopback addresses', hex('18 7f0107')],
  ['IPv4 link-local addresses', hex('18 a9fe07')],
  ['IPv4 addresses of network 0', hex('18 000107')],
  ['IPv6 multicast addresses', hex('30 ff0e00000007')],
  ['IPv6 link-local addresses', hex('40 fe80000000000000')],
  ['the IPv6 loopback address', hex('80 00000000000000000000000000000001')],
  ['the unspecified IPv6 address', hex('80 00000000000000000000000000000000')],
];

const rows: readonly UpdateRow[] = [
  {
    name: 'A prefix of 33 bits in the NLRI field resets the session',
    clause: 'RFC 7606 §5.3, §3 j',
    send: () => announceIpv4(hex('21 cb00710180')),
    want: networkError,
  },
  {
    name: 'A prefix of 255 bits in the NLRI field resets the session',
    clause: 'RFC 7606 §5.3, §3 j',
    send: () => announceIpv4(Buffer.concat([hex('ff'), Buffer.alloc(32)])),
    want: networkError,
  },
  {
    name: 'A last prefix that overruns the NLRI field resets the session',
    clause: 'RFC 7606 §5.3, §3 j',
    send: (own) => announceIpv4(nlriList(own.ipv4(2), hex('20 cb0071'))),
    want: networkError,
  },
  {
    name: 'A prefix of 33 bits in Withdrawn Routes resets the session',
    clause: 'RFC 7606 §3 i, §5.3',
    send: () => withdrawIpv4(hex('21 cb00710180')),
    want: networkError,
  },
  {
    name: 'A last prefix that overruns Withdrawn Routes resets the session',
    clause: 'RFC 7606 §3 i, §5.3',
    send: (own) => withdrawIpv4(nlriList(own.ipv4(2), hex('18 cb00'))),
    want: networkError,
  },
  ...spoilt({
    name: 'An IPv6 prefix of 129 bits in MP_REACH_NLRI',
    clause: 'RFC 7606 §5.3, RFC 4760 §7',
    family: 'ipv6',
    send: () => announceIpv6(Buffer.concat([hex('81 20010db8'), Buffer.alloc(13)])),
  }),
  ...spoilt({
    name: 'A last prefix that overruns MP_REACH_NLRI',
    clause: 'RFC 7606 §5.3, RFC 4760 §7',
    family: 'ipv6',
    send: (own) => announceIpv6(nlriList(own.ipv6(2), hex('40 20010db8'))),
  }),
  ...spoilt({
    name: 'An IPv6 prefix of 129 bits in MP_UNREACH_NLRI',
    clause: 'RFC 7606 §5.3, RFC 4760 §7',
    family: 'ipv6',
    send: () => updateOf(mpUnreach(Buffer.concat([hex('81 20010db8'), Buffer.alloc(13)]))),
  }),
  ...spoilt({
    name: 'A last prefix that overruns MP_UNREACH_NLRI',
    clause: 'RFC 7606 §5.3, RFC 4760 §7',
    family: 'ipv6',
    send: (own) => updateOf(mpUnreach(nlriList(own.ipv6(2), hex('40 2001')))),
  }),
  {
    name: 'An IPv4 prefix of 33 bits in MP_REACH_NLRI resets a session of one family',
    clause: 'RFC 7606 §5.3, RFC 4760 §7',
    peer: { families: ['ipv4'] },
    send: () => announceIpv6(hex('21 cb00710180'), undefined, { afi: 1, nextHop: [192, 0, 2, 1] }),
    want: mpError,
  },
  {
    name: 'Bits past the length of an IPv4 prefix mean nothing',
    clause: 'RFC 4271 §4.3',
    route: (own) => own.ipv4Prefix(28, 0x10),
    send: (own) => announceIpv4(own.ipv4Prefix(28, 0x1f)),
    want: announced,
  },
  {
    name: 'Bits past the length of an IPv6 prefix mean nothing',
    clause: 'RFC 4271 §4.3, RFC 4760 §5',
    family: 'ipv6',
    isFirst: true,
    route: (own) => own.ipv6Prefix(46),
    send: (own) => {
      const sent = own.ipv6Prefix(46);
      sent[6] |= 3;
      return announceIpv6(sent);
    },
    want: announced,
  },
  {
    name: 'The IPv4 default route is a route',
    clause: 'RFC 4271 §4.3',
    route: () => hex('00'),
    isFirst: true,
    send: () => announceIpv4(hex('00')),
    want: announced,
  },
  {
    name: 'An IPv4 route of 24 bits takes three octets',
    clause: 'RFC 4271 §4.3',
    route: (own) => own.ipv4Prefix(24),
    send: (own) => announceIpv4(own.ipv4Prefix(24)),
    want: announced,
  },
  {
    name: 'An IPv6 route of 48 bits takes six octets',
    clause: 'RFC 4760 §5',
    family: 'ipv6',
    route: (own) => own.ipv6Prefix(48),
    send: (own) => announceIpv6(own.ipv6Prefix(48)),
    want: announced,
  },
  {
    name: 'An IPv6 route of 41 bits takes six octets',
    clause: 'RFC 4760 §5',
    family: 'ipv6',
    route: (own) => own.ipv6Prefix(41),
    isFirst: true,
    send: (own) => announceIpv6(own.ipv6Prefix(41)),
    want: announced,
  },
  {
    name: 'The same prefix twice in one UPDATE is one route',
    clause: 'RFC 4271 §4.3',
    send: (own) => announceIpv4(nlriList(own.ipv4(), own.ipv4())),
    want: announced,
  },
  {
    name: 'An IPv4 route is not touched by a longer one that begins alike',
    clause: 'RFC 4271 §4.3',
    route: (own) => own.ipv4Prefix(24),
    send: (own) => withdrawIpv4(own.ipv4Prefix(25)),
    want: kept,
  },
  ...bogus.map(([what, prefix]): UpdateRow => ({
    name: `A route to ${what} is ignored, the session stays`,
    clause: 'RFC 4271 §6.3, RFC 6890',
    family: prefix.length > 5 ? 'ipv6' : 'ipv4',
    isFirst: true,
    route: () => prefix,
    send: () => (prefix.length > 5 ? announceIpv6(prefix) : announceIpv4(prefix)),
    want: notSent,
  })),
  {
    name: 'A route beside one to a multicast address in the same UPDATE is a route',
    clause: 'RFC 4271 §6.3',
    send: (own) => announceIpv4(nlriList(hex('18 e00105'), own.ipv4(), hex('18 e00106'))),
    want: announced,
  },
  {
    name: 'The withdrawal of a route to a multicast address means nothing',
    clause: 'RFC 4271 §6.3',
    send: () => withdrawIpv4(hex('18 e00105')),
    want: kept,
  },
];

export const nlriCases = group('nlri', rows.map(updateCase));
