import { AttributeHeader, writeAttributeHeader } from '#wire/attribute-header.ts';
import { AttributeFlag, AttributeType } from '#wire/constants.ts';
import { type ByteRange, copyInto, writeU32 } from '#wire/octets.ts';

const valueBytes = 4;
const header = new AttributeHeader();

/**
 * Returns the block of attributes with LOCAL_PREF inserted in order of type. The block lacks it because policy sets it
 * and eBGP peers are never sent it.
 */
export function withLocalPref({ bytes, start, end }: ByteRange, localPref: number): Uint8Array {
  let at = start;
  while (at < end && header.read(bytes, at, end) && header.type < AttributeType.localPref) {
    at = header.end;
  }
  const block = new Uint8Array(end - start + 3 + valueBytes);
  let to = copyInto(block, 0, { bytes, start, end: at });
  const { localPref: type } = AttributeType;
  to = writeAttributeHeader(block, to, AttributeFlag.transitive, type, valueBytes);
  copyInto(block, writeU32(block, to, localPref), { bytes, start: at, end });
  return block;
}
