import { isBefore } from '#api/events/events.ts';
import type { FailoverView } from '#api/events/failover.ts';

/** A time of which nothing is known, because no daemon ran or nothing older is kept; unix ms. */
export interface Gap {
  readonly fromMs: number;
  readonly toMs: number;
}

/** The part of the history that is drawn; unix ms. */
export interface Window {
  readonly fromMs: number;
  readonly toMs: number;
}

/** A time during which one peer served an address, or none did, or it is not known. */
export interface Span extends Window {
  readonly kind: 'served' | 'dark' | 'unknown';
  /** The peer that served. */
  readonly peer?: string;
  /** The failover that it began with, if that is in the window. */
  readonly failover?: FailoverView;
}

/** What is known without failovers about who serves an address. */
interface Now {
  /** The peer that serves the address at the end of the window; absent: none does. */
  readonly peer?: string;
  /** Whether the window ends now; for an earlier end only failovers tell who served. */
  readonly isNow: boolean;
}

/**
 * Returns who served an address when, without holes, from its failovers (in any order) and the gaps (in order). Between
 * gaps the first failover says who served before it.
 */
export function spansOf(
  window: Window,
  failovers: readonly FailoverView[],
  gaps: readonly Gap[],
  now: Now,
): Span[] {
  const runs = runsOf(window, gaps);
  return [
    ...gaps.flatMap((gap): Span[] => cut({ kind: 'unknown', ...gap }, window)),
    ...runs.flatMap((run) => spansOfRun(run, failovers, now.isNow && run === runs.at(-1), now)),
  ].toSorted((a, b) => a.fromMs - b.fromMs);
}

/**
 * Returns the window from where the record begins in it, but at least its last `leastMs`: of a daemon that has just
 * been started there is nothing else to draw.
 */
export function fromFirstRecord(window: Window, gaps: readonly Gap[], leastMs: number): Window {
  const leading = gaps.find(({ fromMs, toMs }) => fromMs <= window.fromMs && toMs > window.fromMs);
  if (leading === undefined) return window;
  return { ...window, fromMs: Math.min(leading.toMs, window.toMs - leastMs) };
}

/** Returns the times between the gaps. */
function runsOf(window: Window, gaps: readonly Gap[]): Window[] {
  const starts = [window.fromMs, ...gaps.map(({ toMs }) => toMs)];
  const ends = [...gaps.map(({ fromMs }) => fromMs), window.toMs];
  return starts.flatMap((fromMs, at) => cut({ fromMs, toMs: ends[at] }, window));
}

function spansOfRun(
  run: Window,
  failovers: readonly FailoverView[],
  isLast: boolean,
  { peer }: Now,
): Span[] {
  const own = failovers.filter(({ at }) => isIn(run, Date.parse(at))).toSorted(byDecision);
  const [first] = own;
  if (first === undefined) {
    return isLast ? [{ ...run, ...serverOf(peer) }] : [{ ...run, kind: 'unknown' }];
  }
  const starts = startsOf(own);
  return [
    ...cut({ fromMs: run.fromMs, toMs: starts[0], ...serverOf(first.from) }, run),
    ...own.map((failover, at): Span => ({
      fromMs: starts[at],
      toMs: starts[at + 1] ?? run.toMs,
      ...serverOf(failover.to),
      failover,
    })),
  ];
}

/** Failovers are recorded when they are over, and the first may take longest; their ids tell the order of decision. */
function byDecision(one: FailoverView, other: FailoverView): number {
  return isBefore(one.id, other.id) ? -1 : 1;
}

/** A later decision may have an earlier cause, but the address did not move before the preceding decision. */
function startsOf(failovers: readonly FailoverView[]): number[] {
  let lastMs = -Infinity;
  return failovers.map(({ at }) => (lastMs = Math.max(lastMs, Date.parse(at))));
}

function serverOf(peer: string | undefined): Pick<Span, 'kind' | 'peer'> {
  return peer === undefined ? { kind: 'dark' } : { kind: 'served', peer };
}

function isIn({ fromMs, toMs }: Window, ms: number): boolean {
  return ms >= fromMs && ms <= toMs;
}

/** Returns the part that lies in the window, if any does. */
function cut<Part extends Window>(part: Part, window: Window): Part[] {
  const fromMs = Math.max(part.fromMs, window.fromMs);
  const toMs = Math.min(part.toMs, window.toMs);
  return toMs > fromMs ? [{ ...part, fromMs, toMs }] : [];
}
