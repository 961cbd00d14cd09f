import type { RpkiCacheView, RpkiView, VrpView } from '#api/views/rpki.ts';
import { type Clock, wallTime } from '#clock.ts';
import type { RpkiCacheConfig } from '#config/config.ts';
import type { Vrp } from '#rpki/pdu.ts';
import type { RpkiData } from '#rpki/rpki-data.ts';
import type { CacheStatus, RtrClient } from '#rpki/rtr-client.ts';
import { formatPrefix } from '#text/prefix.ts';
import { Family } from '#wire/constants.ts';
import type { DataLosses } from './data-losses.ts';

/** `client` is absent while no cache is configured. */
export function rpkiView(
  data: RpkiData,
  caches: readonly RpkiCacheConfig[],
  client: RtrClient | undefined,
  losses: DataLosses,
  clock: Clock,
): RpkiView {
  const drop = losses.drop(clock.monotonic());
  const head = {
    vrps: {
      ipv4_unicast: data.countOf(Family.ipv4Unicast),
      ipv6_unicast: data.countOf(Family.ipv6Unicast),
    },
    aspas: data.aspaCount,
  };
  if (client === undefined) return { items: [], ...head };
  const { refreshMs, retryMs, expireMs } = client.heldTimers;
  const { expiresAtMs } = client;
  return {
    items: caches.map((cache, index) => cacheView(cache, client.status(index), clock)),
    ...head,
    refresh_s: refreshMs / 1000,
    retry_s: retryMs / 1000,
    expire_s: expireMs / 1000,
    ...(expiresAtMs !== undefined && { expires_at: wallTime(clock, expiresAtMs) }),
    ...(losses.hasExpired && { has_expired: true }),
    ...(drop !== undefined && {
      dropped: { at: wallTime(clock, drop.atMs), before: drop.before, after: data.vrpCount },
    }),
  };
}

function cacheView(
  { name, endpoint, preference }: RpkiCacheConfig,
  { phase, version, isInUse, position, lastEndOfDataMs, lastError }: CacheStatus,
  clock: Clock,
): RpkiCacheView {
  return {
    name,
    address: endpoint.text,
    preference,
    state: phase,
    in_use: isInUse,
    version,
    ...(position !== undefined && { session_id: position.sessionId, serial: position.serial }),
    ...(lastEndOfDataMs !== undefined && { updated_at: wallTime(clock, lastEndOfDataMs) }),
    ...(lastError !== undefined && {
      last_error: { at: wallTime(clock, lastError.atMs), text: lastError.text },
    }),
  };
}

export function vrpView(vrp: Vrp): VrpView {
  return { prefix: formatPrefix(vrp), max_length: vrp.maxLengthBits, asn: vrp.asn };
}

/** Returns `192.0.2.0/24 up to /28 for AS64500`. */
export function vrpText(vrp: Vrp): string {
  const most = vrp.maxLengthBits === vrp.lengthBits ? '' : ` up to /${vrp.maxLengthBits}`;
  return `${formatPrefix(vrp)}${most} for AS${vrp.asn}`;
}
