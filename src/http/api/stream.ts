import { NoInput } from '../requests.ts';
import { type Route, route } from '../route.ts';

export const streamRoutes: readonly Route[] = [
  route({
    method: 'GET',
    url: '/api/v1/stream',
    summary: 'Server-sent events: snapshot, peer, route, config, daemon, gap',
    tag: 'events',
    params: NoInput,
    query: NoInput,
    body: NoInput,
    handle: ({ stream }, { lastEventId }) => ({
      kind: 'events',
      open: () => stream.open(lastEventId),
    }),
  }),
];
