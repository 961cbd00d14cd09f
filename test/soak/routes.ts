import { attribute, ipv4UnicastCapability, update } from '#support/raw-message.ts';

/** Routes of the soak: prefix N is the N-th /24 of 16.0.0.0/4, up to a million. */
export const mostPrefixes = 1 << 20;

const base = 16 << 16;
const none = Buffer.alloc(0);
const mostInOne = 900;
const nextHop = [192, 0, 2, 1];

export interface RouteOptions {
  readonly med?: number;
  /** A large community that no other route has, which makes a set of attributes of its own. */
  readonly mark?: number;
  /** After all others, or in place of one of them. */
  readonly more?: readonly Buffer[];
  readonly asPath?: readonly number[];
  readonly origin?: number;
  /** One more path of the first prefix with each identifier (RFC 7911). */
  readonly pathId?: number;
}

export const capabilities = [ipv4UnicastCapability, [2, []], [70, []]] as const;

/** An UPDATE that announces prefixes beginning at `from`; at most 900. */
export function announce(
  from: number,
  count: number,
  { med = 0, mark, more = [], asPath = [65001], origin = 0, pathId }: RouteOptions = {},
): Buffer {
  if (count > mostInOne) throw new RangeError(`${count} prefixes in one UPDATE`);
  const attributes = [
    attribute(0x40, 1, [origin]),
    attribute(0x40, 2, [2, asPath.length, ...asPath.flatMap(u32)]),
    attribute(0x40, 3, nextHop),
    attribute(0x80, 4, u32(med)),
    ...(mark === undefined ? [] : [attribute(0xc0, 32, [...u32(65001), ...u32(mark), ...u32(7)])]),
    ...more,
  ];
  const routes = pathId === undefined ? nlri(from, count) : paths(from, count, pathId);
  return update(attributes, routes, none);
}

export function withdraw(from: number, count: number): Buffer {
  return update([], none, nlri(from, count));
}

/** RFC 4724 §2. */
export const endOfRib = update([], none, none);

/** Reads an UPDATE that a router was sent; calls back with each prefix and its MED, -1 for one that is withdrawn. */
export function readRoutes(message: Buffer, visit: (prefix: number, med: number) => void): void {
  const withdrawnEnd = 21 + message.readUInt16BE(19);
  const attributesEnd = withdrawnEnd + 2 + message.readUInt16BE(withdrawnEnd);
  for (let at = 21; at < withdrawnEnd; at += 4) visit(prefixAt(message, at), -1);
  if (attributesEnd === message.length) return;
  const med = medOf(message.subarray(withdrawnEnd + 2, attributesEnd));
  for (let at = attributesEnd; at < message.length; at += 4) visit(prefixAt(message, at), med);
}

function medOf(attributes: Buffer): number {
  for (let at = 0; at < attributes.length;) {
    const isLong = (attributes[at] & 0x10) !== 0;
    const start = at + (isLong ? 4 : 3);
    const length = isLong ? attributes.readUInt16BE(at + 2) : attributes[at + 2];
    if (attributes[at + 1] === 4) return attributes.readUInt32BE(start);
    at = start + length;
  }
  return 0;
}

function nlri(from: number, count: number): Buffer {
  const octets = Buffer.alloc(4 * count);
  for (let at = 0; at < count; at++) {
    octets[4 * at] = 24;
    octets.writeUIntBE(base + ((from + at) % mostPrefixes), 4 * at + 1, 3);
  }
  return octets;
}

/** Paths of one prefix. */
function paths(prefix: number, count: number, firstId: number): Buffer {
  const route = nlri(prefix, 1);
  return Buffer.concat(
    Array.from({ length: count }, (_, at) =>
      Buffer.concat([Buffer.from(u32(firstId + at)), route]),
    ),
  );
}

function prefixAt(message: Buffer, at: number): number {
  if (message[at] !== 24) throw new Error(`a prefix of ${message[at]} bits`);
  return message.readUIntBE(at + 1, 3) - base;
}

function u32(value: number): number[] {
  return [(value >>> 24) & 255, (value >>> 16) & 255, (value >>> 8) & 255, value & 255];
}
