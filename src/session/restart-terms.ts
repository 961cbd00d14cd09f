import { families, type Family } from '#wire/constants.ts';
import type { SessionDown } from './host.ts';
import type { Negotiated } from './negotiate.ts';
import type { GracefulRestartSettings } from './settings.ts';

/**
 * The terms of graceful restart that the two OPENs of a session set (RFC 4724 §3, RFC 8538 §2, RFC 9494 §3).
 */

export type HelperSettings = Extract<GracefulRestartSettings, { readonly kind: 'families' }>;

/** Returns whether both ends treat a NOTIFICATION as the loss of a session that may come back (RFC 8538 §2). */
function keepsOnNotification({ gracefulRestart, sentOpen }: Negotiated): boolean {
  if (gracefulRestart?.notification !== true) return false;
  return sentOpen.capabilities.some(
    (capability) => capability.kind === 'gracefulRestart' && capability.notification,
  );
}

/** Returns whether only a Hard Reset makes the peer remove our routes (RFC 8538 §3). */
export function needsHardReset(negotiated: Negotiated | undefined): boolean {
  if (negotiated === undefined || !keepsOnNotification(negotiated)) return false;
  return [negotiated.sentOpen, negotiated.receivedOpen].some(({ capabilities }) =>
    capabilities.some(
      (capability) => capability.kind === 'gracefulRestart' && capability.families.length > 0,
    ),
  );
}

/** Returns whether the peer keeps our routes if the connection ends without a NOTIFICATION. */
export function isKeptByPeer(negotiated: Negotiated | undefined): boolean {
  if (negotiated?.gracefulRestart === undefined) return false;
  return negotiated.sentOpen.capabilities.some(
    (capability) => capability.kind === 'gracefulRestart' && capability.families.length > 0,
  );
}

/** Returns whether a new connection of the peer means that it has restarted (RFC 4724 §5). */
export function isHelpedRestart(
  settings: GracefulRestartSettings,
  negotiated: Negotiated | undefined,
): boolean {
  return isHelper(settings) && (negotiated?.gracefulRestart?.families.length ?? 0) > 0;
}

export function isHelper(settings: GracefulRestartSettings): settings is HelperSettings {
  return settings.kind === 'families' && settings.helper;
}

/** RFC 4724 §4.2: the connection failed. RFC 8538 §4: any NOTIFICATION counts too, except a Hard Reset. */
export function outlives(negotiated: Negotiated, { kind, code, subcode }: SessionDown): boolean {
  if (code === undefined) return kind === 'tcp_closed';
  const isHardReset = code === 6 && subcode === 9;
  return !isHardReset && keepsOnNotification(negotiated);
}

/** Returns the peer's "Restart Time", at most ours; 0 for a family that it does not list (RFC 9494 §4.2). */
export function restartMsOf(
  family: Family,
  { gracefulRestart }: Negotiated,
  settings: HelperSettings,
): number {
  if (gracefulRestart === undefined || !gracefulRestart.families.some(isOf(family))) return 0;
  return Math.min(gracefulRestart.restartTimeSec, settings.restartTimeSec) * 1000;
}

/** Returns the peer's "Long-lived Stale Time", at most ours. */
export function longLivedMsOf(
  family: Family,
  { gracefulRestart, longLived }: Negotiated,
  settings: HelperSettings,
): number {
  // RFC 9494 §3: without capability 64 this one "MUST be ignored".
  if (gracefulRestart === undefined || longLived === undefined) return 0;
  const staleTimeSec = longLived.families.find(isOf(family))?.staleTimeSec ?? 0;
  return Math.min(staleTimeSec, settings.longLivedSec ?? 0) * 1000;
}

/**
 * Returns the F bit of the new session, from the capability by which the routes are kept (RFC 4724 §4.2, RFC
 * 9494 §4.2).
 */
export function isForwarding(
  family: Family,
  isLongLived: boolean,
  negotiated: Negotiated,
): boolean {
  const { gracefulRestart, longLived } = negotiated;
  if (gracefulRestart === undefined || !negotiated.families[family]) return false;
  const listed = isLongLived ? longLived?.families : gracefulRestart.families;
  return listed?.find(isOf(family))?.forwarding === true;
}

interface AfiSafi {
  readonly afi: number;
  readonly safi: number;
}

function isOf(family: Family): (entry: AfiSafi) => boolean {
  const { afi, safi } = families[family];
  return (entry) => entry.afi === afi && entry.safi === safi;
}
