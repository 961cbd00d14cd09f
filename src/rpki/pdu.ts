import { families, Family } from '#wire/constants.ts';
import type { Prefix } from '#wire/nlri.ts';
import { readU16, readU32, writeU16, writeU32 } from '#wire/octets.ts';

/** Protocol versions: 0 is RFC 6810, 1 is RFC 8210, 2 is draft-ietf-sidrops-8210bis-27, which is not a standard yet. */
export type RtrVersion = 0 | 1 | 2;

/** PDU types (RFC 8210 §5; ASPA: draft-ietf-sidrops-8210bis-27 §5.12). */
export const PduType = {
  serialNotify: 0,
  serialQuery: 1,
  resetQuery: 2,
  cacheResponse: 3,
  ipv4Prefix: 4,
  ipv6Prefix: 6,
  endOfData: 7,
  cacheReset: 8,
  routerKey: 9,
  errorReport: 10,
  aspa: 11,
} as const;

/** Error codes (RFC 8210 §12; 9: draft-ietf-sidrops-8210bis-27 §12). */
export const RtrErrorCode = {
  corruptData: 0,
  internalError: 1,
  noDataAvailable: 2,
  invalidRequest: 3,
  unsupportedVersion: 4,
  unsupportedPduType: 5,
  withdrawalOfUnknown: 6,
  duplicateAnnouncement: 7,
  unexpectedVersion: 8,
  aspaProviderList: 9,
} as const;
export type RtrErrorCode = (typeof RtrErrorCode)[keyof typeof RtrErrorCode];

/** A validated ROA payload (RFC 6811 §2): the AS may originate the prefix up to `maxLengthBits`. */
export interface Vrp extends Prefix {
  readonly maxLengthBits: number;
  readonly asn: number;
}

/** The providers that an AS has attested; an AS that is not among them is no provider. */
export interface Aspa {
  readonly customer: number;
  /** In ascending order; 0 alone means that the AS has no provider. */
  readonly providers: readonly number[];
}

/** In seconds, as a cache sends them at the end of its data (RFC 8210 §6). */
export interface RtrTimers {
  readonly refreshSec: number;
  readonly retrySec: number;
  readonly expireSec: number;
}

/** A PDU that a cache sends. Router keys are recognized only. */
export type Pdu =
  | { readonly kind: 'serial_notify'; readonly sessionId: number; readonly serial: number }
  | { readonly kind: 'cache_response'; readonly sessionId: number }
  | { readonly kind: 'prefix'; readonly isAnnounced: boolean; readonly vrp: Vrp }
  | {
      readonly kind: 'end_of_data';
      readonly sessionId: number;
      readonly serial: number;
      /** Absent in version 0. */
      readonly timers?: RtrTimers;
    }
  | { readonly kind: 'cache_reset' }
  | { readonly kind: 'router_key' }
  | { readonly kind: 'aspa'; readonly isAnnounced: boolean; readonly aspa: Aspa }
  | { readonly kind: 'error_report'; readonly code: number; readonly text: string };

/** What a cache sent cannot be accepted. The cache is sent the code, and the connection ends. */
export class RtrError extends Error {
  readonly kind = 'rtr_error';
  readonly code: RtrErrorCode;

  constructor(code: RtrErrorCode, text: string) {
    super(text);
    this.code = code;
  }
}

const pduHeaderBytes = 8;
/** Far above any PDU that a cache has reason to send: an ASPA with 16,000 providers. */
export const maxPduBytes = 65_536;
/** The most bytes of the encapsulated PDU, and of the text, in an error report. */
const maxReportedBytes = 512;

/**
 * Returns the length of the PDU at `at`, header included; `undefined` while less than a header has arrived. Throws an
 * RtrError for a length that no PDU has.
 */
export function pduLength(bytes: Uint8Array, at: number, end: number): number | undefined {
  if (end - at < pduHeaderBytes) return undefined;
  const length = readU32(bytes, at + 4);
  if (length < pduHeaderBytes || length > maxPduBytes) {
    throw new RtrError(RtrErrorCode.corruptData, `a PDU of ${length} bytes`);
  }
  return length;
}

/** Decodes exactly one PDU, whose version is already known. Throws an RtrError. */
export function decodePdu(bytes: Uint8Array): Pdu {
  switch (bytes[1]) {
    case PduType.serialNotify:
      expectLength(bytes, 12);
      return { kind: 'serial_notify', sessionId: readU16(bytes, 2), serial: readU32(bytes, 8) };
    case PduType.cacheResponse:
      expectLength(bytes, 8);
      return { kind: 'cache_response', sessionId: readU16(bytes, 2) };
    case PduType.ipv4Prefix:
      return decodePrefix(bytes, Family.ipv4Unicast);
    case PduType.ipv6Prefix:
      return decodePrefix(bytes, Family.ipv6Unicast);
    case PduType.endOfData:
      return decodeEndOfData(bytes);
    case PduType.cacheReset:
      expectLength(bytes, 8);
      return { kind: 'cache_reset' };
    case PduType.errorReport:
      return decodeErrorReport(bytes);
    case PduType.routerKey:
      if (bytes[0] >= 1) return { kind: 'router_key' };
      break;
    case PduType.aspa:
      if (bytes[0] >= 2) return decodeAspa(bytes);
      break;
    case PduType.serialQuery:
    case PduType.resetQuery:
      throw new RtrError(RtrErrorCode.invalidRequest, 'a query, which only routers send');
    default:
  }
  const text = `PDU type ${bytes[1]} does not exist in version ${bytes[0]}`;
  throw new RtrError(RtrErrorCode.unsupportedPduType, text);
}

