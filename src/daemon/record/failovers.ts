import type { FailoverView } from '#api/events/failover.ts';
import { type FailoverStage, failoverStages } from '#api/names.ts';
import type { MetricsView } from '#api/views/metrics.ts';
import { type Cancel, type Clock, timestamp } from '#clock.ts';
import type { EventBus } from '../event-bus.ts';
import { Histogram } from '../histogram.ts';
import type { KnownCause } from './causes.ts';
import { HandedOver, type Portion, type RouterProgress } from './handed-over.ts';

/** How long after a change its arrival is checked: after 1, 2, 4 … 100 ms. */
const firstLookMs = 1;
const longestLookMs = 100;
const givenUpAfterMs = 10_000;
/**
 * How many comparisons (addresses times siblings) one check makes; if there are more, nothing is said about siblings.
 */
const mostCompared = 500;
/** Seconds. */
const stageBounds = [
  0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 90, 180,
];

/** An address that has moved. Without `to` no peer serves it; without `from` no peer did. */
export interface Move {
  readonly prefix: string;
  readonly service: string;
  readonly from?: string;
  readonly to?: string;
}

/** A move whose advertisement is in progress. */
export interface OpenFailover {
  readonly cause: KnownCause;
  /** The slice of work before which no router can have been sent it. */
  sinceSlice: number;
  readonly view: Omit<
    FailoverView,
    'first_written_ms' | 'last_written_ms' | 'received_ms' | 'routers' | 'siblings'
  >;
}

/** What the other route servers have, if they are observed. */
export interface Siblings {
  /** Returns those of which everything is known. */
  heard(): readonly string[];
  agrees(sibling: string, prefix: string): boolean;
}

interface FailoversParts {
  readonly clock: Clock;
  readonly events: Pick<EventBus, 'emit' | 'takeId'>;
  /** The routers that are sent routes now. */
  readonly routers: () => readonly RouterProgress[];
  /** Returns how many addresses that a cause has affected kept their best path. */
  readonly stayed: (causeId: string) => number;
  readonly siblings: Siblings;
}

/** What has been emitted for a cause, and how many addresses are still to come. */
interface Tally {
  readonly cause: KnownCause;
  readonly prefixes: Set<string>;
  moved: number;
  dark: number;
  open: number;
}

/** A router that is to have the change. */
interface Awaited {
  readonly router: RouterProgress;
  /** What was handed over for it until the change had been advertised to all that are not behind. */
  readonly portions: readonly Portion[];
  /** The bytes at which it has all of the change; absent while it is behind and has not been sent it. */
  bytes?: number;
  /** When our kernel had accepted them, once that is known. */
  sentMs?: number | undefined;
}

/** Times are by the monotonic clock. */
interface Advertised {
  /** When it was handed over to be written. */
  readonly writtenMs: number;
  readonly awaited: readonly Awaited[];
  waiting: readonly Awaited[];
  /** When nothing was waited for any more. */
  receivedMs?: number;
  readonly agreements: readonly Agreement[];
}

/** Addresses whose advertisement is followed together. */
interface Followed {
  readonly open: readonly OpenFailover[];
  readonly advertised: Advertised;
  nextMs: number;
  cancel: Cancel | undefined;
}

interface Agreement {
  readonly prefix: string;
  readonly sibling: string;
  agreedMs?: number;
}

/**
 * Follows each address that moves, from its cause until the kernels of all routers have acknowledged what was written
 * for it and the observed siblings have moved it too, and then emits one event. It emits one more event for each cause
 * when those of all its addresses have been emitted. An acknowledged change is in the kernel of a router: that says
 * nothing about its tables, and comes up to 40 ms late where acknowledgements are delayed.
 */
export class Failovers {
  private readonly parts: FailoversParts;
  private readonly tallies = new Map<string, Tally>();
  private readonly darkSinceMs = new Map<string, number>();
  private readonly handedOver = new HandedOver();
  private readonly followed = new Set<Followed>();
  private readonly stages = new Map(
    failoverStages.map((stage) => [stage, new Histogram(stageBounds)]),
  );

  constructor(parts: FailoversParts) {
    this.parts = parts;
  }

  /** To be called when the best path has just been decided. */
  moved(move: Move, cause: KnownCause): OpenFailover {
    const { clock, events } = this.parts;
    const now = clock.monotonic();
    const { silentMs, kernelHeardMs } = cause;
    const darkMs = this.darkMs(move, now);
    this.count(cause);
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
    return { cause, sinceSlice: this.handedOver.slice, view };
  }

