import { StatusSchema } from '#api/views/status.ts';
import { json } from '../answers/answer.ts';
import { NoInput } from '../requests.ts';
import { type Route, route } from '../route.ts';

export const statusRoutes: readonly Route[] = [
  route({
    method: 'GET',
    url: '/api/v1/status',
    summary: 'The daemon at a glance',
    tag: 'daemon',
    params: NoInput,
    query: NoInput,
    body: NoInput,
    answer: StatusSchema,
    handle: ({ queries }) => json(queries.status()),
  }),
];
