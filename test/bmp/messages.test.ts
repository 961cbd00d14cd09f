import { describe, expect, test } from 'vitest';
import { PeerType, StatisticType, TerminationReason } from '#bmp/constants.ts';
import type { MonitoredPeer, PeerHeader } from '#bmp/message-writer.ts';
import {
  writeInitiation,
  writePeerDown,
  writePeerUp,
  writeStatistics,
  writeTermination,
} from '#bmp/messages.ts';
import { parseAddress } from '#text/address.ts';
import { formatHex } from '#text/hex.ts';
import { OctetWriter } from '#wire/octet-writer.ts';
import type { Open } from '#wire/open.ts';

const peer6: MonitoredPeer = {
  type: PeerType.globalInstance,
  address: parseAddress('2001:db8:6::11'),
  peerAs: 65_001,
  routerId: 0x0a_00_00_0b,
};
const peer4: MonitoredPeer = { ...peer6, address: parseAddress('192.0.2.11') };
const locRib: MonitoredPeer = {
  type: PeerType.locRibInstance,
  address: new Uint8Array(0),
  peerAs: 65_500,
  routerId: 0x0a_00_00_01,
};
/** 2026-11-29 06:45:00.125 */
const wallMs = Date.UTC(2026, 10, 29, 6, 45, 0, 125);
const time = '6b0bc9ec 0001e848';

const header6: PeerHeader = { peer: peer6, flags: 0, wallMs };
const header4: PeerHeader = { peer: peer4, flags: 0x70, wallMs };

const perPeer6 = `00 80 0000000000000000 20010db8000600000000000000000011 0000fde9 0a00000b ${time}`;
const perPeer4 = `00 70 0000000000000000 000000000000000000000000c000020b 0000fde9 0a00000b ${time}`;
const perPeerLocRib =
  '03 00 0000000000000000 00000000000000000000000000000000 0000ffdc 0a000001 00000000 00000000';

const open: Open = {
  version: 4,
  asn: 65_001,
  holdTimeSec: 90,
  routerId: 0x0a_00_00_0b,
  capabilities: [
    { kind: 'as4', asn: 65_001 },
    { kind: 'addPath', families: [{ afi: 2, safi: 1, mode: 'both' }] },
  ],
};
const openHex = `ffffffffffffffffffffffffffffffff 002b 01
  04 fde9 005a 0a00000b 0e 02 0c 4104 0000fde9 4504 0002 01 03`;

function written(write: (out: OctetWriter) => void): string {
  const out = new OctetWriter();
  write(out);
  return formatHex(out.take());
}

function hex(text: string): string {
  return text.replaceAll(/\s/g, '');
}

describe('BMP messages have the bytes of RFC 7854', () => {
  test('Initiation names the program and the machine', () => {
    const bytes = written((out) => writeInitiation(out, { sysDescr: 'fp 1', sysName: 'rs9' }));
    expect(bytes).toBe(hex('03 00000015 04 0001 0004 66702031 0002 0003 727339'));
  });

  test('Termination gives the reason', () => {
    const bytes = written((out) => writeTermination(out, TerminationReason.permanentlyClosed));
    expect(bytes).toBe(hex('03 0000000c 05 0001 0002 0004'));
  });

  test('Peer Up has both OPENs, with ADD-PATH, and the name of the peer', () => {
    const up = {
      localAddress: parseAddress('2001:db8:6::1'),
      localPort: 179,
      remotePort: 41_000,
      sentOpen: open,
      receivedOpen: open,
      adminLabel: 'W1',
    };
    expect(written((out) => writePeerUp(out, header6, up))).toBe(
      hex(`03 000000a0 03 ${perPeer6}
        20010db8000600000000000000000001 00b3 a028 ${openHex} ${openHex} 0004 0002 5731`),
    );
  });

  test('Peer Up of a Loc-RIB has no address, no ports and no time', () => {
    const up = {
      localAddress: new Uint8Array(0),
      localPort: 0,
      remotePort: 0,
      sentOpen: open,
      receivedOpen: open,
      tableName: 'global',
    };
    const header = { peer: locRib, flags: 0, wallMs: undefined };
    expect(written((out) => writePeerUp(out, header, up))).toBe(
      hex(`03 000000a4 03 ${perPeerLocRib}
        00000000000000000000000000000000 0000 0000 ${openHex} ${openHex} 0003 0006 676c6f62616c`),
    );
  });

  const cease = { code: 6, subcode: 2, data: new Uint8Array(0) };
  const ceaseHex = 'ffffffffffffffffffffffffffffffff 0015 03 06 02';
  test.each([
    [
      'our NOTIFICATION',
      { kind: 'notification', by: 'local', notification: cease },
      `01 ${ceaseHex}`,
      70,
    ],
    [
      'the NOTIFICATION of the peer',
      { kind: 'notification', by: 'remote', notification: cease },
      `03 ${ceaseHex}`,
      70,
    ],
    ['an event of our FSM', { kind: 'closed', event: 8 }, '02 0008', 51],
    ['the loss of the connection', { kind: 'lost' }, '04', 49],
  ] as const)('Peer Down names %s', (_what, down, body, length) => {
    const bytes = written((out) => writePeerDown(out, header4, down));
    const lengthHex = length.toString(16).padStart(8, '0');
    expect(bytes).toBe(hex(`03 ${lengthHex} 02 ${perPeer4} ${body}`));
  });

  test('a Statistics Report has counters of 32 bits and gauges of 64', () => {
    const statistics = [
      { type: StatisticType.rejectedByPolicy, kind: 'counter', value: 7 },
      { type: StatisticType.adjRibIn, kind: 'gauge', value: 2 ** 32 + 5 },
      {
        type: StatisticType.adjRibInOfFamily,
        kind: 'gauge',
        value: 5,
        family: { afi: 2, safi: 1 },
      },
    ] as const;
    expect(written((out) => writeStatistics(out, header6, statistics))).toBe(
      hex(`03 00000057 01 ${perPeer6} 00000003
        0000 0004 00000007  0007 0008 0000000100000005  0009 000b 0002 01 0000000000000005`),
    );
  });
});