  /** In the slice of work that is about to be over no router was sent it; to be called before `written`. */
  unsent(open: OpenFailover): void {
    const { slice } = this.handedOver;
    // Where a slice passed without such a word, it may have been sent in that one and have moved again since.
    if (open.sinceSlice === slice) open.sinceSlice = slice + 1;
  }

  /**
   * A slice of work is over; these have been handed over to be written to every router that is to have them and is
   * not behind. `isMore`: others are still to be handed over.
   */
  written(open: readonly OpenFailover[], isMore: boolean): void {
    const { handedOver } = this;
    const served = this.parts.routers();
    handedOver.sliceEnded(served);
    if (open.length > 0) this.follow(open, served);
    if (!isMore) handedOver.forget();
  }

  private follow(open: readonly OpenFailover[], routers: readonly RouterProgress[]): void {
    const { clock } = this.parts;
    const awaited = routers.map((router) => this.awaited(router));
    const advertised: Advertised = {
      writtenMs: clock.monotonic(),
      awaited,
      waiting: awaited,
      agreements: this.agreementsOn(open),
    };
    // Not in this turn, so that what was written leaves first.
    if (awaited.length === 0 && advertised.agreements.length === 0) this.tell(open, advertised);
    else this.lookLater({ open, advertised, nextMs: firstLookMs, cancel: undefined });
  }

  /**
   * Emits what is known of all that have been advertised. To be called before the sessions are ended: afterwards it could
   * not be told any more what the routers have received. An address that has not been advertised is forgotten.
   */
  stop(): void {
    for (const followed of this.followed) {
      followed.cancel?.();
      this.look(followed);
      this.tell(followed.open, followed.advertised);
    }
    this.followed.clear();
    for (const [id, { prefixes }] of this.tallies) if (prefixes.size > 0) this.sumUp(id);
    this.tallies.clear();
  }

  private lookLater(followed: Followed): void {
    const { clock } = this.parts;
    const { open, advertised, nextMs } = followed;
    this.followed.add(followed);
    followed.nextMs = Math.min(nextMs * 2, longestLookMs);
    followed.cancel = clock.after(nextMs, () => {
      const isTimeOver = clock.monotonic() - advertised.writtenMs >= givenUpAfterMs;
      if (!this.look(followed) && !isTimeOver) return this.lookLater(followed);
      this.followed.delete(followed);
      this.tell(open, advertised);
    });
  }

  /** What a router that is behind has been handed is something else. */
  private awaited(router: RouterProgress): Awaited {
    if (router.isBehind()) return { router, portions: [] };
    return { router, portions: this.handedOver.to(router), bytes: router.writtenBytes() };
  }

  stageViews(): MetricsView['failover_stage_seconds'] {
    return [...this.stages].map(([stage, histogram]) => ({ stage, histogram: histogram.view() }));
  }

  private agreementsOn(open: readonly OpenFailover[]): Agreement[] {
    const siblings = this.parts.siblings.heard();
    if (open.length * siblings.length > mostCompared) return [];
    return open.flatMap(({ view: { prefix } }) =>
      siblings.map((sibling): Agreement => ({ prefix, sibling })),
    );
  }

  /** Returns whether nothing is waited for any more. */
  private look({ advertised }: Followed): boolean {
    const { clock, siblings } = this.parts;
    const now = clock.monotonic();
    for (const each of advertised.awaited) lookAt(each);
    advertised.waiting = advertised.waiting.filter((each) => !hasReceived(each));
    if (advertised.waiting.length === 0) advertised.receivedMs ??= now;
    const late = advertised.agreements.filter(({ agreedMs }) => agreedMs === undefined);
    for (const one of late) if (siblings.agrees(one.sibling, one.prefix)) one.agreedMs = now;
    return advertised.waiting.length === 0 && late.every(({ agreedMs }) => agreedMs !== undefined);
  }

