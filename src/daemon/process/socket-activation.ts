import { isStoreName, type StoredSocket } from './stored-sockets.ts';

/** The first descriptor that is handed over (sd_listen_fds(3)). */
const firstFd = 3;

/** Descriptors of sockets that the service manager hands to us. */
export interface HandedSockets {
  /** Of a socket unit: where they listen is the manager's to say. */
  readonly activated: readonly number[];
  /** Ours, of before a restart. */
  readonly stored: readonly StoredSocket[];
}

/** `LISTEN_FDS` many, named by `LISTEN_FDNAMES`, if `LISTEN_PID` says that they are ours. */
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
