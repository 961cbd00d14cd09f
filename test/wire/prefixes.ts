import { Family } from '#wire/constants.ts';
import { NlriReader, type Prefix } from '#wire/nlri.ts';
import type { NlriRange } from '#wire/path-attributes.ts';

/** Returns the prefixes of a range as text, followed by a blank and the path identifier if there is one. */
export function prefixesOf(bytes: Uint8Array, range: NlriRange): string[] {
  const reader = new NlriReader();
  reader.reset(bytes, range);
  const texts: string[] = [];
  while (reader.next()) {
    texts.push(range.addPath ? `${prefixText(reader)} ${reader.pathId}` : prefixText(reader));
  }
  return texts;
}

export function prefixText({ family, lengthBits, word0, word1, word2, word3 }: Prefix): string {
  if (family === Family.ipv4Unicast) {
    return `${[24, 16, 8, 0].map((shift) => (word0 >>> shift) & 0xff).join('.')}/${lengthBits}`;
  }
  const words = [word0, word1, word2, word3].flatMap((word) => [word >>> 16, word & 0xffff]);
  const full = words.map((word) => word.toString(16)).join(':');
  const url = new URL(`http://[${full}]/`);
  return `${url.hostname.slice(1, -1)}/${lengthBits}`;
}