  private tell(open: readonly OpenFailover[], advertised: Advertised): void {
    for (const one of open) {
      const { cause } = one;
      const failover = wholeView(one, advertised);
      this.observe(failover);
      const { prefix, service, cause_id } = failover;
      this.countTold(failover);
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
    for (const { cause } of open) if (this.tallies.get(cause.id)?.open === 0) this.sumUp(cause.id);
  }

  private observe(failover: FailoverView): void {
    const times: Readonly<Record<FailoverStage, number | undefined>> = {
      silent: failover.silent_ms,
      decided: failover.decided_ms,
      sent: failover.last_written_ms,
      acked: failover.received_ms,
    };
    for (const [stage, histogram] of this.stages) {
      const ms = times[stage];
      if (ms !== undefined) histogram.observe(ms / 1000);
    }
  }

  private count(cause: KnownCause): void {
    const tally = this.tallies.get(cause.id) ?? {
      cause,
      prefixes: new Set(),
      moved: 0,
      dark: 0,
      open: 0,
    };
    this.tallies.set(cause.id, tally);
    tally.open++;
  }

  private countTold({ cause_id: id, prefix, to }: FailoverView): void {
    const tally = this.tallies.get(id);
    if (tally === undefined) return;
    tally.open--;
    tally.prefixes.add(prefix);
    if (to === undefined) tally.dark++;
    else tally.moved++;
  }

  /** To be called once the events of everything that moved because of a cause have been emitted. */
  private sumUp(id: string): void {
    const tally = this.tallies.get(id);
    if (tally === undefined) return;
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

  /** Returns how long the address was without any path, if that ends now. */
  private darkMs({ prefix, to }: Move, now: number): number | undefined {
    const since = this.darkSinceMs.get(prefix);
    if (to === undefined) this.darkSinceMs.set(prefix, since ?? now);
    else this.darkSinceMs.delete(prefix);
    return to === undefined || since === undefined ? undefined : now - since;
  }
}

function wholeView(open: OpenFailover, advertised: Advertised): FailoverView {
  const { cause, view } = open;
  const { awaited, waiting, receivedMs, agreements } = advertised;
  const siblings = agreements
    .filter(({ prefix }) => prefix === view.prefix)
    .map(({ sibling: name, agreedMs }) => ({
      name,
      ...(agreedMs !== undefined && { agreed_ms: agreedMs - cause.atMs }),
    }));
  const isSent = awaited.length > 0;
  return {
    ...view,
    ...(isSent && writtenTimes(open, advertised)),
    ...(isSent && receivedMs !== undefined && { received_ms: receivedMs - cause.atMs }),
    routers: {
      written: awaited.length,
      received: awaited.length - waiting.length,
      waiting: waiting.map(({ router }) => router.name),
    },
    ...(siblings.length > 0 && { siblings }),
  };
}

/**
 * When the sockets of the first and the last router took it, as far as they had it after the decision. Where the
 * change may have been in one of several portions for a router, the first is not known.
 */
function writtenTimes(
  { cause, sinceSlice, view }: OpenFailover,
  { awaited, writtenMs }: Advertised,
): Pick<FailoverView, 'first_written_ms' | 'last_written_ms'> {
  const decidedMs = cause.atMs + view.decided_ms;
  const isAfter = (ms: number | undefined): ms is number => ms !== undefined && ms >= decidedMs;
  const last = awaited.map(({ sentMs }) => sentMs).filter(isAfter);
  if (last.length === 0) return { last_written_ms: writtenMs - cause.atMs };
  const first = awaited.map(({ portions }) =>
    portions
      .filter(({ slice }) => slice >= sinceSlice)
      .map(({ sentMs }) => sentMs)
      .filter(isAfter),
  );
  const isKnown =
    first.every(({ length }) => length <= 1) && first.some(({ length }) => length > 0);
  return {
    ...(isKnown && { first_written_ms: Math.min(...first.flat()) - cause.atMs }),
    last_written_ms: Math.max(...last) - cause.atMs,
  };
}

/** A router that was behind has been sent the change once it is not behind any more. */
function lookAt(awaited: Awaited): void {
  const { router, portions } = awaited;
  if (awaited.bytes === undefined && !router.isBehind()) awaited.bytes = router.writtenBytes();
  if (awaited.bytes !== undefined) awaited.sentMs ??= router.sentAtMs(awaited.bytes);
  for (const portion of portions) portion.sentMs ??= router.sentAtMs(portion.bytes);
}

/** A router whose connection is gone has nothing more to receive. */
function hasReceived({ router, bytes = Infinity }: Awaited): boolean {
  return (router.acknowledgedBytes() ?? Infinity) >= bytes;
}

function peerOf({ cause: { peer } }: KnownCause): { readonly peer?: string } {
  return peer === undefined ? {} : { peer };
}
