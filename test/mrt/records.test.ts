import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { hasPathIds } from '#mrt/path-ids.ts';
import { MrtError, RecordCutter, type RecordReader } from '#mrt/record-reader.ts';
import { RecordWriter } from '#mrt/record-writer.ts';
import { readSessionRecord, writeMessage, writeStateChange } from '#mrt/session-records.ts';
import {
  readTableRecord,
  type TableEntry,
  writePeerIndex,
  writeTablePrefix,
} from '#mrt/table-records.ts';
import { states } from '#session/fsm.ts';
import { parseAddress } from '#text/address.ts';
import { formatPrefix, parsePrefix } from '#text/prefix.ts';
import { encodeKeepalive } from '#wire/message.ts';

const at = Date.UTC(2026, 10, 29, 6, 45, 0, 125);
const ends = {
  peerAs: 4_200_000_001,
  localAs: 65_500,
  peerAddress: parseAddress('192.0.2.11'),
  localAddress: parseAddress('192.0.2.1'),
};
const ends6 = {
  ...ends,
  peerAddress: parseAddress('2001:db8:6::11'),
  localAddress: parseAddress('2001:db8:6::1'),
};
const keepalive = {
  bytes: encodeKeepalive(),
  start: 0,
  end: 19,
  asnBytes: 4,
  addPath: false,
} as const;

function written(write: (writer: RecordWriter) => void): Uint8Array {
  const writer = new RecordWriter();
  write(writer);
  return writer.take();
}

function only(bytes: Uint8Array): RecordReader {
  const [record, ...others] = [...new RecordCutter().add(bytes)];
  if (record === undefined || others.length > 0) throw new Error('not one record');
  return record;
}

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

describe('records are octet for octet as in RFC 6396', () => {
  test('BGP4MP_ET, BGP4MP_MESSAGE_AS4: §3, §4.4.3', () => {
    const bytes = written((writer) => writeMessage(writer, at, ends, keepalive));
    expect(hex(bytes)).toBe(
      [
        (Math.floor(at / 1000) >>> 0).toString(16), // Timestamp
        '0011', // Type 17
        '0004', // Subtype 4
        (4 + 8 + 4 + 8 + 19).toString(16).padStart(8, '0'), // Length, with the microseconds
        (125_000).toString(16).padStart(8, '0'),
        'fa56ea01', // Peer AS
        '0000ffdc', // Local AS
        '0000', // Interface Index
        '0001', // AFI
        'c000020b',
        'c0000201',
        `${'ff'.repeat(16)}001304`,
      ].join(''),
    );
  });

  test('PEER_INDEX_TABLE and RIB_IPV6_UNICAST with an abbreviated MP_REACH_NLRI: §4.3', () => {
    const bytes = written((writer) => {
      const peers = [{ routerId: 0x01010101, address: ends6.peerAddress, peerAs: 65_001 }];
      writePeerIndex(writer, { wallMs: at, collectorId: 0x0a000001, viewName: 'v', peers });
      const origin = new Uint8Array([0x40, 1, 1, 0]);
      const entry = {
        peer: 0,
        originatedSec: 16,
        pathId: 0,
        attributes: origin,
        nextHop: ends6.peerAddress,
      };
      writeTablePrefix(
        writer,
        { wallMs: at, prefix: parsePrefix('2001:db8:30::/44'), entries: [entry] },
        7,
      );
    });
    const seconds = Math.floor(at / 1000).toString(16);
    const address = hex(ends6.peerAddress);
    expect(hex(bytes)).toBe(
      [
        `${seconds}000d000100000022`,
        '0a000001', // Collector BGP ID
        '000176', // View Name
        '0001', // Peer Count
        `0301010101${address}0000fde9`, // IPv6 and 4-octet AS
        `${seconds}000d00040000002d`,
        '00000007', // Sequence Number
        '2c20010db80030', // /44
        '0001', // Entry Count
        '000000000010', // Peer Index, Originated Time
        '0018', // Attribute Length
        '40010100',
        `800e1110${address}`,
      ].join(''),
    );
  });
});

