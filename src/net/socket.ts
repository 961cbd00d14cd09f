import { addressOf, check, errno, lastErrno, libc, SocketError } from '#os/libc.ts';
import {
  addressFamily,
  decodeSockaddr,
  encodeMd5sig,
  encodeSockaddr,
  encodeUnixSockaddr,
  isIpv4,
  md5KeyMaxBytes,
  type Md5Peer,
  sockaddrStorageBytes,
  type SocketAddress,
} from './sockaddr.ts';

/**
 * What BGP wants of a socket and Node has no words for: a bound source, TTL and GTSM, TCP MD5, one
 * interface. A socket is made and set up here, then handed to node:net by its file descriptor.
 */

/** What is set on each connection, dialled or accepted. */
export interface HopOptions {
  /** TTL or hop limit sent, 1..255. */
  readonly ttl: number;
  /** GTSM (RFC 5082): packets with a lower one are dropped by the kernel. */
  readonly minTtl?: number;
}

export interface DialerOptions extends HopOptions {
  readonly remote: SocketAddress;
  /** Source address; absent: the kernel chooses. */
  readonly source?: Uint8Array;
  /** Send and receive on this interface only. */
  readonly interface?: string;
  /** TCP MD5 (RFC 2385), up to 80 bytes. */
  readonly md5Key?: string;
}

/** Options as [name, level, number]: the name is for errors. */
type Option = readonly [name: string, level: number, option: number];

const SOL_SOCKET = 1;
const IPPROTO_IP = 0;
const IPPROTO_TCP = 6;
const IPPROTO_IPV6 = 41;

/** Numbers of Linux: asm-generic/socket.h, linux/in.h, linux/in6.h, linux/tcp.h. */
const option = {
  reuseAddress: ['SO_REUSEADDR', SOL_SOCKET, 2],
  type: ['SO_TYPE', SOL_SOCKET, 3],
  reusePort: ['SO_REUSEPORT', SOL_SOCKET, 15],
  attachFilter: ['SO_ATTACH_FILTER', SOL_SOCKET, 26],
  detachFilter: ['SO_DETACH_FILTER', SOL_SOCKET, 27],
  bindToDevice: ['SO_BINDTODEVICE', SOL_SOCKET, 25],
  v6Only: ['IPV6_V6ONLY', IPPROTO_IPV6, 26],
  md5: ['TCP_MD5SIG', IPPROTO_TCP, 14],
  md5Prefix: ['TCP_MD5SIG_EXT', IPPROTO_TCP, 32],
} as const satisfies Record<string, Option>;

interface HopRow {
  readonly ttl: Option;
  readonly minTtl: Option;
  readonly tos: Option;
}

const hop: { readonly ipv4: HopRow; readonly ipv6: HopRow } = {
  ipv4: {
    ttl: ['IP_TTL', IPPROTO_IP, 2],
    minTtl: ['IP_MINTTL', IPPROTO_IP, 21],
    tos: ['IP_TOS', IPPROTO_IP, 1],
  },
  ipv6: {
    ttl: ['IPV6_UNICAST_HOPS', IPPROTO_IPV6, 16],
    minTtl: ['IPV6_MINHOPCOUNT', IPPROTO_IPV6, 73],
    tos: ['IPV6_TCLASS', IPPROTO_IPV6, 67],
  },
};

/** linux/net.h; SOCK_NONBLOCK | SOCK_CLOEXEC ride on the type. */
const streamType = 1 | 0o4000 | 0o2000000;
const datagramType = 2 | 0o4000 | 0o2000000;
/** struct sock_fprog and struct sock_filter of linux/filter.h. */
const sockFprogBytes = 16;
const sockFilterBytes = 8;
/** linux/socket.h */
const MSG_NOSIGNAL = 0x4000;
const SCM_RIGHTS = 1;
/** sys/socket.h */
const SHUT_RDWR = 2;
/** asm-generic/ioctls.h */
const FIONREAD = 0x541b;

