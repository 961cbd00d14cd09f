import { BfdListSchema } from '#api/views/bfd.ts';
import { json } from '../answers/answer.ts';
import { NoInput } from '../requests.ts';
import { type Route, route } from '../route.ts';

export const bfdRoutes: readonly Route[] = [
  route({
    method: 'GET',
    url: '/api/v1/bfd',
    summary: 'BFD sessions, one for each peer that uses BFD, and the brake',
    tag: 'peers',
    params: NoInput,
    query: NoInput,
    body: NoInput,
    answer: BfdListSchema,
    handle: ({ queries }) => json({ ...queries.bfd(), rib_version: queries.status().rib.version }),
  }),
];
