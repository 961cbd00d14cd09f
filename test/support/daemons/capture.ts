import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseAddress } from '#text/address.ts';
import type { Host } from '../netns.ts';
import type { Daemon } from '../process.ts';
import { waitFor } from '../wait.ts';

const fileHeaderBytes = 24;
const packetHeaderBytes = 16;

/** What tcpdump captures of the BGP sessions of a host on `eth0`, with the kernel's time of each packet. */
export class Capture {
  private readonly file: string;
  private readonly daemon: Daemon;

  /** Captures only packets from this address. */
  constructor(host: Host, from: string) {
    this.file = join(host.folder, 'bgp.pcap');
    const options = ['-U', '--immediate-mode', '-n', '-i', 'eth0', '-w', this.file];
    const filter = `src host ${from} and tcp port 179`;
    this.daemon = host.start('tcpdump', ['tcpdump', ...options, filter]);
  }

  async begun(): Promise<void> {
    await waitFor(
      'the capture',
      () => this.daemon.log,
      (log) => log.includes('listening on'),
    );
  }

  /** Returns when packets passed that have the IPv6 address (`2001:db8::1/128`) with this next hop; Unix ms. */
  announced(prefix: string, nextHop: string): number[] {
    const [address, length] = prefix.split('/');
    const nlri = Buffer.from([Number(length), ...parseAddress(address)]);
    const hop = Buffer.from(parseAddress(nextHop));
    return packets(readFileSync(this.file))
      .filter(({ frame }) => frame.includes(nlri) && frame.includes(hop, ipv6HeaderEnd))
      .map(({ atMs }) => atMs);
  }
}

/** Ethernet and IPv6 headers: the addresses of the packet itself are no next hops. */
const ipv6HeaderEnd = 54;

interface Packet {
  readonly atMs: number;
  readonly frame: Buffer;
}

/**
 * Reads a file as tcpdump writes it on this machine: little endian, microseconds. The last packet may be incomplete.
 */
function packets(file: Buffer): Packet[] {
  const found: Packet[] = [];
  let at = fileHeaderBytes;
  while (at + packetHeaderBytes <= file.length) {
    const [seconds, micros, bytes] = [0, 4, 8].map((offset) => file.readUInt32LE(at + offset));
    const begin = at + packetHeaderBytes;
    at = begin + bytes;
    if (at > file.length) break;
    found.push({ atMs: seconds * 1000 + micros / 1000, frame: file.subarray(begin, at) });
  }
  return found;
}
