import type { Family } from '../addresses.ts';

/**
 * Prefixes are numbers in the load generator. IPv6: number N is 2001:db8:30::N+1/128. IPv4: number
 * N is the N-th /24 of 16.0.0.0/4, announced as /22, /23 or /24 by what its alignment allows.
 */

export const nlriBytes: Readonly<Record<Family, number>> = { ipv4: 4, ipv6: 17 };

export function writePrefix(family: Family, number: number, into: Buffer, at: number): void {
  if (family === 'ipv4') {
    into[at] = ipv4LengthBits(number);
    into.writeUIntBE(ipv4Base + number, at + 1, 3);
    return;
  }
  into[at] = 128;
  into.set(ipv6Head, at + 1);
  into.writeUInt32BE(number + 1, at + 13);
}

/** Returns -1 for a prefix that is not one of ours. */
export function readPrefix(family: Family, octets: Uint8Array, at: number): number {
  return family === 'ipv4' ? readIpv4(octets, at) : readIpv6(octets, at);
}

const ipv4Base = 16 << 16;
const ipv6Head = Buffer.from('20010db80030000000000000', 'hex');

function ipv4LengthBits(number: number): number {
  if (number % 4 === 0) return 22;
  return number % 2 === 0 ? 23 : 24;
}

function readIpv4(octets: Uint8Array, at: number): number {
  const number = ((octets[at + 1] << 16) | (octets[at + 2] << 8) | octets[at + 3]) - ipv4Base;
  return octets[at] === ipv4LengthBits(number) ? number : -1;
}

function readIpv6(octets: Uint8Array, at: number): number {
  if (octets[at] !== 128) return -1;
  for (let place = 0; place < 12; place++) {
    if (octets[at + 1 + place] !== ipv6Head[place]) return -1;
  }
  const low =
    (octets[at + 13] << 24) | (octets[at + 14] << 16) | (octets[at + 15] << 8) | octets[at + 16];
  return (low >>> 0) - 1;
}
