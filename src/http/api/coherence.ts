import { CoherenceSchema } from '#api/views/coherence.ts';
import { json } from '../answers/answer.ts';
import { finished } from '../answers/work.ts';
import { NoInput } from '../requests.ts';
import { type Route, route } from '../route.ts';

export const coherenceRoutes: readonly Route[] = [
  route({
    method: 'GET',
    url: '/api/v1/coherence',
    summary: 'How the routes of the other route servers compare with ours, and why they differ',
    tag: 'services',
    params: NoInput,
    query: NoInput,
    body: NoInput,
    answer: CoherenceSchema,
    handle: async ({ queries, turns }) => json(await finished(turns, queries.coherence())),
  }),
];
