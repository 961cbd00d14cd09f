import { expect } from 'vitest';

/**
 * How Alice-LG reads a birdwatcher: its types, its time layouts, and what makes it panic or drop a route, as in its
 * pkg/sources/birdwatcher (6.2). Each function throws where Alice-LG would show nothing or something wrong.
 */

/** `servertime_short` and `servertime_ext` of our alice.conf. */
const shortTime = /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/;
/** `servertime`. */
const longTime = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)$/;

type Json = Readonly<Record<string, unknown>>;

/** A missing `api`, `Version` or `result_from_cache` is a panic; an unreadable `ttl` an error. */
function bodyOf(text: string): Json {
  const body: Json = JSON.parse(text);
  const api = body.api as Json;
  expect(typeof api.Version).toBe('string');
  expect(typeof api.result_from_cache).toBe('boolean');
  const { cached_at: cachedAt } = api.cache_status as { cached_at: Json };
  expect(cachedAt.date).toMatch(longTime);
  expect(body.ttl).toMatch(longTime);
  return body;
}

export function readStatus(text: string) {
  const status = bodyOf(text).status as Json;
  for (const key of ['current_server', 'last_reboot', 'last_reconfig']) {
    expect(status[key]).toMatch(shortTime);
  }
  return {
    version: status.version,
    message: status.message,
    serverTime: status.current_server,
    lastReboot: status.last_reboot,
    lastReconfig: status.last_reconfig,
  };
}

/** `up` and `established` within are up; `down`, `start`, `active`, `connect` and `idle` are not; all else is up. */
function isShownUp(state: unknown): boolean {
  const word = String(state).toLowerCase();
  return !['down', 'start', 'active', 'connect', 'idle'].some((part) => word.includes(part));
}

export function readNeighbours(text: string) {
  const { protocols } = bodyOf(text) as { protocols: Readonly<Record<string, Json>> };
  return Object.entries(protocols).map(([id, row]) => {
    // The id goes into URLs as it is.
    expect(new URL(`http://alice/${id}`).pathname).toBe(`/${id}`);
    expect(row.bird_protocol).toBe('BGP');
    expect(row.state_changed).toMatch(shortTime);
    expect(typeof row.neighbor_as).toBe('number');
    for (const key of ['neighbor_address', 'description', 'last_error', 'state', 'table']) {
      expect(typeof row[key]).toBe('string');
    }
    const counts = countsOf(row.routes);
    for (const channel of Object.values(row.channels as Record<string, Json>)) {
      expect(countsOf(channel.routes_count)).toEqual(countsOf(channel.routes));
    }
    return {
      id,
      address: row.neighbor_address,
      isUp: isShownUp(row.state),
      lastError: row.last_error,
      received: counts.imported + counts.filtered,
      accepted: counts.imported,
      ...counts,
    };
  });
}

function countsOf(routes: unknown) {
  const counts = routes as Record<'imported' | 'filtered' | 'exported' | 'preferred', number>;
  for (const key of ['imported', 'filtered', 'exported', 'preferred'] as const) {
    expect(typeof counts[key]).toBe('number');
  }
  return counts;
}

export function readShort(text: string) {
  const { protocols } = bodyOf(text) as { protocols: Readonly<Record<string, Json>> };
  return Object.entries(protocols).map(([id, { state, since }]) => {
    expect(since).toMatch(shortTime);
    return { id, isUp: isShownUp(state) };
  });
}

/** The stream reader reacts to the first "api", "ttl" and "routes" that it meets, in this order. */
export function readRoutes(text: string) {
  expect(text).toMatch(/^\{"api":\{.*?\},"ttl":"[^"]*","routes":\[/);
  const { routes } = bodyOf(text) as { routes: readonly Json[] };
  return routes.map((route) => {
    expect(route.network).toMatch(/^[0-9a-f.:]+\/\d+$/);
    expect(route.age).toMatch(shortTime);
    expect(typeof route.metric).toBe('number');
    expect(typeof route.primary).toBe('boolean');
    for (const key of ['from_protocol', 'gateway', 'learnt_from', 'interface']) {
      expect(typeof route[key]).toBe('string');
    }
    expect(route.gateway).not.toBe('');
    const bgp = route.bgp as Json;
    for (const key of ['local_pref', 'med', 'otc']) {
      expect(['string', 'undefined']).toContain(typeof bgp[key]);
    }
    expect(['IGP', 'EGP', 'Incomplete']).toContain(bgp.origin);
    expect((bgp.as_path as unknown[]).every((asn) => typeof asn === 'string')).toBe(true);
    listOf(bgp.communities, 2, 'number');
    listOf(bgp.ext_communities, 3, 'string');
    return {
      network: route.network,
      neighbour: route.from_protocol,
      gateway: route.gateway,
      nextHop: bgp.next_hop,
      med: bgp.med,
      largeCommunities: listOf(bgp.large_communities, 3, 'number'),
    };
  });
}

/** A number where a text is read is a panic; another length is left out. */
function listOf(rows: unknown, length: number, type: 'number' | 'string'): unknown[][] {
  for (const row of rows as unknown[][]) {
    expect(row).toHaveLength(length);
    expect(row.every((part) => typeof part === type)).toBe(true);
  }
  return rows as unknown[][];
}
