import { beforeEach, describe, expect, it } from 'vitest';
import type { DaemonEvent } from '#api/events/events.ts';
import { failoverText, summaryText } from '#api/events/failover-text.ts';
import type { KnownCause } from '#daemon/record/causes.ts';
import { Failovers } from '#daemon/record/failovers.ts';
import type { RouterProgress } from '#daemon/record/handed-over.ts';
import { ManualClock } from '#support/manual-clock.ts';

/** A router whose kernel acknowledges written bytes when the test says so. */
class Router implements RouterProgress {
  readonly name: string;
  behind = false;
  written = 1000;
  acknowledged: number | undefined = 900;
  /** When the socket accepted the last written bytes. */
  sentMs: number | undefined;
  /** When the socket accepted each portion, by the bytes that it had accepted by then. */
  readonly sent: { readonly bytes: number; readonly ms: number }[] = [];
  constructor(name: string) {
    this.name = name;
  }
  readonly isBehind = () => this.behind;
  readonly writtenBytes = () => this.written;
  readonly sentAtMs = (wanted: number): number | undefined =>
    this.sent.find(({ bytes }) => bytes >= wanted)?.ms ?? this.sentMs;
  readonly acknowledgedBytes = () => this.acknowledged;
}

type FailoverEvent = Extract<DaemonEvent, { event: 'failover' }>;

let clock: ManualClock;
let routers: Router[];
let told: FailoverEvent[];
let failovers: Failovers;
let ids: number;
let heard: readonly string[];
let agreeing: Set<string>;
beforeEach(() => {
  heard = [];
  agreeing = new Set();
  clock = new ManualClock();
  routers = [new Router('ER2'), new Router('DR6')];
  told = [];
  ids = 0;
  failovers = new Failovers({
    clock,
    events: {
      emit: (event) => void told.push(event as FailoverEvent),
      takeId: () => `f${++ids}`,
    },
    routers: () => routers,
    stayed: () => 3,
    siblings: { heard: () => heard, agrees: (sibling) => agreeing.has(sibling) },
  });
});

/** The hold timer of W1 has just expired, after six seconds of silence. */
function holdTimer(): KnownCause {
  return {
    id: 'c1',
    cause: { kind: 'hold_timer', peer: 'W1', text: 'hold timer expired' },
    atMs: clock.nowMs,
    atWallMs: clock.wall(),
    silentMs: 6000,
    kernelHeardMs: 200,
  };
}

const move = { prefix: '10.0.0.1/32', service: 'web', from: 'W1', to: 'W2' };
const lines = (): string[] =>
  told.map((event) =>
    'summary' in event ? summaryText(event.summary) : failoverText(event.failover),
  );

