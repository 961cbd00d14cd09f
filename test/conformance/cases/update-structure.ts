import { attribute } from '#support/raw-message.ts';
import {
  announceIpv4,
  announceIpv6,
  changed,
  endOfRibIpv4,
  hex,
  mpReach,
  mpUnreach,
  rawUpdate,
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
  reset,
  seen,
  updateCase,
  type UpdateRow,
  withdrawn,
} from '../update-case.ts';

/** Withdrawn Routes, attributes and NLRI, whose lengths need not be right. */
function body(
  withdrawnRoutes: Uint8Array,
  attributes: Uint8Array,
  nlri: Uint8Array,
  lengths: { withdrawn?: number; attributes?: number } = {},
): Buffer {
  return rawUpdate(
    Buffer.concat([
      Buffer.from(u16(lengths.withdrawn ?? withdrawnRoutes.length)),
      withdrawnRoutes,
      Buffer.from(u16(lengths.attributes ?? attributes.length)),
      attributes,
      nlri,
    ]),
  );
}

const none = Buffer.alloc(0);
const block = Buffer.concat(usual);
const listError = reset('3/1', '');

const rows: readonly UpdateRow[] = [
  {
    name: 'A Withdrawn Routes Length that overruns the message resets the session',
    clause: 'RFC 4271 §6.3, RFC 7606 §3 b',
    send: (own) => body(none, block, own.ipv4(), { withdrawn: 4000 }),
    want: listError,
  },
  {
    name: 'A Withdrawn Routes Length that leaves no room for the attributes resets the session',
    clause: 'RFC 4271 §6.3, RFC 7606 §3 b',
    send: () => rawUpdate('0002 0000'),
    want: listError,
  },
  {
    name: 'A Total Path Attribute Length that overruns the message resets the session',
    clause: 'RFC 4271 §6.3, RFC 7606 §3 b',
    send: (own) => body(none, block, own.ipv4(), { attributes: block.length + 6 }),
    want: listError,
  },
  {
    name: 'A Total Path Attribute Length of 65535 resets the session',
    clause: 'RFC 4271 §6.3, RFC 7606 §3 b',
    send: (own) => body(none, block, own.ipv4(), { attributes: 0xffff }),
    want: listError,
  },
  {
    name: 'Routes without any attribute are treated as withdrawn',
    clause: 'RFC 7606 §3 d',
    send: (own) => body(none, none, own.ipv4()),
    want: withdrawn,
  },
  {
    name: 'Attributes without routes do nothing',
    clause: 'RFC 7606 §5.2',
    send: () => updateOf(...usual),
    want: kept,
  },
  {
    name: 'A malformed attribute without routes resets the session',
    clause: 'RFC 7606 §5.2',
    send: () => updateOf(...changed(attribute(0x40, 1, [3]))),
    want: reset('3/6', '40010103'),
  },
  {
    name: 'An attribute with wrong flags without routes resets the session',
    clause: 'RFC 7606 §5.2',
    send: () => updateOf(...changed(attribute(0xc0, 1, [0]))),
    want: reset('3/4', 'c0010100'),
  },
  {
    name: 'An attribute with a wrong length without routes resets the session',
    clause: 'RFC 7606 §5.2',
    send: () => updateOf(...changed(attribute(0x80, 4, [0, 0, 2]))),
    want: reset('3/5', '800403000002'),
  },
  {
    name: 'A malformed attribute beside withdrawals only resets the session',
    clause: 'RFC 7606 §5.2',
    send: (own) => body(own.ipv4(2), Buffer.concat(changed(attribute(0x40, 1, [3]))), none),
    want: reset('3/6', '40010103'),
  },
  {
    name: 'A malformed attribute beside MP_UNREACH_NLRI only resets the session',
    clause: 'RFC 7606 §5.2',
    send: (own) => updateOf(mpUnreach(own.ipv6(2)), attribute(0x40, 1, [3])),
    want: reset('3/6', '40010103'),
  },
  {
    name: 'A malformed attribute beside an empty MP_REACH_NLRI resets the session',
    clause: 'RFC 7606 §5.2',
    send: () => updateOf(mpReach(none), ...changed(attribute(0x40, 1, [3]))),
    want: reset('3/6', '40010103'),
  },
  {
    name: 'An attribute to be discarded is discarded without routes too',
    clause: 'RFC 7606 §5.2',
    send: () => updateOf(...changed(attribute(0x40, 6, [1]))),
    want: kept,
  },
  {
    name: 'Attributes beside withdrawals only are let be',
    clause: 'RFC 4271 §4.3',
    send: (own) => body(own.ipv4(), block, none),
    want: withdrawn,
  },
  {
    name: 'ORIGIN and AS_PATH beside MP_UNREACH_NLRI are let be: ExaBGP sends them',
    clause: 'RFC 4760 §4',
    family: 'ipv6',
    send: (own) => updateOf(usual[0], usual[1], mpUnreach(own.ipv6())),
    want: withdrawn,
  },
  {
    name: 'An attribute that overruns the block has the routes treated as withdrawn',
    clause: 'RFC 7606 §4',
    send: (own) => body(none, Buffer.concat([block, hex('c0 08 08 0001 0002')]), own.ipv4()),
    want: withdrawn,
  },
  {
    name: 'An attribute of which only the flags are left has the routes treated as withdrawn',
    clause: 'RFC 7606 §4',
    send: (own) => body(none, Buffer.concat([block, hex('c0')]), own.ipv4()),
    want: withdrawn,
  },
  {
    name: 'An attribute of which flags and type are left has the routes treated as withdrawn',
    clause: 'RFC 7606 §4',
    send: (own) => body(none, Buffer.concat([block, hex('c0 08')]), own.ipv4()),
    want: withdrawn,
  },
  {
    name: 'An extended length of which one octet is left has the routes treated as withdrawn',
    clause: 'RFC 7606 §4',
    send: (own) => body(none, Buffer.concat([block, hex('d0 08 00')]), own.ipv4()),
    want: withdrawn,
  },
  {
    name: 'An attribute that overruns after MP_REACH_NLRI has its routes treated as withdrawn',
    clause: 'RFC 7606 §4, §5.1',
    family: 'ipv6',
    send: (own) =>
      body(none, Buffer.concat([mpReach(own.ipv6()), ...usualIpv6, hex('c0 08 08 0001')]), none),
    want: withdrawn,
  },
  {
    name: 'An attribute that overruns where no routes were found resets the session',
    clause: 'RFC 7606 §4, §5.2',
    send: () => body(none, Buffer.concat([block, hex('c0 08 08 0001')]), none),
    want: listError,
  },
  {
    name: 'An MP_REACH_NLRI that overruns the block resets the session',
    clause: 'RFC 7606 §3 j, §4',
    send: (own) =>
      body(none, Buffer.concat([...usualIpv6, mpReach(own.ipv6()).subarray(0, 20)]), none),
    want: listError,
  },
  {
    name: 'The order of attributes means nothing',
    clause: 'RFC 4271 §5',
    send: (own) => announceIpv4(own.ipv4(), usual.toReversed()),
    want: announced,
  },
  {
    name: 'Extended Length where one octet would do is no error',
    clause: 'RFC 4271 §4.3',
    send: (own) =>
      announceIpv4(
        own.ipv4(),
        usual.map((each) => attribute(each[0] | 0x10, each[1], [...each.subarray(3)])),
      ),
    want: seen({ 1: '40 00', 2: '40 02010000fde9' }),
  },
  {
    name: 'The unused bits of the flags are ignored',
    clause: 'RFC 4271 §4.3',
    send: (own) => announceIpv4(own.ipv4(), changed(attribute(0x4f, 1, [0]))),
    want: seen({ 1: '40 00' }),
  },
  {
    name: 'Several routes in one UPDATE are all taken',
    clause: 'RFC 4271 §4.3',
    send: (own) => announceIpv4(nlriList(own.ipv4(3), own.ipv4(2), own.ipv4(1))),
    want: announced,
  },
  {
    name: 'Several IPv6 routes in one MP_REACH_NLRI are all taken',
    clause: 'RFC 4760 §3',
    family: 'ipv6',
    send: (own) => announceIpv6(nlriList(own.ipv6(3), own.ipv6(2), own.ipv6(1))),
    want: announced,
  },
  {
    name: 'An UPDATE without anything is an End-of-RIB and changes nothing',
    clause: 'RFC 4724 §2',
    send: () => endOfRibIpv4,
    want: kept,
  },
];

export const updateStructureCases = group('update structure', rows.map(updateCase));
