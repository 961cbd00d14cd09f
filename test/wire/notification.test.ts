import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { printable } from '#text/printable.ts';
import {
  decodeNotification,
  describe as describeNotification,
  encodeNotification,
  NotificationError,
  type NotificationKind,
  notificationKind,
  notificationOf,
  unwrapHardReset,
  wrapHardReset,
} from '#wire/notification.ts';
import { decodeShutdownText, encodeShutdownText } from '#wire/shutdown-text.ts';
import { fromHex, toHex } from './hex.ts';

const marker = 'ff'.repeat(16);

describe('codes and their names', () => {
  const rows: readonly (readonly [NotificationKind, number, number, string])[] = [
    ['connectionNotSynchronized', 1, 1, 'Message Header Error/Connection Not Synchronized'],
    ['badMessageLength', 1, 2, 'Message Header Error/Bad Message Length'],
    ['unsupportedVersionNumber', 2, 1, 'OPEN Message Error/Unsupported Version Number'],
    ['badPeerAs', 2, 2, 'OPEN Message Error/Bad Peer AS'],
    ['roleMismatch', 2, 11, 'OPEN Message Error/Role Mismatch'],
    ['malformedAsPath', 3, 11, 'UPDATE Message Error/Malformed AS_PATH'],
    ['holdTimerExpired', 4, 0, 'Hold Timer Expired'],
    [
      'unexpectedMessageInEstablished',
      5,
      3,
      'Finite State Machine Error/Receive Unexpected Message in Established State',
    ],
    ['maximumNumberOfPrefixesReached', 6, 1, 'Cease/Maximum Number of Prefixes Reached'],
    ['administrativeShutdown', 6, 2, 'Cease/Administrative Shutdown'],
    ['connectionCollisionResolution', 6, 7, 'Cease/Connection Collision Resolution'],
    ['hardReset', 6, 9, 'Cease/Hard Reset'],
    ['invalidMessageLength', 7, 1, 'ROUTE-REFRESH Message Error/Invalid Message Length'],
    ['sendHoldTimerExpired', 8, 0, 'Send Hold Timer Expired'],
  ];

  test.each(rows)('%s is %i/%i', (kind, code, subcode, text) => {
    const error = new NotificationError(kind);
    expect(error).toMatchObject({ kind, code, subcode, message: text });
    expect(notificationKind(code, subcode)).toBe(kind);
    expect(describeNotification(code, subcode)).toBe(text);
  });

  test('unknown codes are shown as numbers', () => {
    expect(describeNotification(6, 42)).toBe('Cease/42');
    expect(describeNotification(9, 0)).toBe('Error 9');
    expect(describeNotification(9, 3)).toBe('Error 9/3');
    expect(notificationKind(6, 42)).toBeUndefined();
  });

  test('a detail is shown to the operator only', () => {
    const error = new NotificationError('badPeerAs', fromHex('fde9'), 'the peer sent AS 65001');
    expect(error.message).toBe('OPEN Message Error/Bad Peer AS: the peer sent AS 65001');
    expect(toHex(encodeNotification(error))).toBe(`${marker}0017030202fde9`);
  });
});

describe('on the wire', () => {
  test('FRR’s limit, both ways', () => {
    const body = fromHex('0601 0002010000000a');
    const notification = decodeNotification(body, 0, body.length);
    expect(notification).toEqual({ code: 6, subcode: 1, data: fromHex('0002010000000a') });
    expect(toHex(encodeNotification(notification))).toBe(`${marker}001c03${toHex(body)}`);
  });

  test('data is cut to a message of 4096 bytes', () => {
    const data = new Uint8Array(5000);
    expect(encodeNotification({ code: 3, subcode: 1, data })).toHaveLength(4096);
  });

  test('a Hard Reset contains the original code (RFC 8538 §3.1)', () => {
    const inner = notificationOf('administrativeShutdown', encodeShutdownText('noon'));
    const wrapped = wrapHardReset(inner);
    expect(wrapped).toEqual({ code: 6, subcode: 9, data: fromHex('0602 04 6e6f6f6e') });
    expect(unwrapHardReset(wrapped)).toEqual(inner);
    expect(unwrapHardReset(inner)).toBe(inner);
    const empty = notificationOf('hardReset');
    expect(unwrapHardReset(empty)).toBe(empty);
  });
});

function read(data: Uint8Array, kind: NotificationKind = 'administrativeShutdown') {
  return decodeShutdownText(notificationOf(kind, data));
}

describe('the shutdown text (RFC 9003)', () => {
  test('both ways, in UTF-8', () => {
    expect(toHex(encodeShutdownText('bis zwölf'))).toBe('0a626973207a77c3b66c66');
    expect(read(fromHex('0a626973207a77c3b66c66'))).toBe('bis zwölf');
    expect(read(fromHex('026f6b'), 'administrativeReset')).toBe('ok');
  });

  test('has no data without a text', () => {
    expect(encodeShutdownText('')).toHaveLength(0);
    expect(read(fromHex(''))).toBeUndefined();
    expect(read(fromHex('00'))).toBeUndefined();
  });

  test('is absent in other codes', () => {
    expect(read(fromHex('026f6b'), 'peerDeconfigured')).toBeUndefined();
  });

  test('is cut between two characters, to 255 bytes at most', () => {
    const data = encodeShutdownText('ü'.repeat(200));
    expect(data).toHaveLength(1 + 254);
    expect(read(data)).toBe('ü'.repeat(127));
  });

  test('bad UTF-8, control characters and a wrong length do no harm', () => {
    expect(read(fromHex('03 61ff62'))).toBe('a\ufffdb');
    expect(read(fromHex('05 1b5b324a0a'))).toBe(' [2J ');
    expect(read(fromHex('ff 6162'))).toBe('ab');
  });

  test('every printable text of up to 255 bytes is decoded unchanged', () => {
    const texts = fc
      .string({ unit: 'grapheme', minLength: 1 })
      .filter((text) => printable(text) === text && Buffer.byteLength(text) <= 255);
    fc.assert(fc.property(texts, (text) => read(encodeShutdownText(text)) === text));
  });
});
