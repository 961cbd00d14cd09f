import { AttributeHeader } from '#wire/attribute-header.ts';
import { AttributeType, families, headerBytes } from '#wire/constants.ts';
import { readU16 } from '#wire/octets.ts';

/**
 * Returns whether the NLRI of the UPDATE `start..end` (header included) have path identifiers, given the families for
 * which that was negotiated (by `Family`). An MRT record has one such flag for the whole message. Reads no further than
 * necessary, and a malformed UPDATE as far as it can be read.
 */
export function hasPathIds(
  bytes: Uint8Array,
  start: number,
  end: number,
  addPath: readonly boolean[],
): boolean {
  if (addPath.every((isUsed) => !isUsed)) return false;
  if (addPath.every(Boolean)) return true;
  const body = start + headerBytes;
  const attributesAt = body + 2 + readU16(bytes, body);
  if (attributesAt + 2 > end) return false;
  const attributesEnd = Math.min(attributesAt + 2 + readU16(bytes, attributesAt), end);
  const header = new AttributeHeader();
  for (let at = attributesAt + 2; at < attributesEnd; at = header.end) {
    if (!header.read(bytes, at, attributesEnd)) break;
    const { mpReachNlri, mpUnreachNlri } = AttributeType;
    if (header.type !== mpReachNlri && header.type !== mpUnreachNlri) continue;
    const afi = readU16(bytes, header.start);
    return families.some((row) => row.afi === afi && addPath[row.family] === true);
  }
  return addPath[0] === true;
}
