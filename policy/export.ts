import { wellKnownCommunities } from '#wire/communities.ts';
import type { Family } from '#wire/constants.ts';
import type { PathAttributes } from '#wire/path-attributes.ts';
import { prepend } from './as-path.ts';
import { forbidsExport } from './communities.ts';
import { isLeakOut, markOut } from './otc.ts';
import type { ExportSettings } from './policy.ts';
import type { ExportReason } from './reasons.ts';
import type { Ruled } from './rule-table.ts';

interface Check {
  readonly reason: Exclude<ExportReason, 'sent'>;
  readonly refuses: (route: PathAttributes, settings: ExportSettings) => boolean;
}

/** The fixed checks of an export in their order; they come before the rules. */
const checks: readonly Check[] = [
  { reason: 'no_policy', refuses: (_, { policy }) => policy === 'none' },
  { reason: 'otc_leak', refuses: (route, { role }) => isLeakOut(route, role) },
  {
    reason: 'no_export',
    refuses: (route, { interpretWellKnown }) => interpretWellKnown && forbidsExport(route),
  },
];

/** Returns why no client of the class may have the route, whatever the rules say; `undefined` if they may. */
export function exportRefusal(
  route: PathAttributes,
  settings: ExportSettings,
): Exclude<ExportReason, 'sent'> | undefined {
  for (const { reason, refuses } of checks) if (refuses(route, settings)) return reason;
  return undefined;
}

/**
 * Returns the route as it is sent to the class; `undefined` if there is no next hop for `family`. For a route-server
 * client, path, next hop and MED pass unchanged (RFC 7947 §2.2). For others this is ordinary eBGP (RFC 4271
 * §5.1.2-5.1.4), but what the export rules set is kept. LOCAL_PREF is never sent; it is dropped so that equal routes
 * share one set.
 */
export function outgoing(
  ruled: Ruled,
  family: Family,
  settings: ExportSettings,
): PathAttributes | undefined {
  const marked = markOut(withoutLocalPref(ruled.route), settings.role, settings.localAs);
  const route = settings.isLeaving === true ? withGracefulShutdown(marked) : marked;
  if (settings.rsClient) return route;
  const nextHop = ruled.wroteNextHop ? route.nextHop : settings.selfNextHop[family];
  if (nextHop === undefined) return undefined;
  const kept = ruled.wroteMed ? route : withoutMed(route);
  return { ...kept, nextHop, asPath: prepend(route.asPath, [settings.localAs]) };
}

function withGracefulShutdown(route: PathAttributes): PathAttributes {
  const { communities } = route;
  const { graceful_shutdown: gracefulShutdown } = wellKnownCommunities;
  if (communities.includes(gracefulShutdown)) return route;
  return { ...route, communities: [...communities, gracefulShutdown] };
}

function withoutLocalPref(route: PathAttributes): PathAttributes {
  if (route.localPref === undefined) return route;
  const { localPref: _, ...rest } = route;
  return rest;
}

function withoutMed(route: PathAttributes): PathAttributes {
  const { med: _, ...rest } = route;
  return rest;
}