describe('what is written is read again', () => {
  test.each([
    ['between IPv4 addresses', ends],
    ['between IPv6 addresses', ends6],
  ])('a message %s', (_, session) => {
    for (const asnBytes of [2, 4] as const) {
      for (const addPath of [false, true]) {
        const bytes = written((writer) =>
          writeMessage(writer, at, session, { ...keepalive, asnBytes, addPath }),
        );
        const { peerAs, ...others } = session;
        const shownAs = asnBytes === 4 ? peerAs : 23_456;
        const message = {
          kind: 'message',
          bytes: keepalive.bytes,
          asnBytes,
          addPath,
          isLocal: false,
        };
        const expected = { wallMs: at, peerAs: shownAs, ...others, ...message };
        expect(readSessionRecord(only(bytes))).toEqual(expected);
      }
    }
  });

  test('changes between any two states', () => {
    for (const from of states) {
      for (const to of states) {
        const bytes = written((writer) => writeStateChange(writer, at, ends, { from, to }));
        expect(readSessionRecord(only(bytes))).toEqual({
          wallMs: at,
          ...ends,
          kind: 'state',
          from,
          to,
        });
      }
    }
  });

  test('prefixes of both families with any entries', () => {
    const prefixes = ['0.0.0.0/0', '10.1.0.0/17', '192.0.2.1/32', '::/0', '2001:db8:30::1/128'];
    const octets = fc.uint8Array({ maxLength: 40 });
    const entry = fc.record({
      peer: fc.nat(0xffff),
      originatedSec: fc.nat(0xffff_ffff),
      pathId: fc.nat(0xffff_ffff),
      // An unknown attribute.
      attributes: octets.map((value) => new Uint8Array([0xc0, 99, value.length, ...value])),
      nextHop: fc.constantFrom(new Uint8Array(0), parseAddress('2001:db8::1')),
    });
    const entries = fc.array(entry, { maxLength: 5 });
    fc.assert(
      fc.property(fc.constantFrom(...prefixes), entries, (text, given: TableEntry[]) => {
        const rows = { wallMs: at, prefix: parsePrefix(text), entries: given };
        const record = readTableRecord(
          only(written((writer) => writeTablePrefix(writer, rows, 1))),
        );
        if (record?.kind !== 'prefix') throw new Error('no prefix');
        expect(formatPrefix(record.prefix)).toBe(text);
        expect(record.entries).toEqual(given);
      }),
    );
  });
});

describe('a stream', () => {
  const three = written((writer) => {
    writeMessage(writer, at, ends, keepalive);
    writeStateChange(writer, at, ends6, { from: 'OpenConfirm', to: 'Established' });
    writeMessage(writer, at, ends6, keepalive);
  });

  test('may be cut anywhere', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(three.length), { maxLength: 6 }), (cuts) => {
        const cutter = new RecordCutter();
        const ordered = [0, ...cuts.toSorted((a, b) => a - b), three.length];
        const kinds = ordered.flatMap((start, i) =>
          [...cutter.add(three.subarray(start, ordered[i + 1] ?? three.length))].map(
            (record) => readSessionRecord(record)?.kind,
          ),
        );
        expect(kinds).toEqual(['message', 'state', 'message']);
        expect(cutter.restBytes).toBe(0);
      }),
    );
  });

  test('with a wrong octet is read to its end or ends with an MrtError, never with another error', () => {
    fc.assert(
      fc.property(fc.nat(three.length - 1), fc.nat(255), (place, octet) => {
        const spoilt = three.slice();
        spoilt[place] = octet;
        try {
          for (const record of new RecordCutter().add(spoilt)) {
            readSessionRecord(record);
          }
        } catch (error) {
          expect(error).toBeInstanceOf(MrtError);
        }
      }),
      { numRuns: 2000 },
    );
  });
});

const update = (body: string): Uint8Array => {
  const octets = Buffer.from(body.replaceAll(' ', ''), 'hex');
  return new Uint8Array([...new Uint8Array(16).fill(0xff), 0, 19 + octets.length, 2, ...octets]);
};

describe('path identifiers', () => {
  test.each([
    ['are in IPv4 NLRI if IPv4 has them', '0000 0000 180a0000', [true, false], true],
    ['are not in IPv4 NLRI if only IPv6 has them', '0000 0000 180a0000', [false, true], false],
    ['are in MP_UNREACH_NLRI if IPv6 has them', '0000 0007 800f04 0002 01 00', [false, true], true],
    ['are not in it if only IPv4 has them', '0000 0007 800f04 0002 01 00', [true, false], false],
    ['are not in an UPDATE that is cut off', 'ffff', [true, false], false],
    ['are in no UPDATE if no family has them', '0000 0000', [false, false], false],
    ['are in every UPDATE if both families have them', '0000 0000', [true, true], true],
  ])('%s', (_, body, addPath, expected) => {
    const bytes = update(body);
    expect(hasPathIds(bytes, 0, bytes.length, addPath)).toBe(expected);
  });
});

describe('what other daemons write', () => {
  test("FRR's states Clearing and Deleted are read as Idle", () => {
    const bytes = written((writer) =>
      writeStateChange(writer, at, ends, { from: 'Established', to: 'Idle' }),
    );
    for (const state of [7, 8]) {
      bytes[bytes.length - 1] = state;
      expect(readSessionRecord(only(bytes))).toMatchObject({ from: 'Established', to: 'Idle' });
    }
    bytes[bytes.length - 1] = 9;
    expect(() => readSessionRecord(only(bytes))).toThrow(MrtError);
  });

  test('attributes that BIRD writes without flags get the right ones', () => {
    const nextHop = [0, 3, 4, 192, 0, 2, 1];
    const attributes = Uint8Array.from([0x40, 1, 1, 0, ...nextHop, 0x80, 4, 4, 0, 0, 0, 9]);
    const bytes = written((writer) =>
      writeTablePrefix(
        writer,
        {
          wallMs: at,
          prefix: parsePrefix('192.0.2.0/24'),
          entries: [
            { peer: 0, originatedSec: 1, pathId: 0, attributes, nextHop: new Uint8Array(0) },
          ],
        },
        0,
      ),
    );
    const record = readTableRecord(only(bytes));
    const [entry] = record?.kind === 'prefix' ? record.entries : [];
    expect(hex(entry?.attributes ?? attributes)).toBe('40010100400304c000020180040400000009');
  });
});
