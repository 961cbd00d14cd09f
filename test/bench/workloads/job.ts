import { exchange, type ExchangeSize } from './exchange.ts';
import { failover, type FailoverSize } from './failover.ts';
import { fanOut, type FanOutSize } from './fan-out.ts';
import { fleet, type FleetSize } from './fleet.ts';
import { fullTable, type FullTableSize } from './full-table.ts';
import { requests, type RequestsSize } from './requests.ts';
import { scale, type ScaleSize } from './scale.ts';
import { sessions, type SessionsSize } from './sessions.ts';
import type { Workload } from './workload.ts';

/** A workload and its size, as passed to the process of the load generator. */
export type Job =
  | { readonly workload: 'failover'; readonly size: FailoverSize }
  | { readonly workload: 'fleet'; readonly size: FleetSize }
  | { readonly workload: 'scale'; readonly size: ScaleSize }
  | { readonly workload: 'fullTable'; readonly size: FullTableSize }
  | { readonly workload: 'sessions'; readonly size: SessionsSize }
  | { readonly workload: 'requests'; readonly size: RequestsSize }
  | { readonly workload: 'exchange'; readonly size: ExchangeSize }
  | { readonly workload: 'fanOut'; readonly size: FanOutSize };

export function workloadOf(job: Job): Workload {
  switch (job.workload) {
    case 'failover':
      return failover(job.size);
    case 'fleet':
      return fleet(job.size);
    case 'scale':
      return scale(job.size);
    case 'fullTable':
      return fullTable(job.size);
    case 'sessions':
      return sessions(job.size);
    case 'requests':
      return requests(job.size);
    case 'exchange':
      return exchange(job.size);
    case 'fanOut':
      return fanOut(job.size);
  }
}
