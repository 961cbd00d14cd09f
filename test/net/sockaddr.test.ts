import { describe, expect, it } from 'vitest';
import {
  decodeSockaddr,
  encodeMd5sig,
  encodeSockaddr,
  encodeUnixSockaddr,
  hostText,
} from '#net/sockaddr.ts';

const linkLocal = Uint8Array.of(0xfe, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1);

describe('sockaddr', () => {
  it('of IPv4 is encoded and decoded', () => {
    const bytes = encodeSockaddr({ address: Uint8Array.of(192, 0, 2, 1), port: 179 });
    expect([...bytes]).toEqual([2, 0, 0, 179, 192, 0, 2, 1, 0, 0, 0, 0, 0, 0, 0, 0]);
    expect(decodeSockaddr(bytes)).toEqual({
      address: Uint8Array.of(192, 0, 2, 1),
      port: 179,
      scopeId: 0,
    });
  });

  it('of IPv6 is encoded and decoded, scope id included', () => {
    const bytes = encodeSockaddr({ address: linkLocal, port: 0x1234 }, 7);
    expect(bytes.length).toBe(28);
    expect(decodeSockaddr(bytes)).toEqual({ address: linkLocal, port: 0x1234, scopeId: 7 });
  });

  it('of an IPv4-mapped address is decoded as IPv4', () => {
    const mapped = Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 192, 0, 2, 1);
    const bytes = encodeSockaddr({ address: mapped, port: 1 });
    expect(decodeSockaddr(bytes).address).toEqual(Uint8Array.of(192, 0, 2, 1));
  });

  it('of a Unix socket ends in NUL, an abstract one begins with it', () => {
    expect([...encodeUnixSockaddr('/a')]).toEqual([1, 0, 0x2f, 0x61, 0]);
    expect([...encodeUnixSockaddr('@a')]).toEqual([1, 0, 0, 0x61]);
  });
});

describe('struct tcp_md5sig', () => {
  it('is 216 bytes: address @0, flags @128, prefix length @129, key length @130, key @136', () => {
    const key = Uint8Array.of(1, 2, 3);
    const one = encodeMd5sig({ address: linkLocal }, key);
    expect(one.length).toBe(216);
    expect(one.subarray(8, 24)).toEqual(linkLocal);
    expect([...one.subarray(128, 140)]).toEqual([0, 0, 3, 0, 0, 0, 0, 0, 1, 2, 3, 0]);
    const range = encodeMd5sig({ address: linkLocal, lengthBits: 64 }, key);
    expect([...range.subarray(128, 132)]).toEqual([1, 64, 3, 0]);
  });
});

describe('hostText', () => {
  it('needs no look-up', () => {
    expect(hostText({ address: Uint8Array.of(192, 0, 2, 1), port: 1 })).toBe('192.0.2.1');
    expect(hostText({ address: linkLocal, port: 1, zone: 'eth0' })).toBe('fe80:0:0:0:0:0:0:1%eth0');
  });
});
