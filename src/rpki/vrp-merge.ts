import { RtrError, RtrErrorCode, type Vrp } from './pdu.ts';
import { sortRows } from './sort-rows.ts';
import { VrpColumns } from './vrp-columns.ts';

const rowsPerStep = 4096;

/**
 * Applies changes to `base`; both are in the order of `VrpColumns.compare`, and `base` is not modified. Several changes
 * to one VRP are applied in the order in which they came. Throws an RtrError if a VRP is announced that exists, or
 * withdrawn that does not (RFC 8210 §5.6); `describe` names it.
 */
export function* mergeVrps(
  base: VrpColumns,
  changes: VrpColumns,
  describe: (vrp: Vrp) => string,
): Generator<void, VrpColumns> {
  const sorted = yield* sortRows(changes);
  const merged = new VrpColumns(base.family, base.count + sorted.count);
  let old = 0;
  let steps = 0;
  for (let at = 0; at < sorted.count;) {
    while (old < base.count && base.compare(old, sorted, at) < 0) {
      merged.copy(base, old++);
      if (++steps % rowsPerStep === 0) yield;
    }
    const wasThere = old < base.count && base.compare(old, sorted, at) === 0;
    if (wasThere) old++;
    const next = endOfEqual(sorted, at);
    if (isThereAfter(wasThere, sorted, at, next, describe)) merged.copy(sorted, at);
    at = next;
    if (++steps % rowsPerStep === 0) yield;
  }
  for (; old < base.count; old++) {
    merged.copy(base, old);
    if (++steps % rowsPerStep === 0) yield;
  }
  merged.trim();
  return merged;
}

function endOfEqual(sorted: VrpColumns, start: number): number {
  let end = start + 1;
  while (end < sorted.count && sorted.compare(start, sorted, end) === 0) end++;
  return end;
}

function isThereAfter(
  wasThere: boolean,
  sorted: VrpColumns,
  start: number,
  end: number,
  describe: (vrp: Vrp) => string,
): boolean {
  let isThere = wasThere;
  for (let row = start; row < end; row++) {
    const isAnnounced = sorted.announced[row] === 1;
    if (isAnnounced === isThere) throw contradiction(isAnnounced, describe(sorted.vrp(row)));
    isThere = isAnnounced;
  }
  return isThere;
}

function contradiction(isAnnounced: boolean, vrp: string): RtrError {
  return isAnnounced
    ? new RtrError(RtrErrorCode.duplicateAnnouncement, `${vrp} is announced twice`)
    : new RtrError(RtrErrorCode.withdrawalOfUnknown, `${vrp} is withdrawn and was not announced`);
}

/** Yields the rows that only one of the two has, in order. */
export function* differingVrps(before: VrpColumns, after: VrpColumns): Generator<void, VrpColumns> {
  const differing = new VrpColumns(before.family);
  let old = 0;
  let young = 0;
  for (let steps = 1; old < before.count || young < after.count; steps++) {
    const order = orderOf(before, old, after, young);
    if (order < 0) differing.copy(before, old, false);
    if (order > 0) differing.copy(after, young);
    if (order <= 0) old++;
    if (order >= 0) young++;
    if (steps % rowsPerStep === 0) yield;
  }
  differing.trim();
  return differing;
}

/** A side that has ended comes after everything. */
function orderOf(before: VrpColumns, old: number, after: VrpColumns, young: number): number {
  if (old === before.count) return 1;
  return young === after.count ? -1 : before.compare(old, after, young);
}
