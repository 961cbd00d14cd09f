import { IPv4, IPv6 } from 'ip-num';
import type { Family } from '#wire/constants.ts';
import type { Prefix } from '#wire/nlri.ts';

/**
 * Text <-> values: addresses, prefixes, communities. Parsing is for the edges (configuration, HTTP,
 * CLI: microseconds each, BigInt inside); formatting is fast enough for listings of the whole RIB.
 */

/** Words that do not say what was asked for; `kind` is stable, the message is for people. */
export class TextError extends Error {
  readonly kind: TextErrorKind;
  constructor(kind: TextErrorKind, message: string) {
    super(message);
    this.kind = kind;
  }
}
export type TextErrorKind =
  | 'bad_address'
  | 'bad_prefix'
  | 'host_bits'
  | 'bad_pattern'
  | 'bad_router_id'
  | 'bad_community'
  | 'bad_endpoint'
  | 'bad_hex';

/** An address and, for a link-local one, the interface it is meant on (RFC 4007 §11). */
export interface ZonedAddress {
  /** 4 or 16 bytes. */
  readonly address: Uint8Array;
  readonly zone?: string;
}

export interface Endpoint extends ZonedAddress {
  readonly port: number;
}

/** `PrefixPattern` of policy/policy.ts. */
export interface ParsedPattern extends Prefix {
  readonly minBits: number;
  readonly maxBits: number;
}

/** 4 or 16 bytes; a zone is refused. */
export function parseAddress(text: string): Uint8Array {
  if (text.includes('%')) throw new TextError('bad_address', `${text}: no zone can stand here`);
  return addressBytes(text);
}

/** `192.0.2.1`, `2001:db8::1` or `fe80::1%eth0`; only a link-local address may have a zone. */
export function parseZonedAddress(text: string): ZonedAddress {
  const percent = text.indexOf('%');
  if (percent < 0) return { address: addressBytes(text) };
  const address = addressBytes(text.slice(0, percent));
  const zone = text.slice(percent + 1);
  if (zone === '') throw new TextError('bad_address', `${text}: no interface after the %`);
  if (!isLinkLocal(address)) {
    throw new TextError('bad_address', `${text}: only a link-local address has a zone`);
  }
  return { address, zone };
}

/** fe80::/10 (RFC 4291 §2.5.6). */
export function isLinkLocal(address: Uint8Array): boolean {
  return address.length === 16 && address[0] === 0xfe && (address[1] & 0xc0) === 0x80;
}

/** Of 4 bytes the dotted quad, of 16 RFC 5952 text; IPv4-mapped as `::ffff:192.0.2.1`. */
export function formatAddress(address: Uint8Array, zone?: string): string {
  const text =
    address.length === 4
      ? formatIpv4(wordAt(address, 0))
      : formatIpv6(wordAt(address, 0), wordAt(address, 4), wordAt(address, 8), wordAt(address, 12));
  return zone === undefined ? text : `${text}%${zone}`;
}

/** `127.0.0.1:9179`, `[2001:db8::1]:179`, `[fe80::1%eth0]:179`. */
export function parseEndpoint(text: string): Endpoint {
  const match = /^(?:\[([^\]]*:[^\]]*)\]|([^:[\]]+)):(\d{1,5})$/.exec(text);
  const host = match?.[1] ?? match?.[2];
  const port = Number(match?.[3]);
  if (host === undefined || port > 65535) {
    throw new TextError(
      'bad_endpoint',
      `${text}: expected address and port, as 127.0.0.1:179 or [2001:db8::1]:179`,
    );
  }
  return { ...parseZonedAddress(host), port };
}

export function formatEndpoint(endpoint: Endpoint): string {
  const host = formatAddress(endpoint.address, endpoint.zone);
  return endpoint.address.length === 4 ? `${host}:${endpoint.port}` : `[${host}]:${endpoint.port}`;
}

/** A BGP identifier as an unsigned 32-bit number, never 0 (RFC 6286 §2.1). */
export function parseRouterId(text: string): number {
  const id = text.includes(':') ? undefined : addressValue(text);
  if (id === undefined || id === 0n) {
    throw new TextError('bad_router_id', `${text}: expected a router id as 192.0.2.1, not 0.0.0.0`);
  }
  return Number(id);
}

export function formatRouterId(id: number): string {
  return formatIpv4(id);
}

