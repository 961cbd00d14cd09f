import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatAddress } from '#text/address.ts';
import {
  formatPrefix,
  formatPrefixPattern,
  parseAddressOrPrefix,
  parsePrefix,
  parsePrefixPattern,
  prefixOf,
} from '#text/prefix.ts';
import { kindOf } from './kind-of.ts';

const ipv6Bytes = fc.uint8Array({ minLength: 16, maxLength: 16 });
describe('prefixes', () => {
  it('are machine words, signed', () => {
    expect(parsePrefix('2001:db8:ffff:ffff::/64')).toEqual({
      family: 1,
      lengthBits: 64,
      word0: 0x20010db8,
      word1: -1,
      word2: 0,
      word3: 0,
    });
    expect(parsePrefix('192.0.2.0/24')).toEqual({
      family: 0,
      lengthBits: 24,
      word0: 0xc0000200 | 0,
      word1: 0,
      word2: 0,
      word3: 0,
    });
  });

  it.each([
    '0.0.0.0/0',
    '10.0.0.0/8',
    '192.0.2.1/32',
    '::/0',
    '2001:db8::/32',
    '::ffff:0.0.0.0/96',
  ])('%s goes through unchanged', (text) => expect(formatPrefix(parsePrefix(text))).toBe(text));

  it('with host bits are refused, and the message names the network', () => {
    expect(() => parsePrefix('10.0.0.1/24')).toThrow('the network is 10.0.0.0/24');
    expect(() => parsePrefix('2001:db8::1/64')).toThrow('the network is 2001:db8::/64');
    expect(kindOf(() => parsePrefix('10.0.0.1/24'))).toBe('host_bits');
  });

  it.each([
    ['10.9.0.0/16 ge 24', 'write 10.9.0.0/16{24,32}'],
    ['10.9.0.0/16 le 24', 'write 10.9.0.0/16{16,24}'],
    ['10.9.0.0/16 ge 20 le 24', 'write 10.9.0.0/16{20,24}'],
    ['2001:db8::/32 ge 48', 'write 2001:db8::/32{48,128}'],
    ['10.9.0.0/255.255.0.0', 'write 10.9.0.0/16'],
    ['10.9.0.0 255.255.255.252', 'write 10.9.0.0/30'],
  ])('%s: says how we write it', (text, hint) => {
    expect(() => parsePrefixPattern(text)).toThrow(hint);
  });

  it.each(['10.9.0.0/255.0.255.0', '10.9.0.0/016', '10.9.0.0/16 orlonger'])(
    '%s: has no hint',
    (text) => expect(() => parsePrefixPattern(text)).toThrow(/192\.0\.2\.0\/24$/),
  );

  it('with host bits are masked when asked', () => {
    expect(formatPrefix(parsePrefix('10.1.2.3/15', 'mask'))).toBe('10.0.0.0/15');
    expect(formatPrefix(parsePrefix('2001:db8::ffff/113', 'mask'))).toBe('2001:db8::8000/113');
  });

  it('every length masks as bit by bit', () => {
    fc.assert(
      fc.property(ipv6Bytes, fc.integer({ min: 0, max: 128 }), (address, lengthBits) => {
        const masked = address.map((byte, at) => {
          const kept = Math.min(Math.max(lengthBits - at * 8, 0), 8);
          return byte & ((0xff00 >> kept) & 0xff);
        });
        expect(formatPrefix(prefixOf(address, lengthBits))).toBe(
          `${formatAddress(masked)}/${lengthBits}`,
        );
      }),
    );
  });

  it.each(['10.0.0.0', '10.0.0.0/', '10.0.0.0/33', '::/129', '::/08', '::/-1', '::/1e1', '/24'])(
    '%s is refused',
    (text) => expect(kindOf(() => parsePrefix(text))).toMatch(/^bad_/),
  );

  it('a lone address is its host prefix where a prefix or an address may stand', () => {
    expect(formatPrefix(parseAddressOrPrefix('2001:db8:30::1'))).toBe('2001:db8:30::1/128');
    expect(formatPrefix(parseAddressOrPrefix('192.0.2.1'))).toBe('192.0.2.1/32');
    expect(formatPrefix(parseAddressOrPrefix('192.0.2.0/24'))).toBe('192.0.2.0/24');
  });
});

describe('prefix patterns', () => {
  it.each([
    ['10.0.0.0/8', 8, 8],
    ['10.0.0.0/8+', 8, 32],
    ['10.0.0.0/8-', 0, 8],
    ['10.0.0.0/8{16,24}', 16, 24],
    ['2001:db8:30::/64{128,128}', 128, 128],
    ['2001:db8::/32+', 32, 128],
    ['2001:db8::/32{0,16}', 0, 16],
  ])('%s is of the lengths %i to %i', (text, minBits, maxBits) => {
    const pattern = parsePrefixPattern(text);
    expect(pattern).toMatchObject({ minBits, maxBits });
    expect(formatPrefixPattern(pattern)).toBe(text);
  });

  it.each([
    ['10.0.0.0/8{16}', 'bad_pattern'],
    ['10.0.0.0/8{24,16}', 'bad_pattern'],
    ['10.0.0.0/8{16,33}', 'bad_pattern'],
    ['10.0.0.0/8++', 'bad_pattern'],
    ['10.0.0.1/8+', 'host_bits'],
    ['10.0.0.0+', 'bad_prefix'],
  ])('%s is refused: %s', (text, kind) => {
    expect(kindOf(() => parsePrefixPattern(text))).toBe(kind);
  });
});
