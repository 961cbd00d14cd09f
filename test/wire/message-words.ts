import { decodeAttributes, type Decoded } from '#wire/attributes.ts';
import { describeCapability } from '#wire/capability-codec.ts';
import { families, MessageType } from '#wire/constants.ts';
import { Framer } from '#wire/framer.ts';
import { decodeRouteRefresh } from '#wire/message.ts';
import { decodeNotification, describe, unwrapHardReset } from '#wire/notification.ts';
import { decodeOpen } from '#wire/open.ts';
import type { NlriRange, PathAttributes } from '#wire/path-attributes.ts';
import { decodeShutdownText } from '#wire/shutdown-text.ts';
import { UpdateDecoder } from '#wire/update-decoder.ts';
import type { DecodeContext, Update } from '#wire/update.ts';
import { toHex } from './hex.ts';
import { prefixesOf } from './prefixes.ts';

/** Returns all messages of a stream in words, as in the vectors. */
export function streamInWords(
  stream: Uint8Array,
  context: DecodeContext,
  extendedMessages = false,
): unknown[] {
  const framer = new Framer();
  framer.extendedMessages = extendedMessages;
  framer.push(stream);
  const all: unknown[] = [];
  while (framer.next()) all.push(messageInWords(framer, context));
  return all;
}

/** Returns a message of the framer in words, after reading every part of it. */
export function messageInWords(
  { type, bytes, start, end }: Framer,
  context: DecodeContext,
): unknown {
  switch (type) {
    case MessageType.open:
      return openInWords(bytes, start, end);
    case MessageType.update:
      return updateInWords(new UpdateDecoder().decode(bytes, start, end, context));
    case MessageType.notification:
      return notificationInWords(bytes, start, end);
    case MessageType.routeRefresh:
      return { type: 'ROUTE-REFRESH', ...decodeRouteRefresh(bytes, start, end) };
    case MessageType.keepalive:
      return { type: 'KEEPALIVE' };
    default:
      return type satisfies never;
  }
}

function openInWords(bytes: Uint8Array, start: number, end: number): unknown {
  const open = decodeOpen(bytes, start, end);
  const { version, asn, holdTimeSec } = open;
  const octets = [24, 16, 8, 0].map((shift) => (open.routerId >>> shift) & 0xff);
  const capabilities = open.capabilities.map(describeCapability);
  return { type: 'OPEN', version, asn, holdTimeSec, routerId: octets.join('.'), capabilities };
}

function notificationInWords(bytes: Uint8Array, start: number, end: number): unknown {
  const notification = unwrapHardReset(decodeNotification(bytes, start, end));
  const { code, subcode, data } = notification;
  return {
    type: 'NOTIFICATION',
    text: describe(code, subcode),
    data: toHex(data),
    shutdownText: decodeShutdownText(notification),
  };
}

function updateInWords(update: Update): unknown {
  const { bytes, nextHopStart, nextHopEnd, withdrawn, mpUnreach, nlri, mpReach } = update;
  const mpNextHop = bytes.slice(nextHopStart, nextHopEnd);
  return {
    type: 'UPDATE',
    withdrawn: nonEmpty([...prefixesOf(bytes, withdrawn), ...prefixesOf(bytes, mpUnreach)]),
    ...(mpReach.start < mpReach.end && {
      mpReach: { prefixes: prefixesOf(bytes, mpReach), ...read(update, mpReach, mpNextHop) },
    }),
    ...(nlri.start < nlri.end && {
      nlri: { prefixes: prefixesOf(bytes, nlri), ...read(update, nlri) },
    }),
    endOfRib: update.endOfRib === undefined ? undefined : families[update.endOfRib].name,
  };
}

function read(update: Update, range: NlriRange, mpNextHop?: Uint8Array): object {
  const { attributeBytes, attributesStart, attributesEnd } = update;
  const options = { mpNextHop, needsNextHop: range === update.nlri };
  return decodedInWords(decodeAttributes(attributeBytes, attributesStart, attributesEnd, options));
}

function decodedInWords({ attributes, malformed, discarded }: Decoded): object {
  return {
    ...attributesInWords(attributes),
    malformed: malformed?.text,
    discarded: nonEmpty(discarded.map(({ text }) => text)),
  };
}

function attributesInWords(attributes: PathAttributes): object {
  return {
    ...attributes,
    asPath: attributes.asPath.map(({ kind, asns }) => (kind === 'set' ? { set: asns } : asns)),
    nextHop: toHex(attributes.nextHop),
    aggregator: attributes.aggregator && {
      asn: attributes.aggregator.asn,
      address: toHex(attributes.aggregator.address),
    },
    communities: nonEmpty(attributes.communities.map((c) => `${c >>> 16}:${c & 0xffff}`)),
    extCommunities: nonEmpty(attributes.extCommunities.map(toHex)),
    ipv6ExtCommunities: nonEmpty(attributes.ipv6ExtCommunities.map(toHex)),
    largeCommunities: nonEmpty(attributes.largeCommunities.map((parts) => parts.join(':'))),
    unknown: nonEmpty(
      attributes.unknown.map(({ flags, type, value }) => ({ flags, type, value: toHex(value) })),
    ),
  };
}

function nonEmpty<Item>(items: readonly Item[]): readonly Item[] | undefined {
  return items.length === 0 ? undefined : items;
}
