import { NoInput, RunningConfig } from '../requests.ts';
import { json, type Route, route } from '../route.ts';

export const configRoutes: readonly Route[] = [
  route({
    method: 'GET',
    url: '/api/v1/config',
    summary: 'The running configuration with its secrets masked',
    tag: 'configuration',
    params: NoInput,
    query: NoInput,
    body: NoInput,
    answer: RunningConfig,
    handle: ({ queries }) => json(queries.config()),
  }),
];