/** Internetwork control (CS6), as BGP is marked everywhere (RFC 4594 §3.1). */
const networkControlTos = 0xc0;
/** A listener's SYN-ACK must reach a peer at any distance, whatever that peer's own TTL. */
const listenerTtl = 255;

/** A non-blocking socket ready to connect, to be given to node:net, which then owns it. */
export function openDialer(options: DialerOptions): number {
  const { remote, source, md5Key } = options;
  // Else a zone that is not there would count as none, and the connection go out elsewhere.
  if (remote.zone !== undefined) interfaceIndex(remote.zone);
  return openStream(remote.address, (fd) => {
    setHopOptions(fd, remote.address, options);
    if (options.interface !== undefined) bindToInterface(fd, options.interface);
    if (md5Key !== undefined) setMd5Key(fd, { address: remote.address }, md5Key);
    if (source !== undefined) bind(fd, { address: source, port: 0, ...zoneOf(remote) });
  });
}

export interface ListenerOptions {
  /** Beside another of ours on that port, for as long as both share it. */
  readonly shared?: boolean;
  /** Called before it is bound; closed if that throws. */
  readonly prepare?: (fd: number) => void;
}

/** A bound socket ready for `server.listen({ fd })`. Port 0: the kernel chooses. */
export function openListener(at: SocketAddress, options: ListenerOptions = {}): number {
  return openStream(at.address, (fd) => {
    setNumber(fd, option.reuseAddress, 1);
    if (options.shared === true) sharePort(fd, true);
    options.prepare?.(fd);
    setHopOptions(fd, at.address, { ttl: listenerTtl });
    bind(fd, at);
  });
}

/**
 * A bound socket of TCP as Node itself would make it, without anything that is BGP's: one for `[::]` hears IPv4 too.
 * Port 0: the kernel chooses.
 */
export function openPlainListener(at: SocketAddress): number {
  return openStream(at.address, (fd) => {
    setNumber(fd, option.reuseAddress, 1);
    if (!isIpv4(at.address)) setNumber(fd, option.v6Only, 0);
    bind(fd, at);
  });
}

/** A stream socket bound to a path that is not there yet (unix(7)). */
export function openUnixListener(path: string): number {
  const fd = check('socket', libc().socket(addressFamily.unix, streamType, 0));
  try {
    const sockaddr = encodeUnixSockaddr(path);
    check('bind', libc().bind(fd, sockaddr, sockaddr.length));
  } catch (error) {
    libc().close(fd);
    throw error;
  }
  return fd;
}

export interface DatagramOptions {
  /** Send and receive on this interface only. */
  readonly interface?: string | undefined;
  /** Packets that it drops are never seen (connection-filter.ts). */
  readonly filter?: Uint8Array | undefined;
}

/** A bound UDP socket that sends with TTL 255, to be given to node:dgram, which then owns it. */
export function openDatagram(at: SocketAddress, options: DatagramOptions = {}): number {
  return open(datagramType, at.address, (fd) => {
    setHopOptions(fd, at.address, { ttl: 255 });
    setFilter(fd, options.filter);
    if (options.interface !== undefined) bindToInterface(fd, options.interface);
    bind(fd, at);
  });
}

/** Whether another socket of this user that shares it too may be bound to the port (SO_REUSEPORT). */
export function sharePort(fd: number, isShared: boolean): void {
  setNumber(fd, option.reusePort, isShared ? 1 : 0);
}

/** From here on the kernel answers connections and keeps them in a queue; `backlog` is cut to net.core.somaxconn. */
export function listen(fd: number, backlog: number): void {
  check('listen', libc().listen(fd, backlog));
}

/** Refuses connections that wait in the queue and all that come, in whatever other process it is open. */
export function endListening(fd: number): void {
  libc().shutdown(fd, SHUT_RDWR);
}

export function closeSocket(fd: number): void {
  libc().close(fd);
}

