import { describe, expect, it } from 'vitest';
import {
  decodePdu,
  encodeErrorReport,
  encodeResetQuery,
  encodeSerialQuery,
  pduLength,
  RtrError,
  RtrErrorCode,
} from '#rpki/pdu.ts';
import { parsePrefix } from '#text/prefix.ts';

function bytesOf(hex: string): Uint8Array {
  return Uint8Array.from(Buffer.from(hex.replaceAll(' ', ''), 'hex'));
}

/** The octets follow the figures of RFC 8210 §5, and of draft-ietf-sidrops-8210bis-27 §5.12 for ASPA. */
describe('a PDU of a cache is read as its figure says', () => {
  it.each([
    [
      'Serial Notify',
      '01 00 0007 0000000c 0000002a',
      { kind: 'serial_notify', sessionId: 7, serial: 42 },
    ],
    ['Cache Response', '01 03 0007 00000008', { kind: 'cache_response', sessionId: 7 }],
    [
      'IPv4 Prefix, announced',
      '01 04 0000 00000014 01 18 1c 00 c0000200 0000fbf4',
      {
        kind: 'prefix',
        isAnnounced: true,
        vrp: { ...parsePrefix('192.0.2.0/24'), maxLengthBits: 28, asn: 64500 },
      },
    ],
    [
      'IPv4 Prefix, withdrawn',
      '00 04 0000 00000014 00 00 00 00 00000000 00000000',
      {
        kind: 'prefix',
        isAnnounced: false,
        vrp: { ...parsePrefix('0.0.0.0/0'), maxLengthBits: 0, asn: 0 },
      },
    ],
    [
      'IPv6 Prefix',
      '01 06 0000 00000020 01 20 30 00 20010db8 00000000 00000000 00000000 fffffffe',
      {
        kind: 'prefix',
        isAnnounced: true,
        vrp: { ...parsePrefix('2001:db8::/32'), maxLengthBits: 48, asn: 0xffff_fffe },
      },
    ],
    [
      'End of Data',
      '01 07 0007 00000018 0000002a 00000e10 00000258 00001c20',
      {
        kind: 'end_of_data',
        sessionId: 7,
        serial: 42,
        timers: { refreshSec: 3600, retrySec: 600, expireSec: 7200 },
      },
    ],
    [
      'End of Data of version 0',
      '00 07 0007 0000000c 0000002a',
      { kind: 'end_of_data', sessionId: 7, serial: 42 },
    ],
    ['Cache Reset', '01 08 0000 00000008', { kind: 'cache_reset' }],
    ['Router Key', `01 09 0100 00000022 ${'00'.repeat(26)}`, { kind: 'router_key' }],
    [
      'Error Report',
      '01 0a 0002 0000001a 00000008 0102000000000008 00000002 6e6f',
      { kind: 'error_report', code: 2, text: 'no' },
    ],
    [
      'ASPA, announced',
      '02 0b 01 00 00000014 0000fde9 0000fdea 0000fdeb',
      {
        kind: 'aspa',
        isAnnounced: true,
        aspa: { customer: 65001, providers: [65002, 65003] },
      },
    ],
    [
      'ASPA of an AS without providers',
      '02 0b 01 00 00000010 0000fde9 00000000',
      { kind: 'aspa', isAnnounced: true, aspa: { customer: 65001, providers: [0] } },
    ],
    [
      'ASPA, withdrawn',
      '02 0b 00 00 0000000c 0000fde9',
      { kind: 'aspa', isAnnounced: false, aspa: { customer: 65001, providers: [] } },
    ],
  ])('%s', (_, hex, expected) => {
    const bytes = bytesOf(hex);
    expect(pduLength(bytes, 0, bytes.length)).toBe(bytes.length);
    expect(decodePdu(bytes)).toEqual(expected);
  });
});

describe('what no cache may send is refused with the code for it', () => {
  it.each([
    ['a prefix longer than its maximum', '01 04 0000 00000014 01 18 17 00 c0000200 00000001', 0],
    ['a maximum beyond the family', '01 04 0000 00000014 01 18 21 00 c0000200 00000001', 0],
    ['bits beyond the length', '01 04 0000 00000014 01 10 18 00 c0000200 00000001', 0],
    ['a prefix that is cut off', '01 04 0000 00000010 01 18 18 00 c0000200', 0],
    ['an end of data without timers', '01 07 0007 0000000c 0000002a', 0],
    ['an error report that is too short', '01 0a 0002 0000000c 00000000', 0],
    ['an error report whose text is cut off', '01 0a 0002 00000010 00000000 00000009', 0],
    ['a query', '01 02 0000 00000008', 3],
    ['a type that does not exist', '01 05 0000 00000008', 5],
    ['a router key in version 0', '00 09 0000 00000008', 5],
    ['an ASPA in version 1', '01 0b 0100 00000010 0000fde9 0000fdea', 5],
    ['an ASPA that announces no provider', '02 0b 0100 0000000c 0000fde9', 9],
    ['providers out of order', '02 0b 0100 00000014 0000fde9 0000fdeb 0000fdea', 9],
    ['a provider twice', '02 0b 0100 00000014 0000fde9 0000fdea 0000fdea', 9],
    ['AS 0 among providers', '02 0b 0100 00000014 0000fde9 00000000 0000fdea', 9],
    ['a withdrawn ASPA with providers', '02 0b 0000 00000010 0000fde9 0000fdea', 0],
  ])('%s', (_, hex, code) => {
    expect(() => decodePdu(bytesOf(hex))).toThrow(expect.objectContaining({ code }));
  });

  it.each([
    ['shorter than a header', 7],
    ['longer than any PDU', 65_537],
  ])('a length %s', (_, length) => {
    const bytes = bytesOf('01 03 0000 00000000');
    new DataView(bytes.buffer).setUint32(4, length);
    expect(() => pduLength(bytes, 0, 8)).toThrow(RtrError);
  });
});

it('a header that has not come whole has no length yet', () => {
  expect(pduLength(bytesOf('01 03 0000 000000'), 0, 7)).toBeUndefined();
});

describe('a PDU of ours is written as its figure says', () => {
  it.each([
    ['Serial Query', encodeSerialQuery(1, 7, 42), '01 01 0007 0000000c 0000002a'],
    ['Reset Query', encodeResetQuery(2), '02 02 0000 00000008'],
    [
      'Error Report',
      encodeErrorReport(
        1,
        new RtrError(RtrErrorCode.duplicateAnnouncement, 'twice'),
        bytesOf('0104'),
      ),
      '01 0a 0007 00000017 00000002 0104 00000005 7477696365',
    ],
  ])('%s', (_, bytes, hex) => {
    expect(Buffer.from(bytes).toString('hex')).toBe(hex.replaceAll(' ', ''));
  });
});
