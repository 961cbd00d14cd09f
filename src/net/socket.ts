import { check, lastErrno, libc, SocketError } from '#os/libc.ts';
import {
  addressFamily,
  decodeSockaddr,
  encodeSockaddr,
  encodeUnixSockaddr,
  isIpv4,
  sockaddrStorageBytes,
  type SocketAddress,
  socketType,
} from './sockaddr.ts';
import {
  bindToInterface,
  hop,
  type HopOptions,
  numberOf,
  option,
  setFilter,
  setHopOptions,
  setMd5Key,
  setNumber,
  sharePort,
} from './socket-options.ts';

/**
 * Sockets that Node cannot create: with a bound source and the options of socket-options.ts. A socket is created and
 * set up here, then passed to node:net as a file descriptor.
 */

export interface DialerOptions extends HopOptions {
  readonly remote: SocketAddress;
  /** Source address; absent: the kernel chooses. */
  readonly source?: Uint8Array;
  /** The socket sends and receives on this interface only. */
  readonly interface?: string;
  /** The TCP MD5 key (RFC 2385), up to 80 bytes. */
  readonly md5Key?: string;
}

/** sys/socket.h */
const SHUT_RDWR = 2;
/** asm-generic/ioctls.h */
const FIONREAD = 0x541b;

/** A listener's SYN-ACK must reach a peer at any distance, whatever the TTL of that peer's session is. */
const listenerTtl = 255;

/** Returns a non-blocking socket that is ready to connect. It is passed to node:net, which then owns it. */
export function openDialer(options: DialerOptions): number {
  const { remote, source, md5Key } = options;
  // Otherwise a zone that does not exist would count as none, and the connection would use another interface.
  if (remote.zone !== undefined) interfaceIndex(remote.zone);
  return openStream(remote.address, (fd) => {
    setHopOptions(fd, remote.address, options);
    if (options.interface !== undefined) bindToInterface(fd, options.interface);
    if (md5Key !== undefined) setMd5Key(fd, { address: remote.address }, md5Key);
    if (source !== undefined) bind(fd, { address: source, port: 0, ...zoneOf(remote) });
  });
}

export interface ListenerOptions {
  /** Allows another socket of ours on the same port, as long as both share it. */
  readonly shared?: boolean;
  /** Called before the socket is bound; if it throws, the socket is closed. */
  readonly prepare?: (fd: number) => void;
}

/** Returns a bound socket that is ready for `server.listen({ fd })`. For port 0 the kernel chooses. */
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
 * Returns a bound TCP socket as Node itself would create it, without any options for BGP: one for `[::]` accepts IPv4
 * too. For port 0 the kernel chooses.
 */
export function openPlainListener(at: SocketAddress): number {
  return openStream(at.address, (fd) => {
    setNumber(fd, option.reuseAddress, 1);
    if (!isIpv4(at.address)) setNumber(fd, option.v6Only, 0);
    bind(fd, at);
  });
}

/** Returns a stream socket bound to a path that does not exist yet (unix(7)). */
export function openUnixListener(path: string): number {
  const fd = check('socket', libc().socket(addressFamily.unix, socketType.stream, 0));
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
  /** The socket sends and receives on this interface only. */
  readonly interface?: string | undefined;
  /** Packets that it drops are not received (connection-filter.ts). */
  readonly filter?: Uint8Array | undefined;
}

/** Returns a bound UDP socket that sends with TTL 255. It is passed to node:dgram, which then owns it. */
export function openDatagram(at: SocketAddress, options: DatagramOptions = {}): number {
  return open(socketType.datagram, at.address, (fd) => {
    setHopOptions(fd, at.address, { ttl: 255 });
    setFilter(fd, options.filter);
    if (options.interface !== undefined) bindToInterface(fd, options.interface);
    bind(fd, at);
  });
}

/** From here on the kernel answers connections and queues them; `backlog` is reduced to net.core.somaxconn. */
export function listen(fd: number, backlog: number): void {
  check('listen', libc().listen(fd, backlog));
}

/** Refuses the connections that wait in the queue and all later ones, in every process in which the socket is open. */
export function endListening(fd: number): void {
  libc().shutdown(fd, SHUT_RDWR);
}

export function closeSocket(fd: number): void {
  libc().close(fd);
}

/**
 * Describes a descriptor that was passed to us, and makes it ready to listen; `undefined` if it is not a TCP socket.
 */
export function adoptListener(fd: number): AdoptedListener | undefined {
  const isTcp = addressFamilyOf(fd) !== addressFamily.unix && numberOf(fd, option.type) === 1;
  if (!isTcp) return undefined;
  const at = localAddress(fd);
  const isDualStack = !isIpv4(at.address) && numberOf(fd, option.v6Only) === 0;
  setHopOptions(fd, at.address, { ttl: listenerTtl });
  if (isDualStack) setNumber(fd, hop.ipv4.ttl, listenerTtl);
  return { at, isDualStack };
}

/** A listening socket that another process has opened. */
export interface AdoptedListener {
  readonly at: SocketAddress;
  /** It accepts IPv4 too, under IPv4-mapped addresses. */
  readonly isDualStack: boolean;
}

/** Returns the address of the remote end, from the kernel. */
export function remoteAddress(fd: number): SocketAddress {
  return nameOf('getpeername', fd);
}

/** Returns the address of the local end, from the kernel. */
export function localAddress(fd: number): SocketAddress {
  return nameOf('getsockname', fd);
}

/** Returns the number of bytes in the receive buffer (tcp(7) FIONREAD). */
export function unreadBytes(fd: number): number {
  const count = new Int32Array(1);
  check('FIONREAD', libc().ioctl(fd, FIONREAD, count));
  return count[0];
}

function openStream(address: Uint8Array, setUp: (fd: number) => void): number {
  return open(socketType.stream, address, setUp);
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
