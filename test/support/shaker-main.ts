/**
 * A cable between two segments that delays each BFD packet by a different time, so that packets arrive unevenly and
 * overtake each other, as netem would do if the kernel had it. It uses two TAP devices (linux/if_tun.h), whose names
 * and segments are the arguments. All other packets pass at once, and so does BFD after SIGUSR2, until SIGUSR1.
 */
import { execFileSync } from 'node:child_process';
import { closeSync, openSync, read, writeSync } from 'node:fs';
import { check, libc } from '#os/libc.ts';

const TUNSETIFF = 0x4004_54ca;
const IFF_TAP = 0x2;
const IFF_NO_PI = 0x1000;
const frameBytes = 65_536;
/** Twice the time between two packets of a session that sends every 100 ms. */
const longestDelayMs = 200;
const bfdPorts: ReadonlySet<number> = new Set([3784, 4784]);

/** The BFD packets from one host to another. */
interface Flow {
  count: number;
  /** Of the packets that were passed on, the number of the one that had arrived last. */
  newest: number;
}

/** By the addresses of the frames. */
const flows = new Map<string, Flow>();
const seen = { packets: 0, overtaken: 0 };
let isShaking = false;

function openTap(name: string, segment: string): number {
  const fd = openSync('/dev/net/tun', 'r+');
  const request = new Uint8Array(40);
  request.set(Buffer.from(name));
  new DataView(request.buffer).setInt16(16, IFF_TAP | IFF_NO_PI, true);
  check('TUNSETIFF', libc().ioctl(fd, TUNSETIFF, request));
  execFileSync('ip', ['link', 'set', name, 'master', segment, 'up']);
  return fd;
}

/** Returns the port of a UDP packet over IPv4 or IPv6 without extension headers. */
function destinationPort(frame: Buffer): number | undefined {
  const type = frame.readUInt16BE(12);
  const isIpv4 = type === 0x0800 && frame[23] === 17;
  const isIpv6 = type === 0x86dd && frame[20] === 17;
  if (!isIpv4 && !isIpv6) return undefined;
  const udp = isIpv4 ? 14 + (frame[14] & 15) * 4 : 54;
  return frame.readUInt16BE(udp + 2);
}

function forward(frame: Buffer, to: number): void {
  const isBfd = bfdPorts.has(destinationPort(frame) ?? 0);
  if (!isBfd || !isShaking) {
    writeSync(to, frame);
    return;
  }
  const addresses = frame.toString('hex', 0, 12);
  const flow = flows.get(addresses) ?? { count: 0, newest: 0 };
  flows.set(addresses, flow);
  const number = ++flow.count;
  setTimeout(() => {
    seen.packets++;
    if (number < flow.newest) seen.overtaken++;
    flow.newest = Math.max(flow.newest, number);
    writeSync(to, frame);
  }, Math.random() * longestDelayMs);
}

function follow(from: number, to: number): void {
  read(from, Buffer.alloc(frameBytes), 0, frameBytes, null, (error, bytes, frame) => {
    if (error !== null) throw error;
    forward(frame.subarray(0, bytes), to);
    follow(from, to);
  });
}

const [one, oneSegment, other, otherSegment] = process.argv.slice(2);
const fds = [openTap(one, oneSegment), openTap(other, otherSegment)];
process.on('exit', () => fds.forEach((fd) => closeSync(fd)));
process.on('SIGUSR1', () => (isShaking = true));
process.on('SIGUSR2', () => {
  isShaking = false;
  console.log(JSON.stringify(seen));
});
follow(fds[0], fds[1]);
follow(fds[1], fds[0]);