/** Packets that `program` (struct sock_filter, as many as fit) drops are not seen; absent: all are. In one step. */
export function setFilter(fd: number, program: Uint8Array | undefined): void {
  if (program === undefined) {
    const failure = setOption(fd, option.detachFilter, Int32Array.of(0));
    if (failure !== 0 && failure !== errno.ENOENT)
      throw new SocketError('SO_DETACH_FILTER', failure);
    return;
  }
  // struct sock_fprog: length @0, filter @8; the filter itself behind it, in one block that outlives the call.
  const block = new Uint8Array(sockFprogBytes + program.length);
  block.set(program, sockFprogBytes);
  const view = new DataView(block.buffer);
  view.setUint16(0, program.length / sockFilterBytes, true);
  view.setBigUint64(8, addressOf(block) + BigInt(sockFprogBytes), true);
  const [name, level, number] = option.attachFilter;
  check(name, libc().setsockopt(fd, level, number, block, sockFprogBytes));
}

/** What a descriptor that was handed to us is, made ready to listen; `undefined` if it is no TCP socket. */
export function adoptListener(fd: number): AdoptedListener | undefined {
  const isTcp = addressFamilyOf(fd) !== addressFamily.unix && numberOf(fd, option.type) === 1;
  if (!isTcp) return undefined;
  const at = localAddress(fd);
  const isDualStack = !isIpv4(at.address) && numberOf(fd, option.v6Only) === 0;
  setHopOptions(fd, at.address, { ttl: listenerTtl });
  if (isDualStack) setNumber(fd, hop.ipv4.ttl, listenerTtl);
  return { at, isDualStack };
}

/** A listening socket that somebody else has opened. */
export interface AdoptedListener {
  readonly at: SocketAddress;
  /** It hears IPv4 too, under IPv4-mapped addresses. */
  readonly isDualStack: boolean;
}

/** Of an accepted socket, before it is read: it was born with the listener's. `peer` tells the family. */
export function setHopOptions(fd: number, peer: Uint8Array, options: HopOptions): void {
  const row = isIpv4(peer) ? hop.ipv4 : hop.ipv6;
  setNumber(fd, row.tos, networkControlTos);
  setNumber(fd, row.ttl, options.ttl);
  if (options.minTtl !== undefined) setNumber(fd, row.minTtl, options.minTtl);
}

/**
 * Sets, replaces or (undefined) removes the TCP MD5 key for a peer; removing one that is not there is
 * no error. On a listener it counts for connections from then on: those that stand keep their key.
 */
export function setMd5Key(fd: number, peer: Md5Peer, key: string | undefined): void {
  const bytes = new TextEncoder().encode(key ?? '');
  if (key === '' || bytes.length > md5KeyMaxBytes)
    throw new SocketError('TCP_MD5SIG', errno.EINVAL);
  const which = peer.lengthBits === undefined ? option.md5 : option.md5Prefix;
  const failure = setOption(fd, which, encodeMd5sig(peer, bytes));
  const wasAbsent = key === undefined && failure === errno.ENOENT;
  if (failure !== 0 && !wasAbsent) throw new SocketError(which[0], failure);
}

/** The far end, from the kernel. */
export function remoteAddress(fd: number): SocketAddress {
  return nameOf('getpeername', fd);
}

/** The near end, from the kernel. */
export function localAddress(fd: number): SocketAddress {
  return nameOf('getsockname', fd);
}

/** Bytes that wait in the receive buffer (tcp(7) FIONREAD). */
export function unreadBytes(fd: number): number {
  const count = new Int32Array(1);
  check('FIONREAD', libc().ioctl(fd, FIONREAD, count));
  return count[0];
}

/**
 * sd_notify(3): one datagram, as `READY=1` or `WATCHDOG=1`, to `NOTIFY_SOCKET`, with descriptors for the
 * store if there are any. False without one; throws SocketError when systemd cannot be reached.
 */
