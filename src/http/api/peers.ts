import type { PeerTable } from '#api/names.ts';
import { type Page, type PageRequest, QueryError } from '#api/queries.ts';
import { PathPageSchema } from '#api/views/path.ts';
import { PeerPageSchema, PeerSchema, type PeerView } from '#api/views/peer.ts';
import { json } from '../answers/answer.ts';
import { listAnswer } from '../answers/list.ts';
import { finished } from '../answers/work.ts';
import { foundPeer } from '../problem.ts';
import { NoInput, PagingQuery, PeerParams } from '../requests.ts';
import { type Route, route } from '../route.ts';

const tables: readonly (readonly [PeerTable, summary: string])[] = [
  ['received', 'The routes that the peer sent, before import policy'],
  ['accepted', 'The routes that import policy accepted'],
  ['rejected', 'The routes that were refused, and why'],
  ['advertised', 'The routes that are sent to the peer'],
  ['withheld', 'The paths that are better than the one sent to the peer and are not sent, and why'],
];

/** Peers, and what each of them has sent and is sent. */
export const peerRoutes: readonly Route[] = [
  route({
    method: 'GET',
    url: '/api/v1/peers',
    summary: 'All peers in the order of the configuration',
    tag: 'peers',
    params: NoInput,
    query: PagingQuery,
    body: NoInput,
    answer: PeerPageSchema,
    handle: async ({ queries, turns }, { query }) => {
      const peers = await finished(turns, queries.peers());
      return json(peerPage(peers, queries.status().rib.version, query));
    },
  }),
  route({
    method: 'GET',
    url: '/api/v1/peers/:name',
    summary: 'A peer, by name or address',
    tag: 'peers',
    params: PeerParams,
    query: NoInput,
    body: NoInput,
    answer: PeerSchema,
    handle: ({ queries }, { params: { name } }) =>
      json(foundPeer(queries, name, queries.peer(name))),
  }),
  ...tables.map(([table, summary]) => tableRoute(table, summary)),
];

function tableRoute(table: PeerTable, summary: string): Route {
  return route({
    method: 'GET',
    url: `/api/v1/peers/:name/${table}`,
    summary,
    tag: 'peers',
    params: PeerParams,
    query: PagingQuery,
    body: NoInput,
    answer: PathPageSchema,
    // What is sent changes with the session, not with the RIB alone.
    versioned: table !== 'advertised' && table !== 'withheld',
    async handle({ turns, queries }, { params: { name }, query }) {
      const read = (page: PageRequest) => queries.peerRoutes(name, table, page);
      return foundPeer(queries, name, await listAnswer(turns, query, read));
    },
  });
}

/** The cursor is the name of the last peer; if a reload has removed that peer, the list continues at its place. */
function peerPage(
  peers: readonly PeerView[],
  ribVersion: number,
  page: PageRequest,
): Page<PeerView> {
  const start = page.cursor === undefined ? 0 : placeAfter(page.cursor, peers);
  const end = start + page.limit;
  const items = peers.slice(start, end);
  const last = items.at(-1);
  return {
    items,
    ...(last !== undefined && end < peers.length && { next_cursor: `${end}:${last.name}` }),
    rib_version: ribVersion,
  };
}

function placeAfter(cursor: string, peers: readonly PeerView[]): number {
  const [, place, name] = /^(\d{1,9}):(.+)$/.exec(cursor) ?? [];
  if (name === undefined)
    throw new QueryError('bad_cursor', 'the cursor was not issued by this server');
  const index = peers.findIndex((peer) => peer.name === name);
  return index < 0 ? Number(place) - 1 : index + 1;
}
