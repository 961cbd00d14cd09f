/**
 * The C structs of sockets, as bytes. Fields that C keeps in host order are little-endian here, as on every machine
 * that Node 24 is built for (linux-x64, linux-arm64).
 */

/** One end of a TCP connection, or where to listen. */
export interface SocketAddress {
  /** 4 or 16 bytes. */
  readonly address: Uint8Array;
  readonly port: number;
  /** The interface of a link-local address (RFC 4007 §11). */
  readonly zone?: string;
}

/** linux/socket.h */
export const addressFamily = { unix: 1, ipv4: 2, ipv6: 10 } as const;

/** linux/net.h; SOCK_NONBLOCK | SOCK_CLOEXEC are added to the type. */
export const socketType = {
  stream: 1 | 0o4000 | 0o2000000,
  datagram: 2 | 0o4000 | 0o2000000,
} as const;

/** The longest sockaddr, sockaddr_storage of linux/socket.h. */
export const sockaddrStorageBytes = 128;
/** struct tcp_md5sig of linux/tcp.h. */
const md5sigBytes = 216;
/** TCP_MD5SIG_MAXKEYLEN of linux/tcp.h. */
export const md5KeyMaxBytes = 80;

export function isIpv4(address: Uint8Array): boolean {
  return address.length === 4;
}

/** Encodes struct sockaddr_in (16 bytes) or sockaddr_in6 (28); `scopeId` is the index of the zone's interface. */
export function encodeSockaddr(at: SocketAddress, scopeId = 0): Uint8Array {
  const ipv4 = isIpv4(at.address);
  const out = new Uint8Array(ipv4 ? 16 : 28);
  const view = new DataView(out.buffer);
  view.setUint16(0, ipv4 ? addressFamily.ipv4 : addressFamily.ipv6, true);
  view.setUint16(2, at.port);
  out.set(at.address, ipv4 ? 4 : 8);
  if (!ipv4) view.setUint32(24, scopeId, true);
  return out;
}

/** Decodes what getsockname and getpeername wrote; an IPv4-mapped address is returned as IPv4. */
export function decodeSockaddr(bytes: Uint8Array): {
  address: Uint8Array;
  port: number;
  scopeId: number;
} {
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  const port = view.getUint16(2);
  if (view.getUint16(0, true) === addressFamily.ipv4) {
    return { address: bytes.slice(4, 8), port, scopeId: 0 };
  }
  const address = bytes.slice(8, 24);
  return {
    address: isMapped(address) ? address.slice(12) : address,
    port,
    scopeId: view.getUint32(24, true),
  };
}

/**
 * Encodes struct sockaddr_un. A leading `@` is the abstract namespace (unix(7)), whose names end with the struct and
 * not at a NUL.
 */
export function encodeUnixSockaddr(path: string): Uint8Array {
  const name = new TextEncoder().encode(path);
  const isAbstract = path.startsWith('@');
  if (isAbstract) name[0] = 0;
  const out = new Uint8Array(2 + name.length + (isAbstract ? 0 : 1));
  new DataView(out.buffer).setUint16(0, addressFamily.unix, true);
  out.set(name, 2);
  return out;
}

/** The peers that a TCP MD5 key is for: one address, or all of a prefix. */
export interface Md5Peer {
  /** 4 or 16 bytes. */
  readonly address: Uint8Array;
  /** Absent: `address` alone. */
  readonly lengthBits?: number;
}

/**
 * Encodes struct tcp_md5sig: sockaddr_storage @0, flags @128, prefixlen @129, keylen @130, ifindex @132, key @136. An
 * empty key removes the peer's key.
 */
export function encodeMd5sig(peer: Md5Peer, key: Uint8Array): Uint8Array {
  const out = new Uint8Array(md5sigBytes);
  out.set(encodeSockaddr({ address: peer.address, port: 0 }));
  if (peer.lengthBits !== undefined) {
    out[128] = md5sigFlagPrefix;
    out[129] = peer.lengthBits;
  }
  new DataView(out.buffer).setUint16(130, key.length, true);
  out.set(key, 136);
  return out;
}

/** TCP_MD5SIG_FLAG_PREFIX of linux/tcp.h. */
const md5sigFlagPrefix = 1;

/** Returns the form that `net.Socket.connect` accepts without a name look-up. It is not RFC 5952 and never shown. */
export function hostText(at: SocketAddress): string {
  if (isIpv4(at.address)) return at.address.join('.');
  const groups: string[] = [];
  for (let i = 0; i < 16; i += 2) {
    groups.push(((at.address[i] << 8) | at.address[i + 1]).toString(16));
  }
  const text = groups.join(':');
  return at.zone === undefined ? text : `${text}%${at.zone}`;
}

/** Returns an IPv4 address as a dual-stack socket names it (RFC 4291 §2.5.5.2). */
export function mapped(address: Uint8Array): Uint8Array {
  const out = new Uint8Array(16);
  out.set([0xff, 0xff], 10);
  out.set(address, 12);
  return out;
}

/** Returns whether the address is in ::ffff:0:0/96 (RFC 4291 §2.5.5.2). */
function isMapped(address: Uint8Array): boolean {
  return address.slice(0, 12).every((byte, at) => byte === (at < 10 ? 0 : 0xff));
}
