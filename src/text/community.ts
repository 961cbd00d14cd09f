import { formatAddress, formatIpv4, parseAddress, wordAt } from './address.ts';
import { formatHex } from './hex.ts';
import { TextError } from './text-error.ts';

export function formatCommunity(value: number): string {
  return `${value >>> 16}:${value & 0xffff}`;
}

export function formatLargeCommunity(value: readonly [number, number, number]): string {
  return value.join(':');
}

/** Parses `65000:1` or `65000:*`; `undefined` stands for `*`. */
export function parseCommunityPattern(text: string): (number | undefined)[] {
  return numberParts(text, text.split(':'), [0xffff, 0xffff], '65000:1');
}

/** Parses `65000:1:2` or `65000:*:*`. */
export function parseLargeCommunityPattern(text: string): (number | undefined)[] {
  return numberParts(text, text.split(':'), [maxAsn, maxAsn, maxAsn], '65000:1:2');
}

/**
 * `ExtCommunityPattern` of policy/patterns.ts: six octets of value, split 4+2 for types 0x01 and 0x02, 2+4 for all
 * others.
 */
export interface ParsedExtCommunity {
  readonly type: number;
  readonly subtype: number;
  readonly value: readonly (number | undefined)[];
}

const maxAsn = 0xffff_ffff;

/** RFC 4360 §4 and §5; the index is the sub-type. */
const extSubtypes = ['', '', 'rt', 'ro'];

/**
 * Parses `rt:65000:1`, `rt:192.0.2.1:1`, `ro:…` (RFC 4360 §4, §5; RFC 5668) or `generic:0x43000000:0x1`; `*`
 * stands for any part, except in generic.
 */
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

/**
 * Formats eight octets (RFC 4360 §2): `rt:` and `ro:` for the three plain types, otherwise `generic:0x…:0x…`.
 */
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

/**
 * Twenty octets (RFC 5701 §2): `rt:[2001:db8::1]:1` and `ro:…`, all else as `generic:0x…:0x…` of two octets and
 * of eighteen, which no community of eight octets is shown as.
 */
export function formatIpv6ExtCommunity(octets: Uint8Array): string {
  const name = extSubtypes[octets[1]];
  if (octets[0] !== 0x00 || name === undefined || name === '') {
    return `generic:0x${formatHex(octets.subarray(0, 2))}:0x${formatHex(octets.subarray(2))}`;
  }
  const number = (octets[18] << 8) | octets[19];
  return `${name}:[${formatAddress(octets.subarray(2, 18))}]:${number}`;
}

/** What `formatExtCommunity` and `formatIpv6ExtCommunity` give, in its three parts; an address without brackets. */
export function splitExtCommunity(text: string): [string, string, string] {
  const first = text.indexOf(':');
  const last = text.lastIndexOf(':');
  const middle = text.slice(first + 1, last).replace(/^\[(.*)\]$/, '$1');
  return [text.slice(0, first), middle, text.slice(last + 1)];
}

/** Returns decimal parts, each at most its maximum; `*` becomes undefined. */
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
    const hint = communityHint(text, example);
    throw new TextError('bad_community', `${text}: expected ${example} (parts ${limits})${hint}`);
  }
  return values;
}

/** Communities by the names that other daemons give them (IANA, BGP Well-known Communities). */
const wellKnown: Readonly<Record<string, string>> = {
  'graceful-shutdown': '65535:0',
  'accept-own': '65535:1',
  'llgr-stale': '65535:6',
  'no-llgr': '65535:7',
  blackhole: '65535:666',
  'no-export': '65535:65281',
  'no-advertise': '65535:65282',
  'no-export-subconfed': '65535:65283',
  'local-as': '65535:65283',
  'no-peer': '65535:65284',
};

/**
 * Returns a hint for `no-export`, which is written as its number, for `(65000,1)` as BIRD writes it, which YAML may
 * have split into two texts, and for a community of the other kind.
 */
function communityHint(text: string, example: string): string {
  const name = text.toLowerCase().replaceAll('_', '-');
  if (Object.hasOwn(wellKnown, name)) return `; write ${wellKnown[name]}`;
  const [, found] = /^\(?(\d+(?:(?:, ?|:)\d+){1,2})\)?$/.exec(text) ?? [];
  if (found !== undefined) {
    const meant = found.replace(/, ?/g, ':');
    const isLarge = meant.split(':').length === 3;
    if (isLarge !== (example.split(':').length === 3)) {
      return isLarge ? '; this is a large community' : '; a large community has three parts';
    }
    return meant === text ? '' : `; write ${meant}`;
  }
  if (!/^\(\d|^\d+\)$/.test(text)) return '';
  return `; BIRD's (${example.replaceAll(':', ',')}) is written ${example} here`;
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

/** Returns the six octets of a value made of a 32-bit administrator and a 16-bit number. */
function splitFourTwo(high: number, low: number): [number, number] {
  return [((high << 16) | (low >>> 16)) >>> 0, low & 0xffff];
}