function decodePrefix(bytes: Uint8Array, family: Family): Pdu {
  const { addressBytes, maxLengthBits: widest } = families[family];
  expectLength(bytes, 16 + addressBytes);
  const [lengthBits, maxLengthBits] = [bytes[9], bytes[10]];
  if (lengthBits > maxLengthBits || maxLengthBits > widest) {
    const text = `a prefix of length ${lengthBits} with the maximum length ${maxLengthBits}`;
    throw new RtrError(RtrErrorCode.corruptData, text);
  }
  const isWide = family === Family.ipv6Unicast;
  const vrp: Vrp = {
    family,
    lengthBits,
    maxLengthBits,
    word0: word(bytes, 12),
    word1: isWide ? word(bytes, 16) : 0,
    word2: isWide ? word(bytes, 20) : 0,
    word3: isWide ? word(bytes, 24) : 0,
    asn: readU32(bytes, 12 + addressBytes),
  };
  if (hasHostBits(vrp)) {
    throw new RtrError(RtrErrorCode.corruptData, 'a prefix with bits beyond its length');
  }
  return { kind: 'prefix', isAnnounced: (bytes[8] & 1) === 1, vrp };
}

function hasHostBits({ lengthBits, word0, word1, word2, word3 }: Vrp): boolean {
  return [word0, word1, word2, word3].some(
    (value, index) => (value & ~maskOf(lengthBits - index * 32)) !== 0,
  );
}

function maskOf(bits: number): number {
  if (bits <= 0) return 0;
  return bits >= 32 ? -1 : -1 << (32 - bits);
}

function decodeEndOfData(bytes: Uint8Array): Pdu {
  const hasTimers = bytes[0] >= 1;
  expectLength(bytes, hasTimers ? 24 : 12);
  const end = {
    kind: 'end_of_data',
    sessionId: readU16(bytes, 2),
    serial: readU32(bytes, 8),
  } as const;
  if (!hasTimers) return end;
  const [refreshSec, retrySec, expireSec] = [12, 16, 20].map((at) => readU32(bytes, at));
  return { ...end, timers: { refreshSec, retrySec, expireSec } };
}

function decodeErrorReport(bytes: Uint8Array): Pdu {
  const pduBytes = bytes.length < 16 ? bytes.length : readU32(bytes, 8);
  const textAt = 16 + pduBytes;
  const textBytes = textAt > bytes.length ? 0 : readU32(bytes, textAt - 4);
  if (textAt + textBytes !== bytes.length) {
    throw new RtrError(RtrErrorCode.corruptData, 'an error report whose lengths do not match');
  }
  const text = new TextDecoder().decode(bytes.subarray(textAt, textAt + maxReportedBytes));
  return { kind: 'error_report', code: readU16(bytes, 2), text };
}

/** draft-ietf-sidrops-8210bis-27 §5.12. */
function decodeAspa(bytes: Uint8Array): Pdu {
  const isAnnounced = (bytes[2] & 1) === 1;
  if (bytes.length < 12 || bytes.length % 4 !== 0 || (!isAnnounced && bytes.length !== 12)) {
    throw new RtrError(RtrErrorCode.corruptData, `an ASPA PDU of ${bytes.length} bytes`);
  }
  const providers: number[] = [];
  for (let at = 12; at < bytes.length; at += 4) providers.push(readU32(bytes, at));
  const isAscending = providers.every((asn, at) => at === 0 || asn > providers[at - 1]);
  const isMixed = providers.length > 1 && providers[0] === 0;
  if (isAnnounced && (providers.length === 0 || !isAscending || isMixed)) {
    const text =
      'an ASPA whose providers are missing or not in ascending order, or include AS 0 and others';
    throw new RtrError(RtrErrorCode.aspaProviderList, text);
  }
  return { kind: 'aspa', isAnnounced, aspa: { customer: readU32(bytes, 8), providers } };
}

function expectLength(bytes: Uint8Array, expected: number): void {
  if (bytes.length === expected) return;
  const text = `PDU type ${bytes[1]} has ${bytes.length} bytes instead of ${expected}`;
  throw new RtrError(RtrErrorCode.corruptData, text);
}

function word(bytes: Uint8Array, at: number): number {
  return readU32(bytes, at) | 0;
}

/** RFC 8210 §5.3. */
export function encodeSerialQuery(
  version: RtrVersion,
  sessionId: number,
  serial: number,
): Uint8Array {
  const bytes = header(version, PduType.serialQuery, sessionId, 12);
  writeU32(bytes, 8, serial);
  return bytes;
}

/** RFC 8210 §5.4. */
export function encodeResetQuery(version: RtrVersion): Uint8Array {
  return header(version, PduType.resetQuery, 0, pduHeaderBytes);
}

/** RFC 8210 §5.11; of a long PDU only the beginning is encapsulated. */
export function encodeErrorReport(
  version: RtrVersion,
  { code, message }: RtrError,
  pdu: Uint8Array,
): Uint8Array {
  const about = pdu.subarray(0, maxReportedBytes);
  const text = new TextEncoder().encode(message).subarray(0, maxReportedBytes);
  const length = pduHeaderBytes + 8 + about.length + text.length;
  const bytes = header(version, PduType.errorReport, code, length);
  writeU32(bytes, 8, about.length);
  bytes.set(about, 12);
  writeU32(bytes, 12 + about.length, text.length);
  bytes.set(text, 16 + about.length);
  return bytes;
}

function header(version: RtrVersion, type: number, field: number, length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  bytes[0] = version;
  bytes[1] = type;
  writeU16(bytes, 2, field);
  writeU32(bytes, 4, length);
  return bytes;
}
