import { addressOf, check, libc } from '#os/libc.ts';
import { addressFamily, encodeUnixSockaddr, socketType } from './sockaddr.ts';
import { SOL_SOCKET } from './socket-options.ts';

/** linux/socket.h */
const MSG_NOSIGNAL = 0x4000;
const SCM_RIGHTS = 1;

/**
 * Sends one datagram, such as `READY=1` or `WATCHDOG=1`, to `NOTIFY_SOCKET` (sd_notify(3)), with descriptors for the
 * store if there are any. Returns false without a socket; throws SocketError if systemd cannot be reached.
 */
export function sdNotify(
  state: string,
  fds: readonly number[] = [],
  path = process.env.NOTIFY_SOCKET,
): boolean {
  if (path === undefined || path === '') return false;
  const to = encodeUnixSockaddr(path);
  const payload = new TextEncoder().encode(state);
  const fd = check('socket', libc().socket(addressFamily.unix, socketType.datagram, 0));
  try {
    sendWith(fd, { to, payload, fds });
  } finally {
    libc().close(fd);
  }
  return true;
}

interface Datagram {
  readonly to: Uint8Array;
  readonly payload: Uint8Array;
  /** Sent with the datagram (unix(7), SCM_RIGHTS). */
  readonly fds: readonly number[];
}

/** struct msghdr: name @0, its length @8, iovec @16, their number @24, control @32, its length @40. */
function sendWith(fd: number, { to, payload, fds }: Datagram): void {
  const rights = fds.length === 0 ? new Uint8Array() : encodeRights(fds);
  const [toAt, rightsAt, payloadAt] = [72, 72 + 128, 72 + 128 + rights.length];
  // Everything is in one block, which stays alive during the call.
  const block = new Uint8Array(payloadAt + payload.length);
  block.set(to, toAt);
  block.set(rights, rightsAt);
  block.set(payload, payloadAt);
  const start = addressOf(block);
  const words = new BigUint64Array(block.buffer, 0, 9);
  words.set([start + BigInt(toAt), BigInt(to.length), start + 56n, 1n], 0);
  if (fds.length > 0) words.set([start + BigInt(rightsAt), BigInt(rights.length)], 4);
  words.set([start + BigInt(payloadAt), BigInt(payload.length)], 7);
  check('sendmsg', libc().sendmsg(fd, block, MSG_NOSIGNAL));
}

/** struct cmsghdr: length @0, level @8, type @12; then the descriptors. */
function encodeRights(fds: readonly number[]): Uint8Array {
  const out = new Uint8Array(Math.ceil((16 + fds.length * 4) / 8) * 8);
  const view = new DataView(out.buffer);
  view.setBigUint64(0, BigInt(16 + fds.length * 4), true);
  view.setInt32(8, SOL_SOCKET, true);
  view.setInt32(12, SCM_RIGHTS, true);
  for (const [at, one] of fds.entries()) view.setInt32(16 + at * 4, one, true);
  return out;
}
