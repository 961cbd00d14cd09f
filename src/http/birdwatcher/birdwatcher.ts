import type { Queries } from '#api/queries.ts';
import { timestamp } from '#clock.ts';
import { json } from '../answers/answer.ts';
import { finished } from '../answers/work.ts';
import type { Context } from '../context.ts';
import { NoInput } from '../requests.ts';
import { type Route, route } from '../route.ts';
import { clockTime, envelope } from './envelope.ts';
import { foreign } from './foreign.ts';
import { protocolKey } from './protocol-key.ts';
import { protocols, shortProtocols } from './protocols.ts';
import { AnyQuery } from './requests.ts';
import { routeListings } from './route-listings.ts';
import { tableNames } from './tables.ts';

/**
 * Routes that answer as birdwatcher does, for an Alice-LG that also reads other route servers: URLs, words and types
 * are those of birdwatcher (github.com/alice-lg/birdwatcher), the state is our own.
 */
export const birdwatcherRoutes: readonly Route[] = [
  answering('/status', ({ queries, clock }) => ({ status: status(queries, clock.wall()) })),
  ...['/protocols', '/protocols/bgp'].map((url) =>
    answering(url, async ({ queries, turns }) => {
      const { peers } = await finished(turns, queries.metrics());
      return { protocols: protocols(peers) };
    }),
  ),
  answering('/protocols/short', async ({ queries, turns }) => ({
    protocols: shortProtocols(await finished(turns, queries.peers())),
  })),
  answering('/symbols', ({ queries }) => ({
    symbols: { 'routing table': tableNames, protocol: protocolKeys(queries) },
  })),
  answering('/symbols/tables', () => ({ symbols: tableNames })),
  answering('/symbols/protocols', ({ queries }) => ({ symbols: protocolKeys(queries) })),
  route({
    ...foreign('/version'),
    params: NoInput,
    query: AnyQuery,
    body: NoInput,
    handle: ({ queries }) => ({
      kind: 'text',
      contentType: 'text/plain; charset=utf-8',
      text: `fingerpost ${queries.status().version}\n`,
    }),
  }),
  ...routeListings,
];

/** A URL without parameters; its answer is an object beside the envelope. */
function answering(url: string, body: (context: Context) => object | Promise<object>): Route {
  return route({
    ...foreign(url),
    params: NoInput,
    query: AnyQuery,
    body: NoInput,
    handle: async (context) => json({ ...envelope(context.clock), ...(await body(context)) }),
  });
}

function status(queries: Queries, wallMs: number): object {
  const { version, router_id: routerId, started_at: startedAt, config } = queries.status();
  return {
    version: `fingerpost ${version}`,
    router_id: routerId,
    current_server: clockTime(timestamp(wallMs)),
    last_reboot: clockTime(startedAt),
    last_reconfig: clockTime(config.loaded_at),
    // The words are BIRD's: without any of them Alice-LG shows the route server as unreachable.
    message: 'Daemon is up and running',
  };
}

function protocolKeys(queries: Queries): string[] {
  return queries.peerNames().map(protocolKey);
}
