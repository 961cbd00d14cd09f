import type { Host } from '../netns.ts';
import { BirdRouteServer } from './bird-route-server.ts';
import { Fingerpost } from './fingerpost.ts';
import type { RouteServer, RouteServerSpec } from './route-server.ts';

/**
 * The make in the route server's place: fingerpost, or BIRD with INTEROP_ROUTE_SERVER=bird, which shows whether an
 * expectation of a test is right.
 */
export const routeServerMake: RouteServer['make'] =
  process.env.INTEROP_ROUTE_SERVER === 'bird' ? 'bird' : 'fingerpost';

export function makeRouteServer(
  make: RouteServer['make'],
  host: Host,
  spec: RouteServerSpec,
): RouteServer {
  return make === 'bird' ? new BirdRouteServer(host, spec) : new Fingerpost(host, spec);
}

/** For what only fingerpost can answer. */
export function asFingerpost(routeServer: RouteServer): Fingerpost {
  if (routeServer instanceof Fingerpost) return routeServer;
  throw new Error('BIRD stands in the place of fingerpost');
}
