/** The first descriptor that is handed over (sd_listen_fds(3)). */
const firstFd = 3;

/**
 * Descriptors of sockets that the service manager has opened for us: `LISTEN_FDS` many, if `LISTEN_PID`
 * says that they are ours.
 */
export function handedOver(
  env: Readonly<Record<string, string | undefined>>,
  pid: number,
): number[] {
  if (env.LISTEN_PID !== String(pid)) return [];
  const count = Number(env.LISTEN_FDS);
  return Number.isInteger(count) && count > 0
    ? Array.from({ length: count }, (_, at) => firstFd + at)
    : [];
}