export function sdNotify(
  state: string,
  fds: readonly number[] = [],
  path = process.env.NOTIFY_SOCKET,
): boolean {
  if (path === undefined || path === '') return false;
  const to = encodeUnixSockaddr(path);
  const payload = new TextEncoder().encode(state);
  const fd = check('socket', libc().socket(addressFamily.unix, datagramType, 0));
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
  /** Sent along (unix(7), SCM_RIGHTS). */
  readonly fds: readonly number[];
}

/** struct msghdr: name @0, its length @8, iovec @16, their number @24, control @32, its length @40. */
function sendWith(fd: number, { to, payload, fds }: Datagram): void {
  const rights = fds.length === 0 ? new Uint8Array() : encodeRights(fds);
  const [toAt, rightsAt, payloadAt] = [72, 72 + 128, 72 + 128 + rights.length];
  // All in one block, which outlives the call.
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

function openStream(address: Uint8Array, setUp: (fd: number) => void): number {
  return open(streamType, address, setUp);
}

function open(type: number, address: Uint8Array, setUp: (fd: number) => void): number {
  const family = isIpv4(address) ? addressFamily.ipv4 : addressFamily.ipv6;
  const fd = check('socket', libc().socket(family, type, 0));
  try {
    if (family === addressFamily.ipv6) setNumber(fd, option.v6Only, 1);
    setUp(fd);
  } catch (error) {
    libc().close(fd);
    throw error;
  }
  return fd;
}

function bind(fd: number, at: SocketAddress): void {
  const sockaddr = encodeSockaddr(at, at.zone === undefined ? 0 : interfaceIndex(at.zone));
  check('bind', libc().bind(fd, sockaddr, sockaddr.length));
}

function bindToInterface(fd: number, name: string): void {
  const failure = setOption(fd, option.bindToDevice, new TextEncoder().encode(`${name}\0`));
  if (failure !== 0) throw new SocketError(`SO_BINDTODEVICE ${name}`, failure);
}

function setNumber(fd: number, which: Option, value: number): void {
  const failure = setOption(fd, which, Int32Array.of(value));
  if (failure !== 0) throw new SocketError(which[0], failure);
}

/** Returns the errno, 0 when set. */
function setOption(fd: number, which: Option, value: Uint8Array | Int32Array): number {
  const [, level, number] = which;
  const result = libc().setsockopt(fd, level, number, value, value.byteLength);
  return result === 0 ? 0 : lastErrno();
}

function numberOf(fd: number, [name, level, number]: Option): number {
  const value = new Int32Array(1);
  check(name, libc().getsockopt(fd, level, number, value, Uint32Array.of(value.byteLength)));
  return value[0];
}

function addressFamilyOf(fd: number): number {
  return new DataView(sockaddrOf('getsockname', fd).buffer).getUint16(0, true);
}

function sockaddrOf(call: 'getpeername' | 'getsockname', fd: number): Uint8Array {
  const bytes = new Uint8Array(sockaddrStorageBytes);
  check(call, libc()[call](fd, bytes, Uint32Array.of(bytes.length)));
  return bytes;
}

function nameOf(call: 'getpeername' | 'getsockname', fd: number): SocketAddress {
  const { address, port, scopeId } = decodeSockaddr(sockaddrOf(call, fd));
  return scopeId === 0 ? { address, port } : { address, port, zone: interfaceName(scopeId) };
}

function interfaceIndex(name: string): number {
  const index = libc().if_nametoindex(name);
  if (index === 0) throw new SocketError(`interface ${name}`, lastErrno());
  return index;
}

function interfaceName(index: number): string {
  const name = new Uint8Array(interfaceNameBytes);
  if (libc().if_indextoname(index, name) === null) return String(index);
  return new TextDecoder().decode(name.subarray(0, name.indexOf(0)));
}

/** IF_NAMESIZE of linux/if.h */
const interfaceNameBytes = 16;

function zoneOf(at: SocketAddress): { zone?: string } {
  return at.zone === undefined ? {} : { zone: at.zone };
}
