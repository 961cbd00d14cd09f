import { AttributeHeader } from './attribute-header.ts';
import { attributeRow } from './attribute-table.ts';
import { AttributeFlag, AttributeType } from './constants.ts';

const header = new AttributeHeader();
const optionalTransitive = AttributeFlag.optional | AttributeFlag.transitive;
const unknownFlags = optionalTransitive | AttributeFlag.partial;

/** What `encodeAttributes` never writes, or may write otherwise than it was read. */
const neverPlain: ReadonlySet<number> = new Set([
  AttributeType.localPref,
  AttributeType.originatorId,
  AttributeType.clusterList,
  AttributeType.mpReachNlri,
  AttributeType.mpUnreachNlri,
  AttributeType.as4Path,
  AttributeType.as4Aggregator,
  AttributeType.largeCommunities,
]);

/**
 * Whether a block that was decoded without any error is certainly what `encodeAttributes` makes of
 * it: types ascending, and each header as it would write it. False leaves it open. `hasNextHop`: the
 * block is to hold NEXT_HOP. A third of the first sight of an attribute set (bench:micro).
 */
export function isPlainBlock(
  bytes: Uint8Array,
  start: number,
  end: number,
  hasNextHop: boolean,
): boolean {
  let before = 0;
  for (let at = start; at < end; at = header.end) {
    if (!header.read(bytes, at, end) || header.type <= before) return false;
    const { type } = header;
    before = type;
    if (neverPlain.has(type) || !hasPlainFlags(bytes[at], type)) return false;
    if (type === AttributeType.nextHop && !hasNextHop) return false;
    const isLong = header.end - header.start > 0xff;
    if (isLong !== ((bytes[at] & AttributeFlag.extendedLength) !== 0)) return false;
  }
  return true;
}

function hasPlainFlags(flags: number, type: number): boolean {
  const own = flags & ~AttributeFlag.extendedLength;
  const row = attributeRow(type);
  if (row === undefined) return own === unknownFlags;
  return own === row.flags || (row.flags === optionalTransitive && own === unknownFlags);
}
