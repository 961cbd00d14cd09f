import { type RouteServerName, routeServers } from './plan.ts';
import type { RunningLab } from './running-lab.ts';

/**
 * Returns when the update of each route server about the prefix had arrived at all five routers, in seconds after
 * `sinceMs`, according to the routers' own logs. A route server whose update has not reached all of them is left out.
 */
export function arrivals(
  lab: RunningLab,
  prefix: string,
  sinceMs: number,
): Map<RouteServerName, number> {
  const logs = lab.routers.map(({ bird }) => bird.log());
  const found = new Map<RouteServerName, number>();
  for (const { name } of routeServers) {
    const first = logs.map((log) => firstWord(log, name, prefix, sinceMs));
    const last = Math.max(...first);
    if (Number.isFinite(last)) found.set(name, (last - sinceMs) / 1000);
  }
  return found;
}

/** Infinity if there is none. */
function firstWord(log: string, routeServer: string, prefix: string, sinceMs: number): number {
  const line =
    /^(\S+ \S+) <TRACE> (\w+)\.ipv6 > (?:added|updated|replaced|removed) .*?(\S+\/\d+)/gm;
  for (const [, at, protocol, about] of log.matchAll(line)) {
    const atMs = Date.parse(at);
    if (protocol === routeServer && about === prefix && atMs >= sinceMs) return atMs;
  }
  return Infinity;
}
