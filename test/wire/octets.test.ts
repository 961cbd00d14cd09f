import { expect, test } from 'vitest';
import { copyInto, readU16, readU32, wholeRange, writeU16, writeU32 } from '#wire/octets.ts';

test.each([0, 1, 60, 256, 257, 5000])('%d bytes are copied from their place', (length) => {
  const bytes = Uint8Array.from({ length: length + 7 }, (_, at) => at * 31);
  const out = new Uint8Array(length + 5);
  expect(copyInto(out, 2, { bytes, start: 3, end: 3 + length })).toBe(2 + length);
  expect(out.subarray(2, 2 + length)).toEqual(bytes.subarray(3, 3 + length));
  expect([...out.subarray(0, 2), ...out.subarray(2 + length)]).toEqual([0, 0, 0, 0, 0]);
});

test('a whole range is all of the bytes', () => {
  const bytes = new Uint8Array(9);
  expect(wholeRange(bytes)).toEqual({ bytes, start: 0, end: 9 });
});

test.each([0, 1, 0xffff, 0x8000_0000, 0xffff_ffff])(
  '%d is read back as it was written',
  (value) => {
    const out = new Uint8Array(6);
    expect(writeU32(out, 1, value)).toBe(5);
    expect(readU32(out, 1)).toBe(value);
    expect(writeU16(out, 1, value & 0xffff)).toBe(3);
    expect(readU16(out, 1)).toBe(value & 0xffff);
  },
);
