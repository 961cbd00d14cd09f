import { attribute, message, MessageType, update } from '#support/raw-message.ts';

/** Bytes from hex, `00 04`, with any spaces. */
export function hex(text: string): Buffer {
  return Buffer.from(text.replaceAll(/\s/g, ''), 'hex');
}

export function u16(value: number): readonly number[] {
  return [(value >>> 8) & 0xff, value & 0xff];
}

export function u32(value: number): readonly number[] {
  return [...u16(value >>> 16), ...u16(value & 0xffff)];
}

/** Flags that are right for most attributes. */
export const wellKnown = 0x40;
export const optional = 0x80;
export const optionalTransitive = 0xc0;
export const extendedLength = 0x10;

/** The AS of sources, from which the routes come. */
const ourSource = u32(65_001);

/** A segment of an AS_PATH: 1 is a set, 2 a sequence. */
export function segment(type: number, ...asns: number[]): readonly number[] {
  return [type, asns.length, ...asns.flatMap(u32)];
}

/** The same for sessions with 2-octet AS numbers. */
export function shortSegment(type: number, ...asns: number[]): readonly number[] {
  return [type, asns.length, ...asns.flatMap(u16)];
}

export function asPath(...asns: number[]): Buffer {
  return attribute(wellKnown, 2, segment(2, ...asns));
}

export function shortAsPath(...asns: number[]): Buffer {
  return attribute(wellKnown, 2, shortSegment(2, ...asns));
}

export function med(value: number): Buffer {
  return attribute(optional, 4, u32(value));
}

export function nextHop(...address: number[]): Buffer {
  return attribute(wellKnown, 3, address);
}

/** The next hop of all routes unless a case says otherwise; RFC 5737 and 3849 addresses. */
export const nextHopIpv4 = [192, 0, 2, 1] as const;
export const nextHopIpv6 = [...hex('20010db8000000000000000000000001')];

/**
 * The attributes of every route of a case unless the case says otherwise; MED 2 distinguishes it from the route before.
 */
export const usual: readonly Buffer[] = [
  attribute(wellKnown, 1, [0]),
  attribute(wellKnown, 2, [2, 1, ...ourSource]),
  attribute(wellKnown, 3, nextHopIpv4),
  med(2),
];

/** The usual attributes; given ones replace those of the same type in place, and others are appended. */
export function changed(...others: readonly Buffer[]): Buffer[] {
  const replaced = usual.map((each) => others.find((other) => other[1] === each[1]) ?? each);
  return [...replaced, ...others.filter((other) => !usual.some((each) => each[1] === other[1]))];
}

export function without(...types: readonly number[]): Buffer[] {
  return usual.filter((each) => !types.includes(each[1]));
}

const nothing = Buffer.alloc(0);

/** An UPDATE with routes in the NLRI field. */
export function announceIpv4(nlri: Uint8Array, attributes: readonly Buffer[] = usual): Buffer {
  return update(attributes, Buffer.from(nlri), nothing);
}

/** An UPDATE with routes in the Withdrawn Routes field. */
export function withdrawIpv4(nlri: Uint8Array): Buffer {
  return update([], nothing, Buffer.from(nlri));
}

export interface MpReach {
  readonly flags?: number;
  readonly afi?: number;
  readonly safi?: number;
  readonly nextHop?: readonly number[];
  /** The length of the next hop; the right one unless given. */
  readonly nextHopLength?: number;
  readonly reserved?: number;
}

/** MP_REACH_NLRI (RFC 4760 §3). */
export function mpReach(nlri: Uint8Array, fields: MpReach = {}): Buffer {
  const address = fields.nextHop ?? nextHopIpv6;
  return attribute(fields.flags ?? optional, 14, [
    ...u16(fields.afi ?? 2),
    fields.safi ?? 1,
    fields.nextHopLength ?? address.length,
    ...address,
    fields.reserved ?? 0,
    ...nlri,
  ]);
}

/** MP_UNREACH_NLRI (RFC 4760 §4). */
export function mpUnreach(nlri: Uint8Array, { flags = optional, afi = 2, safi = 1 } = {}): Buffer {
  return attribute(flags, 15, [...u16(afi), safi, ...nlri]);
}

/** An UPDATE of attributes alone: IPv6 routes are in one of them. */
export function updateOf(...attributes: readonly Buffer[]): Buffer {
  return update(attributes, nothing, nothing);
}

/** The usual attributes of an IPv6 route, which has no NEXT_HOP. */
export const usualIpv6: readonly Buffer[] = without(3);

export function announceIpv6(
  nlri: Uint8Array,
  attributes: readonly Buffer[] = usualIpv6,
  fields: MpReach = {},
): Buffer {
  return updateOf(mpReach(nlri, fields), ...attributes);
}

export function withdrawIpv6(nlri: Uint8Array): Buffer {
  return updateOf(mpUnreach(nlri));
}

/** An UPDATE whose parts need not fit together. */
export function rawUpdate(body: string | Uint8Array): Buffer {
  return message(MessageType.update, typeof body === 'string' ? hex(body) : body);
}

/** End-of-RIB (RFC 4724 §2). */
export const endOfRibIpv4 = rawUpdate('0000 0000');
export const endOfRibIpv6 = updateOf(mpUnreach(nothing));

/** The message with another marker, length or type in its header. */
export function withHeader(
  bytes: Uint8Array,
  { marker, length, type }: { marker?: Uint8Array; length?: number; type?: number },
): Buffer {
  const copy = Buffer.from(bytes);
  if (marker !== undefined) copy.set(marker, 0);
  if (length !== undefined) copy.writeUInt16BE(length, 16);
  if (type !== undefined) copy[18] = type;
  return copy;
}
