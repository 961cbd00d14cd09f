import { describe, expect, it } from 'vitest';
import { type BfdPacket, decodeBfdPacket, encodeBfdPacket } from '../../src/bfd/packet.ts';

const usual: BfdPacket = {
  state: 'up',
  diagnostic: 'none',
  poll: false,
  final: false,
  demand: false,
  multiplier: 3,
  myDiscriminator: 0x01020304,
  yourDiscriminator: 0xa0b0c0d0,
  desiredMinTxUs: 300_000,
  requiredMinRxUs: 300_000,
};

const golden: readonly [name: string, packet: Partial<BfdPacket>, hex: string][] = [
  ['Up', {}, '20c003 18 01020304 a0b0c0d0 000493e0 000493e0 00000000'],
  [
    'the first packet',
    { state: 'down', yourDiscriminator: 0, desiredMinTxUs: 1_000_000 },
    '204003 18 01020304 00000000 000f4240 000493e0 00000000',
  ],
  [
    'a Poll after the detection time has expired',
    { state: 'init', poll: true, diagnostic: 'control_detection_time_expired' },
    '21a003 18 01020304 a0b0c0d0 000493e0 000493e0 00000000',
  ],
  [
    'a Final in demand mode',
    { final: true, demand: true },
    '20d203 18 01020304 a0b0c0d0 000493e0 000493e0 00000000',
  ],
  [
    'AdminDown',
    { state: 'admin_down', diagnostic: 'administratively_down' },
    '270003 18 01020304 a0b0c0d0 000493e0 000493e0 00000000',
  ],
];

function bytesOf(hex: string): Uint8Array {
  return Uint8Array.from(Buffer.from(hex.replaceAll(' ', ''), 'hex'));
}

describe('a BFD Control packet', () => {
  it.each(golden)('%s is written as RFC 5880 §4.1 draws it, and read back', (_, change, hex) => {
    const packet = { ...usual, ...change };
    expect(encodeBfdPacket(packet)).toEqual(bytesOf(hex));
    expect(decodeBfdPacket(bytesOf(hex))).toEqual(packet);
  });

  it('may be followed by octets that do not belong to it', () => {
    expect(decodeBfdPacket(bytesOf(`${golden[0][2]} ffff`))).toEqual(usual);
  });

  it.each([
    ['shorter than 24 octets', '20c00318 01020304 a0b0c0d0 000493e0 000493e0 000000'],
    ['of version 0', '00c003 18 01020304 a0b0c0d0 000493e0 000493e0 00000000'],
    ['with a Length below 24', '20c003 17 01020304 a0b0c0d0 000493e0 000493e0 00000000'],
    ['with a Length beyond the payload', '20c003 19 01020304 a0b0c0d0 000493e0 000493e0 00000000'],
    ['with a Detect Mult of 0', '20c000 18 01020304 a0b0c0d0 000493e0 000493e0 00000000'],
    ['with the Multipoint bit', '20c103 18 01020304 a0b0c0d0 000493e0 000493e0 00000000'],
    ['with My Discriminator 0', '20c003 18 00000000 a0b0c0d0 000493e0 000493e0 00000000'],
    ['that is Up and names no session', '20c003 18 01020304 00000000 000493e0 000493e0 00000000'],
    ['with authentication', '20c403 1c 01020304 a0b0c0d0 000493e0 000493e0 00000000 01040061'],
  ])('%s is discarded (RFC 5880 §6.8.6)', (_, hex) => {
    expect(decodeBfdPacket(bytesOf(hex))).toBeUndefined();
  });

  it('never makes the decoder throw, whatever the octets', () => {
    let seed = 7;
    const octet = (): number => (seed = (Math.imul(seed, 1103515245) + 12345) >>> 0) >>> 24;
    for (let i = 0; i < 2000; i++) {
      const packet = decodeBfdPacket(Uint8Array.from({ length: octet() % 40 }, octet));
      if (packet !== undefined) expect(packet.multiplier).toBeGreaterThan(0);
    }
  });
});
