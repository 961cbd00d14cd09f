import { isIP } from 'node:net';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  formatAddress,
  formatEndpoint,
  formatRouterId,
  isLinkLocal,
  parseAddress,
  parseEndpoint,
  parseRouterId,
  parseZonedAddress,
} from '#text/address.ts';
import { kindOf } from './kind-of.ts';

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

  it.each([
    ['10.7.0.11/24', ' without a length'],
    ['2001:db8::1/64', ' without a length'],
    ['10.7.0.11:179', ' without a port'],
    ['[2001:db8::1]:179', ' without a port'],
    ['[2001:db8::1]', ''],
    ['010.7.0.011', '; write 10.7.0.11, without leading zeros'],
    ['w1.example.net', ''],
    ['300.1.1.1/24', ''],
  ])('%s: says what is too much', (text, hint) => {
    expect(() => parseAddress(text)).toThrow(`${text}: expected an IPv4 or IPv6 address${hint}`);
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
