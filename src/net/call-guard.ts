import { SocketError } from '#os/libc.ts';
import { callFilter, maxFilterSteps, type MinTtl, stepBytes } from './call-filter.ts';
import { changeKeys, type KeyedSocket, type Md5Entry, setKeys } from './md5-keys.ts';
import { setFilter } from './socket.ts';

/** What the kernel demands of a call before we hear of it. */
export interface Guard {
  /** Who must sign. */
  readonly keys: readonly Md5Entry[];
  /** Who must be near. */
  readonly minTtls: readonly MinTtl[];
}

/** The least TTLs cannot be had: without them a packet from afar could pass for a neighbour's. */
export class CallFilterError extends Error {
  readonly code: string;
  constructor(code: string, message: string) {
    super(`cannot set the GTSM filter: ${mends[code] ?? message}`);
    this.code = code;
  }
}

const mends: Readonly<Record<string, string>> = {
  ENOMEM: 'too many peers with gtsm for the memory limit of the socket; raise net.core.optmem_max',
  E2BIG: 'too many peers with gtsm for one filter; use a peer range, or listen on more addresses',
};

/** Gives a new socket all of it. Throws Md5KeyError or CallFilterError. */
export function setGuard(socket: KeyedSocket, { keys, minTtls }: Guard): void {
  setKeys(socket, keys);
  filter([socket], minTtls);
}

/** Brings sockets from one to the other, all or nothing: when it throws the old one counts. */
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
  const program = callFilter(minTtls);
  if (program !== undefined && program.length > maxFilterSteps * stepBytes) {
    throw new CallFilterError('E2BIG', '');
  }
  try {
    for (const { fd } of sockets) setFilter(fd, program);
  } catch (error) {
    throw error instanceof SocketError ? new CallFilterError(error.code, error.message) : error;
  }
}
