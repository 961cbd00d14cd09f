import { group } from '../case.ts';
import { fourOctetAs, multiprotocolIpv4, multiprotocolIpv6, openMessage } from '../open-bytes.ts';
import { openCase, type OpenRow } from '../session-case.ts';

const both = [multiprotocolIpv4, multiprotocolIpv6];

const rows: readonly OpenRow[] = [
  {
    name: 'Version 3 is refused, and the data is the version spoken here',
    clause: 'RFC 4271 §6.2',
    open: { version: 3 },
    want: 'NOTIFICATION 2/1 0004',
  },
  {
    name: 'Version 5 is refused, and the data is the version spoken here',
    clause: 'RFC 4271 §6.2',
    open: { version: 5 },
    want: 'NOTIFICATION 2/1 0004',
  },
  {
    name: 'Version 0 is refused',
    clause: 'RFC 4271 §6.2',
    open: { version: 0 },
    want: 'NOTIFICATION 2/1 0004',
  },
  {
    name: 'An AS that is not the one configured is refused',
    clause: 'RFC 4271 §6.2',
    open: { as: 65_009 },
    want: 'NOTIFICATION 2/2',
  },
  {
    name: 'An AS that is not the one configured is refused, from a peer with 2-octet AS numbers too',
    clause: 'RFC 4271 §6.2',
    open: { as: 65_009, capabilities: both },
    want: 'NOTIFICATION 2/2',
  },
  {
    name: 'A 4-octet AS in the capability that is not the one configured is refused, whatever My AS says',
    clause: 'RFC 6793 §4.1',
    open: { capabilities: [...both, fourOctetAs(65_009)] },
    want: 'NOTIFICATION 2/2',
  },
  {
    name: 'The AS of the daemon itself is refused from a peer that is external',
    clause: 'RFC 4271 §6.2',
    open: { as: 65_002 },
    want: 'NOTIFICATION 2/2',
  },
  {
    name: 'AS 0 in My Autonomous System is refused',
    clause: 'RFC 7607 §2',
    open: { as: 0, capabilities: both },
    want: 'NOTIFICATION 2/2',
  },
  {
    name: 'AS 0 in the 4-octet AS capability is refused',
    clause: 'RFC 7607 §2',
    open: { capabilities: [...both, fourOctetAs(0)] },
    want: 'NOTIFICATION 2/2',
  },
  {
    name: 'A peer with a 4-octet AS says AS_TRANS, and its AS in the capability',
    clause: 'RFC 6793 §4.2.1',
    peer: { as: 4_200_000_001 },
    want: 'up',
  },
  {
    name: 'AS_TRANS without the capability is no AS that could be configured',
    clause: 'RFC 6793 §4.2.1',
    peer: { as: 4_200_000_001 },
    open: { as: 23_456, capabilities: both },
    want: 'NOTIFICATION 2/2',
  },
  {
    name: 'A peer with 2-octet AS numbers is welcome',
    clause: 'RFC 6793 §4.1',
    open: { capabilities: both },
    want: 'up',
  },
  {
    name: 'BGP Identifier 0.0.0.0 is refused',
    clause: 'RFC 6286 §2.2',
    open: { routerId: '0.0.0.0' },
    want: 'NOTIFICATION 2/3',
  },
  {
    name: 'The BGP Identifier of the daemon is welcome from another AS',
    clause: 'RFC 6286 §2.2',
    open: { routerId: '100.0.0.9' },
    want: 'up',
  },
  {
    name: 'A BGP Identifier that is no host address is welcome',
    clause: 'RFC 6286 §2.1',
    open: { routerId: '224.0.0.1' },
    want: 'up',
  },
  {
    name: 'BGP Identifier 255.255.255.255 is welcome',
    clause: 'RFC 6286 §2.1',
    open: { routerId: '255.255.255.255' },
    want: 'up',
  },
  {
    name: 'A hold time of 1 s is refused',
    clause: 'RFC 4271 §6.2',
    open: { holdTimeSec: 1 },
    want: 'NOTIFICATION 2/6 …',
  },
  {
    name: 'A hold time of 2 s is refused',
    clause: 'RFC 4271 §6.2',
    open: { holdTimeSec: 2 },
    want: 'NOTIFICATION 2/6 …',
  },
  {
    name: 'A hold time of 3 s is welcome',
    clause: 'RFC 4271 §4.2',
    open: { holdTimeSec: 3 },
    want: 'up',
  },
  {
    name: 'A hold time of 65535 s is welcome',
    clause: 'RFC 4271 §4.2',
    open: { holdTimeSec: 65_535 },
    want: 'up',
  },
  {
    name: 'No hold time is refused where ours is not 0: a dead node must not keep its routes',
    clause: 'docs/configuration.md min_hold_time',
    open: { holdTimeSec: 0 },
    want: 'NOTIFICATION 2/6 …',
    isOurs: true,
  },
  {
    name: 'No hold time is welcome where ours is 0',
    clause: 'RFC 4271 §4.2',
    peer: { holdTimeSec: 0 },
    open: { holdTimeSec: 0 },
    want: 'up',
  },
  {
    name: 'No hold time is welcome where min_hold_time is 0',
    clause: 'docs/configuration.md min_hold_time',
    peer: { minHoldTimeSec: 0 },
    open: { holdTimeSec: 0 },
    want: 'up',
    isOurs: true,
  },
  {
    name: 'A hold time below min_hold_time is refused',
    clause: 'RFC 4271 §6.2, docs/configuration.md min_hold_time',
    peer: { minHoldTimeSec: 10 },
    open: { holdTimeSec: 9 },
    want: 'NOTIFICATION 2/6 …',
    isOurs: true,
  },
  {
    name: 'A hold time of min_hold_time is welcome',
    clause: 'docs/configuration.md min_hold_time',
    peer: { minHoldTimeSec: 10 },
    open: { holdTimeSec: 10 },
    want: 'up',
    isOurs: true,
  },
  {
    name: 'The version is judged before anything else',
    clause: 'RFC 4271 §6.2',
    bytes: openMessage({ version: 3, as: 65_009, routerId: '0.0.0.0', holdTimeSec: 1 }),
    want: 'NOTIFICATION 2/1 0004',
  },
];

export const openCases = group('open', rows.map(openCase));
