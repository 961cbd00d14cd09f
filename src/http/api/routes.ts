import { ExplainSchema } from '#api/views/explain.ts';
import { PathPageSchema } from '#api/views/path.ts';
import { explanationAnswer } from '../answers/explanation.ts';
import { listAnswer } from '../answers/list.ts';
import { found, foundPeer, unknownPrefix } from '../problem.ts';
import { ExplainQuery, NoInput, PagingQuery, PrefixParams, RoutesQuery } from '../requests.ts';
import { type Route, route } from '../route.ts';

/** The Loc-RIB, and why it is as it is. */
export const routeRoutes: readonly Route[] = [
  route({
    method: 'GET',
    url: '/api/v1/routes',
    summary: 'Every accepted path, ordered by family, address and prefix length',
    tag: 'routes',
    refuses: [404],
    params: NoInput,
    query: RoutesQuery,
    body: NoInput,
    answer: PathPageSchema,
    versioned: true,
    async handle({ turns, queries }, { query: { limit, cursor, ...wanted } }) {
      const request = { limit, ...(cursor !== undefined && { cursor }) };
      const answer = await listAnswer(turns, request, (page) => queries.routes(wanted, page));
      return foundPeer(queries, wanted.peer ?? '', answer);
    },
  }),
  route({
    method: 'GET',
    url: '/api/v1/routes/:prefix',
    summary: 'The accepted paths of one prefix',
    tag: 'routes',
    params: PrefixParams,
    query: PagingQuery,
    body: NoInput,
    answer: PathPageSchema,
    versioned: true,
    async handle({ turns, queries }, { params: { prefix }, query }) {
      const answer = await listAnswer(turns, query, (page) => {
        const paths = queries.routes({ prefix, lookup: 'exact' }, page);
        const isUnknown = page.cursor === undefined && paths.items.length === 0;
        return isUnknown ? undefined : paths;
      });
      return found(answer, ...unknownPrefix(prefix));
    },
  }),
  route({
    method: 'GET',
    url: '/api/v1/explain',
    summary:
      'Every candidate path, the decision step at which each lost, and what each client is sent',
    tag: 'routes',
    refuses: [404],
    params: NoInput,
    query: ExplainQuery,
    body: NoInput,
    answer: ExplainSchema,
    handle({ turns, queries }, { query: { prefix, peer } }) {
      if (peer !== undefined) foundPeer(queries, peer, queries.peer(peer));
      const explanation = found(queries.explain(prefix, peer), ...unknownPrefix(prefix));
      return explanationAnswer(turns, explanation);
    },
  }),
];
