import type { Server, Socket } from 'node:net';
import { createServer } from 'node:net';
import type { TcpStream } from './handle.ts';
import { streamOf } from './handle.ts';
import type { Md5Peer, SocketAddress } from './sockaddr.ts';
import { isIpv4 } from './sockaddr.ts';
import { localAddress, openListener, setMd5Key, SocketError } from './socket.ts';

/** Where to listen, and how the operator wrote it. */
export interface ListenAt extends SocketAddress {
  readonly text: string;
}

export interface ListenerOwner {
  /** A call from outside, paused. Whom it is from, and whether that is welcome, the owner decides: it takes the socket over or destroys it. */
  called(stream: TcpStream): void;
  /** Calls could not be accepted (`EMFILE` and the like); listening goes on. */
  acceptFailed(error: Error): void;
}

/** Listening is not possible; `code` is the errno name, the message names the mend. */
export class ListenError extends Error {
  readonly code: string;
  constructor(at: ListenAt, code: string, message: string) {
    super(`cannot listen on ${at.text}: ${mends[code]?.(at) ?? message}`);
    this.code = code;
  }
}

const mends: Readonly<Record<string, (at: ListenAt) => string>> = {
  EADDRINUSE: (at) =>
    `port ${at.port} is taken; "ss -ltnp sport = :${at.port}" shows by whom (another BGP daemon?)`,
  EACCES: (at) =>
    `port ${at.port} needs CAP_NET_BIND_SERVICE: run it under systemd with ` +
    `AmbientCapabilities=CAP_NET_BIND_SERVICE or as root, or choose a port above 1023`,
  EADDRNOTAVAIL: () => 'this machine has no such address (yet)',
};

/** Every IPv4 and every IPv6 address: two sockets, since a dual-stack one would want MD5 keys for mapped addresses. */
export function everyAddress(port: number): ListenAt[] {
  return [
    { address: new Uint8Array(4), port, text: `0.0.0.0:${port}` },
    { address: new Uint8Array(16), port, text: `[::]:${port}` },
  ];
}

interface Door {
  readonly server: Server;
  readonly fd: number;
  readonly at: ListenAt;
}

/** SYNs that the kernel keeps for us while we are busy; it cuts this to net.core.somaxconn. */
const backlog = 1024;

/** The listening sockets of the daemon, TTL 255, with the TCP MD5 keys of its peers. */
export class Listener {
  private readonly doors: readonly Door[];
  private constructor(doors: readonly Door[]) {
    this.doors = doors;
  }

  /** All or nothing; rejects with ListenError. "Every address" of a family that the kernel lacks is left out. */
  static async open(places: readonly ListenAt[], owner: ListenerOwner): Promise<Listener> {
    const doors: Door[] = [];
    try {
      for (const at of places) {
        const fd = openOrSkip(at);
        if (fd !== undefined) doors.push({ server: await serve(fd, at, owner), fd, at });
      }
    } catch (error) {
      closeAll(doors);
      throw error;
    }
    return new Listener(doors);
  }

  /** As bound: with the port that the kernel chose for 0. */
  get addresses(): SocketAddress[] {
    return this.doors.map((door) => localAddress(door.fd));
  }

  /** Sets, replaces or removes the key for calls from `peer`; connections that stand are not touched. Throws SocketError. */
  setMd5Key(peer: Md5Peer, key: string | undefined): void {
    for (const door of this.doors) {
      if (isIpv4(door.at.address) === isIpv4(peer.address)) setMd5Key(door.fd, peer, key);
    }
  }

  /** No more calls; connections that stand are not touched. */
  close(): void {
    closeAll(this.doors);
  }
}

function openOrSkip(at: ListenAt): number | undefined {
  try {
    return openListener(at);
  } catch (error) {
    if (!(error instanceof SocketError)) throw error;
    const isWildcard = at.address.every((byte) => byte === 0);
    if (isWildcard && error.code === 'EAFNOSUPPORT') return undefined;
    throw new ListenError(at, error.code, error.message);
  }
}

function serve(fd: number, at: ListenAt, owner: ListenerOwner): Promise<Server> {
  return new Promise((resolve, reject) => {
    const server = createServer({ pauseOnConnect: true }, (socket) => answer(socket, owner));
    server.once('error', (error: NodeJS.ErrnoException) => {
      reject(new ListenError(at, error.code ?? 'EIO', error.message));
    });
    server.listen({ fd, backlog }, () => {
      server.removeAllListeners('error');
      server.on('error', (error) => owner.acceptFailed(error));
      resolve(server);
    });
  });
}

function answer(socket: Socket, owner: ListenerOwner): void {
  const stream = streamOf(socket);
  if (stream === undefined) socket.destroy();
  else owner.called(stream);
}

/** The descriptor is closed at once; `server.close` would call back only after the last connection. */
function closeAll(doors: readonly Door[]): void {
  for (const door of doors) door.server.close();
}
