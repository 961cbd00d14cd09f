import { libc } from '#os/libc.ts';

const IPPROTO_TCP = 6;
const TCP_INFO = 11;
const TCP_NOTSENT_LOWAT = 25;
/** The size of struct tcp_info (linux/tcp.h) up to the fields that are read here. */
const tcpInfoBytes = 104;
const lastDataReceivedAt = 52;
const lastAckReceivedAt = 56;
const SIOCOUTQ = 0x5411;

/** As much as one piece of a table: enough to keep any reader busy until the socket is written to again. */
const unsentBytes = 256 * 1024;

/**
 * Lets the kernel take no more than 256 KiB that it cannot send yet (tcp(7) TCP_NOTSENT_LOWAT; Linux's own send buffer
 * grows to 4 MiB). What a peer that reads nothing is owed then stays in buffers that all share, and costs no copy
 * for which peers that do read would have to wait.
 */
export function limitUnsentBytes(fd: number): void {
  libc().setsockopt(fd, IPPROTO_TCP, TCP_NOTSENT_LOWAT, Int32Array.of(unsentBytes), 4);
}

/**
 * Returns how long ago the kernel at the other end was last heard, through data or an acknowledgement, in ms (tcp(7)
 * TCP_INFO); `undefined` if the socket is closed.
 */
export function kernelHeardMs(fd: number): number | undefined {
  const info = new Uint8Array(tcpInfoBytes);
  const length = Uint32Array.of(info.length);
  if (libc().getsockopt(fd, IPPROTO_TCP, TCP_INFO, info, length) < 0) return undefined;
  const words = new DataView(info.buffer);
  return Math.min(
    words.getUint32(lastDataReceivedAt, true),
    words.getUint32(lastAckReceivedAt, true),
  );
}

/**
 * Returns the bytes in the send buffer that the other end has not acknowledged (tcp(7) SIOCOUTQ); `undefined` if the
 * socket is closed.
 */
export function unacknowledgedBytes(fd: number): number | undefined {
  const count = new Int32Array(1);
  return libc().ioctl(fd, SIOCOUTQ, count) < 0 ? undefined : count[0];
}
