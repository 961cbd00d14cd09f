import { encodeAttributes } from '#wire/attributes.ts';
import type { Prefix } from '#wire/nlri.ts';
import type { PathAttributes } from '#wire/path-attributes.ts';
import { UpdateWriter } from '#wire/update-writer.ts';

/** UPDATEs of one peer, ready to be read in chunks as from a socket. */
export interface Feed {
  readonly address: Uint8Array;
  readonly asn: number;
  readonly chunks: readonly Uint8Array[];
}

export interface Workload {
  readonly name: string;
  readonly feeds: readonly Feed[];
  readonly paths: number;
}

/** The size in which libuv reads from a socket. */
const chunkBytes = 64 * 1024;

/** S3: 10 nodes, `prefixes` IPv6 /128, each from two nodes; 16 MEDs a node, 64 NLRI an UPDATE. */
export function serviceAddresses(prefixes: number): Workload {
  const nodes = 10;
  const writers = Array.from({ length: nodes }, () => new UpdateWriter());
  const blocks = 64;
  for (let first = 0; first < prefixes; first += blocks) {
    const group = first / blocks;
    for (const half of [0, 1]) {
      const node = (group + half * (1 + (group % 9))) % nodes;
      const med = 100 + (hash(group * 2 + half) & 15);
      announce(writers[node], plain(nodeAddress(node), [65001], med), () =>
        range(first, Math.min(prefixes, first + blocks), (i) => ipv6(i)),
      );
    }
  }
  return {
    name: `IPv6 /128, ${prefixes} x 2 of ${nodes} nodes, 160 attribute sets, 64 NLRI per UPDATE`,
    feeds: writers.map((writer, node) => ({
      address: nodeAddress(node),
      asn: 65001,
      chunks: cut(writer.take()),
    })),
    paths: prefixes * 2,
  };
}

/** S3b: one peer, a full IPv4 table; 1-9 NLRI an attribute set, AS_PATH 3-6, 0-5 communities. */
export function fullTable(prefixes: number): Workload {
  const writer = new UpdateWriter();
  const address = Uint8Array.of(192, 0, 2, 1);
  let sets = 0;
  for (let first = 0; first < prefixes; sets++) {
    const random = hash(sets);
    const end = Math.min(prefixes, first + 1 + (random % 9));
    const asPath = [
      65001,
      ...range(0, 2 + ((random >>> 4) & 3), (i) => 1000 + (hash(sets * 8 + i) % 60_000)),
    ];
    const communities = range(
      0,
      (random >>> 8) % 6,
      (i) => 65001 * 65536 + (hash(sets * 8 + i) & 0xffff),
    );
    const attributes = { ...plain(address, asPath, undefined), communities };
    const from = first;
    announce(writer, attributes, () => range(from, end, (i) => ipv4(i)));
    first = end;
  }
  return {
    name: `IPv4, ${prefixes} prefixes, ${sets} attribute sets, 1-9 NLRI per UPDATE`,
    feeds: [{ address, asn: 65001, chunks: cut(writer.take()) }],
    paths: prefixes,
  };
}

/** S2: 199 nodes change the MED of the same `prefixes` /128s, `rounds` times; one NLRI an UPDATE. */
export function fleetChurn(prefixes: number, rounds: number): Workload {
  const feeds = range(0, 199, (node) => {
    const writer = new UpdateWriter();
    for (let round = 0; round < rounds; round++) {
      const attributes = plain(nodeAddress(node), [65001], 100 + ((node + 17 * round) % 400));
      for (let i = 0; i < prefixes; i++) announce(writer, attributes, () => [ipv6(i)]);
    }
    return { address: nodeAddress(node), asn: 65001, chunks: cut(writer.take()) };
  });
  return {
    name: `IPv6 /128, ${prefixes} of 199 nodes, ${rounds} MEDs one after the other, 1 NLRI per UPDATE`,
    feeds,
    paths: 199 * prefixes * rounds,
  };
}

function announce(
  writer: UpdateWriter,
  attributes: PathAttributes,
  prefixes: () => readonly Prefix[],
): void {
  const { nextHop } = attributes;
  const block = encodeAttributes(attributes, { asnBytes: 4, inlineNextHop: nextHop.length === 4 });
  const family = nextHop.length === 4 ? 0 : 1;
  writer.announce({ family, addPath: false, maxLength: 4096, attributes: block, nextHop });
  for (const prefix of prefixes()) writer.add(prefix);
  writer.end();
}

/** The addresses from 2001:db8:6::11 on. */
function nodeAddress(node: number): Uint8Array {
  return Uint8Array.of(32, 1, 13, 184, 0, 6, ...zeros(9), 17 + node);
}

function plain(
  nextHop: Uint8Array,
  asns: readonly number[],
  med: number | undefined,
): PathAttributes {
  return {
    origin: 0,
    asPath: [{ kind: 'sequence', asns }],
    nextHop,
    ...(med !== undefined && { med }),
    atomicAggregate: false,
    communities: [],
    extCommunities: [],
    ipv6ExtCommunities: [],
    largeCommunities: [],
    unknown: [],
  };
}

/** Returns every address once, from 2001:db8:30:: on. */
function ipv6(i: number): Prefix {
  return { family: 1, lengthBits: 128, word0: 0x2001_0db8, word1: 0x0030_0000, word2: 0, word3: i };
}

/** /24s from 16.0.0.0 on, of which one in four is cut in two. */
function ipv4(i: number): Prefix {
  const base = { family: 0, word1: 0, word2: 0, word3: 0 } as const;
  const network = (0x1000_0000 + (i << 8)) | 0;
  if (i % 4 !== 3) return { ...base, lengthBits: 24, word0: network };
  return { ...base, lengthBits: 23, word0: (network - 0x100) & ~0x1ff };
}

function cut(bytes: Uint8Array): Uint8Array[] {
  const chunks: Uint8Array[] = [];
  for (let at = 0; at < bytes.length; at += chunkBytes) {
    chunks.push(bytes.slice(at, at + chunkBytes));
  }
  return chunks;
}

function zeros(count: number): number[] {
  return Array.from({ length: count }, () => 0);
}

function range<T>(from: number, to: number, make: (i: number) => T): T[] {
  return Array.from({ length: to - from }, (_, i) => make(from + i));
}

/** An unsigned number that looks random. */
function hash(value: number): number {
  let mixed = Math.imul(value + 0x6d2b79f5, 0x9e3779b1);
  mixed = Math.imul(mixed ^ (mixed >>> 15), 0x85ebca6b);
  return (mixed ^ (mixed >>> 13)) >>> 0;
}
