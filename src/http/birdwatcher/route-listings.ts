import type { PeerTable } from '#api/names.ts';
import type { RouteQuery } from '#api/queries.ts';
import type { PathView } from '#api/views/path.ts';
import type { PeerView } from '#api/views/peer.ts';
import type { FamilyName } from '#wire/constants.ts';
import { type Answer, json } from '../answers/answer.ts';
import { finished } from '../answers/work.ts';
import type { Context } from '../context.ts';
import { NoInput } from '../requests.ts';
import { type Route, route } from '../route.ts';
import { envelope } from './envelope.ts';
import { foreign } from './foreign.ts';
import { peerOfKey } from './protocol-key.ts';
import { type LargeCommunity, noexportCommunity, rejectCommunity } from './reasons.ts';
import {
  AnyQuery,
  IdParams,
  NetParams,
  PrefixQuery,
  TableParams,
  TablePeerParams,
} from './requests.ts';
import { type RouteReader, routesAnswer } from './route-lists.ts';
import { row } from './rows.ts';
import { familyIn } from './tables.ts';

/** Routes and their numbers. */
export const routeListings: readonly Route[] = [
  ofPeer('/routes/protocol/:id', 'accepted'),
  ofPeer('/routes/peer/:id', 'accepted'),
  ofPeer('/routes/filtered/:id', 'rejected', rejectCommunity),
  ofPeer('/routes/export/:id', 'advertised'),
  ofPeer('/routes/noexport/:id', 'withheld', noexportCommunity),
  route({
    ...foreign('/routes/table/:table'),
    params: TableParams,
    query: AnyQuery,
    body: NoInput,
    handle: (context, { params: { table } }) => accepted(context, familyIn(table)),
  }),
  route({
    ...foreign('/routes/table/:table/filtered'),
    params: TableParams,
    query: AnyQuery,
    body: NoInput,
    handle: (context, { params: { table } }) => {
      const { family } = familyIn(table);
      return listing(context, (page) => context.queries.rejected(family, page), rejectCommunity);
    },
  }),
  route({
    ...foreign('/routes/table/:table/peer/:id'),
    params: TablePeerParams,
    query: AnyQuery,
    body: NoInput,
    handle: (context, { params: { table, id } }) => {
      const { name: peer } = peerOfKey(context.queries, id);
      return accepted(context, { ...familyIn(table), peer });
    },
  }),
  route({
    ...foreign('/routes/prefix'),
    params: NoInput,
    query: PrefixQuery,
    body: NoInput,
    handle: (context, { query: { prefix } }) => accepted(context, { prefix }),
  }),
  ...['', '/mask/:mask', '/table/:table', '/mask/:mask/table/:table'].map((rest) =>
    route({
      ...foreign(`/route/net/:net${rest}`),
      params: NetParams,
      query: AnyQuery,
      body: NoInput,
      handle: (context, { params: { net, mask, table = 'master' } }) => {
        const prefix = mask === undefined ? net : `${net}/${mask}`;
        return accepted(context, { prefix, lookup: 'longest', ...familyIn(table) });
      },
    }),
  ),
  counting('protocol', ({ queries }, id) => peerOfKey(queries, id).prefixes.accepted),
  counting('primary', ({ queries }, id) => peerOfKey(queries, id).prefixes.best),
  counting('table', (context, table) => acceptedIn(context, familyIn(table).family)),
];

/** Says in large communities why a route is in this list. */
type Mark = (localAs: number, reason: string) => LargeCommunity;

function ofPeer(url: string, table: PeerTable, mark?: Mark): Route {
  return route({
    ...foreign(url),
    params: IdParams,
    query: AnyQuery,
    body: NoInput,
    handle: (context, { params: { id } }) => {
      const { name } = peerOfKey(context.queries, id);
      return listing(context, (page) => context.queries.peerRoutes(name, table, page), mark);
    },
  });
}

function accepted(context: Context, wanted: RouteQuery): Answer {
  return listing(context, (page) => context.queries.routes(wanted, page));
}

function listing(context: Context, read: RouteReader, mark?: Mark): Answer {
  const { queries } = context;
  const localAs = queries.status().local_as;
  const addresses = new Map<string, string>();
  const addressOf = (name: string): string => {
    const known = addresses.get(name) ?? queries.peer(name)?.address ?? '';
    addresses.set(name, known);
    return known;
  };
  const toRow = (path: PathView): object =>
    row(path, addressOf(path.peer), markOf(path, localAs, mark));
  return routesAnswer(context, read, toRow);
}

function markOf({ reason }: PathView, localAs: number, mark?: Mark): LargeCommunity | undefined {
  return mark === undefined || reason === undefined ? undefined : mark(localAs, reason);
}

function counting(
  what: string,
  count: (context: Context, id: string) => number | Promise<number>,
): Route {
  return route({
    ...foreign(`/routes/count/${what}/:id`),
    params: IdParams,
    query: AnyQuery,
    body: NoInput,
    handle: async (context, { params: { id } }) =>
      json({ ...envelope(context.clock), routes: await count(context, id) }),
  });
}

async function acceptedIn(
  { queries, turns }: Context,
  family: FamilyName | undefined,
): Promise<number> {
  const countOf = ({ prefixes: { accepted: all, per_family: perFamily } }: PeerView): number =>
    family === undefined ? all : (perFamily[family]?.accepted ?? 0);
  const peers = await finished(turns, queries.peers());
  return peers.reduce((sum, peer) => sum + countOf(peer), 0);
}
