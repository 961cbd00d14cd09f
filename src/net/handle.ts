import type { Socket } from 'node:net';
import { SocketError } from '#os/libc.ts';
import type { SocketAddress } from './sockaddr.ts';
import { localAddress, remoteAddress } from './socket.ts';

/** A connected socket, dialled or accepted, and its two ends as the kernel names them. */
export interface TcpStream {
  readonly socket: Socket;
  readonly fd: number;
  readonly remote: SocketAddress;
  readonly local: SocketAddress;
}

/** What Node keeps to itself about a TCP socket: the descriptor, and how far libuv has got with writing. */
export interface TcpHandle {
  readonly fd: number;
  /** Given to libuv so far. */
  readonly bytesWritten: number;
  /** Of those, not yet taken by the kernel. */
  readonly writeQueueSize: number;
}

/** `undefined` once the socket is destroyed. The one place that looks behind `node:net`. */
export function handleOf(socket: Socket): TcpHandle | undefined {
  const handle: unknown = Reflect.get(socket, '_handle');
  return isTcpHandle(handle) ? handle : undefined;
}

/** `undefined` if the peer has hung up already. */
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