describe('a failover', () => {
  it('is reported with its stages when the kernels of all routers have received it, and then its cause', () => {
    const cause = holdTimer();
    clock.advance(0.4);
    const open = failovers.moved(move, cause);
    clock.advance(0.5);
    failovers.written([open], false);
    clock.advance(2);
    expect(told).toEqual([]);
    for (const router of routers) router.acknowledged = 1000;
    clock.advance(10);
    expect(lines()).toEqual([
      '10.0.0.1/32 moved from W1 to W2: silent 6.00 s (kernel answered 200 ms ago: process frozen, host up) | ' +
        'hold timer expired | decided +0.4 ms | written +0.9 ms | received by 2 of 2 kernels +3.9 ms',
      'W1: hold timer expired: 4 addresses, 1 moved, 3 stayed',
    ]);
  });

  it('names the routers whose kernels have not answered within ten seconds', () => {
    failovers.written([failovers.moved(move, holdTimer())], false);
    routers[0].acknowledged = 1000;
    clock.advance(11_000);
    expect(told[0]).toMatchObject({
      failover: { routers: { written: 2, received: 1, waiting: ['DR6'] } },
    });
    expect('failover' in told[0] && told[0].failover.received_ms).toBe(undefined);
  });

  it('says when the sockets of the first and the last router accepted it, which is after it was handed over', () => {
    const cause = holdTimer();
    clock.advance(0.4);
    const open = failovers.moved(move, cause);
    failovers.written([open], false);
    [routers[0].sentMs, routers[1].sentMs] = [cause.atMs + 0.6, cause.atMs + 0.9];
    for (const router of routers) router.acknowledged = 1000;
    clock.advance(10);
    const [failover] = told.flatMap((event) => ('failover' in event ? [event.failover] : []));
    expect(failover.first_written_ms).toBeCloseTo(0.6);
    expect(failover.last_written_ms).toBeCloseTo(0.9);
    expect(failoverText(failover)).toContain('| written +0.6 ms to +0.9 ms |');
  });

  it('waits for a socket that accepts it later, and leaves out a router that was sent nothing', () => {
    const cause = holdTimer();
    routers[0].sentMs = cause.atMs - 1000;
    failovers.written([failovers.moved(move, cause)], false);
    clock.advance(40);
    routers[1].sentMs = cause.atMs + 30;
    for (const router of routers) router.acknowledged = 1000;
    clock.advance(1000);
    expect(told[0]).toMatchObject({ failover: { first_written_ms: 30, last_written_ms: 30 } });
  });

  /** Three slices: it is decided in the first, and the routers are handed something where a row says so. */
  const portions = [
    {
      what: 'in one of them',
      handed: [
        [0, 0],
        [100, 100],
        [0, 0],
      ],
      isUnsent: false,
      first: 2,
    },
    {
      what: 'in several of them to one router',
      handed: [
        [0, 0],
        [100, 100],
        [100, 0],
      ],
      isUnsent: false,
      first: undefined,
    },
    {
      what: 'in several of them, but it was not sent before the last',
      handed: [
        [100, 100],
        [100, 100],
        [100, 100],
      ],
      isUnsent: true,
      first: 3,
    },
  ];
  it.each(portions)('that takes several slices, with something handed over $what', (row) => {
    for (const { sent, written } of routers) sent.push({ bytes: written, ms: 0 });
    const open = failovers.moved(move, holdTimer());
    for (const [slice, bytes] of row.handed.entries()) {
      for (const [at, router] of routers.entries()) {
        router.written += bytes[at];
        if (bytes[at] > 0) router.sent.push({ bytes: router.written, ms: clock.nowMs + 1 });
      }
      clock.advance(1);
      if (row.isUnsent && slice < 2) failovers.unsent(open);
      failovers.written(slice < 2 ? [] : [open], slice < 2);
    }
    for (const router of routers) router.acknowledged = Infinity;
    clock.advance(10);
    const [failover] = told.flatMap((event) => ('failover' in event ? [event.failover] : []));
    expect(failover.first_written_ms).toBe(row.first);
  });

  it('waits for a router that is behind until it has been sent the change too', () => {
    const [first, behind] = routers;
    behind.behind = true;
    const startMs = clock.nowMs;
    first.sent.push({ bytes: 1000, ms: startMs + 5 });
    behind.sent.push({ bytes: 1000, ms: startMs + 1 }, { bytes: 1500, ms: startMs + 1010 });
    failovers.written([failovers.moved(move, holdTimer())], false);
    for (const router of routers) router.acknowledged = 1000;
    clock.advance(1000);
    expect(told).toEqual([]);
    behind.behind = false;
    behind.written = 1500;
    clock.advance(1000);
    expect(told).toEqual([]);
    behind.acknowledged = 1500;
    clock.advance(1000);
    const [failover] = told.flatMap((event) => ('failover' in event ? [event.failover] : []));
    expect(failover).toMatchObject({ first_written_ms: 5, last_written_ms: 1010 });
    expect(failover.routers).toEqual({ written: 2, received: 2, waiting: [] });
  });

  it('names a router that stays behind for too long', () => {
    routers[1].behind = true;
    failovers.written([failovers.moved(move, holdTimer())], false);
    for (const router of routers) router.acknowledged = 1000;
    clock.advance(11_000);
    expect(told[0]).toMatchObject({ failover: { routers: { received: 1, waiting: ['DR6'] } } });
  });

  it('does not wait for a router whose session has ended', () => {
    failovers.written([failovers.moved(move, holdTimer())], false);
    routers[0].acknowledged = 1000;
    routers[1].acknowledged = undefined;
    clock.advance(10);
    expect(told).toHaveLength(2);
  });

  it('says when each sibling had moved the address too, and which one has not', () => {
    heard = ['RS4', 'RS5'];
    agreeing.add('RS4');
    failovers.written([failovers.moved(move, holdTimer())], false);
    for (const router of routers) router.acknowledged = 1000;
    clock.advance(1200);
    expect(told).toEqual([]);
    agreeing.add('RS5');
    clock.advance(100);
    const [{ siblings, received_ms }] = told.flatMap((event) =>
      'failover' in event ? [event.failover] : [],
    );
    expect(siblings).toEqual([
      { name: 'RS4', agreed_ms: 1 },
      { name: 'RS5', agreed_ms: expect.closeTo(1250, -2) },
    ]);
    expect(received_ms).toBe(1);
    agreeing.delete('RS5');
    failovers.written([failovers.moved(move, { ...holdTimer(), id: 'c2' })], false);
    clock.advance(11_000);
    expect(lines().at(-2)).toContain('siblings that have not agreed: RS5');
  });

  it('is reported as far as it is known when the daemon stops, before the sessions end', () => {
    const cause = holdTimer();
    const sent = failovers.moved(move, cause);
    failovers.moved({ ...move, prefix: '10.0.0.2/32' }, cause);
    failovers.written([sent], true);
    routers[0].acknowledged = 1000;
    clock.advance(1);
    failovers.stop();
    for (const router of routers) router.acknowledged = undefined;
    clock.advance(20_000);
    expect(told).toMatchObject([
      { failover: { routers: { written: 2, received: 1, waiting: ['DR6'] } } },
      { summary: { moved: 1, dark: 0, prefixes: ['10.0.0.1/32'] } },
    ]);
  });

  it('is counted by its stages', () => {
    clock.advance(4);
    failovers.written([failovers.moved(move, { ...holdTimer(), atMs: clock.nowMs - 4 })], false);
    for (const router of routers) router.acknowledged = 1000;
    clock.advance(10);
    const sums = failovers.stageViews().map(({ stage, histogram }) => [stage, histogram.sum]);
    expect(sums).toEqual([
      ['silent', 6],
      ['decided', 0.004],
      ['sent', 0.004],
      ['acked', 0.005],
    ]);
  });

  it('to no peer leaves the address dark, and the time is reported when it is served again', () => {
    const { to: _, ...lost } = move;
    routers = [];
    failovers.written([failovers.moved(lost, holdTimer())], false);
    clock.advance(2500);
    const { from: __, ...back } = move;
    failovers.written([failovers.moved(back, { ...holdTimer(), id: 'c2' })], false);
    expect(told.filter((event) => 'summary' in event)).toMatchObject([
      { summary: { moved: 0, dark: 1 } },
      { summary: { moved: 1, dark: 0 } },
    ]);
    expect(told[2]).toMatchObject({ failover: { dark_ms: 2500 } });
  });

  it('is summarized with all others of its cause when the last of them is reported', () => {
    const cause = holdTimer();
    routers = [];
    const first = failovers.moved(move, cause);
    const second = failovers.moved({ ...move, prefix: '10.0.0.2/32' }, cause);
    failovers.written([first], false);
    expect(told).toHaveLength(1);
    failovers.written([second], false);
    expect(lines().at(-1)).toBe('W1: hold timer expired: 5 addresses, 2 moved, 3 stayed');
  });
});
