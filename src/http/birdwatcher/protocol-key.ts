import type { Queries } from '#api/queries.ts';
import type { PeerView } from '#api/views/peer.ts';
import { Problem } from '../problem.ts';

/**
 * The name of a peer as the id of a neighbour, which clients write into URLs as it is: the zone of a link-local
 * address would be read as an escape.
 */
export function protocolKey(name: string): string {
  return name.replaceAll(/[^\w.:-]/g, '_');
}

/** The peer that has this key, name or address. Throws the `Problem` of none. */
export function peerOfKey(queries: Queries, key: string): PeerView {
  const peer = queries.peer(key) ?? queries.peer(nameOfKey(queries, key));
  if (peer === undefined) throw new Problem(404, 'unknown_peer', `no protocol has the name ${key}`);
  return peer;
}

/** The key itself where no peer has it. */
function nameOfKey(queries: Queries, key: string): string {
  return queries.peerNames().find((name) => protocolKey(name) === key) ?? key;
}
