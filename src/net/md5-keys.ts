import { SocketError } from '#os/libc.ts';
import { isIpv4, mapped, type Md5Peer } from './sockaddr.ts';
import { setMd5Key } from './socket-options.ts';

/** A key for connections from a peer, or from all addresses of a prefix. */
export interface Md5Entry extends Md5Peer {
  readonly key: string;
  /** The owner of the key, for error messages: `peer W1`. */
  readonly owner: string;
}

/** The part of a listening socket that matters for keys. */
export interface KeyedSocket {
  readonly fd: number;
  /** The address that it listens on, 4 or 16 bytes. */
  readonly address: Uint8Array;
  readonly isDualStack: boolean;
}

/** A key that cannot be set. Without it, connections from that address would be accepted unsigned. */
export class Md5KeyError extends Error {
  readonly code: string;
  constructor({ owner }: Md5Entry, { code, message }: SocketError) {
    super(`cannot set the TCP MD5 key of ${owner}: ${fixes[code] ?? message}`);
    this.code = code;
  }
}

const fixes: Readonly<Record<string, string>> = {
  ENOMEM: 'too many keys for the memory limit of the socket; raise net.core.optmem_max',
  ENOPROTOOPT: 'this kernel does not support TCP MD5 (CONFIG_TCP_MD5SIG)',
};

/** Sets all keys on a socket. Throws Md5KeyError. */
export function setKeys(socket: KeyedSocket, entries: Iterable<Md5Entry>): void {
  for (const entry of entries) set(socket, entry, entry.key);
}

/**
 * Changes the keys of sockets. Keys that stay the same are not touched, and established connections keep the key that
 * they began with. All or nothing: if it throws Md5KeyError, the old keys are in force.
 */
export function changeKeys(
  sockets: readonly KeyedSocket[],
  before: readonly Md5Entry[],
  after: readonly Md5Entry[],
): void {
  const old = new Map(before.map((entry) => [nameOf(entry), entry]));
  const wanted = new Map(after.map((entry) => [nameOf(entry), entry]));
  const changed = after.filter((entry) => old.get(nameOf(entry))?.key !== entry.key);
  const gone = before.filter((entry) => !wanted.has(nameOf(entry)));
  try {
    for (const socket of sockets) setKeys(socket, changed);
  } catch (error) {
    for (const socket of sockets) {
      for (const entry of changed) set(socket, entry, old.get(nameOf(entry))?.key);
    }
    throw error;
  }
  for (const socket of sockets) for (const entry of gone) set(socket, entry, undefined);
}

/** Returns the address or prefix that the kernel keeps the key for. */
function nameOf({ address, lengthBits }: Md5Peer): string {
  return `${address.join('.')}/${lengthBits ?? ''}`;
}

function set(socket: KeyedSocket, entry: Md5Entry, key: string | undefined): void {
  const peer = peerOn(socket, entry);
  if (peer === undefined) return;
  try {
    setMd5Key(socket.fd, peer, key);
  } catch (error) {
    throw error instanceof SocketError ? new Md5KeyError(entry, error) : error;
  }
}

/** Returns the peer as this socket sees it; `undefined` if it cannot reach the socket. */
function peerOn(socket: KeyedSocket, { address, lengthBits }: Md5Entry): Md5Peer | undefined {
  const length = lengthBits === undefined ? {} : { lengthBits };
  if (isIpv4(socket.address) === isIpv4(address)) return { address, ...length };
  return socket.isDualStack ? { address: mapped(address), ...length } : undefined;
}
