import type { LastServedView } from '#api/views/explain.ts';
import { type Clock, wallTime } from '#clock.ts';
import type { ServiceAddresses } from '../services/service-addresses.ts';

/** Returns who served an address of a service that is dark now; `undefined` if it is not, or was not served before. */
export function lastServed(
  addresses: Pick<ServiceAddresses, 'withText'>,
  clock: Clock,
  prefix: string,
): LastServedView | undefined {
  const { unservedSinceMs, lastAudit } = addresses.withText(prefix) ?? {};
  if (unservedSinceMs === undefined) return undefined;
  const cause = lastAudit?.state === 'absent' ? lastAudit.cause?.cause : undefined;
  return {
    ...(lastAudit?.node !== undefined && { node: lastAudit.node }),
    until: wallTime(clock, unservedSinceMs),
    ...(cause !== undefined && { cause }),
  };
}
