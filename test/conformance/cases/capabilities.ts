import { MessageType } from '#support/raw-message.ts';
import { type Case, group } from '../case.ts';
import {
  capability,
  fourOctetAs,
  multiprotocolIpv4,
  multiprotocolIpv6,
  usualCapabilities,
} from '../open-bytes.ts';
import { openCase, type OpenRow } from '../session-case.ts';

const usual = usualCapabilities(65_001);
const as4 = fourOctetAs(65_001);
/** Flow specification and EVPN: families that no route of the suite has. */
const foreign = [capability(1, 0, 1, 0, 133), capability(1, 0, 25, 0, 70)];

const rows: readonly OpenRow[] = [
  {
    name: 'An unknown capability is ignored',
    clause: 'RFC 5492 §3',
    open: { capabilities: [...usual, capability(200, 1, 2, 3)] },
    want: 'up',
  },
  {
    name: 'A capability of the range for experiments is ignored',
    clause: 'RFC 5492 §3, RFC 8810',
    open: { capabilities: [capability(240), ...usual] },
    want: 'up',
  },
  {
    name: 'Capability 0, which is reserved, is ignored',
    clause: 'RFC 5492 §6',
    open: { capabilities: [capability(0), ...usual] },
    want: 'up',
  },
  {
    name: 'The same capability twice counts once',
    clause: 'RFC 5492 §4',
    open: { capabilities: [...usual, ...usual] },
    want: 'up',
  },
  {
    name: 'The order of capabilities means nothing',
    clause: 'RFC 5492 §4',
    open: { capabilities: usual.toReversed() },
    want: 'up',
  },
  {
    name: 'The old code of Route Refresh (128) is ignored or understood',
    clause: 'RFC 2918 §2, RFC 5492 §3',
    open: { capabilities: [...usual, capability(128)] },
    want: 'up',
  },
  {
    name: 'Families that are not carried here are left aside',
    clause: 'RFC 4760 §8',
    open: { capabilities: [...foreign, ...usual] },
    want: 'up',
  },
  {
    name: 'A peer that speaks IPv6 only gets an IPv6 session',
    clause: 'RFC 4760 §8',
    open: { capabilities: [multiprotocolIpv6, as4] },
    want: 'up',
  },
  {
    name: 'A peer without Multiprotocol capability speaks IPv4 unicast',
    clause: 'RFC 4760 §8',
    open: { capabilities: [as4] },
    want: 'up',
  },
  {
    name: 'No family in common is refused, and the data is what is wanted: IPv6',
    clause: 'RFC 5492 §5',
    peer: { families: ['ipv6'] },
    open: { capabilities: [multiprotocolIpv4, as4] },
    want: 'NOTIFICATION 2/7 010400020001',
  },
  {
    name: 'No family in common is refused, and the data is what is wanted: IPv4',
    clause: 'RFC 5492 §5',
    peer: { families: ['ipv4'] },
    open: { capabilities: [...foreign, as4] },
    want: 'NOTIFICATION 2/7 010400010001',
  },
  {
    name: 'A peer without Multiprotocol capability has nothing in common with an IPv6 session',
    clause: 'RFC 4760 §8, RFC 5492 §5',
    peer: { families: ['ipv6'] },
    open: { capabilities: [as4] },
    want: 'NOTIFICATION 2/7 010400020001',
  },
  {
    name: 'Graceful Restart without families is understood',
    clause: 'RFC 4724 §3',
    open: { capabilities: [...usual, capability(64, 0, 0)] },
    want: 'up',
  },
  {
    name: 'Graceful Restart with families is understood',
    clause: 'RFC 4724 §3',
    open: { capabilities: [...usual, capability(64, 0xc0, 120, 0, 1, 1, 0x80, 0, 2, 1, 0)] },
    want: 'up',
  },
  {
    name: 'Long-lived Graceful Restart is understood',
    clause: 'RFC 9494 §3',
    open: {
      capabilities: [...usual, capability(64, 0, 120), capability(71, 0, 1, 1, 0x80, 0, 14, 16)],
    },
    want: 'up',
  },
  {
    name: 'The name of the peer and of its software are taken note of',
    clause: 'draft-walton-bgp-hostname-capability, draft-abraitis-bgp-version-capability',
    open: { capabilities: [...usual, capability(73, 2, 0x72, 0x31, 0), capability(75, 1, 0x78)] },
    want: 'up',
  },
  {
    name: 'A name that overruns its capability is for people only, and no error',
    clause: 'draft-walton-bgp-hostname-capability',
    open: { capabilities: [...usual, capability(73, 200, 0x72)] },
    want: 'up',
    isOurs: true,
  },
  {
    name: 'ADD-PATH with a Send/Receive that is not 1, 2 or 3 is as if it were not there',
    clause: 'RFC 7911 §4',
    peer: { addPath: 'send', routes: 'both' },
    open: { capabilities: [...usual, capability(69, 0, 1, 1, 0, 0, 2, 1, 4)] },
    want: 'up',
  },
  {
    name: 'A role is taken note of where none is configured here',
    clause: 'RFC 9234 §4.2',
    open: { capabilities: [...usual, capability(9, 2)] },
    want: 'up',
  },
];

