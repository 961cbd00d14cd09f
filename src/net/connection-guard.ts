import { SocketError } from '#os/libc.ts';
import { connectionFilter, maxFilterSteps, type MinTtl, stepBytes } from './connection-filter.ts';
import { changeKeys, type KeyedSocket, type Md5Entry, setKeys } from './md5-keys.ts';
import { setFilter } from './socket-options.ts';

/** What the kernel demands of an incoming connection before we see it. */
export interface Guard {
  /** The peers that must sign. */
  readonly keys: readonly Md5Entry[];
  /** The peers that must be near. */
  readonly minTtls: readonly MinTtl[];
}

/** The TTL filter cannot be set. Without it a packet from far away could pass for a neighbour's. */
export class ConnectionFilterError extends Error {
  readonly code: string;
  constructor(code: string, message: string) {
    super(`cannot set the GTSM filter: ${fixes[code] ?? message}`);
    this.code = code;
  }
}

const fixes: Readonly<Record<string, string>> = {
  ENOMEM: 'too many peers with gtsm for the memory limit of the socket; raise net.core.optmem_max',
  E2BIG: 'too many peers with gtsm for one filter; use a peer range, or listen on more addresses',
};

/** Applies all of the guard to a new socket. Throws Md5KeyError or ConnectionFilterError. */
export function setGuard(socket: KeyedSocket, { keys, minTtls }: Guard): void {
  setKeys(socket, keys);
  filter([socket], minTtls);
}

/** Changes the guard of sockets, all or nothing: if it throws, the old guard is in force. */
export function changeGuard(sockets: readonly KeyedSocket[], before: Guard, after: Guard): void {
  changeKeys(sockets, before.keys, after.keys);
  try {
    filter(sockets, after.minTtls);
  } catch (error) {
    filter(sockets, before.minTtls);
    changeKeys(sockets, after.keys, before.keys);
    throw error;
  }
}

function filter(sockets: readonly KeyedSocket[], minTtls: readonly MinTtl[]): void {
  const program = connectionFilter(minTtls);
  if (program !== undefined && program.length > maxFilterSteps * stepBytes) {
    throw new ConnectionFilterError('E2BIG', '');
  }
  try {
    for (const { fd } of sockets) setFilter(fd, program);
  } catch (error) {
    throw error instanceof SocketError
      ? new ConnectionFilterError(error.code, error.message)
      : error;
  }
}
