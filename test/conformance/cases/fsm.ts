import { keepalive, message, MessageType, routeRefresh } from '#support/raw-message.ts';
import { announceIpv4, endOfRibIpv4, hex } from '../bytes.ts';
import { group } from '../case.ts';
import { openMessage } from '../open-bytes.ts';
import { messageCase, type MessageRow } from '../session-case.ts';

const cease = message(MessageType.notification, hex('0602'));
const holdTimerExpired = message(MessageType.notification, hex('0400'));
const unsupportedVersion = message(MessageType.notification, hex('0201 0003'));
const route = announceIpv4(hex('18 cb0071'));

const rows: readonly MessageRow[] = [
  {
    name: 'A KEEPALIVE before the OPEN is an FSM error in OpenSent',
    clause: 'RFC 6608 §4',
    state: 'OpenSent',
    send: keepalive(),
    want: 'NOTIFICATION 5/1 04',
  },
  {
    name: 'An UPDATE before the OPEN is an FSM error in OpenSent',
    clause: 'RFC 6608 §4',
    state: 'OpenSent',
    send: route,
    want: 'NOTIFICATION 5/1 02',
  },
  {
    name: 'A ROUTE-REFRESH before the OPEN is an FSM error in OpenSent',
    clause: 'RFC 6608 §4',
    state: 'OpenSent',
    send: routeRefresh(1),
    want: 'NOTIFICATION 5/1 05',
  },
  {
    name: 'A NOTIFICATION in OpenSent ends the connection without an answer',
    clause: 'RFC 4271 §6.4, §8.2.2',
    state: 'OpenSent',
    send: cease,
    want: 'closed',
  },
  {
    name: 'A version error in OpenSent ends the connection without an answer',
    clause: 'RFC 4271 §8.2.2 event 24',
    state: 'OpenSent',
    send: unsupportedVersion,
    want: 'closed',
  },
  {
    name: 'An UPDATE before the KEEPALIVE is an FSM error in OpenConfirm',
    clause: 'RFC 6608 §4',
    state: 'OpenConfirm',
    send: route,
    want: 'NOTIFICATION 5/2 02',
  },
  {
    name: 'An End-of-RIB before the KEEPALIVE is an FSM error in OpenConfirm',
    clause: 'RFC 6608 §4',
    state: 'OpenConfirm',
    send: endOfRibIpv4,
    want: 'NOTIFICATION 5/2 02',
  },
  {
    name: 'A second OPEN is an FSM error in OpenConfirm',
    clause: 'RFC 6608 §4',
    state: 'OpenConfirm',
    send: openMessage({}),
    want: 'NOTIFICATION 5/2 01',
  },
  {
    name: 'A ROUTE-REFRESH before the KEEPALIVE is an FSM error in OpenConfirm',
    clause: 'RFC 6608 §4',
    state: 'OpenConfirm',
    send: routeRefresh(1),
    want: 'NOTIFICATION 5/2 05',
  },
  {
    name: 'A NOTIFICATION in OpenConfirm ends the connection without an answer',
    clause: 'RFC 4271 §6.4, §8.2.2',
    state: 'OpenConfirm',
    send: cease,
    want: 'closed',
  },
  {
    name: 'A version error in OpenConfirm ends the connection without an answer',
    clause: 'RFC 4271 §8.2.2 event 24',
    state: 'OpenConfirm',
    send: unsupportedVersion,
    want: 'closed',
  },
  {
    name: 'A second OPEN is an FSM error in Established',
    clause: 'RFC 6608 §4',
    state: 'Established',
    send: openMessage({}),
    want: 'NOTIFICATION 5/3 01',
  },
  {
    name: 'A second OPEN is an FSM error in Established even if it could not be accepted',
    clause: 'RFC 6608 §4',
    state: 'Established',
    send: openMessage({ version: 3, routerId: '0.0.0.0' }),
    want: 'NOTIFICATION 5/3 01',
  },
  {
    name: 'A NOTIFICATION in Established ends the session without an answer',
    clause: 'RFC 4271 §6.4, §8.2.2',
    state: 'Established',
    send: cease,
    want: 'closed',
  },
  {
    name: 'A Hold Timer Expired of the peer ends the session without an answer',
    clause: 'RFC 4271 §6.4, §8.2.2',
    state: 'Established',
    send: holdTimerExpired,
    want: 'closed',
  },
  {
    name: 'KEEPALIVEs in Established are taken as they come',
    clause: 'RFC 4271 §4.4, §8.2.2 event 26',
    state: 'Established',
    send: [keepalive(), keepalive(), keepalive()],
    want: 'up',
  },
  {
    name: 'An OPEN that comes octet by octet is taken as a whole',
    clause: 'RFC 4271 §4',
    state: 'OpenSent',
    send: [...openMessage({})].map((octet) => Uint8Array.of(octet)),
    want: 'up',
  },
  {
    name: 'OPEN and KEEPALIVE in one segment establish the session',
    clause: 'RFC 4271 §8.2.2',
    state: 'OpenSent',
    send: Buffer.concat([openMessage({}), keepalive()]),
    want: 'up',
  },
];

export const fsmCases = group('fsm', rows.map(messageCase));
