import type { Family } from '#wire/constants.ts';
import type { Prefix } from '#wire/nlri.ts';
import { formatIpv4, formatIpv6, parseAddress, wordAt } from './address.ts';
import { TextError } from './text-error.ts';

/** `PrefixPattern` of policy/patterns.ts. */
export interface ParsedPattern extends Prefix {
  readonly minBits: number;
  readonly maxBits: number;
}

/**
 * Parses CIDR text. Bits that are set past the length are refused, with the network that was probably meant, or
 * masked off if asked.
 */
export function parsePrefix(text: string, hostBits: 'refuse' | 'mask' = 'refuse'): Prefix {
  const slash = text.indexOf('/');
  const lengthText = text.slice(slash + 1);
  if (slash < 0 || !/^(?:0|[1-9]\d{0,2})$/.test(lengthText)) {
    throw new TextError(
      'bad_prefix',
      `${text}: expected a prefix such as 2001:db8::/32 or 192.0.2.0/24${prefixHint(text)}`,
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

/** Returns how to write a prefix that is given in the words of other routers: with a mask, `ge` or `le`. */
function prefixHint(text: string): string {
  const words = /^(\S+\/(\d+))(?= [gl]e)(?: ge (\d+))?(?: le (\d+))?$/.exec(text);
  if (words !== null) {
    const widest = text.includes(':') ? '128' : '32';
    const [, prefix, length, min = length, max = widest] = words;
    return `; write ${prefix}{${min},${max}}`;
  }
  const [, network, mask] = /^([\d.]+)[/ ]((?:\d{1,3}\.){3}\d{1,3})$/.exec(text) ?? [];
  if (mask === undefined) return '';
  const bits = mask.split('.').map((octet) => Number(octet).toString(2).padStart(8, '0'));
  const [, ones] = /^(1*)0*$/.exec(bits.join('')) ?? [];
  return ones === undefined ? '' : `; write ${network}/${ones.length}`;
}

/** Parses a prefix, or a single address as its host prefix (/32, /128). */
export function parseAddressOrPrefix(text: string, hostBits?: 'refuse' | 'mask'): Prefix {
  if (text.includes('/')) return parsePrefix(text, hostBits);
  const address = parseAddress(text);
  return prefixOf(address, address.length * 8);
}

/** Returns the network of `lengthBits` that contains `address`. */
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

/** Parses BIRD's prefix patterns: `P` exactly, `P+` and longer, `P-` and shorter, `P{min,max}`. */
export function parsePrefixPattern(text: string): ParsedPattern {
  const match = /^([^+{}-]*)(\+|-|\{(\d{1,3}),(\d{1,3})\})?$/.exec(text);
  if (match === null) {
    throw new TextError(
      'bad_pattern',
      `${text}: expected P, P+, P- or P{min,max}, where P is a prefix`,
    );
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

/** Returns a word with only its first `bits` bits; any number of bits, negative ones too. */
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