/** CIDR text. Set bits past the length are refused with the network that was meant, or masked off when asked. */
export function parsePrefix(text: string, hostBits: 'refuse' | 'mask' = 'refuse'): Prefix {
  const slash = text.indexOf('/');
  const lengthText = text.slice(slash + 1);
  if (slash < 0 || !/^(?:0|[1-9]\d{0,2})$/.test(lengthText)) {
    throw new TextError(
      'bad_prefix',
      `${text}: expected a prefix as 2001:db8::/32 or 192.0.2.0/24`,
    );
  }
  const address = parseAddress(text.slice(0, slash));
  const lengthBits = Number(lengthText);
  if (lengthBits > address.length * 8) {
    throw new TextError('bad_prefix', `${text}: the length is at most ${address.length * 8}`);
  }
  const prefix = prefixOf(address, lengthBits);
  if (hostBits === 'refuse' && !isNetwork(address, prefix)) {
    throw new TextError(
      'host_bits',
      `${text}: bits past the length are set; the network is ${formatPrefix(prefix)}`,
    );
  }
  return prefix;
}

/** A prefix, or a lone address as its host prefix (/32, /128). */
export function parseAddressOrPrefix(text: string, hostBits?: 'refuse' | 'mask'): Prefix {
  if (text.includes('/')) return parsePrefix(text, hostBits);
  const address = parseAddress(text);
  return prefixOf(address, address.length * 8);
}

/** The network of `lengthBits` that `address` lies in. */
export function prefixOf(address: Uint8Array, lengthBits: number): Prefix {
  const isIpv4 = address.length === 4;
  const family: Family = isIpv4 ? 0 : 1;
  return {
    family,
    lengthBits,
    word0: masked(wordAt(address, 0), lengthBits),
    word1: isIpv4 ? 0 : masked(wordAt(address, 4), lengthBits - 32),
    word2: isIpv4 ? 0 : masked(wordAt(address, 8), lengthBits - 64),
    word3: isIpv4 ? 0 : masked(wordAt(address, 12), lengthBits - 96),
  };
}

export function formatPrefix(prefix: Prefix): string {
  const network =
    prefix.family === 0
      ? formatIpv4(prefix.word0)
      : formatIpv6(prefix.word0, prefix.word1, prefix.word2, prefix.word3);
  return `${network}/${prefix.lengthBits}`;
}

/** BIRD's prefix patterns: `P` exactly, `P+` and longer, `P-` and shorter, `P{min,max}`. */
export function parsePrefixPattern(text: string): ParsedPattern {
  const match = /^([^+{}-]*)(\+|-|\{(\d{1,3}),(\d{1,3})\})?$/.exec(text);
  if (match === null) {
    throw new TextError('bad_pattern', `${text}: expected P, P+, P- or P{min,max}, P a prefix`);
  }
  const prefix = parsePrefix(match[1]);
  const widest = prefix.family === 0 ? 32 : 128;
  const lengths = patternLengths(match[2], prefix.lengthBits, widest, match[3], match[4]);
  if (lengths.minBits > lengths.maxBits || lengths.maxBits > widest) {
    throw new TextError('bad_pattern', `${text}: expected {min,max} with min <= max <= ${widest}`);
  }
  return { ...prefix, ...lengths };
}

export function formatPrefixPattern(pattern: ParsedPattern): string {
  const { lengthBits, minBits, maxBits } = pattern;
  const widest = pattern.family === 0 ? 32 : 128;
  const prefix = formatPrefix(pattern);
  if (minBits === lengthBits && maxBits === lengthBits) return prefix;
  if (minBits === lengthBits && maxBits === widest) return `${prefix}+`;
  if (minBits === 0 && maxBits === lengthBits) return `${prefix}-`;
  return `${prefix}{${minBits},${maxBits}}`;
}

/** `65000:1` as the 32-bit value (RFC 1997). */
export function parseCommunity(text: string): number {
  const [high, low] = wholeParts(text, parseCommunityPattern(text));
  return high * 0x1_0000 + low;
}

export function formatCommunity(value: number): string {
  return `${value >>> 16}:${value & 0xffff}`;
}

/** `1:2:3`, three 32-bit numbers (RFC 8092). */
export function parseLargeCommunity(text: string): [number, number, number] {
  const [global, local1, local2] = wholeParts(text, parseLargeCommunityPattern(text));
  return [global, local1, local2];
}

