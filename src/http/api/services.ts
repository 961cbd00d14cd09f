import { ServiceListSchema, ServiceSchema } from '#api/views/service.ts';
import { json } from '../answers/answer.ts';
import { finished } from '../answers/work.ts';
import { found } from '../problem.ts';
import { NoInput, ServiceParams } from '../requests.ts';
import { type Route, route } from '../route.ts';

/** Services, and the audit of their addresses. */
export const serviceRoutes: readonly Route[] = [
  route({
    method: 'GET',
    url: '/api/v1/services',
    summary:
      'All services: which node serves each address, which would take over, and what is missing',
    tag: 'services',
    params: NoInput,
    query: NoInput,
    body: NoInput,
    answer: ServiceListSchema,
    handle: async ({ queries, turns }) => {
      const items = await finished(turns, queries.services());
      return json({ items, rib_version: queries.status().rib.version });
    },
  }),
  route({
    method: 'GET',
    url: '/api/v1/services/:name',
    summary: 'A service',
    tag: 'services',
    params: ServiceParams,
    query: NoInput,
    body: NoInput,
    answer: ServiceSchema,
    handle: ({ queries }, { params: { name } }) =>
      json(found(queries.service(name), 'unknown_service', `no service ${name}`)),
  }),
];
