import type { PeerId } from '#policy/ids.ts';
import type { Family } from '#wire/constants.ts';
import type { FamilyRib } from './family-rib.ts';
import type { FamilyTables } from './family-tables.ts';
import type { PathChanged, RibEvents, RouteMonitor } from './rib-events.ts';

/** Has a family report to the owner of the RIB what happens to the routes of its peers, apart from their changes. */
export function reportEvents(
  { tables: { family }, adjRibIn, outbound }: FamilyRib,
  events: RibEvents,
  isUp: (client: PeerId, family: Family) => boolean,
): void {
  adjRibIn.limits.onReached = (peer, reached) => events.limitReached?.(peer.id, reached);
  adjRibIn.onBogus = (peer, prefix) => events.prefixIgnored?.(peer.id, prefix);
  adjRibIn.kept.onKept = (peer, ...kept) => events.pathKept?.(peer.id, family, ...kept);
  adjRibIn.onRefused = (peer, ...refusal) => events.routeRefused?.(peer.id, ...refusal);
  outbound.onTooLong = (client, prefix) => {
    if (isUp(client, family)) events.routeTooLong?.(client, prefix);
  };
}

/**
 * Has a family report changes of its routes, to a monitor if there is one; called again when the monitor or the
 * services change. Only a monitor, and addresses of services, are worth a call for each path that changes.
 */
export function reportChanges(
  { tables, adjRibIn }: FamilyRib,
  events: RibEvents,
  monitor: RouteMonitor | undefined,
): void {
  const { locRib, family } = tables;
  const { bestChanged } = events;
  const servicePathChanged = servicePathReport(tables, events);
  if (monitor === undefined) {
    adjRibIn.onReceived = undefined;
    adjRibIn.onGone = undefined;
    locRib.onPathChanged = servicePathChanged;
    locRib.onBestChanged =
      bestChanged && ((prefix, from, to) => bestChanged(family, prefix, from, to));
    return;
  }
  adjRibIn.onReceived = (path) => monitor.received(family, path);
  adjRibIn.onGone = (path) => monitor.gone(family, path);
  locRib.onPathChanged = (prefix, path, was, isGone) => {
    servicePathChanged?.(prefix, path, was, isGone);
    if (!isGone) monitor.accepted(family, path, was);
  };
  locRib.onBestChanged = (prefix, from, to) => {
    events.bestChanged?.(family, prefix, from, to);
    monitor.best(family, prefix, to);
  };
}

function servicePathReport(
  { classes, family }: FamilyTables,
  events: RibEvents,
): PathChanged | undefined {
  if (classes.configured === undefined || events.pathChanged === undefined) return undefined;
  return (prefix, ...change) => {
    if (classes.service(prefix) !== 0) events.pathChanged?.(family, prefix, ...change);
  };
}
