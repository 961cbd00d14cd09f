import type { PeerMetricsView } from '#api/views/metrics.ts';
import type { FamilyName } from '#wire/constants.ts';

/** BIRD's "route change stats": updates and withdrawals since the start, of one family or of both. */
export interface ChangeCounts {
  readonly announcedIn: number;
  readonly withdrawnIn: number;
  readonly announcedOut: number;
  readonly withdrawnOut: number;
  /** How many of the announced ones were refused. */
  readonly filtered: number;
}

export function changeCounts(
  { prefix_changes: changes, rejected }: PeerMetricsView,
  only?: FamilyName,
): ChangeCounts {
  const isWanted = ({ family }: { family: FamilyName }) => only === undefined || family === only;
  const sum = (direction: 'in' | 'out', kind: 'announce' | 'withdraw'): number =>
    changes
      .filter((row) => isWanted(row) && row.direction === direction)
      .reduce((total, row) => total + row[kind], 0);
  return {
    announcedIn: sum('in', 'announce'),
    withdrawnIn: sum('in', 'withdraw'),
    announcedOut: sum('out', 'announce'),
    withdrawnOut: sum('out', 'withdraw'),
    filtered: rejected.filter(isWanted).reduce((total, { count }) => total + count, 0),
  };
}
