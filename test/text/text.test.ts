import { isIP } from 'node:net';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  formatAddress,
  formatCommunity,
  formatEndpoint,
  formatExtCommunity,
  formatHex,
  formatLargeCommunity,
  formatPrefix,
  formatPrefixPattern,
  formatRouterId,
  isLinkLocal,
  parseAddress,
  parseAddressOrPrefix,
  parseCommunity,
  parseCommunityPattern,
  parseEndpoint,
  parseExtCommunity,
  parseHex,
  parseLargeCommunity,
  parseLargeCommunityPattern,
  parsePrefix,
  parsePrefixPattern,
  parseRouterId,
  parseZonedAddress,
  prefixOf,
  TextError,
} from '#text/text.ts';
import type { TextErrorKind } from '#text/text.ts';

/** The kind of the TextError that `parse` throws. */
function kindOf(parse: () => unknown): TextErrorKind | undefined {
  try {
    parse();
    return undefined;
  } catch (error) {
    if (error instanceof TextError) return error.kind;
    throw error;
  }
}

const ipv6Bytes = fc.uint8Array({ minLength: 16, maxLength: 16 });
/** Zero groups in random places: what `::` is decided by. */
const sparseIpv6Bytes = fc
  .array(fc.oneof(fc.constant(0), fc.constant(0), fc.integer({ min: 0, max: 0xffff })), {
    minLength: 8,
    maxLength: 8,
  })
  .map((groups) => Uint8Array.from(groups.flatMap((group) => [group >> 8, group & 0xff])));

describe('addresses', () => {
  it.each([
    ['0.0.0.0', '0.0.0.0'],
    ['192.0.2.1', '192.0.2.1'],
    ['255.255.255.255', '255.255.255.255'],
    ['::', '::'],
    ['::1', '::1'],
    ['1::', '1::'],
    ['2001:DB8::000A', '2001:db8::a'],
    ['2001:db8:0:0:1:0:0:1', '2001:db8::1:0:0:1'],
    ['1:0:0:2:0:0:0:3', '1:0:0:2::3'],
    ['2001:db8:0:1:1:1:1:1', '2001:db8:0:1:1:1:1:1'],
    ['2001:db8::1:1:1:1:1', '2001:db8:0:1:1:1:1:1'],
    ['::ffff:c000:201', '::ffff:192.0.2.1'],
    ['::ffff:192.0.2.1', '::ffff:192.0.2.1'],
    ['::192.0.2.1', '::c000:201'],
    ['64:ff9b::192.0.2.33', '64:ff9b::c000:221'],
  ])('%s is written as RFC 5952 has it: %s', (given, want) => {
    expect(formatAddress(parseAddress(given))).toBe(want);
  });

  it.each(
    '|1.2.3|1.2.3.4.5|01.2.3.4|1.2.3.256|1.2.3.-4|0x1.2.3.4|1.2.3.4 | 1.2.3.4|1.2.3.4/32|:::|1::2::3|12345::|g::|::1 |1:2:3:4:5:6:7|1:2:3:4:5:6:7:8:9|:1|1:|1:2:3:4:5:6:7:1.2.3.4|::1.2.3.256|fe80::1%eth0|localhost|١.2.3.4'.split(
      '|',
    ),
  )('"%s" is no address', (text) => {
    expect(kindOf(() => parseAddress(text))).toBe('bad_address');
  });

  it('of any 16 bytes is written as the URL standard writes it, mapped ones apart', () => {
    fc.assert(
      fc.property(fc.oneof(ipv6Bytes, sparseIpv6Bytes), (bytes) => {
        const text = formatAddress(bytes);
        if (!text.includes('.')) expect(`[${text}]`).toBe(new URL(`http://[${text}]/`).hostname);
        expect(parseAddress(text)).toEqual(bytes);
      }),
    );
  });

  it('is parsed exactly where Node sees one too', () => {
    const piece = fc.constantFrom(':', '::', '.', '0', '1', 'ff', '255', '256', 'f0f0', '1.2.3.4');
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 16 }), (pieces) => {
        const text = pieces.join('');
        expect(kindOf(() => parseAddress(text)) === undefined).toBe(isIP(text) !== 0);
      }),
      { numRuns: 2000 },
    );
  });

  it('link-local ones keep their zone', () => {
    const zoned = parseZonedAddress('fe80::1%eth0.100');
    expect(zoned.zone).toBe('eth0.100');
    expect(isLinkLocal(zoned.address)).toBe(true);
    expect(formatAddress(zoned.address, zoned.zone)).toBe('fe80::1%eth0.100');
    expect(parseZonedAddress('fe80::1')).not.toHaveProperty('zone');
  });

  it.each(['fe80::1%', '2001:db8::1%eth0', '192.0.2.1%eth0', '%eth0'])(
    '%s has no zone to keep',
    (text) => expect(kindOf(() => parseZonedAddress(text))).toBe('bad_address'),
  );
});

