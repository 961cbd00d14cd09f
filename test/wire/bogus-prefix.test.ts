import { describe, expect, it } from 'vitest';
import { dice } from '#support/dice.ts';
import { parsePrefix } from '#text/prefix.ts';
import { isBogus } from '#wire/bogus-prefix.ts';
import { naiveIsBogus } from '../oracle/bogus-oracle.ts';

describe('prefixes that no route can have', () => {
  it.each([
    '0.0.0.0/8',
    '0.1.2.0/24',
    '127.0.0.0/8',
    '127.0.0.1/32',
    '169.254.0.0/16',
    '169.254.7.0/24',
    '224.0.0.0/3',
    '224.0.0.0/4',
    '239.1.2.3/32',
    '240.0.0.0/4',
    '255.255.255.255/32',
    '::/128',
    '::1/128',
    'fe80::/10',
    'fe80::1/128',
    'febf:ff00::/24',
    'ff00::/8',
    'ff02::5/128',
  ])('%s', (text) => expect(isBogus(parsePrefix(text))).toBe(true));
});

describe('prefixes that contain them, or lie beside them, are valid', () => {
  it.each([
    '0.0.0.0/0',
    '0.0.0.0/1',
    '0.0.0.0/7',
    '1.0.0.0/8',
    '126.0.0.0/7',
    '128.0.0.0/1',
    '128.0.0.0/8',
    '169.254.0.0/15',
    '169.255.0.0/16',
    '192.0.0.0/2',
    '223.255.255.0/24',
    '::/0',
    '::/127',
    '::2/128',
    '::1:0:0:0/128',
    '8000::/1',
    'fe00::/9',
    'fe80::/9',
    'fec0::/10',
    'fe00::/8',
    'fd00::/8',
    '2001:db8::/32',
  ])('%s', (text) => {
    // The network of fe80::/9 is fe80::, that of fe00::/9 another.
    expect(isBogus(parsePrefix(text))).toBe(false);
  });
});

it('agrees with the naive twin', () => {
  const roll = dice(4);
  for (let at = 0; at < 20_000; at++) {
    const family = roll.pick([0, 1] as const);
    const lengthBits = roll.below(family === 0 ? 33 : 129);
    const first = roll.pick([0, 0, 127, 169, 224, 240, 0xfe, 0xff, roll.below(256)]);
    const second = roll.pick([0, 254, 0x80, 0xbf, roll.below(256)]);
    const words = [(first << 24) | (second << 16), 0, 0, roll.below(3)];
    const [word0, word1, word2, word3] = words.map((word, place) => {
      const bits = Math.min(32, Math.max(0, lengthBits - 32 * place));
      return bits === 0 ? 0 : word & (-1 << (32 - bits));
    });
    const rest = family === 0 ? { word1: 0, word2: 0, word3: 0 } : { word1, word2, word3 };
    const prefix = { family, lengthBits, word0, ...rest };
    expect(isBogus(prefix), JSON.stringify(prefix)).toBe(naiveIsBogus(prefix));
  }
});
