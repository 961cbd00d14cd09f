import { expect, test } from 'vitest';
import { atOnce } from '#daemon/in-slices.ts';
import { done } from '../http/fake-changes.ts';
import { cliBench } from './bench.ts';

const waiting = ['drain', '--node', 'w1', '--wait', 'effective', '--settle', '1s'];

test('a drain that somebody ends during drain --wait has not taken effect', async () => {
  await using bench = await cliBench();
  const { drainOf } = bench.daemon;
  let asked = 0;
  bench.daemon.drainOf = (id) => (asked++ === 0 ? drainOf(id) : undefined);
  const { status, out, err } = await bench.run(waiting);
  expect([status, out]).toEqual([1, '']);
  expect(err).toContain('the drain of node w1 (d1) has been ended meanwhile');
});

test('a drain that a reload leaves without a peer during drain --wait has not taken effect', async () => {
  await using bench = await cliBench();
  const first = bench.daemon.drainOf('d1');
  if (first === undefined) throw new Error('the fake daemon has no drain');
  const drain = atOnce(first);
  const effect = { rows: [], counts: { yes: 0, no: 0, unknown: 0 } };
  let asked = 0;
  bench.daemon.drainOf = () => done(asked++ === 0 ? drain : { ...drain, ...effect, nodes: [] });
  const { status, out, err } = await bench.run(waiting);
  expect([status, out]).toEqual([1, '']);
  expect(err).toContain(
    'the drain of node w1 (d1) covers no peer any more: a reload has renamed or removed every peer of node w1',
  );
});
