import { isIpv4 } from './sockaddr.ts';

/**
 * GTSM (RFC 5082) for a listening socket, where IP_MINTTL would apply to every peer: a classic BPF program
 * (linux/filter.h) that looks at the sender and drops packets from a peer whose TTL is too low, including the SYN.
 * Accepted sockets inherit it.
 */

/** The lowest TTL or hop limit allowed for packets from an address, or from a prefix. */
export interface MinTtl {
  /** 4 or 16 bytes. */
  readonly address: Uint8Array;
  /** Absent: `address` alone. */
  readonly lengthBits?: number;
  /** 0..255; 0 allows everything, as an exception within a prefix that demands more. */
  readonly minTtl: number;
}

/** One instruction; `to` is the label that a jump leads to. */
interface Instruction {
  readonly code: number;
  readonly k: number;
  readonly ifTrue?: number;
  readonly ifFalse?: number;
  readonly to?: string;
}

/** An instruction, or the label of the instruction that follows. */
type Step = Instruction | string;

/** linux/bpf_common.h */
const load32 = 0x20;
const load8 = 0x30;
const and = 0x54;
const jump = 0x05;
const ifEqual = 0x15;
const ifAtLeast = 0x35;
const answer = 0x06;

/** SKF_NET_OFF as an unsigned number: offsets are counted from the IP header. */
const networkHeader = 0x1_0000_0000 - 0x10_0000;
const everything = 0xffff_ffff;

/** The offsets of the fields that are read in a header. */
const headers = {
  ipv4: { bytes: 4, sourceAt: 12, ttlAt: 8 },
  ipv6: { bytes: 16, sourceAt: 8, ttlAt: 7 },
} as const;

/** BPF_MAXINSNS */
export const maxFilterSteps = 4096;
/** struct sock_filter */
export const stepBytes = 8;

/** Returns the program as an array of struct sock_filter; `undefined` if no TTL is demanded. */
export function connectionFilter(rules: readonly MinTtl[]): Uint8Array | undefined {
  if (rules.every(({ minTtl }) => minTtl === 0)) return undefined;
  const ipv4 = needed(rules.filter(({ address }) => isIpv4(address)));
  const ipv6 = needed(rules.filter(({ address }) => !isIpv4(address)));
  return assembled([
    { code: load8, k: networkHeader },
    { code: and, k: 0xf0 },
    { code: ifEqual, k: 0x60, ifTrue: 0, ifFalse: 1 },
    goto('ipv6'),
    ...forFamily(ipv4, 'ipv4'),
    'ipv6',
    ...forFamily(ipv6, 'ipv6'),
  ]);
}

/**
 * Returns one rule for each prefix, the least demanding one: two peers with the same link-local address differ by their
 * zone, which the filter does not see. A rule that demands nothing is kept only if a prefix around it demands
 * something.
 */
function needed(all: readonly MinTtl[]): readonly MinTtl[] {
  const least = new Map<string, MinTtl>();
  for (const rule of all) {
    const key = `${rule.address.join()}/${rule.lengthBits ?? rule.address.length * 8}`;
    if (rule.minTtl < (least.get(key)?.minTtl ?? Infinity)) least.set(key, rule);
  }
  const rules = [...least.values()];
  const hasRange = rules.some(({ lengthBits, minTtl }) => lengthBits !== undefined && minTtl > 0);
  return hasRange ? rules : rules.filter(({ minTtl }) => minTtl > 0);
}

function forFamily(rules: readonly MinTtl[], family: 'ipv4' | 'ipv6'): Step[] {
  const { bytes, ttlAt } = headers[family];
  const isOne = ({ lengthBits = bytes * 8 }: MinTtl): boolean => lengthBits === bytes * 8;
  const ranges = rules
    .filter((rule) => !isOne(rule))
    .toSorted((a, b) => (b.lengthBits ?? 0) - (a.lengthBits ?? 0));
  const least = new Set(rules.map(({ minTtl }) => minTtl));
  return [
    ...ofAddresses(rules.filter(isOne), family, 0),
    `${family} ranges`,
    ...ranges.flatMap((range, at) => ofRange(range, family, `${family} range ${at}`)),
    { code: answer, k: everything },
    ...[...least].flatMap((minTtl): Step[] => [
      `${family} ${minTtl}`,
      { code: load8, k: networkHeader + ttlAt },
      { code: ifAtLeast, k: minTtl, ifTrue: 0, ifFalse: 1 },
      { code: answer, k: everything },
      { code: answer, k: 0 },
    ]),
  ];
}

/** Builds a tree over the words of the addresses, because neighbours share most of them. */
function ofAddresses(rules: readonly MinTtl[], family: 'ipv4' | 'ipv6', word: number): Step[] {
  if (rules.length === 0) return [];
  const isLast = (word + 1) * 4 === headers[family].bytes;
  const byWord = Map.groupBy(rules, ({ address }) => wordOf(address, word));
  const branches = [...byWord].flatMap(([value, inside]): Step[] => {
    const there = `${family} ${Math.min(...inside.map(({ minTtl }) => minTtl))}`;
    if (isLast) return [{ code: ifEqual, k: value, ifTrue: 0, ifFalse: 1 }, goto(there)];
    const otherwise = `not ${inside[0].address.subarray(0, word * 4 + 4).join('.')}`;
    return [
      { code: ifEqual, k: value, ifTrue: 1, ifFalse: 0 },
      goto(otherwise),
      ...ofAddresses(inside, family, word + 1),
      otherwise,
    ];
  });
  return [loadWord(family, word), ...branches, goto(`${family} ranges`)];
}

function ofRange(
  { address, lengthBits = 0, minTtl }: MinTtl,
  family: 'ipv4' | 'ipv6',
  name: string,
): Step[] {
  const words = Array.from({ length: Math.ceil(lengthBits / 32) }, (_, at) => at);
  const tests = words.flatMap((word): Step[] => {
    const bits = Math.min(32, lengthBits - word * 32);
    const mask = bits === 32 ? everything : everything - (2 ** (32 - bits) - 1);
    return [
      loadWord(family, word),
      { code: and, k: mask },
      { code: ifEqual, k: (wordOf(address, word) & mask) >>> 0, ifTrue: 1, ifFalse: 0 },
      goto(`${name} else`),
    ];
  });
  return [...tests, goto(`${family} ${minTtl}`), `${name} else`];
}

function loadWord(family: 'ipv4' | 'ipv6', word: number): Step {
  return { code: load32, k: networkHeader + headers[family].sourceAt + word * 4 };
}

function wordOf(address: Uint8Array, word: number): number {
  return new DataView(address.buffer, address.byteOffset).getUint32(word * 4);
}

function goto(to: string): Step {
  return { code: jump, k: 0, to };
}

function assembled(steps: readonly Step[]): Uint8Array {
  const instructions = steps.filter((step) => typeof step !== 'string');
  const places = new Map<string, number>();
  let at = 0;
  for (const step of steps) {
    if (typeof step === 'string') places.set(step, at);
    else at++;
  }
  const out = new Uint8Array(instructions.length * stepBytes);
  const view = new DataView(out.buffer);
  for (const [from, { code, k, ifTrue = 0, ifFalse = 0, to }] of instructions.entries()) {
    const distance = to === undefined ? k : (places.get(to) ?? 0) - from - 1;
    view.setUint16(from * stepBytes, code, true);
    out.set([ifTrue, ifFalse], from * stepBytes + 2);
    view.setUint32(from * stepBytes + 4, distance, true);
  }
  return out;
}