/** What the daemon's own OPEN says. */
interface OfferRow {
  readonly name: string;
  readonly clause: string;
  /** A piece of the message, in hex. */
  readonly piece: string;
  readonly peer?: Case['peers'][string];
  readonly isOurs?: boolean;
}

const offers: readonly OfferRow[] = [
  {
    name: 'The daemon says version 4, its AS, the hold time configured and its identifier',
    clause: 'RFC 4271 §4.2',
    piece: '04fdea005a64000009',
  },
  {
    name: 'The daemon offers IPv4 unicast and IPv6 unicast',
    clause: 'RFC 4760 §8',
    piece: '0104000100010104000200',
  },
  { name: 'The daemon offers Route Refresh', clause: 'RFC 2918 §2', piece: '0200' },
  { name: 'The daemon offers Extended Messages', clause: 'RFC 8654 §3', piece: '0600' },
  { name: 'The daemon offers 4-octet AS numbers', clause: 'RFC 6793 §3', piece: '41040000fdea' },
  { name: 'The daemon offers Enhanced Route Refresh', clause: 'RFC 7313 §3.1', piece: '4600' },
  {
    name: 'The daemon announces End-of-RIB, and keeps no routes over a restart',
    clause: 'RFC 4724 §3, docs/configuration.md graceful_restart',
    piece: '40020000',
    isOurs: true,
  },
  {
    name: 'The daemon offers to receive several paths where that is configured',
    clause: 'RFC 7911 §4',
    peer: { addPath: 'receive' },
    piece: '4508000101010002',
  },
  {
    name: 'The daemon offers to send several paths where that is configured',
    clause: 'RFC 7911 §4',
    peer: { addPath: 'send', routes: 'both' },
    piece: '4508000101020002',
  },
  {
    name: 'A 4-octet AS of the daemon is AS_TRANS in My Autonomous System',
    clause: 'RFC 6793 §4.2.1',
    peer: { localAs: 4_200_000_002 },
    piece: '045ba0005a64000009',
  },
  {
    name: 'A 4-octet AS of the daemon is in its capability',
    clause: 'RFC 6793 §3',
    peer: { localAs: 4_200_000_002 },
    piece: '4104fa56ea02',
  },
];

function offerCase({ piece, peer, ...row }: OfferRow): Omit<Case, 'group'> {
  return {
    ...row,
    peers: { source: peer ?? {} },
    want: `…${piece}…`,
    async play(stage) {
      const source = await stage.call();
      const open = source.raw.of(MessageType.open).at(0)?.body.toString('hex') ?? 'no OPEN';
      return open.includes(piece) ? `…${piece}…` : open;
    },
  };
}

export const capabilityCases = group('capabilities', [
  ...rows.map(openCase),
  ...offers.map(offerCase),
]);
