import { writeFileSync } from 'node:fs';

/** LINKTYPE_RAW: packets begin with their IP header. */
const linkType = 101;
const segmentBytes = 32_768;

/** Writes a capture of one TCP connection over IPv4 on which one end has sent these bytes, and the other nothing. */
export function writeCapture(file: string, bytes: Buffer, port: number): void {
  const head = Buffer.alloc(24);
  head.writeUInt32LE(0xa1b2c3d4, 0);
  head.writeUInt16LE(2, 4);
  head.writeUInt16LE(4, 6);
  head.writeUInt32LE(65_535, 16);
  head.writeUInt32LE(linkType, 20);
  const parts = [head, packet(Buffer.alloc(0), 0, port, 0x02)];
  for (let at = 0; at < bytes.length; at += segmentBytes) {
    parts.push(packet(bytes.subarray(at, at + segmentBytes), at + 1, port, 0x18));
  }
  writeFileSync(file, Buffer.concat(parts));
}

function packet(payload: Buffer, sequence: number, port: number, flags: number): Buffer {
  const length = 40 + payload.length;
  const head = Buffer.alloc(16 + 40);
  head.writeUInt32LE(length, 8);
  head.writeUInt32LE(length, 12);
  const ip = head.subarray(16);
  ip[0] = 0x45;
  ip.writeUInt16BE(length, 2);
  ip[8] = 64;
  ip[9] = 6;
  ip.set([127, 0, 0, 9, 127, 0, 0, 1], 12);
  const tcp = ip.subarray(20);
  tcp.writeUInt16BE(40_000, 0);
  tcp.writeUInt16BE(port, 2);
  tcp.writeUInt32BE(sequence, 4);
  tcp[12] = 0x50;
  tcp[13] = flags;
  tcp.writeUInt16BE(65_535, 14);
  return Buffer.concat([head, payload]);
}
