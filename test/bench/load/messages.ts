import type { Family } from '../addresses.ts';
import { noPlaces, routeKey } from './attributes.ts';
import { nlriBytes, writePrefix } from './prefixes.ts';

/** Just enough of RFC 4271 to load a route server, written independently of the daemon's own codec. */

export const headerBytes = 19;
const maxMessageBytes = 4096;
const updateType = 2;

const afi: Readonly<Record<Family, number>> = { ipv4: 1, ipv6: 2 };

export interface RouteAttributes {
  readonly nextHop: Uint8Array;
  readonly asPath: readonly number[];
  readonly med?: number;
  readonly communities?: readonly number[];
}

export function keepalive(): Buffer {
  return message(4, Buffer.alloc(0));
}

/** With the capabilities of BIRD's routers: the family, route refresh (2), AS4. */
export function open(family: Family, as: number, holdTimeSec: number, routerId: number): Buffer {
  const capabilities = Buffer.from([1, 4, 0, afi[family], 0, 1, 2, 0, 65, 4, 0, 0, 0, 0]);
  capabilities.writeUInt32BE(as, capabilities.length - 4);
  const head = Buffer.alloc(12);
  head[0] = 4;
  head.writeUInt16BE(as, 1);
  head.writeUInt16BE(holdTimeSec, 3);
  head.writeUInt32BE(routerId, 5);
  head[9] = capabilities.length + 2;
  head[10] = 2;
  head[11] = capabilities.length;
  return message(1, Buffer.concat([head, capabilities]));
}

export function endOfRib(family: Family): Buffer {
  if (family === 'ipv4') return message(updateType, Buffer.alloc(4));
  return message(updateType, Buffer.from([0, 0, 0, 6, 0x80, 15, 3, 0, afi.ipv6, 1]));
}

/** The announcements of one node, one after the other in one buffer, ready to be sent. */
export class UpdateStream {
  private readonly family: Family;
  private octets = Buffer.alloc(1 << 16);
  private length = 0;

  constructor(family: Family) {
    this.family = family;
  }

  /** One UPDATE, with the attributes in the order of ExaBGP. */
  announce(attributes: RouteAttributes, prefixes: ArrayLike<number>): void {
    this.makeRoom();
    const start = this.length;
    const attributesAt = start + headerBytes + 4;
    let at = this.writeAttributes(attributes, attributesAt);
    if (this.family === 'ipv6') at = this.writeReach(attributes.nextHop, prefixes, at);
    this.octets.writeUInt16BE(0, attributesAt - 4);
    this.octets.writeUInt16BE(at - attributesAt, attributesAt - 2);
    if (this.family === 'ipv4') at = this.writeNlri(prefixes, at);
    if (at - start > maxMessageBytes) throw new Error('too many prefixes for one UPDATE');
    writeHeader(this.octets, start, at - start, updateType);
    this.length = at;
  }

  endOfRib(): void {
    this.makeRoom();
    this.length += endOfRib(this.family).copy(this.octets, this.length);
  }

  bytes(): Buffer {
    return this.octets.subarray(0, this.length);
  }

  private makeRoom(): void {
    if (this.octets.length - this.length >= 2 * maxMessageBytes) return;
    const wider = Buffer.alloc(this.octets.length * 2);
    this.octets.copy(wider);
    this.octets = wider;
  }

  private writeAttributes(attributes: RouteAttributes, start: number): number {
    let at = this.writeAttribute(start, 0x40, 1, [0]);
    at = this.writeAttribute(at, 0x40, 2, asSequence(attributes.asPath));
    if (this.family === 'ipv4') at = this.writeAttribute(at, 0x40, 3, attributes.nextHop);
    if (attributes.med !== undefined) {
      at = this.writeAttribute(at, 0x80, 4, bigEndian([attributes.med]));
    }
    if (attributes.communities === undefined || attributes.communities.length === 0) return at;
    return this.writeAttribute(at, 0xc0, 8, bigEndian(attributes.communities));
  }

  private writeAttribute(
    at: number,
    flags: number,
    type: number,
    value: ArrayLike<number>,
  ): number {
    this.octets[at] = flags;
    this.octets[at + 1] = type;
    this.octets[at + 2] = value.length;
    this.octets.set(value, at + 3);
    return at + 3 + value.length;
  }

  private writeReach(nextHop: Uint8Array, prefixes: ArrayLike<number>, start: number): number {
    const valueAt = start + 4;
    this.octets.set([0, afi.ipv6, 1, nextHop.length], valueAt);
    this.octets.set(nextHop, valueAt + 4);
    this.octets[valueAt + 4 + nextHop.length] = 0;
    const end = this.writeNlri(prefixes, valueAt + 5 + nextHop.length);
    this.octets[start] = 0x90;
    this.octets[start + 1] = 14;
    this.octets.writeUInt16BE(end - valueAt, start + 2);
    return end;
  }

  private writeNlri(prefixes: ArrayLike<number>, start: number): number {
    const step = nlriBytes[this.family];
    for (let at = 0; at < prefixes.length; at++) {
      writePrefix(this.family, prefixes[at], this.octets, start + at * step);
    }
    return start + prefixes.length * step;
  }
}

/** The key by which a router's table knows a route with these attributes. */
export function keyOf(attributes: RouteAttributes): number {
  const asPath = asSequence(attributes.asPath);
  const med = attributes.med === undefined ? new Uint8Array(0) : bigEndian([attributes.med]);
  const communities = bigEndian(attributes.communities ?? []);
  const places = noPlaces();
  places.nextHopLength = attributes.nextHop.length;
  places.asPathAt = attributes.nextHop.length;
  places.asPathLength = asPath.length;
  places.medAt = places.asPathAt + asPath.length;
  places.medLength = med.length;
  places.communitiesAt = places.medAt + med.length;
  places.communitiesLength = communities.length;
  return routeKey(Buffer.concat([attributes.nextHop, asPath, med, communities]), places);
}

export function writeHeader(into: Buffer, at: number, length: number, type: number): void {
  into.fill(0xff, at, at + 16);
  into.writeUInt16BE(length, at + 16);
  into[at + 18] = type;
}

function message(type: number, body: Buffer): Buffer {
  const octets = Buffer.alloc(headerBytes + body.length);
  writeHeader(octets, 0, octets.length, type);
  body.copy(octets, headerBytes);
  return octets;
}

function asSequence(asPath: readonly number[]): Uint8Array {
  const segment = Buffer.alloc(2 + 4 * asPath.length);
  segment[0] = 2;
  segment[1] = asPath.length;
  asPath.forEach((as, at) => segment.writeUInt32BE(as, 2 + 4 * at));
  return segment;
}

function bigEndian(numbers: readonly number[]): Uint8Array {
  const octets = Buffer.alloc(4 * numbers.length);
  numbers.forEach((number, at) => octets.writeUInt32BE(number, 4 * at));
  return octets;
}
