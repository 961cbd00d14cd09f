import { libc } from './libc.ts';

const SOL_SOCKET = 1;
const SO_PEERCRED = 17;
/** struct ucred: pid, uid, gid. */
const ucredWords = 3;
const uidWord = 1;

/** Returns the user who has connected to a Unix socket (unix(7) SO_PEERCRED); `undefined` for any other descriptor. */
export function peerUid(fd: number): number | undefined {
  const ucred = new Uint32Array(ucredWords);
  const length = Uint32Array.of(ucred.byteLength);
  if (libc().getsockopt(fd, SOL_SOCKET, SO_PEERCRED, ucred, length) < 0) return undefined;
  const uid = ucred[uidWord];
  return uid === 0xffffffff ? undefined : uid;
}
