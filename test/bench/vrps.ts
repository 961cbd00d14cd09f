import { PduType } from '#rpki/pdu.ts';
import { RpkiData } from '#rpki/rpki-data.ts';
import { type EndOfData, RtrSession } from '#rpki/rtr-session.ts';
import { dice } from '#support/dice.ts';
import { CachePdus, u32 } from '#support/rtr-pdus.ts';
import { parsePrefix } from '#text/prefix.ts';
import type { Figures, Outcome } from './measures.ts';

/** The validated payloads of the whole Internet at the end of 2026, four fifths of them IPv4, are about as many. */
const count = 600_000;
const lookUps = 1_000_000;
const chunkBytes = 65_536;
const rounds = 5;

/**
 * Measures the cost of validated data: the answer of a cache is read and sorted, then prefixes are looked up, half of
 * which are covered. CPU time of this process, all threads, the best of the rounds; the longest piece that cannot be
 * interrupted.
 */
export function measureVrps(): Outcome {
  const answer = wholeAnswer();
  const best: Record<string, number> = {};
  for (let round = 0; round < rounds; round++) {
    for (const [name, value] of Object.entries(measureOnce(answer))) {
      best[name] = Math.min(best[name] ?? Infinity, value);
    }
  }
  return { measures: { vrps: best } };
}

function measureOnce(answer: Uint8Array): Figures {
  const pieces = new Pieces();
  const data = new RpkiData();
  let received: EndOfData | undefined;
  const start = process.cpuUsage();
  const session = new RtrSession(
    { version: 1, maxRecords: 2 * count },
    {
      send: () => undefined,
      notified: () => undefined,
      noData: () => undefined,
      endOfData: (end) => (received = end),
      failed: ({ text }) => {
        throw new Error(text);
      },
    },
  );
  session.query(undefined);
  for (let at = 0; at < answer.length; at += chunkBytes) {
    pieces.do(() => session.receive(answer.subarray(at, at + chunkBytes)));
  }
  if (received === undefined) throw new Error('the answer has no end');
  const work = data.prepare(received, () => '');
  for (;;) {
    const step = pieces.do(() => work.next());
    if (step.done !== true) continue;
    pieces.do(() => data.install(step.value));
    break;
  }
  const { user, system } = process.cpuUsage(start);
  return {
    loadMs: (user + system) / 1000,
    longestMs: pieces.longestMs,
    memoryMb: data.bytes / 2 ** 20,
    lookUpNs: lookUpNs(data),
  };
}

/** Measures how long each piece takes; a piece cannot be interrupted. */
class Pieces {
  longestMs = 0;

  do<Result>(piece: () => Result): Result {
    const startMs = performance.now();
    const result = piece();
    this.longestMs = Math.max(this.longestMs, performance.now() - startMs);
    return result;
  }
}

/** Looks up the class of a new prefix, and the state of a route to it. */
function lookUpNs(data: RpkiData): number {
  const roll = dice(1);
  const asked = Array.from({ length: lookUps / 10 }, () =>
    roll.chance(0.8)
      ? { ...parsePrefix('0.0.0.0/24'), word0: roll.below(2 ** 32) & 0xffff_ff00 }
      : {
          ...parsePrefix('2001:db8::/48'),
          word0: wordOf6(roll.below(2 ** 16)),
          word1: roll.below(2 ** 16) << 16,
        },
  );
  const start = process.cpuUsage();
  for (let round = 0; round < 10; round++) {
    for (const prefix of asked) data.originState(data.originClass(prefix), 64500);
  }
  const { user, system } = process.cpuUsage(start);
  return ((user + system) * 1000) / lookUps;
}

function wordOf6(value: number): number {
  return 0x2000_0000 | value;
}

/** Prefixes in random order, because caches need not sort them. */
function wholeAnswer(): Uint8Array {
  const roll = dice(6811);
  const pdus = new CachePdus();
  const seen = new Set<string>();
  const parts: Uint8Array[] = [pdus.response(7)];
  let rows: number[][] = [];
  while (seen.size < count) {
    const isIpv4 = seen.size % 5 !== 0;
    const bits = isIpv4 ? 12 + roll.below(13) : 28 + roll.below(21);
    const words = isIpv4
      ? [roll.below(2 ** 32) & (-1 << (32 - bits))]
      : [
          wordOf6(roll.below(2 ** 16)) & (bits < 32 ? -1 << (32 - bits) : -1),
          bits <= 32 ? 0 : roll.below(2 ** 32) & (-1 << (64 - bits)),
          0,
          0,
        ];
    const asn = 1 + roll.below(80_000);
    const key = [bits, ...words, asn].join();
    if (seen.has(key)) continue;
    seen.add(key);
    const body = [
      1,
      bits,
      Math.min(isIpv4 ? 24 : 48, bits + roll.below(3)),
      0,
      ...words.flatMap((word) => u32(word)),
      ...u32(asn),
    ];
    const type = isIpv4 ? PduType.ipv4Prefix : PduType.ipv6Prefix;
    rows.push([1, type, 0, 0, ...u32(8 + body.length), ...body]);
    if (rows.length === 1000) {
      parts.push(Uint8Array.from(rows.flat()));
      rows = [];
    }
  }
  parts.push(Uint8Array.from(rows.flat()), pdus.endOfData(7, 1));
  return Buffer.concat(parts);
}
