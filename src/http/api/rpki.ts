import { RpkiSchema } from '#api/views/rpki.ts';
import { json } from '../answers/answer.ts';
import { NoInput } from '../requests.ts';
import { type Route, route } from '../route.ts';

export const rpkiRoutes: readonly Route[] = [
  route({
    method: 'GET',
    url: '/api/v1/rpki',
    summary: 'The RTR caches, and how much validated data is in use',
    tag: 'routes',
    params: NoInput,
    query: NoInput,
    body: NoInput,
    answer: RpkiSchema,
    handle: ({ queries }) => json({ ...queries.rpki(), rib_version: queries.status().rib.version }),
  }),
];
