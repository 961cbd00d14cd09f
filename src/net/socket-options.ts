import { addressOf, check, errno, lastErrno, libc, SocketError } from '#os/libc.ts';
import { encodeMd5sig, isIpv4, md5KeyMaxBytes, type Md5Peer } from './sockaddr.ts';

/**
 * The socket options that BGP needs and Node does not offer: TTL and GTSM, TCP MD5, binding to one interface, a filter.
 */

/** The options that are set on each connection, whichever side opened it. */
export interface HopOptions {
  /** The TTL or hop limit of sent packets, 1..255. */
  readonly ttl: number;
  /** GTSM (RFC 5082): the kernel drops packets with a lower TTL. */
  readonly minTtl?: number;
}

/** An option as [name, level, number]; the name is for error messages. */
type Option = readonly [name: string, level: number, option: number];

/** asm-generic/socket.h */
export const SOL_SOCKET = 1;
const IPPROTO_IP = 0;
const IPPROTO_TCP = 6;
const IPPROTO_IPV6 = 41;

/** Numbers of Linux: asm-generic/socket.h, linux/in.h, linux/in6.h, linux/tcp.h. */
export const option = {
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

/** The options for the TTL of packets, by the family of the socket. */
export const hop: { readonly ipv4: HopRow; readonly ipv6: HopRow } = {
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

/** struct sock_fprog and struct sock_filter of linux/filter.h. */
const sockFprogBytes = 16;
const sockFilterBytes = 8;
/** Internetwork control (CS6), the usual marking of BGP (RFC 4594 §3.1). */
const networkControlTos = 0xc0;
/**
 * Sets the options of an accepted socket before it is read; it was created with those of the listener. `peer`
 * determines the family.
 */
export function setHopOptions(fd: number, peer: Uint8Array, options: HopOptions): void {
  const row = isIpv4(peer) ? hop.ipv4 : hop.ipv6;
  setNumber(fd, row.tos, networkControlTos);
  setNumber(fd, row.ttl, options.ttl);
  if (options.minTtl !== undefined) setNumber(fd, row.minTtl, options.minTtl);
}

/**
 * Sets, replaces or (undefined) removes the TCP MD5 key for a peer; removing one that is not there is no error. On a
 * listener this applies to later connections: established ones keep their key.
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

/** Sets whether another socket of this user that also sets SO_REUSEPORT may be bound to the same port. */
export function sharePort(fd: number, isShared: boolean): void {
  setNumber(fd, option.reusePort, isShared ? 1 : 0);
}

/**
 * Sets the filter in one step: packets that `program` (struct sock_filter, one after the other) drops are not received.
 * Without one, all are received.
 */
export function setFilter(fd: number, program: Uint8Array | undefined): void {
  if (program === undefined) {
    const failure = setOption(fd, option.detachFilter, Int32Array.of(0));
    if (failure !== 0 && failure !== errno.ENOENT)
      throw new SocketError('SO_DETACH_FILTER', failure);
    return;
  }
  // struct sock_fprog: length @0, filter @8. The filter itself follows in the same block, which stays alive during the
  // call.
  const block = new Uint8Array(sockFprogBytes + program.length);
  block.set(program, sockFprogBytes);
  const view = new DataView(block.buffer);
  view.setUint16(0, program.length / sockFilterBytes, true);
  view.setBigUint64(8, addressOf(block) + BigInt(sockFprogBytes), true);
  const [name, level, number] = option.attachFilter;
  check(name, libc().setsockopt(fd, level, number, block, sockFprogBytes));
}

/** Makes the socket send and receive on this interface only. */
export function bindToInterface(fd: number, name: string): void {
  const failure = setOption(fd, option.bindToDevice, new TextEncoder().encode(`${name}\0`));
  if (failure !== 0) throw new SocketError(`SO_BINDTODEVICE ${name}`, failure);
}

/** Sets a numeric option. Throws a SocketError that names it. */
export function setNumber(fd: number, which: Option, value: number): void {
  const failure = setOption(fd, which, Int32Array.of(value));
  if (failure !== 0) throw new SocketError(which[0], failure);
}

/** Reads a numeric option. Throws a SocketError that names it. */
export function numberOf(fd: number, [name, level, number]: Option): number {
  const value = new Int32Array(1);
  check(name, libc().getsockopt(fd, level, number, value, Uint32Array.of(value.byteLength)));
  return value[0];
}

/** Returns the errno, or 0 on success. */
function setOption(fd: number, which: Option, value: Uint8Array | Int32Array): number {
  const [, level, number] = which;
  const result = libc().setsockopt(fd, level, number, value, value.byteLength);
  return result === 0 ? 0 : lastErrno();
}
