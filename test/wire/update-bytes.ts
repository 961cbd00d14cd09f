import type { DecodeContext } from '#wire/update.ts';
import { fromHex } from './hex.ts';

/** What most tests negotiate: both families, 4-octet AS numbers, nothing else. */
export const context: DecodeContext = {
  asnBytes: 4,
  families: [true, true],
  addPath: [false, false],
  extendedNextHop: [false, false],
};

export interface UpdateParts {
  /** In hex, like the others. */
  readonly withdrawn?: string;
  readonly attributes?: readonly string[];
  readonly nlri?: string;
}

/** Returns the body of an UPDATE with these parts. */
export function updateBody({
  withdrawn = '',
  attributes = [],
  nlri = '',
}: UpdateParts): Uint8Array {
  const block = attributes.join('');
  return fromHex(`${length16(withdrawn)}${withdrawn}${length16(block)}${block}${nlri}`);
}

/** Returns a number of octets as two octets in hex. */
export function length16(hex: string): string {
  return fromHex(hex).length.toString(16).padStart(4, '0');
}

/** Valid attributes, as hex. */
export const good = {
  origin: '400101 00',
  asPath: '400206 0201 0000fde9',
  nextHop: '400304 0a000001',
  med: '800404 00000064',
  mpReach:
    '800e26 0002 01 10 20010db8000600000000000000000011 00 80 20010db8003000000000000000000003',
  mpUnreach: '800f14 0002 01 80 20010db8003000000000000000000003',
} as const;
