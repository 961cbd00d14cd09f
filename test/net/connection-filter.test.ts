import { array, assert, constantFrom, double, oneof, property, record, tuple } from 'fast-check';
import { expect, it } from 'vitest';
import { connectionFilter, type MinTtl } from '#net/connection-filter.ts';

/** Runs the program according to linux/filter.h over an IP header. Returns true if the packet is accepted. */
function letsIn(program: Uint8Array | undefined, header: Uint8Array): boolean {
  if (program === undefined) return true;
  const view = new DataView(program.buffer);
  const packet = new DataView(header.buffer);
  const netOff = 0xfff0_0000;
  let a = 0;
  for (let at = 0; at < program.length / 8; at++) {
    const code = view.getUint16(at * 8, true);
    const k = view.getUint32(at * 8 + 4, true);
    const jump = (isSo: boolean): number => program[at * 8 + (isSo ? 2 : 3)];
    if (code === 0x20) a = packet.getUint32(k - netOff);
    else if (code === 0x30) a = packet.getUint8(k - netOff);
    else if (code === 0x54) a = (a & k) >>> 0;
    else if (code === 0x05) at += k;
    else if (code === 0x15) at += jump(a === k);
    else if (code === 0x35) at += jump(a >= k);
    else if (code === 0x06) return k !== 0;
    else throw new Error(`instruction ${code}`);
  }
  throw new Error('it runs off its end');
}

/** The head of a packet; the filter ignores the remaining part. */
function packetFrom(address: Uint8Array, ttl: number): Uint8Array {
  const isIpv4 = address.length === 4;
  const header = new Uint8Array(isIpv4 ? 20 : 40);
  header[0] = isIpv4 ? 0x45 : 0x60;
  header[isIpv4 ? 8 : 7] = ttl;
  header.set(address, isIpv4 ? 12 : 8);
  return header;
}

function bits(bytes: Uint8Array): string {
  return [...bytes].map((byte) => byte.toString(2).padStart(8, '0')).join('');
}

function length(rule: MinTtl): number {
  return rule.lengthBits ?? rule.address.length * 8;
}

/** The longest match decides; of several for one address the lowest. */
function isNearEnough(rules: readonly MinTtl[], address: Uint8Array, ttl: number): boolean {
  const matching = rules.filter(
    (rule) =>
      rule.address.length === address.length &&
      bits(rule.address).slice(0, length(rule)) === bits(address).slice(0, length(rule)),
  );
  const longest = Math.max(...matching.map(length));
  const least = matching.filter((rule) => length(rule) === longest).map(({ minTtl }) => minTtl);
  return matching.length === 0 || ttl >= Math.min(...least);
}

/** Few different octets, so that addresses share some. */
const octets = (count: number) =>
  array(constantFrom(0, 1, 128, 255), { minLength: count, maxLength: count });
const address = oneof(octets(4), octets(16)).map((bytes) => Uint8Array.from(bytes));
const minTtl = constantFrom(0, 246, 254, 255);
const one = record({ address, minTtl });
const range = record({ address, minTtl, part: double({ min: 0, max: 0.99, noNaN: true }) }).map(
  ({ part, ...rule }) => ({
    ...rule,
    lengthBits: Math.floor(part * rule.address.length * 8),
  }),
);
/** Each range is given once. */
const rules = tuple(array(one, { maxLength: 30 }), array(range, { maxLength: 4 })).map(
  ([ones, ranges]) => [...ones, ...new Map(ranges.map((rule) => [nameOf(rule), rule])).values()],
);

function nameOf({ address: bytes, lengthBits = 0 }: MinTtl): string {
  return `${bytes.length} ${bits(bytes).slice(0, lengthBits)}`;
}

it('a packet is accepted exactly if the longest match of its sender allows its TTL', () => {
  assert(
    property(rules, address, constantFrom(1, 64, 245, 246, 253, 254, 255), (all, from, ttl) => {
      const program = connectionFilter(all);
      for (const sender of [from, ...all.map((rule) => rule.address)]) {
        expect(letsIn(program, packetFrom(sender, ttl))).toBe(isNearEnough(all, sender, ttl));
      }
    }),
    { numRuns: 300 },
  );
});

it('without GTSM there is no filter', () => {
  expect(connectionFilter([{ address: Uint8Array.of(192, 0, 2, 1), minTtl: 0 }])).toBeUndefined();
});

it('a thousand neighbours of one network fit into one filter', () => {
  const all = Array.from({ length: 1000 }, (_, at) => {
    const bytes = new Uint8Array(16);
    bytes.set([0x20, 1, 0xd, 0xb8]);
    new DataView(bytes.buffer).setUint16(14, at);
    return { address: bytes, minTtl: 255 };
  });
  expect((connectionFilter(all)?.length ?? 0) / 8).toBeLessThan(4096);
});
