import { describe, expect, it } from 'vitest';
import {
  formatCommunity,
  formatExtCommunity,
  formatIpv6ExtCommunity,
  formatLargeCommunity,
  parseCommunityPattern,
  parseExtCommunity,
  parseLargeCommunityPattern,
  splitExtCommunity,
} from '#text/community.ts';
import { formatHex } from '#text/hex.ts';
import { fromHex } from '../wire/hex.ts';
import { kindOf } from './kind-of.ts';

describe('communities', () => {
  it('are 32-bit values, large ones three numbers', () => {
    expect(formatCommunity(0xffffff01)).toBe('65535:65281');
    expect(formatLargeCommunity([1, 2, 3])).toBe('1:2:3');
  });

  it('patterns take * for any part', () => {
    expect(parseCommunityPattern('65535:65281')).toEqual([65535, 65281]);
    expect(parseLargeCommunityPattern('4200000000:0:4294967295')).toEqual([
      4200000000, 0, 4294967295,
    ]);
    expect(parseCommunityPattern('65000:*')).toEqual([65000, undefined]);
    expect(parseLargeCommunityPattern('*:1:*')).toEqual([undefined, 1, undefined]);
  });

  it.each(['65536:1', '1:65536', '1', '1:2:3', '-1:1', '1:', 'a:b', '0x1:1', ' 1:1'])(
    '%s is no community',
    (text) => expect(kindOf(() => parseCommunityPattern(text))).toBe('bad_community'),
  );

  it.each(['1:2', '1:2:3:4', '4294967296:1:1'])('%s is no large community', (text) => {
    expect(kindOf(() => parseLargeCommunityPattern(text))).toBe('bad_community');
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
    expect(formatExtCommunity(fromHex(hex))).toBe(text);
  });

  it.each([
    ['rt:[2001:db8::1]:7', '000220010db80000000000000000000000010007', 'rt', '2001:db8::1', '7'],
    ['ro:[::]:65535', '000300000000000000000000000000000000ffff', 'ro', '::', '65535'],
    [
      'generic:0x4002:0x20010db80000000000000000000000010007',
      '400220010db80000000000000000000000010007',
      'generic',
      '0x4002',
      '0x20010db80000000000000000000000010007',
    ],
  ])('extended, of IPv6: %s is %s', (text, hex, ...parts) => {
    expect(formatIpv6ExtCommunity(fromHex(hex))).toBe(text);
    expect(splitExtCommunity(text)).toEqual(parts);
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
  it('is lower case without separators', () => {
    expect(formatHex(Uint8Array.of(0, 0xff, 0x0a))).toBe('00ff0a');
    expect(formatHex(new Uint8Array(0))).toBe('');
  });
});

describe('a community as another daemon writes it', () => {
  it.each([
    ['no-export', '; write 65535:65281'],
    ['NO_ADVERTISE', '; write 65535:65282'],
    ['graceful-shutdown', '; write 65535:0'],
    ['(65000,1)', '; write 65000:1'],
    ['(65000, 1, 2)', '; this is a large community'],
    ['65000:1:2', '; this is a large community'],
    ['65536:1', ''],
    ['(65000', "; BIRD's (65000,1) is written 65000:1 here"],
    ['1)', "; BIRD's (65000,1) is written 65000:1 here"],
    ['hello', ''],
  ])('%s is refused with what to write', (text, hint) => {
    const limits = 'expected 65000:1 (parts 0-65535, 0-65535)';
    expect(() => parseCommunityPattern(text)).toThrow(
      expect.objectContaining({ message: `${text}: ${limits}${hint}` }),
    );
  });

  it.each([
    ['(65000, 1, 2)', '; write 65000:1:2'],
    ['(65000', "; BIRD's (65000,1,2) is written 65000:1:2 here"],
    ['65000:1', '; a large community has three parts'],
  ])('%s, where a large one is expected, too', (text, hint) => {
    expect(() => parseLargeCommunityPattern(text)).toThrow(hint);
  });
});
