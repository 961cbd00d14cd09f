import { families, type Family, familyOf, MessageType } from './constants.ts';
import { encodeMessage } from './header.ts';
import { NotificationError } from './notification.ts';
import { readU16 } from './octets.ts';

/** Message Subtype of a ROUTE-REFRESH (RFC 7313 §3.2): a request, or the bounds of the answer. */
export const RefreshSubtype = { request: 0, begin: 1, end: 2 } as const;
export type RefreshSubtype = (typeof RefreshSubtype)[keyof typeof RefreshSubtype];

export interface RouteRefresh {
  readonly afi: number;
  readonly safi: number;
  /** `undefined` if the AFI/SAFI is not supported. */
  readonly family: Family | undefined;
  /** Values that `RefreshSubtype` does not have are to be ignored (RFC 7313 §5). */
  readonly subtype: number;
}

/** Returns a KEEPALIVE, which is a header without a body (RFC 4271 §4.4). */
export function encodeKeepalive(): Uint8Array {
  return encodeMessage(MessageType.keepalive, new Uint8Array(0));
}

export function encodeRouteRefresh(
  family: Family,
  subtype: RefreshSubtype = RefreshSubtype.request,
): Uint8Array {
  const { afi, safi } = families[family];
  return encodeMessage(MessageType.routeRefresh, Uint8Array.of(afi >>> 8, afi, subtype, safi));
}

/**
 * Decodes the body `start..end`. A body whose length is not 4 throws 7/1 with the whole message as data (RFC
 * 7313 §5), unless it has a subtype that is to be ignored.
 */
export function decodeRouteRefresh(bytes: Uint8Array, start: number, end: number): RouteRefresh {
  if (end - start !== 4) return misshapen(bytes, start, end);
  const afi = readU16(bytes, start);
  const safi = bytes[start + 3];
  return { afi, safi, family: familyOf(afi, safi), subtype: bytes[start + 2] };
}

function misshapen(bytes: Uint8Array, start: number, end: number): RouteRefresh {
  const subtype = end - start < 3 ? RefreshSubtype.request : bytes[start + 2];
  if (subtype > RefreshSubtype.end) return { afi: 0, safi: 0, family: undefined, subtype };
  const message = encodeMessage(MessageType.routeRefresh, bytes.subarray(start, end));
  throw new NotificationError('invalidMessageLength', message);
}
