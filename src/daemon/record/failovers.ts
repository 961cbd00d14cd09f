import type { FailoverView } from '#api/failover.ts';
import { type Clock, timestamp } from '#clock.ts';
import type { EventBus } from '../event-bus.ts';
import type { KnownCause } from './causes.ts';

/** How long after a change its arrival is looked for: 1, 2, 4 … 100 ms after each other. */
const firstLookMs = 1;
const longestLookMs = 100;
const givenUpAfterMs = 10_000;

/** What is written to a router, and what its kernel has acknowledged of that; bytes of one connection. */
export interface RouterProgress {
  readonly name: string;
  readonly writtenBytes: () => number;
  /** `undefined` once the connection is gone. */
  readonly acknowledgedBytes: () => number | undefined;
}

/** An address that has moved; `to` absent: no peer serves it, `from` absent: none did. */
export interface Move {
  readonly prefix: string;
  readonly service: string;
  readonly from?: string;
  readonly to?: string;
}

/** A move whose advertisement is under way. */
export interface OpenFailover {
  readonly cause: KnownCause;
  readonly view: Omit<FailoverView, 'last_written_ms' | 'received_ms' | 'routers'>;
}

interface FailoversParts {
  readonly clock: Clock;
  readonly events: Pick<EventBus, 'emit' | 'takeId'>;
  /** The routers that are sent routes now. */
  readonly routers: () => readonly RouterProgress[];
  /** How many addresses that a cause has touched kept their best path. */
  readonly stayed: (causeId: string) => number;
}

interface Tally {
  readonly cause: KnownCause;
  readonly prefixes: Set<string>;
  moved: number;
  dark: number;
  open: number;
}

/** A router and the bytes at which it has all that was written when the change had been advertised. */
interface Awaited {
  readonly router: RouterProgress;
  readonly bytes: number;
}

/**
 * Follows each address that moves from its cause until the kernels of all routers have acknowledged what was
 * written for it, and then tells it as one event; and one more for each cause, when all of its addresses are told.
 * An acknowledged change lies in the kernel of a router: it says nothing of its tables, and comes up to 40 ms late
 * where acknowledgements are delayed.
 */
export class Failovers {
  private readonly parts: FailoversParts;
  private readonly tallies = new Map<string, Tally>();
  private readonly darkSinceMs = new Map<string, number>();

  constructor(parts: FailoversParts) {
    this.parts = parts;
  }

  /** The best path has been decided, now. */
  moved(move: Move, cause: KnownCause): OpenFailover {
    const { clock, events } = this.parts;
    const now = clock.monotonic();
    const { silentMs, kernelHeardMs } = cause;
    const darkMs = this.darkMs(move, now);
    this.count(move, cause);
    const view = {
      id: events.takeId(),
      at: timestamp(cause.atWallMs),
      ...move,
      cause: cause.cause,
      cause_id: cause.id,
      ...(silentMs !== undefined && {
        suspected_at: timestamp(cause.atWallMs - silentMs),
        silent_ms: silentMs,
      }),
      ...(kernelHeardMs !== undefined && { kernel_heard_ms: kernelHeardMs }),
      decided_ms: now - cause.atMs,
      ...(darkMs !== undefined && { dark_ms: darkMs }),
    };
    return { cause, view };
  }

  /** These have been written to every router that is to have them, now. */
  written(open: readonly OpenFailover[]): void {
    if (open.length === 0) return;
    const { clock, routers } = this.parts;
    const writtenMs = clock.monotonic();
    const awaited = routers().map((router) => ({ router, bytes: router.writtenBytes() }));
    const look = (afterMs: number): void => {
      const waiting = awaited.filter(({ router, bytes }) => !hasReceived(router, bytes));
      const now = clock.monotonic();
      if (waiting.length === 0 || now - writtenMs >= givenUpAfterMs) {
        return this.tell(open, { writtenMs, receivedMs: now, awaited, waiting });
      }
      clock.after(afterMs, () => look(Math.min(afterMs * 2, longestLookMs)));
    };
    // Not in this turn: what was written leaves first.
    if (awaited.length === 0) look(firstLookMs);
    else clock.after(firstLookMs, () => look(firstLookMs * 2));
  }

  private tell(
    open: readonly OpenFailover[],
    end: {
      readonly writtenMs: number;
      readonly receivedMs: number;
      readonly awaited: readonly Awaited[];
      readonly waiting: readonly Awaited[];
    },
  ): void {
    const { awaited, waiting } = end;
    for (const { cause, view } of open) {
      const lastWrittenMs = end.writtenMs - cause.atMs;
      const isReceived = waiting.length === 0 && awaited.length > 0;
      const failover: FailoverView = {
        ...view,
        ...(awaited.length > 0 && { last_written_ms: lastWrittenMs }),
        ...(isReceived && { received_ms: end.receivedMs - cause.atMs }),
        routers: {
          written: awaited.length,
          received: awaited.length - waiting.length,
          waiting: waiting.map(({ router }) => router.name),
        },
      };
      const { prefix, service, cause_id } = failover;
      this.parts.events.emit({
        event: 'failover',
        prefix,
        ...(service !== undefined && { service }),
        ...peerOf(cause),
        cause: cause.cause,
        cause_id,
        failover,
      });
    }
    const byCause = Map.groupBy(open, ({ cause }) => cause.id);
    for (const [id, told] of byCause) this.sumUp(id, told.length);
  }

  private count({ prefix, to }: Move, cause: KnownCause): void {
    const tally = this.tallies.get(cause.id) ?? {
      cause,
      prefixes: new Set(),
      moved: 0,
      dark: 0,
      open: 0,
    };
    this.tallies.set(cause.id, tally);
    tally.prefixes.add(prefix);
    tally.open++;
    if (to === undefined) tally.dark++;
    else tally.moved++;
  }

  /** Once all that moved because of a cause has been told. */
  private sumUp(id: string, told: number): void {
    const tally = this.tallies.get(id);
    if (tally === undefined) return;
    tally.open -= told;
    if (tally.open > 0) return;
    this.tallies.delete(id);
    const { cause, prefixes, moved, dark } = tally;
    const stayed = this.parts.stayed(id);
    this.parts.events.emit({
      event: 'failover',
      ...peerOf(cause),
      cause: cause.cause,
      cause_id: id,
      summary: {
        cause_id: id,
        cause: cause.cause,
        at: timestamp(cause.atWallMs),
        addresses: prefixes.size + stayed,
        moved,
        stayed,
        dark,
        prefixes: [...prefixes],
      },
    });
  }

  /** How long the address was without any path, where that ends now. */
  private darkMs({ prefix, to }: Move, now: number): number | undefined {
    const since = this.darkSinceMs.get(prefix);
    if (to === undefined) this.darkSinceMs.set(prefix, since ?? now);
    else this.darkSinceMs.delete(prefix);
    return to === undefined || since === undefined ? undefined : now - since;
  }
}

/** A router whose connection is gone has nothing to receive any more. */
function hasReceived({ acknowledgedBytes }: RouterProgress, bytes: number): boolean {
  return (acknowledgedBytes() ?? Infinity) >= bytes;
}

function peerOf({ cause: { peer } }: KnownCause): { readonly peer?: string } {
  return peer === undefined ? {} : { peer };
}
