import { maxMessageBytes, MessageType } from './constants.ts';
import { encodeMessage } from './header.ts';

/** A NOTIFICATION as received or to be sent (RFC 4271 §4.5). */
export interface Notification {
  readonly code: number;
  readonly subcode: number;
  readonly data: Uint8Array;
}

/** One row for each code; subcode 0 is "Unspecific" and has the name of the code. */
const codes = [
  { code: 1, text: 'Message Header Error' },
  { code: 2, text: 'OPEN Message Error' },
  { code: 3, text: 'UPDATE Message Error' },
  { code: 4, text: 'Hold Timer Expired' },
  { code: 5, text: 'Finite State Machine Error' },
  { code: 6, text: 'Cease' },
  { code: 7, text: 'ROUTE-REFRESH Message Error' },
  { code: 8, text: 'Send Hold Timer Expired' },
] as const;

/**
 * Everything that a NOTIFICATION can say, in the words of IANA's registry: RFC 4271 §4.5, 4486, 5492, 6608,
 * 7313, 8538, 9234, 9384, 9687. `kind` identifies a row in code.
 */
const rows = [
  { kind: 'messageHeaderError', code: 1, subcode: 0, text: 'Unspecific' },
  { kind: 'connectionNotSynchronized', code: 1, subcode: 1, text: 'Connection Not Synchronized' },
  { kind: 'badMessageLength', code: 1, subcode: 2, text: 'Bad Message Length' },
  { kind: 'badMessageType', code: 1, subcode: 3, text: 'Bad Message Type' },
  { kind: 'openMessageError', code: 2, subcode: 0, text: 'Unspecific' },
  { kind: 'unsupportedVersionNumber', code: 2, subcode: 1, text: 'Unsupported Version Number' },
  { kind: 'badPeerAs', code: 2, subcode: 2, text: 'Bad Peer AS' },
  { kind: 'badBgpIdentifier', code: 2, subcode: 3, text: 'Bad BGP Identifier' },
  {
    kind: 'unsupportedOptionalParameter',
    code: 2,
    subcode: 4,
    text: 'Unsupported Optional Parameter',
  },
  { kind: 'authenticationFailure', code: 2, subcode: 5, text: 'Authentication Failure' },
  { kind: 'unacceptableHoldTime', code: 2, subcode: 6, text: 'Unacceptable Hold Time' },
  { kind: 'unsupportedCapability', code: 2, subcode: 7, text: 'Unsupported Capability' },
  { kind: 'roleMismatch', code: 2, subcode: 11, text: 'Role Mismatch' },
  { kind: 'updateMessageError', code: 3, subcode: 0, text: 'Unspecific' },
  { kind: 'malformedAttributeList', code: 3, subcode: 1, text: 'Malformed Attribute List' },
  {
    kind: 'unrecognizedWellKnownAttribute',
    code: 3,
    subcode: 2,
    text: 'Unrecognized Well-known Attribute',
  },
  {
    kind: 'missingWellKnownAttribute',
    code: 3,
    subcode: 3,
    text: 'Missing Well-known Attribute',
  },
  { kind: 'attributeFlagsError', code: 3, subcode: 4, text: 'Attribute Flags Error' },
  { kind: 'attributeLengthError', code: 3, subcode: 5, text: 'Attribute Length Error' },
  { kind: 'invalidOriginAttribute', code: 3, subcode: 6, text: 'Invalid ORIGIN Attribute' },
  { kind: 'asRoutingLoop', code: 3, subcode: 7, text: 'AS Routing Loop' },
  { kind: 'invalidNextHopAttribute', code: 3, subcode: 8, text: 'Invalid NEXT_HOP Attribute' },
  { kind: 'optionalAttributeError', code: 3, subcode: 9, text: 'Optional Attribute Error' },
  { kind: 'invalidNetworkField', code: 3, subcode: 10, text: 'Invalid Network Field' },
  { kind: 'malformedAsPath', code: 3, subcode: 11, text: 'Malformed AS_PATH' },
  { kind: 'holdTimerExpired', code: 4, subcode: 0, text: 'Unspecific' },
  { kind: 'finiteStateMachineError', code: 5, subcode: 0, text: 'Unspecific' },
  {
    kind: 'unexpectedMessageInOpenSent',
    code: 5,
    subcode: 1,
    text: 'Receive Unexpected Message in OpenSent State',
  },
  {
    kind: 'unexpectedMessageInOpenConfirm',
    code: 5,
    subcode: 2,
    text: 'Receive Unexpected Message in OpenConfirm State',
  },
  {
    kind: 'unexpectedMessageInEstablished',
    code: 5,
    subcode: 3,
    text: 'Receive Unexpected Message in Established State',
  },
  { kind: 'cease', code: 6, subcode: 0, text: 'Unspecific' },
  {
    kind: 'maximumNumberOfPrefixesReached',
    code: 6,
    subcode: 1,
    text: 'Maximum Number of Prefixes Reached',
  },
  { kind: 'administrativeShutdown', code: 6, subcode: 2, text: 'Administrative Shutdown' },
  { kind: 'peerDeconfigured', code: 6, subcode: 3, text: 'Peer De-configured' },
  { kind: 'administrativeReset', code: 6, subcode: 4, text: 'Administrative Reset' },
  { kind: 'connectionRejected', code: 6, subcode: 5, text: 'Connection Rejected' },
  { kind: 'otherConfigurationChange', code: 6, subcode: 6, text: 'Other Configuration Change' },
  {
    kind: 'connectionCollisionResolution',
    code: 6,
    subcode: 7,
    text: 'Connection Collision Resolution',
  },
  { kind: 'outOfResources', code: 6, subcode: 8, text: 'Out of Resources' },
  { kind: 'hardReset', code: 6, subcode: 9, text: 'Hard Reset' },
  { kind: 'bfdDown', code: 6, subcode: 10, text: 'BFD Down' },
  { kind: 'routeRefreshMessageError', code: 7, subcode: 0, text: 'Unspecific' },
  { kind: 'invalidMessageLength', code: 7, subcode: 1, text: 'Invalid Message Length' },
  { kind: 'sendHoldTimerExpired', code: 8, subcode: 0, text: 'Unspecific' },
] as const;