export function formatLargeCommunity(value: readonly [number, number, number]): string {
  return value.join(':');
}

/** `65000:1`, `65000:*`; `undefined` stands for `*`. */
export function parseCommunityPattern(text: string): (number | undefined)[] {
  return numberParts(text, text.split(':'), [0xffff, 0xffff], '65000:1');
}

/** `65000:1:2`, `65000:*:*`. */
export function parseLargeCommunityPattern(text: string): (number | undefined)[] {
  return numberParts(text, text.split(':'), [maxAsn, maxAsn, maxAsn], '65000:1:2');
}

/** `ExtCommunityPattern` of policy/policy.ts: six octets of value, split 4+2 for types 0x01 and 0x02, 2+4 for all others. */
export interface ParsedExtCommunity {
  readonly type: number;
  readonly subtype: number;
  readonly value: readonly (number | undefined)[];
}

/** `rt:65000:1`, `rt:192.0.2.1:1`, `ro:…` (RFC 4360 §4, §5; RFC 5668), `generic:0x43000000:0x1`; `*` for any part but generic's. */
export function parseExtCommunity(text: string): ParsedExtCommunity {
  const [name, ...parts] = text.split(':');
  if (name === 'generic') return genericExtCommunity(text, parts);
  const subtype = extSubtypes.indexOf(name);
  if (subtype < 0) {
    throw new TextError('bad_community', `${text}: expected rt:…, ro:… or generic:0x…:0x…`);
  }
  if (parts[0]?.includes('.')) {
    const value = numberParts(text, parts.slice(1), [0xffff], 'rt:192.0.2.1:1');
    return { type: 0x01, subtype, value: [wordAt(parseAddress(parts[0]), 0) >>> 0, ...value] };
  }
  const isFourOctetAs = Number(parts[0]) > 0xffff;
  const maxima = isFourOctetAs ? [maxAsn, 0xffff] : [0xffff, maxAsn];
  const value = numberParts(text, parts, maxima, 'rt:65000:1');
  return { type: isFourOctetAs ? 0x02 : 0x00, subtype, value };
}

/** Eight octets (RFC 4360 §2): `rt:` and `ro:` of the three plain types, all else as `generic:0x…:0x…`. */
export function formatExtCommunity(octets: Uint8Array): string {
  const high = wordAt(octets, 0) >>> 0;
  const low = wordAt(octets, 4) >>> 0;
  const name = extSubtypes[octets[1]];
  if (octets[0] > 0x02 || name === undefined || name === '') {
    return `generic:0x${high.toString(16)}:0x${low.toString(16)}`;
  }
  if (octets[0] === 0x00) return `${name}:${high & 0xffff}:${low}`;
  const [administrator, number] = splitFourTwo(high, low);
  const head = octets[0] === 0x01 ? formatIpv4(administrator) : `${administrator}`;
  return `${name}:${head}:${number}`;
}

const maxAsn = 0xffff_ffff;
/** RFC 4360 §4 and §5; the index is the sub-type. */
const extSubtypes = ['', '', 'rt', 'ro'];

/** Lower case, no separators. */
export function formatHex(bytes: Uint8Array): string {
  let text = '';
  for (const byte of bytes) text += byte.toString(16).padStart(2, '0');
  return text;
}

