import type { Queries } from '#api/queries.ts';
import type { PeerView } from '#api/views/peer.ts';
import { Problem } from '../problem.ts';

/**
 * Returns the name of a peer as the id of a neighbour. Clients put ids into URLs without escaping them, so the zone of
 * a link-local address would be read as an escape sequence.
 */
export function protocolKey(name: string): string {
  return name.replaceAll(/[^\w.:-]/g, '_');
}

/** Returns the peer that has this key, name or address. Throws a `Problem` if there is none. */
export function peerOfKey(queries: Queries, key: string): PeerView {
  const peer = queries.peer(key) ?? queries.peer(nameOfKey(queries, key));
  if (peer === undefined) throw new Problem(404, 'unknown_peer', `no protocol has the name ${key}`);
  return peer;
}

/** Returns the name of the peer that has this key, or the key itself if no peer has it. */
function nameOfKey(queries: Queries, key: string): string {
  return queries.peerNames().find((name) => protocolKey(name) === key) ?? key;
}
