import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { emptyAttributes, encodeAttributes } from '#wire/attributes.ts';
import { Family } from '#wire/constants.ts';
import { Framer } from '#wire/framer.ts';
import type { Prefix } from '#wire/nlri.ts';
import { UpdateDecoder } from '#wire/update-decoder.ts';
import { encodeEndOfRib, UpdateWriter } from '#wire/update-writer.ts';
import { attributeSets, prefixes } from './arbitraries.ts';
import { fromHex, toHex } from './hex.ts';
import { prefixesOf, prefixText } from './prefixes.ts';
import { context } from './update-bytes.ts';

const marker = 'ff'.repeat(16);
const ipv4Base = { family: Family.ipv4Unicast, addPath: false, maxLength: 4096 } as const;
const ipv6Base = { family: Family.ipv6Unicast, addPath: false, maxLength: 4096 } as const;
const nextHop4 = fromHex('0a000001');
const nextHop6 = fromHex('20010db8000600000000000000000011');
const host = prefixOf(Family.ipv4Unicast, 32, 0xc6336401);
const service = prefixOf(Family.ipv6Unicast, 128, 0x20010db8, 0x00300000, 0, 3);

function prefixOf(
  family: Family,
  lengthBits: number,
  ...[word0 = 0, word1 = 0, word2 = 0, word3 = 0]: readonly number[]
): Prefix {
  return { family, lengthBits, word0, word1, word2, word3 };
}

function block(nextHop: Uint8Array): Uint8Array {
  const attributes = { ...emptyAttributes(nextHop), origin: 0 as const, med: 100 };
  return encodeAttributes(attributes, { asnBytes: 4, inlineNextHop: true });
}

interface Read {
  readonly announced: string[];
  readonly withdrawn: string[];
  readonly lengths: number[];
  readonly nextHops: Set<string>;
  readonly blocks: Set<string>;
}

/** Decodes the messages as a peer would. */
function read(bytes: Uint8Array, addPath = false): Read {
  const result: Read = {
    announced: [],
    withdrawn: [],
    lengths: [],
    nextHops: new Set(),
    blocks: new Set(),
  };
  const framer = new Framer();
  framer.extendedMessages = true;
  const decoder = new UpdateDecoder();
  framer.push(bytes);
  while (framer.next()) {
    const { start, end } = framer;
    const both = [addPath, addPath];
    const more = { addPath: both, extendedNextHop: [true, false] };
    const update = decoder.decode(framer.bytes, start, end, { ...context, ...more });
    const { attributeBytes, attributesStart, attributesEnd } = update;
    result.lengths.push(end - start + 19);
    for (const range of [update.mpReach, update.nlri]) {
      result.announced.push(...prefixesOf(update.bytes, range));
    }
    for (const range of [update.mpUnreach, update.withdrawn]) {
      result.withdrawn.push(...prefixesOf(update.bytes, range));
    }
    result.nextHops.add(toHex(update.bytes.slice(update.nextHopStart, update.nextHopEnd)));
    result.blocks.add(toHex(attributeBytes.slice(attributesStart, attributesEnd)));
  }
  return result;
}

describe('one message', () => {
  test('IPv4 with a 4-byte next hop: NEXT_HOP and the NLRI field', () => {
    const writer = new UpdateWriter();
    writer.announce({ ...ipv4Base, attributes: block(nextHop4), nextHop: nextHop4 });
    writer.add(host);
    writer.end();
    expect(toHex(writer.take())).toBe(
      `${marker}003102 0000 0015 40010100 400200 4003040a000001 80040400000064 20c6336401`.replaceAll(
        ' ',
        '',
      ),
    );
  });

  test('IPv6: MP_REACH_NLRI first (RFC 7606 §5.1), as BIRD writes it', () => {
    const writer = new UpdateWriter();
    writer.announce({ ...ipv6Base, attributes: block(nextHop6), nextHop: nextHop6 });
    writer.add(service);
    writer.end();
    const reach = `900e0026 0002 01 10 ${toHex(nextHop6)} 00 80 20010db8003000000000000000000003`;
    expect(toHex(writer.take())).toBe(
      `${marker}004f02 0000 0038 ${reach} 40010100 400200 80040400000064`.replaceAll(' ', ''),
    );
  });

  test('IPv4 withdrawn, in the Withdrawn Routes field', () => {
    const writer = new UpdateWriter();
    writer.withdraw(ipv4Base);
    writer.add(host);
    writer.end();
    expect(toHex(writer.take())).toBe(`${marker}001c02000520c63364010000`);
  });

  test('IPv6 withdrawn, in MP_UNREACH_NLRI', () => {
    const writer = new UpdateWriter();
    writer.withdraw(ipv6Base);
    writer.add(service);
    writer.end();
    expect(toHex(writer.take())).toBe(
      `${marker}002f020000 0018 900f0014 000201 8020010db8003000000000000000000003`.replaceAll(
        ' ',
        '',
      ),
    );
  });

  test('End-of-RIB, both families', () => {
    expect(toHex(encodeEndOfRib(Family.ipv4Unicast))).toBe(`${marker}00170200000000`);
    expect(toHex(encodeEndOfRib(Family.ipv6Unicast))).toBe(`${marker}001d0200000006800f03000201`);
  });
});

