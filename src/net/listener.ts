import { createServer, type Server, type Socket } from 'node:net';
import { noDescriptor } from '#os/descriptors.ts';
import { SocketError } from '#os/libc.ts';
import { changeGuard, type Guard, setGuard } from './connection-guard.ts';
import { streamOf, type TcpStream } from './handle.ts';
import type { SocketAddress } from './sockaddr.ts';
import { sharePort } from './socket-options.ts';
import {
  adoptListener,
  closeSocket,
  endListening,
  listen,
  localAddress,
  openListener,
} from './socket.ts';

/** Where to listen, and how the operator wrote it. */
export interface ListenAt extends SocketAddress {
  readonly text: string;
}

export interface ListenerOwner {
  /**
   * An incoming connection, paused. The owner decides who it is from and whether it is accepted, and takes the socket
   * over or destroys it.
   */
  connected(stream: TcpStream): void;
  /** Connections could not be accepted (`EMFILE` and the like); listening goes on. */
  acceptFailed(error: Error): void;
}

/** Listening is not possible; `code` is the errno name, and the message says how to fix it. */
export class ListenError extends Error {
  readonly code: string;
  constructor(at: ListenAt, code: string, message: string) {
    super(`cannot listen on ${at.text}: ${fixes[code]?.(at) ?? message}`);
    this.code = code;
  }
}

const fixes: Readonly<Record<string, (at: ListenAt) => string>> = {
  EADDRINUSE: (at) =>
    `port ${at.port} is already in use, perhaps by another BGP daemon; "ss -ltnp sport = :${at.port}" shows the process`,
  EACCES: (at) =>
    `port ${at.port} needs CAP_NET_BIND_SERVICE: run it under systemd with ` +
    `AmbientCapabilities=CAP_NET_BIND_SERVICE or as root, or choose a port above 1023`,
  EADDRNOTAVAIL: () => 'this machine does not have this address (yet)',
  EMFILE: () => noDescriptor,
  ENFILE: () => noDescriptor,
};

/**
 * Returns every IPv4 and every IPv6 address as two places: a dual-stack socket would need MD5 keys for mapped
 * addresses.
 */
export function everyAddress(port: number): ListenAt[] {
  return [
    { address: new Uint8Array(4), port, text: `0.0.0.0:${port}` },
    { address: new Uint8Array(16), port, text: `[::]:${port}` },
  ];
}

const unguarded: Guard = { keys: [], minTtls: [] };

/** A listening socket; the kernel queues its connections until `server` accepts them. */
interface Door {
  readonly fd: number;
  readonly at: ListenAt;
  readonly address: Uint8Array;
  readonly isDualStack: boolean;
  server?: Server;
}

/** New listening sockets that are open beside the old ones. Either `commit` or `rollback` must be called. */
export interface ListenChange {
  /** Closes the old ones. */
  commit(): void;
  /** Closes the new ones. */
  rollback(): void;
}

/** SYNs that the kernel queues while we are busy; it reduces this to net.core.somaxconn. */
const backlog = 1024;

/**
 * The listening sockets of the daemon: TTL 255, with the TCP MD5 keys and the lowest TTLs of its peers. These are set
 * before the kernel answers the first connection.
 */
export class Listener {
  private doors: readonly Door[];
  private guard: Guard;
  private owner: ListenerOwner | undefined;
  /** Its sockets were passed to us, so we do not decide where they listen. */
  readonly isAdopted: boolean;

  private constructor(doors: readonly Door[], guard: Guard, isAdopted: boolean) {
    this.doors = doors;
    this.guard = guard;
    this.isAdopted = isAdopted;
  }

  /** `bind`, then `accept`. */
  static async open(
    places: readonly ListenAt[],
    owner: ListenerOwner,
    guard: Guard = unguarded,
  ): Promise<Listener> {
    const listener = Listener.bind(places, guard);
    await listener.accept(owner);
    return listener;
  }

  /**
   * From now on the kernel answers connections and queues them until `accept`. All or nothing; throws ListenError,
   * Md5KeyError or ConnectionFilterError. "Every address" of a family that the kernel lacks is left out. `kept` are our
   * sockets that have survived a restart: those that are wanted continue with the connections in their queue, the
   * others are closed.
   */
  static bind(places: readonly ListenAt[], guard: Guard, kept: readonly number[] = []): Listener {
    const old = kept.map((fd) => adopted(fd)).filter((door) => door !== undefined);
    const placed = old.map((door) => ({
      ...door,
      at: places.find((at) => isSamePlace(at, door.at)),
    }));
    const stays = placed.filter((door): door is Door => door.at !== undefined);
    closeAll(
      old.filter(({ fd }) => !stays.some((door) => door.fd === fd)),
      true,
    );
    const missing = places.filter((place) => !stays.some(({ at }) => isSamePlace(place, at)));
    try {
      for (const door of stays) setGuard(door, guard);
      return new Listener([...stays, ...bindAll(missing, guard, false)], guard, false);
    } catch (error) {
      closeAll(stays, true);
      throw error;
    }
  }

