import { describe, expect, test } from 'vitest';
import type { PrefixChangeView, SimulationView } from '#api/views/changes.ts';
import { bench } from './app.ts';
import { changesView, done } from './fake-changes.ts';

const post = (url: string, payload?: object | string) => ({
  method: 'POST' as const,
  url: `/api/v1${url}`,
  ...(payload !== undefined && { payload }),
  ...(typeof payload === 'string' && { headers: { 'content-type': 'application/yaml' } }),
});

const asked: readonly [body: object, called: string][] = [
  [{ node: 'w1' }, 'simulate gone node w1 100'],
  [{ site: 'dc1', limit: 5 }, 'simulate gone site dc1 5'],
  [{ rack: 'a', limit: 0 }, 'simulate gone rack a 0'],
  [{ peer: '2001:db8:6::11' }, 'simulate gone peer 2001:db8:6::11 100'],
  [{ each: 'node' }, 'simulate each node 100'],
  [{ config: 'router_id: 1.1.1.9' }, 'simulate config router_id: 1.1.1.9 100'],
];

test.each(asked)('POST /simulate %o simulates "%s"', async (body, called) => {
  await using running = await bench('always');
  const answer = await running.app.inject(post('/simulate', body));
  expect(answer.statusCode).toBe(200);
  const { items, rib_version } = answer.json<SimulationView>();
  expect([items.length, rib_version]).toEqual(['each' in body ? 2 : 1, 9]);
  expect(running.daemon.called).toEqual([called]);
});

const refused: readonly [body: object | undefined, status: number][] = [
  [undefined, 400],
  [{}, 400],
  [{ limit: 5 }, 400],
  [{ node: 'w1', each: 'node' }, 400],
  [{ node: '' }, 400],
  [{ nodes: 'w1' }, 400],
  [{ each: 'planet' }, 400],
  [{ node: 'w1', limit: 10_001 }, 400],
  [{ node: 'w9' }, 404],
];

test.each(refused)('POST /simulate %o is refused with %i', async (body, status) => {
  await using running = await bench('always');
  const answer = await running.app.inject(post('/simulate', body));
  expect(answer.statusCode).toBe(status);
  expect(answer.headers['content-type']).toContain('application/problem+json');
});

test('over TCP it needs the token, like every POST', async () => {
  await using running = await bench('never');
  const answer = await running.app.inject(post('/simulate', { node: 'w1' }));
  expect([answer.statusCode, running.daemon.called]).toEqual([403, []]);
});

test('a configuration with errors is answered with 422 and all of them', async () => {
  await using running = await bench('always');
  const problems = [{ file: 'rs9.yaml', line: 3, column: 5, message: 'hold_tiem: unknown key' }];
  running.daemon.outcome = { ok: false, message: '1 error', problems };
  const answer = await running.app.inject(post('/simulate', { config: 'x'.repeat(100_000) }));
  expect(answer.statusCode).toBe(422);
  expect(answer.json()).toMatchObject({ kind: 'bad_config', problems });
});

test('a plan says what routers would see, with as many changes as requested', async () => {
  await using running = await bench('always');
  const answer = await running.app.inject(post('/config/plan?limit=1', 'router_id: 1.1.1.9'));
  expect(answer.json()).toMatchObject({ hash: 'fedcba9876543210', ...changesView(1) });
  const wrong = await running.app.inject(post('/config/plan?limit=all'));
  expect(wrong.statusCode).toBe(400);
});

describe('a long answer', () => {
  const [row] = changesView(1).changes;
  const many: PrefixChangeView[] = Array.from({ length: 2345 }, (_, at) => ({
    ...row,
    prefix: `10.${at >> 8}.${at & 255}.0/24`,
  }));

  test('has the same content as a short one, and is made in slices', async () => {
    await using running = await bench('always');
    const long = { ...changesView(3), changes: many };
    const none = { ...changesView(3), changes: [] };
    running.daemon.plan = async () => ({
      ok: true,
      plan: { hash: 'x', peers: [], process: [] },
      changes: () => done(long),
    });
    const scenario = { kind: 'node' as const, peers: ['W1'] };
    const items = [
      { ...scenario, name: 'w1', ...long },
      { ...scenario, name: 'w2', ...none },
      { ...scenario, name: 'w3', ...long },
    ];
    running.daemon.simulate = async () => ({ ok: true, work: done({ items, rib_version: 9 }) });
    const before = running.slices();
    const planned = await running.app.inject(post('/config/plan'));
    expect(planned.json()).toEqual({ hash: 'x', peers: [], process: [], ...long });
    const simulated = await running.app.inject(post('/simulate', { each: 'node' }));
    expect(simulated.json()).toEqual({ items, rib_version: 9 });
    expect(running.slices() - before).toBeGreaterThan(70);
  });
});
