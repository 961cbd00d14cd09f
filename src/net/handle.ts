import type { Socket } from 'node:net';
import { SocketError } from '#os/libc.ts';
import type { SocketAddress } from './sockaddr.ts';
import { localAddress, remoteAddress } from './socket.ts';

/** A connected socket, whichever side opened it, and its two ends as the kernel reports them. */
export interface TcpStream {
  readonly socket: Socket;
  readonly fd: number;
  readonly remote: SocketAddress;
  readonly local: SocketAddress;
}

/** What Node does not expose of a TCP socket: the descriptor, and how far libuv has got with writing. */
export interface TcpHandle {
  readonly fd: number;
  /** Bytes given to libuv so far. */
  readonly bytesWritten: number;
  /** Those of them that the kernel has not accepted yet. */
  readonly writeQueueSize: number;
}

/** Returns `undefined` once the socket is destroyed. This is the only place that uses internals of `node:net`. */
export function handleOf(socket: Socket): TcpHandle | undefined {
  const handle: unknown = Reflect.get(socket, '_handle');
  return isTcpHandle(handle) ? handle : undefined;
}

/** Returns `undefined` if the peer has already closed the connection. */
export function streamOf(socket: Socket): TcpStream | undefined {
  const fd = handleOf(socket)?.fd;
  if (fd === undefined) return undefined;
  try {
    return { socket, fd, remote: remoteAddress(fd), local: localAddress(fd) };
  } catch (error) {
    if (error instanceof SocketError) return undefined;
    throw error;
  }
}

function isTcpHandle(handle: unknown): handle is TcpHandle {
  return typeof handle === 'object' && handle !== null && 'fd' in handle;
}