  /**
   * Takes over sockets that are listening already (sd_listen_fds(3)): the TCP sockets among them, if there are any.
   * Throws as `bind` does, and leaves the sockets open then.
   */
  static adopt(fds: readonly number[], guard: Guard): Listener | undefined {
    const doors = fds.map((fd) => adopted(fd)).filter((door) => door !== undefined);
    for (const door of doors) setGuard(door, guard);
    return doors.length === 0 ? undefined : new Listener(doors, guard, true);
  }

  /** Accepts the connections that are waiting, and all that follow. */
  async accept(owner: ListenerOwner): Promise<void> {
    this.owner = owner;
    await serveAll(this.doors, owner);
  }

  /** The addresses as bound, with the port that the kernel chose for 0. */
  get addresses(): SocketAddress[] {
    return this.doors.map((door) => localAddress(door.fd));
  }

  get fds(): number[] {
    return this.doors.map(({ fd }) => fd);
  }

  /**
   * Opens the new places with the new keys and TTLs while the old sockets continue. When it resolves, places that stay
   * have the new keys and TTLs too. Rejects with ListenError, Md5KeyError or ConnectionFilterError; then nothing has
   * changed.
   */
  async change(places: readonly ListenAt[], wanted = this.guard): Promise<ListenChange> {
    const { doors, guard: former } = this;
    const kept = doors.filter(({ at }) => places.some((place) => isSamePlace(place, at)));
    const gone = doors.filter((door) => !kept.includes(door));
    const missing = places.filter((place) => !kept.some(({ at }) => isSamePlace(place, at)));
    // "[::]:179" and "[2001:db8::9]:179" cannot both listen unless both agree to.
    for (const { fd } of gone) sharePort(fd, true);
    let opened: Door[] = [];
    try {
      opened = bindAll(missing, wanted, true);
      if (this.owner !== undefined) await serveAll(opened, this.owner);
      this.setGuard(wanted);
    } catch (error) {
      closeAll(opened, true);
      throw error;
    } finally {
      for (const { fd } of [...gone, ...opened]) sharePort(fd, false);
    }
    return {
      commit: () => {
        this.doors = [...kept, ...opened];
        closeAll(gone, true);
      },
      rollback: () => {
        closeAll(opened, true);
        this.setGuard(former);
      },
    };
  }

  /**
   * Applies from now on; established connections are not affected. Throws Md5KeyError or ConnectionFilterError; then
   * the old guard is in force.
   */
  setGuard(wanted: Guard): void {
    changeGuard(this.doors, this.guard, wanted);
    this.guard = wanted;
  }

  /** Refuses the connections that wait in a queue and all later ones, whichever other process has our sockets. */
  closeForGood(): void {
    closeAll(this.doors, !this.isAdopted);
    this.doors = [];
  }

  /**
   * Accepts no more connections; established ones are not affected. If another process has the sockets too, connections
   * wait in their queue.
   */
  close(): void {
    closeAll(this.doors, false);
    this.doors = [];
  }
}

function bindAll(places: readonly ListenAt[], guard: Guard, shared: boolean): Door[] {
  const doors: Door[] = [];
  try {
    for (const at of places) {
      const fd = openOrSkip(at, guard, shared);
      if (fd !== undefined) doors.push({ fd, at, address: at.address, isDualStack: false });
    }
  } catch (error) {
    closeAll(doors, true);
    throw error;
  }
  return doors;
}

async function serveAll(doors: readonly Door[], owner: ListenerOwner): Promise<void> {
  for (const door of doors) door.server = await serve(door.fd, door.at, owner);
}

function adopted(fd: number): Door | undefined {
  const found = adoptListener(fd);
  if (found === undefined) return undefined;
  const { at, isDualStack } = found;
  return { fd, at: { ...at, text: `file descriptor ${fd}` }, address: at.address, isDualStack };
}

function isSamePlace(a: ListenAt, b: ListenAt): boolean {
  return a.port === b.port && a.zone === b.zone && a.address.join() === b.address.join();
}

function openOrSkip(at: ListenAt, guard: Guard, shared: boolean): number | undefined {
  const { address } = at;
  const prepare = (fd: number): void => setGuard({ fd, address, isDualStack: false }, guard);
  try {
    const fd = openListener(at, { shared, prepare });
    try {
      listen(fd, backlog);
    } catch (error) {
      closeSocket(fd);
      throw error;
    }
    return fd;
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
  else owner.connected(stream);
}

/**
 * The descriptor is closed at once; `server.close` would call back only after the last connection. `isForGood` ends
 * listening in every process that has the socket.
 */
function closeAll(doors: readonly Door[], isForGood: boolean): void {
  for (const { fd, server } of doors) {
    if (isForGood) endListening(fd);
    if (server === undefined) closeSocket(fd);
    else server.close();
  }
}
