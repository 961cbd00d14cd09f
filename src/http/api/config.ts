import { ConfigHistorySchema } from '#api/views/config-history.ts';
import { json } from '../answers/answer.ts';
import { NoInput, RunningConfig } from '../requests.ts';
import { type Route, route } from '../route.ts';

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
  route({
    method: 'GET',
    url: '/api/v1/config/history',
    summary: 'The last ten configurations that ran: when, and by whom they were loaded',
    tag: 'configuration',
    params: NoInput,
    query: NoInput,
    body: NoInput,
    answer: ConfigHistorySchema,
    handle: ({ queries }) => json(queries.configHistory()),
  }),
];
