import type { Prefix } from './nlri.ts';

/**
 * Returns whether no route can lead to the prefix (RFC 4271 §6.3: "the semantically incorrect" is to be
 * ignored; RFC 6890): 0/8, 127/8, 169.254/16, 224/3, and ::/128, ::1/128, fe80::/10, ff00::/8. A shorter prefix
 * that covers one of them, such as a default route, is not bogus.
 */
export function isBogus(prefix: Prefix): boolean {
  return prefix.family === 0 ? isBogusIpv4(prefix) : isBogusIpv6(prefix);
}

function isBogusIpv4({ word0, lengthBits }: Prefix): boolean {
  const first = word0 >>> 24;
  if (first >= 224 || first === 127) return true;
  if (first === 0) return lengthBits >= 8;
  return word0 >>> 16 === 0xa9fe && lengthBits >= 16;
}

function isBogusIpv6({ word0, word1, word2, word3, lengthBits }: Prefix): boolean {
  if (word0 >>> 24 === 0xff) return true;
  if (word0 >>> 22 === 0xfe80 >> 6) return lengthBits >= 10;
  const isLowest = (word0 | word1 | word2) === 0 && word3 >>> 0 <= 1;
  return isLowest && lengthBits === 128;
}
