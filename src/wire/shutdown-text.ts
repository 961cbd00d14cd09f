import { printable } from '#text/printable.ts';
import { type Notification, notificationKind } from './notification.ts';

const maxTextBytes = 255;

/**
 * Encodes the data of a 6/2 or 6/4 that gives the reason (RFC 9003 §2): one length octet, then UTF-8. Text
 * longer than 255 bytes is cut between two characters; an empty text gives no data.
 */
export function encodeShutdownText(text: string): Uint8Array {
  const encoded = new TextEncoder().encode(text);
  if (encoded.length === 0) return encoded;
  const length = characterBoundary(encoded, maxTextBytes);
  const data = new Uint8Array(1 + length);
  data[0] = length;
  data.set(encoded.subarray(0, length), 1);
  return data;
}

/**
 * Returns the text of an Administrative Shutdown or Reset, or `undefined` if there is none. Invalid UTF-8
 * becomes U+FFFD and characters that are unsafe on a terminal become spaces, since the text is logged and shown
 * (RFC 9003 §6).
 */
export function decodeShutdownText(notification: Notification): string | undefined {
  const kind = notificationKind(notification.code, notification.subcode);
  if (kind !== 'administrativeShutdown' && kind !== 'administrativeReset') return undefined;
  const { data } = notification;
  if (data.length === 0 || data[0] === 0) return undefined;
  return printableText(data.subarray(1, 1 + data[0]));
}

/** Returns UTF-8 bytes of a peer as text that is safe on one line of a terminal. */
export function printableText(bytes: Uint8Array): string {
  return printable(new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes));
}

/** Returns the greatest length up to `max` that does not split a UTF-8 character. */
export function characterBoundary(bytes: Uint8Array, max: number): number {
  if (bytes.length <= max) return bytes.length;
  let length = max;
  while (length > 0 && (bytes[length] & 0xc0) === 0x80) length--;
  return length;
}