describe('endpoints', () => {
  it.each(['127.0.0.1:9179', '[2001:db8::1]:179', '[fe80::1%eth0]:179', '[::]:0', '0.0.0.0:65535'])(
    '%s goes through unchanged',
    (text) => expect(formatEndpoint(parseEndpoint(text))).toBe(text),
  );

  it.each([
    ['127.0.0.1', 'bad_endpoint'],
    ['2001:db8::1:179', 'bad_endpoint'],
    ['[2001:db8::1]', 'bad_endpoint'],
    ['[127.0.0.1]:179', 'bad_endpoint'],
    ['127.0.0.1:65536', 'bad_endpoint'],
    [':179', 'bad_endpoint'],
    ['localhost:179', 'bad_address'],
    ['[::g]:179', 'bad_address'],
  ])('%s is refused: %s', (text, kind) => {
    expect(kindOf(() => parseEndpoint(text))).toBe(kind);
  });
});

describe('router ids', () => {
  it('are unsigned 32-bit numbers', () => {
    expect(parseRouterId('1.1.1.9')).toBe(0x01010109);
    expect(parseRouterId('255.0.0.1')).toBe(0xff000001);
    expect(formatRouterId(0xff000001)).toBe('255.0.0.1');
  });

  it.each(['0.0.0.0', '1.1.1', '::1', '16843009', ''])('"%s" is none', (text) => {
    expect(kindOf(() => parseRouterId(text))).toBe('bad_router_id');
  });
});

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

describe('communities', () => {
  it('are 32-bit values, large ones three numbers', () => {
    expect(parseCommunity('65535:65281')).toBe(0xffffff01);
    expect(formatCommunity(0xffffff01)).toBe('65535:65281');
    expect(parseLargeCommunity('4200000000:0:4294967295')).toEqual([4200000000, 0, 4294967295]);
    expect(formatLargeCommunity([1, 2, 3])).toBe('1:2:3');
  });

  it('patterns take * for any part', () => {
    expect(parseCommunityPattern('65000:*')).toEqual([65000, undefined]);
    expect(parseLargeCommunityPattern('*:1:*')).toEqual([undefined, 1, undefined]);
  });

  it.each(['65536:1', '1:65536', '1', '1:2:3', '-1:1', '1:', 'a:b', '1:*', '0x1:1', ' 1:1'])(
    '%s is no community',
    (text) => expect(kindOf(() => parseCommunity(text))).toBe('bad_community'),
  );

  it.each(['1:2', '1:2:3:4', '4294967296:1:1', '1:2:*'])('%s is no large community', (text) => {
    expect(kindOf(() => parseLargeCommunity(text))).toBe('bad_community');
  });

  it.each([
    ['rt:65000:1', '0002fde800000001', { type: 0, subtype: 2, value: [65000, 1] }],
    [
      'ro:65000:4294967295',
      '0003fde8ffffffff',
      { type: 0, subtype: 3, value: [65000, 4294967295] },
    ],
    ['rt:4200000000:7', '0202fa56ea000007', { type: 2, subtype: 2, value: [4200000000, 7] }],
    ['rt:192.0.2.1:7', '0102c00002010007', { type: 1, subtype: 2, value: [0xc0000201, 7] }],
    ['generic:0x43000001:0x2', '4300000100000002', { type: 0x43, subtype: 0, value: [1, 2] }],
  ])('extended: %s is %s', (text, hex, want) => {
    expect(parseExtCommunity(text)).toEqual(want);
    expect(formatExtCommunity(parseHex(hex))).toBe(text);
  });

  it('extended: generic of a plain type is cut where that type is', () => {
    expect(parseExtCommunity('generic:0x0102c000:0x02010007')).toEqual(
      parseExtCommunity('rt:192.0.2.1:7'),
    );
  });

  it.each(['rt:65000', 'rt:65536:65536', 'xx:1:1', 'generic:1:2', 'generic:0x1', 'rt:1:2:3'])(
    'extended: %s is refused',
    (text) => expect(kindOf(() => parseExtCommunity(text))).toBe('bad_community'),
  );

  it('extended: * stands for any part of a pattern', () => {
    expect(parseExtCommunity('rt:65000:*').value).toEqual([65000, undefined]);
  });
});

describe('hex', () => {
  it('goes both ways, separators aside', () => {
    expect(formatHex(parseHex('00 fF:0a'))).toBe('00ff0a');
    expect(parseHex('')).toEqual(new Uint8Array(0));
    expect(kindOf(() => parseHex('abc'))).toBe('bad_hex');
  });
});
