import type {
  ServiceCounts,
  ServiceRows,
  ServiceRowsRequest,
  ServiceView,
} from '#api/views/service.ts';
import { serviceStates } from '#services/audit.ts';

/** Picks the rows out of whole services, in the plainest way. */
export function serviceRows(
  services: readonly ServiceView[],
  { service, state, from, limit }: ServiceRowsRequest,
): ServiceRows {
  const all = services.flatMap(({ name, addresses }) =>
    addresses.map((address) => ({ ...address, service: name })),
  );
  const rows = serviceStates
    .flatMap((one) => all.filter((row) => row.state === one))
    .filter((row) => row.service === (service ?? row.service))
    .filter((row) => row.state === (state ?? row.state));
  return {
    services: services.map((one) => ({ name: one.name, counts: countsOf(one) })),
    rows: rows.slice(from, from + limit),
  };
}

function countsOf({ addresses }: ServiceView): ServiceCounts['counts'] {
  const count = (one: string): number => addresses.filter((row) => row.state === one).length;
  return {
    absent: count('absent'),
    only_down_paths: count('only_down_paths'),
    no_backup: count('no_backup'),
    degraded: count('degraded'),
    tie: count('tie'),
    unexpected_node: count('unexpected_node'),
    ok: count('ok'),
  };
}
