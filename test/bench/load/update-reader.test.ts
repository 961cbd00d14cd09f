import { describe, expect, it } from 'vitest';
import type { Family } from '../addresses.ts';
import { endOfRib, keyOf, type RouteAttributes, UpdateStream } from './messages.ts';
import { Expectation, RouterTable } from './router-table.ts';
import { UpdateReader } from './update-reader.ts';

const nextHops = {
  ipv4: Uint8Array.of(10, 1, 0, 1),
  ipv6: Uint8Array.of(0x20, 1, 0xd, 0xb8, 0, 1, 0, 0, 0, 0, 0, 0, 0, 1, 0, 1),
} as const;

function routeOf(family: Family): RouteAttributes {
  return { nextHop: nextHops[family], asPath: [65001, 64999], med: 7, communities: [65001 << 8] };
}

/** Three prefixes; a router should hold the first two, with one route. */
function given(family: Family) {
  const route = routeOf(family);
  const expectation = new Expectation(3);
  expectation.announced.add(keyOf(route));
  expectation.keys.fill(keyOf(route), 0, 2);
  const stream = new UpdateStream(family);
  stream.announce(route, [0, 1]);
  const octets = stream.bytes();
  const table = new RouterTable(expectation.keys);
  const reader = new UpdateReader(family, expectation);
  const read = (message: Uint8Array): void => reader.read(message, 0, message.length, table);
  return { octets, table, read, route };
}

describe.each(['ipv4', 'ipv6'] as const)('the reader of UPDATEs, %s', (family) => {
  it('accepts routes that are what a node announced', () => {
    const { octets, table, read } = given(family);
    expect(table.wrong).toBe(2);
    read(octets);
    expect(table).toMatchObject({ wrong: 0, updates: 1, announcements: 2 });
  });

  it('does not count End-of-RIB as a route', () => {
    const { table, read } = given(family);
    read(endOfRib(family));
    expect(table).toMatchObject({ wrong: 2, announcements: 0, withdrawals: 0 });
  });

  it('reports a prefix that should not have come', () => {
    const { table, read, octets, route } = given(family);
    read(octets);
    const more = new UpdateStream(family);
    more.announce(route, [2]);
    read(more.bytes());
    expect(table.wrong).toBe(1);
  });

  it('notices any changed octet of next hop, path, MED and communities', () => {
    const { octets } = given(family);
    const values = [nextHops[family], [0, 0, 0xfd, 0xe9], [0, 0, 0, 7], [0, 0xfd, 0xe9, 0]];
    for (const value of values) {
      const spoilt = Buffer.from(octets);
      spoilt[spoilt.indexOf(Buffer.from(value)) + value.length - 1] ^= 1;
      expect(() => given(family).read(spoilt)).toThrow('not as a node announced it');
    }
  });

  it('notices an attribute that no node has sent', () => {
    const { octets, read } = given(family);
    const localPref = Buffer.from(octets);
    const medAt = localPref.indexOf(Buffer.from([0x80, 4, 4, 0, 0, 0, 7]));
    localPref[medAt + 1] = 5;
    expect(() => read(localPref)).toThrow('attribute 5');
  });
});
