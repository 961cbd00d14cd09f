import type { StaleEvent } from '#session/host.ts';

/** For the log; `undefined` where there is nothing to tell. */
export function staleText(
  routes: number,
  family: string,
  event: StaleEvent | 'kept',
): string | undefined {
  if (routes === 0) return undefined;
  switch (event) {
    case 'kept':
      return `${routes} ${family} routes are kept: the peer may come back (graceful restart)`;
    case 'long_lived':
      return `${routes} ${family} routes are the last resort now: the peer has not come back in time`;
    case 'over':
      return `${routes} ${family} routes go: they outlived the session and were not announced again`;
    default:
      return event satisfies never;
  }
}
