import { json, type Route, route } from '../route.ts';
import { NoInput, RunningConfig } from '../requests.ts';

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
