import { IPv4, IPv6 } from 'ip-num';
import { TextError } from './text-error.ts';

/**
 * Addresses, endpoints and router ids as text. Parsing is for the edges (configuration, HTTP, CLI: microseconds
 * each, BigInt inside); formatting is fast enough for listings of the whole RIB.
 */

/** An address and, if it is link-local, its interface (RFC 4007 §11). */
export interface ZonedAddress {
  /** 4 or 16 bytes. */
  readonly address: Uint8Array;
  readonly zone?: string;
}

export interface Endpoint extends ZonedAddress {
  readonly port: number;
}

/** Returns 4 or 16 bytes; a zone is refused. */
export function parseAddress(text: string): Uint8Array {
  if (text.includes('%'))
    throw new TextError('bad_address', `${text}: a zone (%interface) is not allowed here`);
  return addressBytes(text);
}

/** Parses `192.0.2.1`, `2001:db8::1` or `fe80::1%eth0`; only a link-local address may have a zone. */
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

/** Returns whether the address is in fe80::/10 (RFC 4291 §2.5.6). */
export function isLinkLocal(address: Uint8Array): boolean {
  return address.length === 16 && address[0] === 0xfe && (address[1] & 0xc0) === 0x80;
}

/** Returns whether the address is in 127.0.0.0/8 (RFC 1122 §3.2.1.3) or ::1 (RFC 4291 §2.5.3). */
export function isLoopback(address: Uint8Array): boolean {
  if (address.length === 4) return address[0] === 127;
  return address.every((octet, at) => octet === (at === 15 ? 1 : 0));
}

/** Returns whether the address is 0.0.0.0 or ::. */
export function isUnspecified(address: Uint8Array): boolean {
  return address.every((octet) => octet === 0);
}

/** Returns whether the address is in ::ffff:0:0/96 (RFC 4291 §2.5.5.2). */
export function isIpv4Mapped(address: Uint8Array): boolean {
  if (address.length !== 16 || address[10] !== 0xff || address[11] !== 0xff) return false;
  return isUnspecified(address.subarray(0, 10));
}

/** What is said of an IPv4-mapped address where only the IPv4 address makes sense. */
export function mappedText(text: string): string {
  return `${text}: write this IPv4-mapped address as an IPv4 address`;
}

/** Returns whether a single host can have the address: neither unspecified nor multicast, reserved or broadcast. */
export function isHost(address: Uint8Array): boolean {
  const isMany = address.length === 4 ? address[0] >= 224 : address[0] === 0xff;
  return !isMany && address.some((octet) => octet !== 0);
}

/** Returns the dotted quad of 4 bytes, or RFC 5952 text of 16; IPv4-mapped as `::ffff:192.0.2.1`. */
export function formatAddress(address: Uint8Array, zone?: string): string {
  const text =
    address.length === 4
      ? formatIpv4(wordAt(address, 0))
      : formatIpv6(wordAt(address, 0), wordAt(address, 4), wordAt(address, 8), wordAt(address, 12));
  return zone === undefined ? text : `${text}%${zone}`;
}

/** Parses `127.0.0.1:9179`, `[2001:db8::1]:179`, `[fe80::1%eth0]:179`. */
export function parseEndpoint(text: string): Endpoint {
  const match = /^(?:\[([^\]]*:[^\]]*)\]|([^:[\]]+)):(\d{1,5})$/.exec(text);
  const host = match?.[1] ?? match?.[2];
  const port = Number(match?.[3]);
  if (host === undefined || port > 65535) {
    throw new TextError(
      'bad_endpoint',
      `${text}: expected address and port, such as 127.0.0.1:179 or [2001:db8::1]:179`,
    );
  }
  return { ...parseZonedAddress(host), port };
}

export function formatEndpoint(endpoint: Endpoint): string {
  const host = formatAddress(endpoint.address, endpoint.zone);
  return endpoint.address.length === 4 ? `${host}:${endpoint.port}` : `[${host}]:${endpoint.port}`;
}

/** Returns a BGP Identifier as an unsigned 32-bit number, never 0 (RFC 6286 §2.1). */
export function parseRouterId(text: string): number {
  const id = text.includes(':') ? undefined : addressValue(text);
  if (id === undefined || id === 0n) {
    throw new TextError(
      'bad_router_id',
      `${text}: expected a router id such as 192.0.2.1, not 0.0.0.0`,
    );
  }
  return Number(id);
}

export function formatRouterId(id: number): string {
  return formatIpv4(id);
}

/** Returns the 32 bits that begin at octet `at`, as a signed number. */
export function wordAt(bytes: Uint8Array, at: number): number {
  return (bytes[at] << 24) | (bytes[at + 1] << 16) | (bytes[at + 2] << 8) | bytes[at + 3];
}

/** Returns the dotted quad of 32 bits. */
export function formatIpv4(word: number): string {
  return `${word >>> 24}.${(word >>> 16) & 0xff}.${(word >>> 8) & 0xff}.${word & 0xff}`;
}

/** RFC 5952 §4: lower case, no leading zeros, the first longest run of two or more zero groups as `::`. */
export function formatIpv6(word0: number, word1: number, word2: number, word3: number): string {
  if (word0 === 0 && word1 === 0 && word2 === 0xffff) return `::ffff:${formatIpv4(word3)}`;
  const words = [word0, word1, word2, word3];
  const groups = words.flatMap((word) => [word >>> 16, word & 0xffff]);
  const gap = longestZeroRun(groups);
  if (gap.length < 2) return hexGroups(groups, 0, 8);
  return `${hexGroups(groups, 0, gap.start)}::${hexGroups(groups, gap.start + gap.length, 8)}`;
}

function addressBytes(text: string): Uint8Array {
  let rest = addressValue(text);
  if (rest === undefined) {
    const hint = addressHint(text);
    throw new TextError('bad_address', `${text}: expected an IPv4 or IPv6 address${hint}`);
  }
  const bytes = new Uint8Array(text.includes(':') ? 16 : 4);
  for (let at = bytes.length - 1; at >= 0; at--) {
    bytes[at] = Number(rest & 0xffn);
    rest >>= 8n;
  }
  return bytes;
}

function isAddress(text: string | undefined): boolean {
  return text !== undefined && addressValue(text) !== undefined;
}

/** Returns what is too much in a text that would be an address without it; empty if it is something else. */
function addressHint(text: string): string {
  if (isAddress(/^([^/]*)\/\d*$/.exec(text)?.[1])) return ' without a length';
  const port = /^(?:([\d.]+)|\[(.*)\]):\d*$/.exec(text);
  if (isAddress(port?.[1] ?? port?.[2])) return ' without a port';
  const short = text.replaceAll(/\b0+(?=\d)/g, '');
  return text.includes('.') && isAddress(short) ? `; write ${short}, without leading zeros` : '';
}

function addressValue(text: string): bigint | undefined {
  try {
    return text.includes(':') ? IPv6.fromString(text).value : IPv4.fromString(text).value;
  } catch {
    return undefined;
  }
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
