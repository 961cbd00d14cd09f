import { NoInput } from '../requests.ts';
import { type Route, route } from '../route.ts';

export const streamRoutes: readonly Route[] = [
  route({
    method: 'GET',
    url: '/api/v1/stream',
    summary:
      'Server-sent events: snapshot, peer, route, service, failover, config, drain, coherence, other, gap',
    tag: 'events',
    params: NoInput,
    query: NoInput,
    body: NoInput,
    handle: ({ stream }, { lastEventId, seesNames }) => ({
      kind: 'events',
      open: () => stream.open(lastEventId, seesNames),
    }),
  }),
];
