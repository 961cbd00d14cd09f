import type { Socket } from 'node:net';
import type { By } from '#api/by.ts';
import { claimedUserHeader } from '#api/commands.ts';
import { printable } from '#text/printable.ts';
import { type Door, tokenOf } from './guard.ts';

const longestUser = 64;

interface Asking {
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly socket: Socket;
}

/** Returns the user at the other end of a Unix socket; `undefined` if the system does not say. */
export type PeerUid = (socket: Socket) => number | undefined;

/** Returns who asks; `undefined` for a reader without a token. */
export function whoAsks(
  door: Door,
  { headers, socket }: Asking,
  peerUid?: PeerUid,
): By | undefined {
  if (door !== 'control') {
    const token = tokenOf(door, headers);
    return token === undefined ? undefined : { token: token.name };
  }
  const uid = peerUid?.(socket);
  if (uid === undefined) return {};
  const claimed = headers[claimedUserHeader];
  if (typeof claimed !== 'string' || claimed === '') return { uid };
  return { uid, user: printable(claimed).slice(0, longestUser) };
}
