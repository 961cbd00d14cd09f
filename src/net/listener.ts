import type { Server, Socket } from 'node:net';
import { createServer } from 'node:net';
import type { TcpStream } from './handle.ts';
import { streamOf } from './handle.ts';
import { SocketError } from '#os/libc.ts';
import type { Md5Entry } from './md5-keys.ts';
import { changeKeys, setKeys } from './md5-keys.ts';
import type { SocketAddress } from './sockaddr.ts';
import { adoptListener, localAddress, openListener, sharePort } from './socket.ts';

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
  readonly address: Uint8Array;
  readonly isDualStack: boolean;
}

/** New listening places that are open beside the old ones; one of the two must be called. */
export interface ListenChange {
  /** The old ones close. */
  commit(): void;
  /** The new ones close. */
  rollback(): void;
}

/** SYNs that the kernel keeps for us while we are busy; it cuts this to net.core.somaxconn. */
const backlog = 1024;

/** The listening sockets of the daemon, TTL 255, with the TCP MD5 keys of its peers. */
export class Listener {
  private doors: readonly Door[];
  private keys: readonly Md5Entry[];
  private readonly owner: ListenerOwner;
  /** Its sockets were handed to us: where they listen is not ours to say. */
  readonly isAdopted: boolean;

  private constructor(
    doors: readonly Door[],
    owner: ListenerOwner,
    keys: readonly Md5Entry[],
    isAdopted: boolean,
  ) {
    this.doors = doors;
    this.owner = owner;
    this.keys = keys;
    this.isAdopted = isAdopted;
  }

  /**
   * All or nothing; rejects with ListenError or Md5KeyError. Keys are there before the first call is
   * taken. "Every address" of a family that the kernel lacks is left out.
   */
  static async open(
    places: readonly ListenAt[],
    owner: ListenerOwner,
    keys: readonly Md5Entry[] = [],
  ): Promise<Listener> {
    return new Listener(await openAll(places, owner, keys, false), owner, keys, false);
  }

  /**
   * Takes over sockets that are listening already (sd_listen_fds(3)): those of TCP among them, if there
   * are any. Rejects as `open`, the sockets still open.
   */
  static async adopt(
    fds: readonly number[],
    owner: ListenerOwner,
    keys: readonly Md5Entry[] = [],
  ): Promise<Listener | undefined> {
    const doors: Door[] = [];
    for (const fd of fds) {
      const adopted = adoptListener(fd);
      if (adopted === undefined) continue;
      const { at, isDualStack } = adopted;
      const { address } = at;
      setKeys({ fd, address, isDualStack }, keys);
      const place = { ...at, text: `file descriptor ${fd}` };
      doors.push({ server: await serve(fd, place, owner), fd, at: place, address, isDualStack });
    }
    return doors.length === 0 ? undefined : new Listener(doors, owner, keys, true);
  }

  /** As bound: with the port that the kernel chose for 0. */
  get addresses(): SocketAddress[] {
    return this.doors.map((door) => localAddress(door.fd));
  }

  /**
   * Opens the places that are new, while the old ones go on. Rejects with ListenError or Md5KeyError;
   * then nothing has changed.
   */
  async change(places: readonly ListenAt[]): Promise<ListenChange> {
    const { doors, owner, keys } = this;
    const kept = doors.filter(({ at }) => places.some((place) => isSamePlace(place, at)));
    const gone = doors.filter((door) => !kept.includes(door));
    const wanted = places.filter((place) => !kept.some(({ at }) => isSamePlace(place, at)));
    // "[::]:179" and "[2001:db8::9]:179" cannot both listen unless both agree to.
    for (const { fd } of gone) sharePort(fd, true);
    const opened = await openAll(wanted, owner, keys, true).finally(() => {
      for (const { fd } of gone) sharePort(fd, false);
    });
    for (const { fd } of opened) sharePort(fd, false);
    return {
      commit: () => {
        this.doors = [...kept, ...opened];
        closeAll(gone);
      },
      rollback: () => closeAll(opened),
    };
  }

  /** The keys from now on; connections that stand are not touched. Throws Md5KeyError; then the old ones count. */
  setKeys(keys: readonly Md5Entry[]): void {
    changeKeys(this.doors, this.keys, keys);
    this.keys = keys;
  }

  /** No more calls; connections that stand are not touched. */
  close(): void {
    closeAll(this.doors);
    this.doors = [];
  }
}

async function openAll(
  places: readonly ListenAt[],
  owner: ListenerOwner,
  keys: readonly Md5Entry[],
  shared: boolean,
): Promise<Door[]> {
  const doors: Door[] = [];
  try {
    for (const at of places) {
      const fd = openOrSkip(at, keys, shared);
      if (fd === undefined) continue;
      const { address } = at;
      doors.push({ fd, address, isDualStack: false, server: await serve(fd, at, owner), at });
    }
  } catch (error) {
    closeAll(doors);
    throw error;
  }
  return doors;
}

function isSamePlace(a: ListenAt, b: ListenAt): boolean {
  return a.port === b.port && a.zone === b.zone && a.address.join() === b.address.join();
}

function openOrSkip(at: ListenAt, keys: readonly Md5Entry[], shared: boolean): number | undefined {
  const { address } = at;
  const prepare = (fd: number): void => setKeys({ fd, address, isDualStack: false }, keys);
  try {
    return openListener(at, { shared, prepare });
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
