import type { StaleEvent } from '#session/host.ts';

/** Returns the log message; `undefined` if there is nothing to report. */
export function staleText(
  routes: number,
  family: string,
  event: StaleEvent | 'kept',
): string | undefined {
  if (routes === 0) return undefined;
  switch (event) {
    case 'kept':
      return `${routes} ${family} routes are kept as stale while the peer may be restarting (graceful restart)`;
    case 'long_lived':
      return `${routes} ${family} routes are now long-lived stale: the peer has not come back within the restart time`;
    case 'over':
      return `${routes} ${family} stale routes have been removed: the peer did not announce them again`;
    default:
      return event satisfies never;
  }
}