describe('many messages', () => {
  test('are back to back, and are counted until they are taken', () => {
    const writer = new UpdateWriter();
    writer.withdraw(ipv4Base);
    writer.add(host);
    writer.end();
    writer.announce({ ...ipv4Base, attributes: block(nextHop4), nextHop: nextHop4 });
    writer.add(host);
    writer.end();
    writer.endOfRib(Family.ipv6Unicast);
    expect(writer).toMatchObject({ messages: 3, lengthBytes: 28 + 49 + 29 });
    const { announced, withdrawn, lengths } = read(writer.take());
    expect({ announced, withdrawn, lengths }).toEqual({
      announced: ['198.51.100.1/32'],
      withdrawn: ['198.51.100.1/32'],
      lengths: [28, 49, 29],
    });
    expect(writer).toMatchObject({ messages: 0, lengthBytes: 0 });
    expect(writer.take()).toHaveLength(0);
  });

  test('are not written if nothing was added', () => {
    const writer = new UpdateWriter();
    writer.announce({ ...ipv6Base, attributes: block(nextHop6), nextHop: nextHop6 });
    writer.end();
    writer.withdraw(ipv4Base);
    writer.end();
    expect(writer.take()).toHaveLength(0);
  });

  test('include an open message, which the next one closes', () => {
    const writer = new UpdateWriter();
    writer.withdraw(ipv4Base);
    writer.add(host);
    writer.withdraw(ipv6Base);
    writer.add(service);
    expect(read(writer.take()).withdrawn).toEqual(['198.51.100.1/32', '2001:db8:30::3/128']);
  });

  test('to add without announce or withdraw is a bug', () => {
    expect(() => new UpdateWriter().add(host)).toThrow(TypeError);
  });

  test('are not changed by later ones once they are taken', () => {
    const writer = new UpdateWriter();
    writer.endOfRib(Family.ipv4Unicast);
    const taken = writer.take();
    const before = toHex(taken);
    writer.endOfRib(Family.ipv6Unicast);
    expect(toHex(taken)).toBe(before);
  });

  test('attributes that leave no space for a prefix cannot be announced', () => {
    const writer = new UpdateWriter();
    const attributes = new Uint8Array(4096 - 23 - 8 - 16 - 16);
    const announcement = { ...ipv6Base, attributes, nextHop: nextHop6 };
    expect(writer.announce(announcement)).toBe(false);
    expect(writer.announce({ ...announcement, maxLength: 65535 })).toBe(true);
    expect(writer.announce({ ...announcement, attributes: attributes.subarray(1) })).toBe(true);
  });

  test('the last octet is used: MP_REACH_NLRI has a short header where a prefix fits only so', () => {
    const writer = new UpdateWriter();
    const unknown = new Uint8Array(4096 - 23 - 8 - 16 - 17);
    unknown.set([0xd0, 99, (unknown.length - 4) >> 8, (unknown.length - 4) & 0xff]);
    writer.announce({ ...ipv6Base, attributes: unknown, nextHop: nextHop6 });
    writer.add(prefixOf(Family.ipv6Unicast, 128, 1));
    writer.add(prefixOf(Family.ipv6Unicast, 128, 2));
    writer.end();
    const bytes = writer.take();
    expect(read(bytes).lengths).toEqual([4096, 4096]);
    expect([...bytes.subarray(23, 27)]).toEqual([0x80, 14, 5 + 16 + 17, 0]);
  });

  test('are filled to the last byte', () => {
    const writer = new UpdateWriter();
    writer.withdraw(ipv4Base);
    for (let i = 0; i < 815; i++) writer.add(prefixOf(Family.ipv4Unicast, 32, i));
    writer.end();
    // 23 + 814 * 5 = 4093: one more would be 4098.
    expect(read(writer.take()).lengths).toEqual([4093, 28]);
  });
});

const modes = fc.record({
  family: fc.constantFrom(Family.ipv4Unicast, Family.ipv6Unicast),
  addPath: fc.boolean(),
  maxLength: fc.constantFrom(4096, 65535),
  nextHop: fc.constantFrom(nextHop4, nextHop6),
});

test('messages contain every announced prefix, in order, and are not too long', () => {
  const property = fc.property(
    modes,
    attributeSets,
    fc.array(prefixes, { maxLength: 900 }),
    (mode, set, all) => {
      const isIpv6 = mode.family === Family.ipv6Unicast;
      const nextHop = isIpv6 ? nextHop6 : mode.nextHop;
      const routes = all.filter(({ family }) => family === mode.family);
      const attributes = encodeAttributes(
        { ...set, nextHop },
        { asnBytes: 4, inlineNextHop: true },
      );
      const writer = new UpdateWriter();
      if (!writer.announce({ ...mode, attributes, nextHop })) return;
      routes.forEach((route, index) => writer.add(route, index));
      writer.end();
      const got = read(writer.take(), mode.addPath);
      const want = routes.map(
        (route, index) => prefixText(route) + (mode.addPath ? ` ${index}` : ''),
      );
      expect(got.announced).toEqual(want);
      expect(got.lengths.every((length) => length <= mode.maxLength)).toBe(true);
      if (routes.length > 0) expect([...got.blocks]).toEqual([toHex(attributes)]);
      if (nextHop.length === 16 && routes.length > 0) {
        expect([...got.nextHops]).toEqual([toHex(nextHop6)]);
      }
    },
  );
  fc.assert(property, { numRuns: 60 });
});

test('messages contain every withdrawn prefix', () => {
  const property = fc.property(modes, fc.array(prefixes, { maxLength: 900 }), (mode, all) => {
    const routes = all.filter(({ family }) => family === mode.family);
    const writer = new UpdateWriter();
    writer.withdraw(mode);
    routes.forEach((route, index) => writer.add(route, index));
    writer.end();
    const got = read(writer.take(), mode.addPath);
    expect(got.withdrawn).toHaveLength(routes.length);
    expect(got.lengths.every((length) => length <= mode.maxLength)).toBe(true);
  });
  fc.assert(property, { numRuns: 40 });
});