/** Pairs of hex digits; spaces and colons between pairs are skipped. */
export function parseHex(text: string): Uint8Array {
  const pairs = text.replace(/[\s:]+/g, '');
  if (!/^(?:[0-9a-fA-F]{2})*$/.test(pairs)) {
    throw new TextError('bad_hex', `${text}: expected pairs of hex digits`);
  }
  return Uint8Array.from(pairs.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
}

function addressBytes(text: string): Uint8Array {
  let rest = addressValue(text);
  if (rest === undefined) {
    throw new TextError('bad_address', `${text}: expected an IPv4 or IPv6 address`);
  }
  const bytes = new Uint8Array(text.includes(':') ? 16 : 4);
  for (let at = bytes.length - 1; at >= 0; at--) {
    bytes[at] = Number(rest & 0xffn);
    rest >>= 8n;
  }
  return bytes;
}

function addressValue(text: string): bigint | undefined {
  try {
    return text.includes(':') ? IPv6.fromString(text).value : IPv4.fromString(text).value;
  } catch {
    return undefined;
  }
}

function wordAt(bytes: Uint8Array, at: number): number {
  return (bytes[at] << 24) | (bytes[at + 1] << 16) | (bytes[at + 2] << 8) | bytes[at + 3];
}

/** A word with only its first `bits` bits; any number of bits, negative too. */
function masked(word: number, bits: number): number {
  if (bits <= 0) return 0;
  return bits >= 32 ? word : word & (-1 << (32 - bits));
}

function isNetwork(address: Uint8Array, prefix: Prefix): boolean {
  if (wordAt(address, 0) !== prefix.word0) return false;
  if (prefix.family === 0) return true;
  const { word1, word2, word3 } = prefix;
  const words = [wordAt(address, 4), wordAt(address, 8), wordAt(address, 12)];
  return words[0] === word1 && words[1] === word2 && words[2] === word3;
}

function formatIpv4(word: number): string {
  return `${word >>> 24}.${(word >>> 16) & 0xff}.${(word >>> 8) & 0xff}.${word & 0xff}`;
}

/** RFC 5952 §4: lower case, no leading zeros, the first longest run of two or more zero groups as `::`. */
function formatIpv6(word0: number, word1: number, word2: number, word3: number): string {
  if (word0 === 0 && word1 === 0 && word2 === 0xffff) return `::ffff:${formatIpv4(word3)}`;
  const words = [word0, word1, word2, word3];
  const groups = words.flatMap((word) => [word >>> 16, word & 0xffff]);
  const gap = longestZeroRun(groups);
  if (gap.length < 2) return hexGroups(groups, 0, 8);
  return `${hexGroups(groups, 0, gap.start)}::${hexGroups(groups, gap.start + gap.length, 8)}`;
}

function longestZeroRun(groups: readonly number[]): { start: number; length: number } {
  let best = { start: 0, length: 0 };
  for (let at = 0; at < 8; at++) {
    const start = at;
    while (groups[at] === 0) at++;
    if (at - start > best.length) best = { start, length: at - start };
  }
  return best;
}

function hexGroups(groups: readonly number[], start: number, end: number): string {
  let text = '';
  for (let at = start; at < end; at++) text += (at > start ? ':' : '') + groups[at].toString(16);
  return text;
}

function patternLengths(
  suffix: string | undefined,
  lengthBits: number,
  widest: number,
  min: string,
  max: string,
): { minBits: number; maxBits: number } {
  if (suffix === undefined) return { minBits: lengthBits, maxBits: lengthBits };
  if (suffix === '+') return { minBits: lengthBits, maxBits: widest };
  if (suffix === '-') return { minBits: 0, maxBits: lengthBits };
  return { minBits: Number(min), maxBits: Number(max) };
}

/** Decimal parts, each at most its maximum, `*` as undefined. */
function numberParts(
  text: string,
  parts: readonly string[],
  maxima: readonly number[],
  example: string,
): (number | undefined)[] {
  const values = parts.map((part, index) => {
    if (part === '*') return undefined;
    return /^\d{1,10}$/.test(part) && Number(part) <= maxima[index] ? Number(part) : Number.NaN;
  });
  if (values.length !== maxima.length || values.some((value) => Number.isNaN(value))) {
    const limits = maxima.map((maximum) => `0-${maximum}`).join(', ');
    throw new TextError('bad_community', `${text}: expected ${example} (parts ${limits})`);
  }
  return values;
}

function wholeParts(text: string, parts: readonly (number | undefined)[]): number[] {
  return parts.map((part) => {
    if (part === undefined) throw new TextError('bad_community', `${text}: * stands for no value`);
    return part;
  });
}

function genericExtCommunity(text: string, parts: readonly string[]): ParsedExtCommunity {
  const [high, low] = parts.map((part) => (/^0x[0-9a-fA-F]{1,8}$/.test(part) ? Number(part) : -1));
  if (parts.length !== 2 || high < 0 || low < 0) {
    throw new TextError('bad_community', `${text}: expected generic:0x43000000:0x1`);
  }
  const type = high >>> 24;
  const subtype = (high >>> 16) & 0xff;
  const isFourTwo = type === 0x01 || type === 0x02;
  return { type, subtype, value: isFourTwo ? splitFourTwo(high, low) : [high & 0xffff, low] };
}

/** The six octets of value as a 32-bit administrator and a 16-bit number. */
function splitFourTwo(high: number, low: number): [number, number] {
  return [((high << 16) | (low >>> 16)) >>> 0, low & 0xffff];
}
