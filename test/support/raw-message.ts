/** BGP messages that are built and read byte by byte for tests (RFC 4271 §4), deliberately apart from src/wire. */
export const MessageType = {
  open: 1,
  update: 2,
  notification: 3,
  keepalive: 4,
  routeRefresh: 5,
} as const;

export interface OpenFields {
  readonly as: number;
  readonly holdTimeSec: number;
  /** Dotted quad. */
  readonly routerId: string;
  /** Each is `[code, value]`; all are in one parameter of type 2. */
  readonly capabilities: readonly (readonly [number, readonly number[]])[];
}

export const ipv4UnicastCapability = [1, [0, 1, 0, 1]] as const;
export const ipv6UnicastCapability = [1, [0, 2, 0, 1]] as const;
export const routeRefreshCapability = [2, []] as const;

export function fourOctetAsCapability(as: number): readonly [number, readonly number[]] {
  return [65, [as >>> 24, (as >>> 16) & 255, (as >>> 8) & 255, as & 255]];
}

export function message(type: number, body: Uint8Array): Buffer {
  const header = Buffer.alloc(19, 0xff);
  header.writeUInt16BE(19 + body.length, 16);
  header[18] = type;
  return Buffer.concat([header, body]);
}

export function open({ as, holdTimeSec, routerId, capabilities }: OpenFields): Buffer {
  const list = capabilities.flatMap(([code, value]) => [code, value.length, ...value]);
  const parameters = [2, list.length, ...list];
  const fixed = [4, as >> 8, as & 255, holdTimeSec >> 8, holdTimeSec & 255];
  const identifier = routerId.split('.').map(Number);
  return message(
    MessageType.open,
    Buffer.from([...fixed, ...identifier, parameters.length, ...parameters]),
  );
}

export function keepalive(): Buffer {
  return message(MessageType.keepalive, Buffer.alloc(0));
}

export function routeRefresh(afi: number, subtype = 0, safi = 1): Buffer {
  return message(MessageType.routeRefresh, Buffer.from([0, afi, subtype, safi]));
}

/** Builds an UPDATE. `withdrawn` and `nlri` are the IPv4 fields as bytes; `attributes` are from `attribute()`. */
export function update(attributes: readonly Buffer[], nlri: Buffer, withdrawn: Buffer): Buffer {
  const block = Buffer.concat(attributes);
  const body = [lengthOf(withdrawn), withdrawn, lengthOf(block), block, nlri];
  return message(MessageType.update, Buffer.concat(body));
}

/** Builds one path attribute, with the extended length bit if `flags` has it. */
export function attribute(flags: number, type: number, value: readonly number[]): Buffer {
  const length = flags & 0x10 ? [value.length >> 8, value.length & 255] : [value.length];
  return Buffer.from([flags, type, ...length, ...value]);
}

/**
 * Builds ORIGIN IGP, AS_PATH 65001, NEXT_HOP and, if it is given, MED: what a node of the tests sends with an IPv4
 * route.
 */
export function nodeAttributes(nextHop: readonly number[], med?: number): Buffer[] {
  return [
    attribute(0x40, 1, [0]),
    attribute(0x40, 2, [2, 1, 0, 0, 65001 >> 8, 65001 & 255]),
    attribute(0x40, 3, nextHop),
    ...(med === undefined ? [] : [attribute(0x80, 4, [0, 0, med >> 8, med & 255])]),
  ];
}

export interface IPv6Route {
  readonly prefix: string;
  readonly nextHop: string;
  readonly asPath: readonly number[];
  readonly med?: number;
}

/** Builds an UPDATE for one IPv6 prefix as ExaBGP sends it: MP_REACH_NLRI is last. */
export function ipv6Update({ prefix, nextHop, asPath, med }: IPv6Route): Buffer {
  const asns = asPath.flatMap((as) => [as >>> 24, (as >>> 16) & 255, (as >>> 8) & 255, as & 255]);
  const reach = [0, 2, 1, 16, ...ipv6Bytes(nextHop), 0, ...ipv6Nlri(prefix)];
  const metric = [attribute(0x80, 4, [0, 0, (med ?? 0) >> 8, (med ?? 0) & 255])];
  const attributes = [
    attribute(0x40, 1, [0]),
    attribute(0x40, 2, [2, asPath.length, ...asns]),
    ...(med === undefined ? [] : metric),
    attribute(0x80, 14, reach),
  ];
  return update(attributes, Buffer.alloc(0), Buffer.alloc(0));
}

export interface SeenUpdate {
  readonly announced: readonly string[];
  readonly withdrawn: readonly string[];
  /** The type numbers in the order in which they were sent. */
  readonly attributes: readonly number[];
  readonly isEndOfRib: boolean;
}

/** Reads an UPDATE with IPv6 unicast in its MP attributes; prefixes as 32 hex digits and a length. */
export function readIPv6Update(body: Buffer): SeenUpdate {
  const attributesStart = 4 + body.readUInt16BE(0);
  const attributes = splitAttributes(body.subarray(attributesStart));
  const reach = attributes.find(({ type }) => type === 14)?.value;
  const unreach = attributes.find(({ type }) => type === 15)?.value;
  return {
    announced: reach === undefined ? [] : readIPv6Nlri(reach.subarray(5 + reach[3])),
    withdrawn: unreach === undefined ? [] : readIPv6Nlri(unreach.subarray(3)),
    attributes: attributes.map(({ type }) => type),
    isEndOfRib: attributes.length === 1 && unreach?.length === 3,
  };
}

/** Returns `2001:db8:30::3/128`, host part included, as 32 hex digits and the length. */
export function ipv6Hex(prefix: string): string {
  const [address, length] = prefix.split('/');
  return `${Buffer.from(ipv6Bytes(address)).toString('hex')}/${length}`;
}

function splitAttributes(block: Buffer): { type: number; value: Buffer }[] {
  const found = [];
  for (let at = 0; at < block.length;) {
    const extended = (block[at] & 0x10) !== 0;
    const length = extended ? block.readUInt16BE(at + 2) : block[at + 2];
    const start = at + (extended ? 4 : 3);
    found.push({ type: block[at + 1], value: block.subarray(start, start + length) });
    at = start + length;
  }
  return found;
}

function readIPv6Nlri(nlri: Buffer): string[] {
  const prefixes = [];
  for (let at = 0; at < nlri.length;) {
    const octets = (nlri[at] + 7) >> 3;
    const address = nlri.subarray(at + 1, at + 1 + octets).toString('hex');
    prefixes.push(`${address.padEnd(32, '0')}/${nlri[at]}`);
    at += 1 + octets;
  }
  return prefixes;
}

function ipv6Nlri(prefix: string): number[] {
  const [address, length] = prefix.split('/');
  return [Number(length), ...ipv6Bytes(address).slice(0, (Number(length) + 7) >> 3)];
}

/** Parses text with or without `::`, but without embedded IPv4. */
function ipv6Bytes(text: string): number[] {
  const [head, tail] = text.split('::').map((half) => (half === '' ? [] : half.split(':')));
  const gap = tail === undefined ? 0 : 8 - head.length - tail.length;
  const groups = [...head, ...Array<string>(gap).fill('0'), ...(tail ?? [])];
  return groups.flatMap((group) => [parseInt(group, 16) >> 8, parseInt(group, 16) & 255]);
}

function lengthOf(part: Buffer): Buffer {
  return Buffer.from([part.length >> 8, part.length & 255]);
}