export type NotificationKind = (typeof rows)[number]['kind'];

interface NotificationRow {
  readonly kind: NotificationKind;
  readonly code: number;
  readonly subcode: number;
  readonly text: string;
}
const rowOfKind = new Map<NotificationKind, NotificationRow>(rows.map((row) => [row.kind, row]));

const noData = new Uint8Array(0);

/**
 * Ends the session: the code that catches it sends the NOTIFICATION and closes. `data` is as the RFC of the
 * kind requires.
 */
export class NotificationError extends Error implements Notification {
  readonly kind: NotificationKind;
  readonly code: number;
  readonly subcode: number;
  readonly data: Uint8Array;
  readonly detail: string | undefined;

  /** `detail` is only for the operator; it is not sent. */
  constructor(kind: NotificationKind, data: Uint8Array = noData, detail?: string) {
    const { code, subcode } = codesOf(kind);
    super(detail === undefined ? describe(code, subcode) : `${describe(code, subcode)}: ${detail}`);
    this.name = 'NotificationError';
    this.kind = kind;
    this.code = code;
    this.subcode = subcode;
    this.data = data;
    this.detail = detail;
  }
}

/** Returns the NOTIFICATION of a kind. */
export function notificationOf(kind: NotificationKind, data: Uint8Array = noData): Notification {
  return { ...codesOf(kind), data };
}

/** Returns the kind, or `undefined` for a pair that none of these RFCs names. */
export function notificationKind(code: number, subcode: number): NotificationKind | undefined {
  return rows.find((row) => row.code === code && row.subcode === subcode)?.kind;
}

/** Returns the text that operators read: `Cease/Administrative Shutdown`, `Hold Timer Expired`, `Cease/42`. */
export function describe(code: number, subcode: number): string {
  const major = codes.find((row) => row.code === code)?.text ?? `Error ${code}`;
  if (subcode === 0) return major;
  const minor = rows.find((row) => row.code === code && row.subcode === subcode)?.text;
  return `${major}/${minor ?? subcode}`;
}

/** Encodes the whole message; data that would make it longer than 4096 bytes is cut. */
export function encodeNotification(notification: Notification): Uint8Array {
  const room = maxMessageBytes - 21;
  const data = notification.data.subarray(0, room);
  const body = new Uint8Array(2 + data.length);
  body[0] = notification.code;
  body[1] = notification.subcode;
  body.set(data, 2);
  return encodeMessage(MessageType.notification, body);
}

/** Decodes the body `start..end` (at least 2 bytes, as the framer ensures); the data is a copy. */
export function decodeNotification(bytes: Uint8Array, start: number, end: number): Notification {
  return { code: bytes[start], subcode: bytes[start + 1], data: bytes.slice(start + 2, end) };
}

/** RFC 8538 §3.1: the data of a Hard Reset is the NOTIFICATION inside it. */
export function wrapHardReset(inner: Notification): Notification {
  const data = new Uint8Array(2 + inner.data.length);
  data[0] = inner.code;
  data[1] = inner.subcode;
  data.set(inner.data, 2);
  return notificationOf('hardReset', data);
}

/**
 * Returns the NOTIFICATION inside a Hard Reset; any other NOTIFICATION, or an empty Hard Reset, is returned as
 * it is.
 */
export function unwrapHardReset(notification: Notification): Notification {
  const isHardReset = notificationKind(notification.code, notification.subcode) === 'hardReset';
  if (!isHardReset || notification.data.length < 2) return notification;
  return decodeNotification(notification.data, 0, notification.data.length);
}

function codesOf(kind: NotificationKind): { readonly code: number; readonly subcode: number } {
  const row = rowOfKind.get(kind);
  if (row === undefined) throw new TypeError(`no notification kind ${kind}`);
  return { code: row.code, subcode: row.subcode };
}
