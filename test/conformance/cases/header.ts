import { keepalive } from '#support/raw-message.ts';
import { endOfRibIpv4, rawUpdate, withHeader } from '../bytes.ts';
import { group } from '../case.ts';
import { openMessage } from '../open-bytes.ts';
import { messageCase, type MessageRow } from '../session-case.ts';

const marker = (at: number, octet: number): Buffer => {
  const bytes = Buffer.alloc(16, 0xff);
  bytes[at] = octet;
  return bytes;
};
const headerOnly = (length: number, type: number): Buffer =>
  withHeader(keepalive(), { length, type });

const rows: readonly MessageRow[] = [
  {
    name: 'A marker whose first octet is not all ones is refused in OpenSent',
    clause: 'RFC 4271 §6.1',
    state: 'OpenSent',
    send: withHeader(openMessage({}), { marker: marker(0, 0x7f) }),
    want: 'NOTIFICATION 1/1',
  },
  {
    name: 'A marker whose last octet is not all ones is refused in OpenConfirm',
    clause: 'RFC 4271 §6.1',
    state: 'OpenConfirm',
    send: withHeader(keepalive(), { marker: marker(15, 0xfe) }),
    want: 'NOTIFICATION 1/1',
  },
  {
    name: 'A marker of zeros is refused in Established',
    clause: 'RFC 4271 §6.1',
    state: 'Established',
    send: withHeader(keepalive(), { marker: Buffer.alloc(16) }),
    want: 'NOTIFICATION 1/1',
  },
  {
    name: 'A message shorter than its header (18) is refused',
    clause: 'RFC 4271 §6.1',
    state: 'Established',
    send: headerOnly(18, 4),
    want: 'NOTIFICATION 1/2 0012',
  },
  {
    name: 'A message of length 0 is refused',
    clause: 'RFC 4271 §6.1',
    state: 'Established',
    send: headerOnly(0, 4),
    want: 'NOTIFICATION 1/2 0000',
  },
  {
    name: 'A message of length 0 is refused in OpenSent',
    clause: 'RFC 4271 §6.1',
    state: 'OpenSent',
    send: headerOnly(0, 1),
    want: 'NOTIFICATION 1/2 0000',
  },
  {
    name: 'An OPEN shorter than 29 octets is refused',
    clause: 'RFC 4271 §6.1',
    state: 'OpenSent',
    send: withHeader(openMessage({}).subarray(0, 28), { length: 28 }),
    want: 'NOTIFICATION 1/2 001c',
  },
  {
    name: 'An OPEN longer than 4096 octets is refused, as soon as its header is in',
    clause: 'RFC 4271 §6.1, RFC 8654 §4',
    state: 'OpenSent',
    send: headerOnly(4097, 1),
    want: 'NOTIFICATION 1/2 1001',
  },
  {
    name: 'A KEEPALIVE longer than its header is refused',
    clause: 'RFC 4271 §4.4, §6.1',
    state: 'Established',
    send: Buffer.concat([headerOnly(20, 4), Buffer.alloc(1)]),
    want: 'NOTIFICATION 1/2 0014',
  },
  {
    name: 'A KEEPALIVE longer than its header is refused in OpenConfirm',
    clause: 'RFC 4271 §4.4, §6.1',
    state: 'OpenConfirm',
    send: Buffer.concat([headerOnly(23, 4), Buffer.alloc(4)]),
    want: 'NOTIFICATION 1/2 0017',
  },
  {
    name: 'An UPDATE shorter than 23 octets is refused',
    clause: 'RFC 4271 §6.1',
    state: 'Established',
    send: rawUpdate('0000 00'),
    want: 'NOTIFICATION 1/2 0016',
  },
  {
    name: 'An UPDATE of a header alone is refused',
    clause: 'RFC 4271 §6.1',
    state: 'Established',
    send: headerOnly(19, 2),
    want: 'NOTIFICATION 1/2 0013',
  },
  {
    name: 'A NOTIFICATION shorter than 21 octets is refused',
    clause: 'RFC 4271 §6.1',
    state: 'Established',
    send: Buffer.concat([headerOnly(20, 3), Buffer.alloc(1)]),
    want: 'NOTIFICATION 1/2 0014',
  },
  {
    name: 'Message type 0 is refused',
    clause: 'RFC 4271 §6.1',
    state: 'Established',
    send: headerOnly(19, 0),
    want: 'NOTIFICATION 1/3 00',
  },
  {
    name: 'Message type 6 is refused',
    clause: 'RFC 4271 §6.1',
    state: 'Established',
    send: headerOnly(19, 6),
    want: 'NOTIFICATION 1/3 06',
  },
  {
    name: 'Message type 255 is refused',
    clause: 'RFC 4271 §6.1',
    state: 'Established',
    send: headerOnly(19, 255),
    want: 'NOTIFICATION 1/3 ff',
  },
  {
    name: 'An unknown message type is refused in OpenSent',
    clause: 'RFC 4271 §6.1',
    state: 'OpenSent',
    send: headerOnly(19, 9),
    want: 'NOTIFICATION 1/3 09',
  },
  {
    name: 'An unknown message type is refused in OpenConfirm',
    clause: 'RFC 4271 §6.1',
    state: 'OpenConfirm',
    send: headerOnly(19, 9),
    want: 'NOTIFICATION 1/3 09',
  },
  {
    name: 'Messages in one segment are taken one after the other',
    clause: 'RFC 4271 §4',
    state: 'Established',
    send: Buffer.concat([keepalive(), endOfRibIpv4, keepalive(), keepalive()]),
    want: 'up',
  },
];

export const headerCases = group('header', rows.map(messageCase));
