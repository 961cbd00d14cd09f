import { headerBytes, type MessageType } from './constants.ts';
import { writeU16 } from './octets.ts';

/** Writes Marker, Length (header included) and Type at `at`; returns the offset of the body (RFC 4271 §4.1). */
export function writeHeader(
  out: Uint8Array,
  at: number,
  lengthBytes: number,
  type: MessageType,
): number {
  out.fill(0xff, at, at + 16);
  writeU16(out, at + 16, lengthBytes);
  out[at + 18] = type;
  return at + headerBytes;
}

/** Returns a whole message around `body`, in its own memory. */
export function encodeMessage(type: MessageType, body: Uint8Array): Uint8Array {
  const out = new Uint8Array(headerBytes + body.length);
  out.set(body, writeHeader(out, 0, out.length, type));
  return out;
}
