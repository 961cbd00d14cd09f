import { isStoreName, type StoredSocket } from './stored-sockets.ts';

/** The first descriptor that is passed (sd_listen_fds(3)). */
const firstFd = 3;

/** Descriptors of sockets that the service manager passes to us. */
export interface HandedSockets {
  /** From a socket unit, which decides where they listen. */
  readonly activated: readonly number[];
  /** Our own sockets from before a restart. */
  readonly stored: readonly StoredSocket[];
}

/** Returns the `LISTEN_FDS` descriptors, named by `LISTEN_FDNAMES`, if `LISTEN_PID` says that they are for us. */
export function handedOver(
  env: Readonly<Record<string, string | undefined>>,
  pid: number,
): HandedSockets {
  const count = env.LISTEN_PID === String(pid) ? Number(env.LISTEN_FDS) : 0;
  if (!Number.isInteger(count) || count <= 0) return { activated: [], stored: [] };
  const names = (env.LISTEN_FDNAMES ?? '').split(':');
  const all = Array.from({ length: count }, (_, at) => ({
    fd: firstFd + at,
    name: names[at] ?? '',
  }));
  return {
    activated: all.filter(({ name }) => !isStoreName(name)).map(({ fd }) => fd),
    stored: all.filter(({ name }) => isStoreName(name)),
  };
}
