import { decodeAs4Path, decodeAsPath, mergeAs4Path, writeAsPath } from './as-path.ts';
import { AttributeHeader, writeAttributeHeader } from './attribute-header.ts';
import { asTrans, AttributeFlag, AttributeType } from './constants.ts';
import { readU16, readU32, writeU32 } from './octets.ts';
import type { AsPathSegment } from './path-attributes.ts';

const optionalTransitive = AttributeFlag.optional | AttributeFlag.transitive;
/** The widened block is no longer than blocks of 4-octet peers can be. */
const maxBlockBytes = 0xffff;

/** What a 2-octet peer passed on in AS4_PATH and AS4_AGGREGATOR. */
interface As4 {
  readonly path: readonly AsPathSegment[];
  /** The offset of the AS4_AGGREGATOR value; -1 if there is none to use. */
  readonly aggregatorAt: number;
}

/**
 * Writes the block of a 2-octet peer as a 4-octet peer would have sent it (RFC 6793 §4.2.3): AS_PATH and
 * AGGREGATOR are widened and merged with AS4_PATH and AS4_AGGREGATOR, which are left out unless their flags are
 * wrong. Malformed attributes stay malformed, for `decodeAttributes` to find. `out` needs twice the size of the
 * block and 16 bytes; returns the end of what was written.
 */
export function widenAttributes(
  out: Uint8Array,
  bytes: Uint8Array,
  start: number,
  end: number,
): number {
  const header = new AttributeHeader();
  const as4 = findAs4(header, bytes, start, end);
  const maxPathBytes = maxBlockBytes - 16 - (end - start);
  let hasPath = false;
  let hasAggregator = false;
  let as4Seen = 0;
  let outAt = 0;
  for (let at = start; at < end; at = header.end) {
    const isWhole = header.read(bytes, at, end);
    if (isWhole && isAs4(header.type)) {
      const isFirst = as4Seen !== (as4Seen |= 1 << header.type);
      if (!isFirst || isPassedOn(header.flags)) continue;
    }
    if (isWhole && header.type === AttributeType.asPath && !hasPath) {
      hasPath = true;
      outAt = widenAsPath(out, outAt, bytes, header, as4.path, maxPathBytes);
    } else if (isWhole && header.type === AttributeType.aggregator && !hasAggregator) {
      hasAggregator = true;
      outAt = widenAggregator(out, outAt, bytes, header, as4.aggregatorAt);
    } else {
      out.set(bytes.subarray(at, header.end), outAt);
      outAt += header.end - at;
    }
  }
  return outAt;
}

/** Returns whether the flags are those of both AS4 attributes (RFC 6793 §3). */
function isPassedOn(flags: number): boolean {
  return (flags & optionalTransitive) === optionalTransitive;
}

function isAs4(type: number): boolean {
  return type === AttributeType.as4Path || type === AttributeType.as4Aggregator;
}

/**
 * RFC 6793 §4.2.3: an AGGREGATOR that is not AS_TRANS was made by a 2-octet speaker after the
 * AS4_AGGREGATOR, and then neither AS4 attribute counts. Malformed ones are discarded (§6).
 */
function findAs4(header: AttributeHeader, bytes: Uint8Array, start: number, end: number): As4 {
  const seen: number[] = [];
  let aggregatorAsn = asTrans;
  let aggregatorAt = -1;
  let path: readonly AsPathSegment[] = [];
  for (let at = start; at < end; at = header.end) {
    if (!header.read(bytes, at, end)) break;
    const { type, flags } = header;
    // RFC 7606 §3 g: the first one counts, malformed or not.
    if (seen.includes(type)) continue;
    seen.push(type);
    const length = header.end - header.start;
    if (type === AttributeType.aggregator && length === 6) {
      aggregatorAsn = readU16(bytes, header.start);
    } else if (type === AttributeType.as4Path && isPassedOn(flags)) {
      path = usable(decodeAs4Path(bytes, header.start, header.end));
    } else if (type === AttributeType.as4Aggregator && isPassedOn(flags) && length === 8) {
      if (readU32(bytes, header.start) !== 0) aggregatorAt = header.start;
    }
  }
  const isStale = aggregatorAt >= 0 && aggregatorAsn !== asTrans;
  return isStale ? { path: [], aggregatorAt: -1 } : { path, aggregatorAt };
}

function usable(path: readonly AsPathSegment[] | string): readonly AsPathSegment[] {
  return typeof path === 'string' ? [] : path;
}

function widenAsPath(
  out: Uint8Array,
  outAt: number,
  bytes: Uint8Array,
  header: AttributeHeader,
  as4Path: readonly AsPathSegment[],
  maxBytes: number,
): number {
  const { flags, type } = header;
  const path = decodeAsPath(bytes, header.start, header.end, 2);
  if (typeof path === 'string') return writeMalformedAsPath(out, outAt, flags);
  const merged = as4Path.length === 0 ? path : mergeAs4Path(path, as4Path);
  const valueAt = outAt + 4;
  const length = writeAsPath(out, valueAt, merged, 4) - valueAt;
  if (length > maxBytes) return writeMalformedAsPath(out, outAt, flags);
  const start = writeAttributeHeader(out, outAt, withoutExtended(flags), type, length);
  if (start !== valueAt) out.copyWithin(start, valueAt, valueAt + length);
  return start + length;
}

/** Half a segment header is as malformed with 4 octets as it was with 2. */
function writeMalformedAsPath(out: Uint8Array, outAt: number, flags: number): number {
  const start = writeAttributeHeader(out, outAt, withoutExtended(flags), AttributeType.asPath, 1);
  out[start] = 0;
  return start + 1;
}

/** An AGGREGATOR of a wrong length becomes an empty one, which is malformed too. */
function widenAggregator(
  out: Uint8Array,
  outAt: number,
  bytes: Uint8Array,
  header: AttributeHeader,
  as4AggregatorAt: number,
): number {
  const { flags, type } = header;
  const isWhole = header.end - header.start === 6;
  const start = writeAttributeHeader(out, outAt, withoutExtended(flags), type, isWhole ? 8 : 0);
  if (!isWhole) return start;
  if (as4AggregatorAt >= 0) {
    out.set(bytes.subarray(as4AggregatorAt, as4AggregatorAt + 8), start);
    return start + 8;
  }
  const at = writeU32(out, start, readU16(bytes, header.start));
  out.set(bytes.subarray(header.start + 2, header.end), at);
  return at + 4;
}

function withoutExtended(flags: number): number {
  return flags & 0xff & ~AttributeFlag.extendedLength;
}
