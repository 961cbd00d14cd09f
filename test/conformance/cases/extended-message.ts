import { attribute, message, MessageType } from '#support/raw-message.ts';
import { announceIpv4, changed, hex, med, rawUpdate, u16, usual } from '../bytes.ts';
import { type Case, group } from '../case.ts';
import { extendedMessage, type OpenParts, usualCapabilities } from '../open-bytes.ts';
import { messageCase, type MessageRow } from '../session-case.ts';
import {
  announced,
  attributeCase,
  type AttributeRow,
  updateCase,
  type UpdateRow,
  withdrawn,
} from '../update-case.ts';

const long: OpenParts = { capabilities: [...usualCapabilities(65_001), extendedMessage] };
const bigAttribute = (length: number): Buffer => attribute(0xd0, 99, Array<number>(length).fill(5));

/** An UPDATE of exactly `length` octets that withdraws the same unknown route again and again. */
function updateOfLength(length: number): Buffer {
  const room = length - 23;
  const routes = Buffer.concat([
    Buffer.alloc(room - (room % 4), hex('18c63364')),
    Buffer.alloc(room % 4),
  ]);
  return rawUpdate(Buffer.concat([Buffer.from(u16(room)), routes, Buffer.alloc(2)]));
}

const messages: readonly MessageRow[] = [
  {
    name: 'An UPDATE of 4096 octets is taken',
    clause: 'RFC 4271 §4.1',
    state: 'Established',
    send: updateOfLength(4096),
    want: 'up',
  },
  {
    name: 'An UPDATE of 4097 octets is taken where both sides offered extended messages',
    clause: 'RFC 8654 §4',
    state: 'Established',
    open: long,
    send: updateOfLength(4097),
    want: 'up',
  },
  {
    name: 'An UPDATE of 65535 octets is taken where both sides offered extended messages',
    clause: 'RFC 8654 §4',
    state: 'Established',
    open: long,
    send: updateOfLength(65_535),
    want: 'up',
  },
  {
    name: 'An UPDATE of 4097 octets is taken as the daemon offered it, whether the peer did or not',
    clause: 'RFC 8654 §4, §6',
    state: 'Established',
    send: updateOfLength(4097),
    want: 'up',
  },
  {
    name: 'A NOTIFICATION of more than 4096 octets ends the session as any other',
    clause: 'RFC 8654 §4',
    state: 'Established',
    open: long,
    send: message(MessageType.notification, Buffer.concat([hex('0600'), Buffer.alloc(5000)])),
    want: 'closed',
  },
  {
    name: 'A KEEPALIVE is never longer than its header',
    clause: 'RFC 8654 §4',
    state: 'Established',
    open: long,
    send: message(MessageType.keepalive, Buffer.alloc(5000)),
    want: 'NOTIFICATION 1/2 139b',
  },
  {
    name: 'An OPEN is never longer than 4096 octets',
    clause: 'RFC 8654 §4',
    state: 'Established',
    open: long,
    send: message(MessageType.open, Buffer.alloc(5000)),
    want: 'NOTIFICATION 1/2 139b',
  },
];

const attributes: readonly AttributeRow[] = [
  {
    name: 'A client that takes extended messages is sent a route whose attributes need one',
    clause: 'RFC 8654 §4',
    open: long,
    attributes: changed(bigAttribute(5000)),
    client: 'long',
    want: announced,
  },
  {
    name: 'A client that does not take extended messages loses a route that no longer fits',
    clause: 'RFC 8654 §4, RFC 4271 §9.2',
    open: long,
    attributes: changed(bigAttribute(5000)),
    client: 'plain',
    want: withdrawn,
  },
  {
    name: 'A route with 3900 octets of attributes fits everybody',
    clause: 'RFC 4271 §4.1',
    attributes: changed(bigAttribute(3900)),
    want: announced,
  },
];

const updates: readonly UpdateRow[] = [
  {
    name: 'An extended message with errors is judged as any other',
    clause: 'RFC 8654 §4, RFC 7606 §7.1',
    open: long,
    send: (own) => announceIpv4(own.ipv4(), changed(attribute(0x40, 1, [9]), bigAttribute(5000))),
    want: withdrawn,
  },
  {
    name: 'A thousand routes in one extended message are all taken',
    clause: 'RFC 8654 §4',
    open: long,
    send: (own) => {
      const others = Array.from({ length: 1000 }, () => own.ipv4(2));
      return announceIpv4(Buffer.concat([...others, own.ipv4()]));
    },
    want: announced,
  },
  {
    name: 'A message of 5000 octets is not cut where the peer has not offered any',
    clause: 'RFC 8654 §4, §6',
    send: (own) => announceIpv4(own.ipv4(), [...usual, bigAttribute(5000)]),
    client: 'long',
    want: announced,
  },
];

/** No client without the capability is ever sent more than 4096 octets. */
const lengths: Omit<Case, 'group'> = {
  name: 'No message to a client that does not take extended ones is longer than 4096 octets',
  clause: 'RFC 8654 §4',
  peers: { source: {} },
  want: 'none, and all routes are there',
  async play(stage) {
    const source = await stage.session('source', long);
    const view = stage.clients.plain;
    // It has a network of its own: no other case uses 24.0.0.0/8.
    const nlri = Array.from({ length: 1500 }, (_, i) => Buffer.from([32, 24, 0, i >> 8, i & 0xff]));
    source.send(announceIpv4(Buffer.concat(nlri)));
    await stage.passed(source);
    await stage.until(() => nlri.every((each) => view.route(each) !== undefined));
    const missing = nlri.filter((each) => view.route(each) === undefined).length;
    const longest = Math.max(...nlri.map((each) => view.route(each)?.messageBytes ?? 0));
    if (missing > 0) return `${missing} routes are missing`;
    return `${longest > 4096 ? longest : 'none'}, and all routes are there`;
  },
};

/** A route that is too long for a client does not hide other routes from it. */
const next: Omit<Case, 'group'> = {
  name: 'A client that cannot be sent the best route for its length gets the next one',
  clause: 'RFC 4271 §9.2, RFC 7947 §2.3',
  peers: { long: {}, short: {} },
  want: 'c0000216',
  async play(stage) {
    const best = await stage.session('long', { ...long, routerId: '10.0.0.1' });
    const second = await stage.session('short', { routerId: '10.0.0.9' });
    const nlri = stage.own.ipv4();
    const nextHop = attribute(0x40, 3, [192, 0, 2, 22]);
    const short = changed(med(9)).map((each) => (each[1] === 3 ? nextHop : each));
    second.send(announceIpv4(nlri, short));
    await stage.passed(second);
    best.send(announceIpv4(nlri, changed(med(1), bigAttribute(5000))));
    await stage.passed(best);
    const view = stage.clients.plain;
    return view.route(nlri)?.attributes.get(3)?.value.toString('hex') ?? 'nothing';
  },
};

export const extendedMessageCases = group('extended messages', [
  ...messages.map(messageCase),
  ...attributes.map(attributeCase),
  ...updates.map(updateCase),
  lengths,
  next,
]);
