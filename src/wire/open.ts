import { decodeCapability, encodeCapabilities } from './capability-codec.ts';
import type { Capability } from './capability.ts';
import { asTrans, MessageType } from './constants.ts';
import { encodeMessage } from './header.ts';
import { NotificationError } from './notification.ts';
import { readU16, readU32, writeU16, writeU32 } from './octets.ts';

/** An OPEN (RFC 4271 §4.2). */
export interface Open {
  /** Always 4. */
  readonly version: number;
  /** From capability 65 if there is one, otherwise from My Autonomous System (RFC 6793 §4.1). */
  readonly asn: number;
  readonly holdTimeSec: number;
  /** BGP Identifier, unsigned 32 bits. */
  readonly routerId: number;
  /** In the order received; duplicates are kept. */
  readonly capabilities: readonly Capability[];
}

const bgpVersion = 4;
const capabilitiesParameter = 2;
const extendedParameters = 255;
/** The length of Version, My AS, Hold Time, BGP Identifier and Opt Parm Len. */
const fixedBytes = 10;

/**
 * Decodes the body `start..end`, at least 10 bytes as the framer ensures. Throws NotificationError 2/x with the
 * data that RFC 4271 §6.2 requires; a malformed optional parameter is 2/0.
 */
export function decodeOpen(bytes: Uint8Array, start: number, end: number): Open {
  const version = bytes[start];
  if (version !== bgpVersion) {
    throw new NotificationError('unsupportedVersionNumber', Uint8Array.of(0, bgpVersion));
  }
  const holdTimeSec = readU16(bytes, start + 3);
  const routerId = readU32(bytes, start + 5);
  const capabilities = decodeParameters(bytes, start + fixedBytes - 1, end);
  const asn = effectiveAsn(readU16(bytes, start + 1), capabilities);
  if (holdTimeSec === 1 || holdTimeSec === 2) {
    throw new NotificationError('unacceptableHoldTime', bytes.slice(start + 3, start + 5));
  }
  if (routerId === 0) throw new NotificationError('badBgpIdentifier');
  return { version, asn, holdTimeSec, routerId, capabilities };
}

/** RFC 7607 §2: AS 0 in either place is Bad Peer AS. */
function effectiveAsn(myAs: number, capabilities: readonly Capability[]): number {
  const as4 = capabilities.find((capability) => capability.kind === 'as4');
  const asn = as4?.asn ?? myAs;
  if (asn === 0 || myAs === 0) throw new NotificationError('badPeerAs');
  return asn;
}

/** RFC 9072 §2: a parameter type of 255 right after the length means that all lengths have two octets. */
function decodeParameters(bytes: Uint8Array, lengthAt: number, end: number): readonly Capability[] {
  const length = bytes[lengthAt];
  const isExtended = length > 0 && bytes[lengthAt + 1] === extendedParameters;
  const start = lengthAt + (isExtended ? 4 : 1);
  const declared = isExtended ? readU16(bytes, lengthAt + 2) : length;
  if (start + declared !== end)
    throw malformed('the optional parameters do not fit into the message');
  const capabilities: Capability[] = [];
  const headerBytes = isExtended ? 3 : 2;
  let at = start;
  while (at < end) {
    if (at + headerBytes > end) throw malformed('an optional parameter is truncated');
    const valueStart = at + headerBytes;
    const valueEnd = valueStart + (isExtended ? readU16(bytes, at + 1) : bytes[at + 1]);
    if (valueEnd > end) throw malformed('an optional parameter is longer than the message');
    if (bytes[at] !== capabilitiesParameter) throw unsupportedParameter(bytes[at]);
    decodeCapabilities(bytes, valueStart, valueEnd, capabilities);
    at = valueEnd;
  }
  return capabilities;
}

/** One parameter may carry one capability or several (RFC 5492 §4). */
function decodeCapabilities(
  bytes: Uint8Array,
  start: number,
  end: number,
  into: Capability[],
): void {
  let at = start;
  while (at < end) {
    if (at + 2 > end) throw malformed('a capability is truncated');
    const code = bytes[at];
    const valueEnd = at + 2 + bytes[at + 1];
    if (valueEnd > end) throw malformed(`capability ${code} is longer than its parameter`);
    const capability = decodeCapability(code, bytes.subarray(at + 2, valueEnd));
    if (capability === undefined) throw malformed(`capability ${code} has an invalid length`);
    into.push(capability);
    at = valueEnd;
  }
}

function malformed(detail: string): NotificationError {
  return new NotificationError('openMessageError', undefined, detail);
}

function unsupportedParameter(type: number): NotificationError {
  return new NotificationError(
    'unsupportedOptionalParameter',
    undefined,
    `optional parameter ${type}`,
  );
}

/**
 * Encodes the whole message, with the capabilities in one parameter; in the extended format (RFC 9072) only if
 * they do not fit otherwise. My Autonomous System is AS_TRANS for an AS above 65535 (RFC 6793 §4.2.1).
 */
export function encodeOpen(open: Open): Uint8Array {
  const parameters = encodeParameters(encodeCapabilities(open.capabilities));
  const body = new Uint8Array(fixedBytes - 1 + parameters.length);
  body[0] = open.version;
  writeU16(body, 1, open.asn > 0xffff ? asTrans : open.asn);
  writeU16(body, 3, open.holdTimeSec);
  writeU32(body, 5, open.routerId);
  body.set(parameters, fixedBytes - 1);
  return encodeMessage(MessageType.open, body);
}

/** Encodes Opt Parm Len and everything after it. */
function encodeParameters(capabilities: Uint8Array): readonly number[] {
  const { length } = capabilities;
  if (length === 0) return [0];
  if (length <= 253) return [length + 2, capabilitiesParameter, length, ...capabilities];
  const total = length + 3;
  return [
    extendedParameters,
    extendedParameters,
    total >>> 8,
    total & 0xff,
    capabilitiesParameter,
    length >>> 8,
    length & 0xff,
    ...capabilities,
  ];
}
