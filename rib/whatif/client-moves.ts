import type { PeerMask } from '../tables/peer-sets.ts';
import type { SimulatedRoute } from './overlay.ts';

/** Clients to which the same happens: a route is lost, gained, or replaced by another one. */
export interface ClientMove {
  readonly clients: PeerMask;
  readonly before?: SimulatedRoute;
  readonly after?: SimulatedRoute;
}

/** Returns the clients that are sent something else than before; in each list a client is in one route at most. */
export function clientMoves(
  before: readonly SimulatedRoute[],
  after: readonly SimulatedRoute[],
): ClientMove[] {
  const moves: ClientMove[] = [];
  const note = (move: ClientMove): void => {
    if (move.clients !== 0n) moves.push(move);
  };
  for (const was of before) {
    for (const is of after) {
      if (was.attrs === is.attrs) continue;
      note({ clients: was.clients & is.clients, before: was, after: is });
    }
    note({ clients: was.clients & ~everyone(after), before: was });
  }
  for (const is of after) note({ clients: is.clients & ~everyone(before), after: is });
  return moves;
}

function everyone(routes: readonly SimulatedRoute[]): PeerMask {
  return routes.reduce((all, { clients }) => all | clients, 0n);
}
