import { expect, it } from 'vitest';
import type { FailoverView } from '#api/events/failover.ts';
import type { FailoverQuery } from '#api/queries.ts';
import { cliBench } from './bench.ts';

/** A failover that was decided at this time; its id is the time in microseconds. */
function failoverAt(at: string): FailoverView {
  return {
    id: (Date.parse(at) * 1000).toString(36),
    at,
    prefix: '2001:db8:30::1/128',
    from: 'W1',
    to: 'W2',
    cause: { kind: 'hold_timer', peer: 'W1', text: 'Hold Timer Expired' },
    cause_id: 'c1',
    decided_ms: 0.4,
    routers: { written: 1, received: 1, waiting: [] },
  };
}

it('one failover is found in the whole history, first at the time that its id contains', async () => {
  await using bench = await cliBench();
  const wanted = failoverAt('2026-11-02T03:04:05.000Z');
  const asked: FailoverQuery[] = [];
  bench.daemon.failovers = async (query, { cursor }) => {
    asked.push(query);
    if (cursor === undefined) {
      return { items: [failoverAt('2026-11-02T03:04:06.000Z')], next_cursor: 'more' };
    }
    return { items: [wanted] };
  };
  const { out, status } = await bench.run(['show', 'failovers', wanted.id]);
  expect([status, out]).toEqual([0, expect.stringContaining('moved from W1 to W2')]);
  expect(asked).toHaveLength(2);
  expect(asked[1]).toMatchObject({
    since: '2026-11-02T03:04:00.000Z',
    until: '2026-11-02T03:14:05.000Z',
  });
});

it('its export has what followed from it, who had changed what before, and the present state', async () => {
  await using bench = await cliBench();
  const { out, status } = await bench.run(['show', 'failovers', 'f1', '--export']);
  expect(status).toBe(0);
  const story: unknown = JSON.parse(out);
  expect(story).toMatchObject({
    failover: { id: 'f1', prefix: '2001:db8:30::1/128' },
    events: expect.any(Array),
    changes_before: expect.any(Array),
    now: {
      explain: { prefix: '2001:db8:30::1/128' },
      coherence: expect.any(Object),
    },
  });
});

it('an unknown id is refused', async () => {
  await using bench = await cliBench();
  const { err, status } = await bench.run(['show', 'failovers', 'zz9']);
  expect([status, err]).toEqual([1, expect.stringContaining('no failover zz9 is in the history')]);
});

it.each(['events', 'failovers'] as const)(
  'show %s says why older events are missing',
  async (what) => {
    await using bench = await cliBench();
    bench.daemon[what] = async () => ({ items: [], incomplete: 'history.db: disk I/O error' });
    const { err } = await bench.run(['show', what]);
    expect(err).toContain('older events are missing: history.db: disk I/O error');
  },
);
