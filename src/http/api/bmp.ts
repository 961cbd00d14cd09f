import { BmpSchema } from '#api/views/bmp.ts';
import { json } from '../answers/answer.ts';
import { NoInput } from '../requests.ts';
import { type Route, route } from '../route.ts';

export const bmpRoutes: readonly Route[] = [
  route({
    method: 'GET',
    url: '/api/v1/bmp',
    summary: 'The BMP collectors: whether they are connected, and what waits for them',
    tag: 'routes',
    params: NoInput,
    query: NoInput,
    body: NoInput,
    answer: BmpSchema,
    handle: ({ queries }) => json({ ...queries.bmp(), rib_version: queries.status().rib.version }),
  }),
];
