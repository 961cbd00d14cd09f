import { asTrans } from './constants.ts';
import { readU16, readU32, writeU16, writeU32 } from './octets.ts';
import type { AsPathSegment } from './path-attributes.ts';

/** Path segment types (RFC 4271 §4.3). */
export const segmentSet = 1;
export const segmentSequence = 2;
const segmentConfedSequence = 3;
const segmentConfedSet = 4;
const maxSegmentAsns = 255;

/**
 * Decodes the value of an AS_PATH, or returns what is wrong with it (RFC 7606 §7.2): an unknown segment type,
 * an empty segment, one that overruns, AS 0 (RFC 7607 §2), or a confederation segment, which no peer outside
 * the confederation may send (RFC 5065 §5).
 */
export function decodeAsPath(
  bytes: Uint8Array,
  start: number,
  end: number,
  asnBytes: 2 | 4,
): readonly AsPathSegment[] | string {
  return decodeSegments(bytes, start, end, asnBytes, false);
}

/** Decodes the value of an AS4_PATH: like an AS_PATH, but confederation segments are left out (RFC 6793 §6). */
export function decodeAs4Path(
  bytes: Uint8Array,
  start: number,
  end: number,
): readonly AsPathSegment[] | string {
  return decodeSegments(bytes, start, end, 4, true);
}

function decodeSegments(
  bytes: Uint8Array,
  start: number,
  end: number,
  asnBytes: 2 | 4,
  skipConfed: boolean,
): readonly AsPathSegment[] | string {
  const segments: AsPathSegment[] = [];
  let at = start;
  while (at < end) {
    if (end - at < 2) return 'a segment header is truncated';
    const type = bytes[at];
    const count = bytes[at + 1];
    at += 2;
    const isConfed = type === segmentConfedSequence || type === segmentConfedSet;
    if (isConfed && !skipConfed) return 'a confederation segment from outside the confederation';
    if (!isConfed && type !== segmentSet && type !== segmentSequence) {
      return `unknown segment type ${type}`;
    }
    if (count === 0) return 'an empty segment';
    if (at + count * asnBytes > end) return 'a segment is longer than the attribute';
    const asns = readAsns(bytes, at, count, asnBytes);
    if (asns.includes(0)) return 'AS 0';
    if (!isConfed) segments.push({ kind: type === segmentSet ? 'set' : 'sequence', asns });
    at += count * asnBytes;
  }
  return segments;
}

function readAsns(bytes: Uint8Array, start: number, count: number, asnBytes: 2 | 4): number[] {
  const asns: number[] = [];
  for (let i = 0; i < count; i++) {
    asns.push(asnBytes === 4 ? readU32(bytes, start + 4 * i) : readU16(bytes, start + 2 * i));
  }
  return asns;
}

/**
 * Writes the value of an AS_PATH at `at`; returns the offset after it. A segment of more than 255 ASes is
 * split. With 2 octets, numbers that do not fit become AS_TRANS (RFC 6793 §4.2.2).
 */
export function writeAsPath(
  out: Uint8Array,
  start: number,
  segments: readonly AsPathSegment[],
  asnBytes: 2 | 4,
): number {
  let at = start;
  for (const { kind, asns } of segments) {
    for (let from = 0; from < asns.length; from += maxSegmentAsns) {
      const to = Math.min(asns.length, from + maxSegmentAsns);
      out[at] = kind === 'set' ? segmentSet : segmentSequence;
      out[at + 1] = to - from;
      at += 2;
      for (let i = from; i < to; i++) at = writeAsn(out, at, asns[i], asnBytes);
    }
  }
  return at;
}

/** Writes one AS number, or AS_TRANS if it does not fit two octets. */
export function writeAsn(out: Uint8Array, at: number, asn: number, asnBytes: 2 | 4): number {
  if (asnBytes === 4) return writeU32(out, at, asn);
  return writeU16(out, at, asn > 0xffff ? asTrans : asn);
}

/** Returns whether a 2-octet AS_PATH needs an AS4_PATH beside it. */
export function hasWideAsn(segments: readonly AsPathSegment[]): boolean {
  return segments.some((segment) => segment.asns.some((asn) => asn > 0xffff));
}

/** Returns whether an AS occurs in the value of a well-formed AS_PATH of 4-octet numbers. */
export function hasAsn(bytes: Uint8Array, start: number, end: number, asn: number): boolean {
  for (let at = start; at < end;) {
    const segmentEnd = at + 2 + 4 * bytes[at + 1];
    for (at += 2; at < segmentEnd; at += 4) if (readU32(bytes, at) === asn) return true;
  }
  return false;
}

/** Returns the number of ASes as the decision counts them: a set counts as one (RFC 4271 §9.1.2.2 a). */
export function asPathLength(segments: readonly AsPathSegment[]): number {
  let length = 0;
  for (const segment of segments) length += segment.kind === 'set' ? 1 : segment.asns.length;
  return length;
}

/**
 * Returns the path that an AS_PATH from a 2-octet peer and its AS4_PATH stand for (RFC 6793 §4.2.3): the
 * leading ASes that only the AS_PATH has, then the AS4_PATH; the AS_PATH alone if it is the shorter.
 */
export function mergeAs4Path(
  asPath: readonly AsPathSegment[],
  as4Path: readonly AsPathSegment[],
): readonly AsPathSegment[] {
  let lead = asPathLength(asPath) - asPathLength(as4Path);
  if (lead < 0) return asPath;
  const merged: AsPathSegment[] = [];
  for (const segment of asPath) {
    if (lead === 0) break;
    if (segment.kind === 'set') {
      merged.push(segment);
      lead--;
      continue;
    }
    const asns = segment.asns.slice(0, lead);
    merged.push({ kind: 'sequence', asns });
    lead -= asns.length;
  }
  return joinSequences(merged, as4Path);
}

/** Adjoining sequences that fit one segment are joined, as a 4-octet peer would have sent them. */
function joinSequences(
  head: readonly AsPathSegment[],
  tail: readonly AsPathSegment[],
): readonly AsPathSegment[] {
  const last = head.at(-1);
  const first = tail.at(0);
  const joins = last?.kind === 'sequence' && first?.kind === 'sequence';
  if (!joins || last.asns.length + first.asns.length > maxSegmentAsns) return [...head, ...tail];
  const joined: AsPathSegment = { kind: 'sequence', asns: [...last.asns, ...first.asns] };
  return [...head.slice(0, -1), joined, ...tail.slice(1)];
}
