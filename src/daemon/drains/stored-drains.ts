import type { By } from '#api/by.ts';
import { domainNames } from '#api/names.ts';
import type { Clock } from '#clock.ts';
import type { Config } from '#config/config.ts';
import { DurableFile } from '#history/durable-file.ts';
import type { DrainTarget } from '#services/drain.ts';

/** A drain as the daemon uses it. */
export interface Drain {
  readonly id: string;
  readonly target: DrainTarget;
  readonly sinceWallMs: number;
  /** By the monotonic clock of this process; absent: until an operator ends it. */
  readonly endsAtMs?: number;
  readonly comment?: string;
  readonly by: By;
  /** It was deliberately not saved. */
  readonly isVolatile: boolean;
}

/** How time passes while the daemon is not running. */
export interface BootTime {
  /** Absent if the system does not provide it. */
  readonly id: string | undefined;
  /** CLOCK_MONOTONIC in milliseconds. */
  nowMs(): number;
}

/** A drain in the file: its end by three clocks, because any of them may jump while the daemon is not running. */
interface StoredDrain {
  readonly id: string;
  readonly target: DrainTarget;
  readonly since_ms: number;
  readonly comment?: string;
  readonly by: By;
  readonly end?: StoredEnd;
}

interface StoredEnd {
  readonly until_ms: number;
  /** At the time of writing. */
  readonly remaining_ms: number;
  readonly boot_id?: string;
  readonly monotonic_ms: number;
}

/** What is stored: the drains, and the number of the last one that was begun. */
export interface DrainState {
  readonly drains: readonly Drain[];
  readonly lastNumber: number;
}

/** Returns the file of the drains; `undefined` without `state_dir`. */
export function drainsFileOf({ stateDir }: Config): DurableFile | undefined {
  return stateDir === undefined ? undefined : new DurableFile(stateDir, 'drains.json');
}

/** What goes into the file. */
export function storedDrains(
  { drains, lastNumber }: DrainState,
  clock: Clock,
  boot: BootTime,
): unknown {
  const kept = drains.filter(({ isVolatile }) => !isVolatile);
  const rows = kept.map((drain) => stored(drain, clock, boot));
  return { version: 1, last_number: lastNumber, drains: rows };
}

function stored(drain: Drain, clock: Clock, boot: BootTime): StoredDrain {
  const { id, target, sinceWallMs, comment, by, endsAtMs } = drain;
  const end = endsAtMs === undefined ? undefined : storedEnd(endsAtMs, clock, boot);
  return {
    id,
    target,
    since_ms: sinceWallMs,
    ...(comment !== undefined && { comment }),
    by,
    ...(end !== undefined && { end }),
  };
}

function storedEnd(endsAtMs: number, clock: Clock, boot: BootTime): StoredEnd {
  const leftMs = endsAtMs - clock.monotonic();
  return {
    until_ms: clock.wall() + leftMs,
    remaining_ms: leftMs,
    ...(boot.id !== undefined && { boot_id: boot.id }),
    monotonic_ms: boot.nowMs() + leftMs,
  };
}

/** Returns the content of the file; `undefined` if it is not what `storedDrains` writes. */
export function readDrains(value: unknown, clock: Clock, boot: BootTime): DrainState | undefined {
  if (!isRecord(value) || value.version !== 1 || !Array.isArray(value.drains)) return undefined;
  const rows: readonly unknown[] = value.drains;
  const { last_number: lastNumber } = value;
  if (typeof lastNumber !== 'number' || !rows.every(isStored)) return undefined;
  return { drains: rows.map((row) => restored(row, clock, boot)), lastNumber };
}

function restored(
  { end, since_ms: sinceWallMs, ...row }: StoredDrain,
  clock: Clock,
  boot: BootTime,
): Drain {
  const left = end === undefined ? undefined : remainingMs(end, clock, boot);
  return {
    ...row,
    sinceWallMs,
    isVolatile: false,
    ...(left !== undefined && { endsAtMs: clock.monotonic() + left }),
  };
}

/**
 * In the same boot the monotonic clock counts, which no one sets. After a reboot the wall clock counts, but never more
 * than was left when it was written: a clock that was set back must not make a drain longer.
 */
function remainingMs(end: StoredEnd, clock: Clock, boot: BootTime): number {
  if (boot.id !== undefined && end.boot_id === boot.id) return end.monotonic_ms - boot.nowMs();
  return Math.min(end.until_ms - clock.wall(), end.remaining_ms);
}

function isStored(value: unknown): value is StoredDrain {
  return (
    isRecord(value) &&
    typeof value.id === 'string' &&
    typeof value.since_ms === 'number' &&
    isTarget(value.target) &&
    isRecord(value.by) &&
    (value.comment === undefined || typeof value.comment === 'string') &&
    (value.end === undefined || isEnd(value.end))
  );
}

function isTarget(value: unknown): value is DrainTarget {
  return (
    isRecord(value) &&
    typeof value.name === 'string' &&
    domainNames.some((kind) => kind === value.kind)
  );
}

function isEnd(value: unknown): value is StoredEnd {
  return (
    isRecord(value) &&
    [value.until_ms, value.remaining_ms, value.monotonic_ms].every((it) => Number.isFinite(it)) &&
    (value.boot_id === undefined || typeof value.boot_id === 'string')
  );
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}
