import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { Turns } from '#http/answers/turns.ts';
import { bench, type Writable } from './app.ts';

const post = (url: string, payload?: object | string, authorization?: string) => ({
  method: 'POST' as const,
  url: `/api/v1${url}`,
  ...(payload !== undefined && { payload }),
  headers: {
    ...(authorization !== undefined && { authorization }),
    ...(typeof payload === 'string' && { 'content-type': 'application/yaml' }),
  },
});

describe('who may write', () => {
  const rows: readonly [
    name: string,
    writable: Writable,
    given: string | undefined,
    status: number,
  ][] = [
    ['nobody without a token file', 'never', undefined, 403],
    ['nobody without a token file, whatever is given', 'never', 'Bearer sesame', 403],
    ['whoever reached the control socket', 'always', undefined, 200],
    ['who has the token', { token: 'sesame' }, 'Bearer sesame', 200],
    ['who has the token, the scheme in any case', { token: 'sesame' }, 'bearer sesame', 200],
    ['not without it', { token: 'sesame' }, undefined, 401],
    ['not with a part of it', { token: 'sesame' }, 'Bearer sesam', 401],
    ['not with more than it', { token: 'sesame' }, 'Bearer sesame!', 401],
    ['not with an empty one', { token: 'sesame' }, 'Bearer ', 401],
    ['not by another scheme', { token: 'sesame' }, 'Basic sesame', 401],
  ];
  test.each(rows)('%s', async (_, writable, given, status) => {
    await using running = await bench(writable);
    const answer = await running.app.inject(post('/peers/W1/enable', undefined, given));
    expect(answer.statusCode).toBe(status);
    expect(running.daemon.called).toEqual(status === 200 ? ['enable W1'] : []);
    expect(answer.headers['www-authenticate']).toBe(status === 401 ? 'Bearer' : undefined);
  });

  test('a request without the right is reported once', async () => {
    await using running = await bench({ token: 'sesame' });
    await running.app.inject(post('/peers/W1/enable', undefined, 'Bearer wrong'));
    expect(running.refusals).toEqual([
      '127.0.0.1 POST /api/v1/peers/:name/enable: this request needs a bearer token that is listed in http.tokens',
    ]);
  });

  const scoped = {
    hosts: [],
    tokens: [
      { name: 'deploy', secret: 'one', may: ['peers'], nodes: ['w1'] },
      { name: 'config', secret: 'two', may: ['config'] },
    ],
  } as const;
  test.each([
    ['/peers/W1/enable', 'one', 200],
    ['/peers/2001:db8:6::11/enable', 'one', 200],
    ['/peers/W2/enable', 'one', 403],
    ['/peers/NONE/enable', 'one', 403],
    ['/config/reload', 'one', 403],
    ['/peers/W1/enable', 'two', 403],
    ['/config/reload', 'two', 200],
    ['/simulate', 'two', 200],
  ])('a token allows only what it names: %s with %s is %i', async (url, secret, status) => {
    await using running = await bench(scoped);
    const body = url === '/simulate' ? { node: 'w1' } : undefined;
    const answer = await running.app.inject(post(url, body, `Bearer ${secret}`));
    expect(answer.statusCode).toBe(status);
  });

  test.each([
    ['a form of a page', { 'content-type': 'application/x-www-form-urlencoded' }, 415],
    ['plain text, which a form can send', { 'content-type': 'text/plain' }, 415],
    ['a page of another site', { 'sec-fetch-site': 'cross-site' }, 403],
    ['a page of a sister site', { 'sec-fetch-site': 'same-site' }, 403],
    ['a page of ours', { 'sec-fetch-site': 'same-origin' }, 200],
    ['JSON', { 'content-type': 'application/json; charset=utf-8' }, 200],
  ])('%s, with the token: %o is %i', async (_, headers, status) => {
    await using running = await bench({ token: 'sesame' });
    const answer = await running.app.inject({
      method: 'POST',
      url: '/api/v1/peers/W1/reset',
      payload: '{}',
      headers: { 'content-type': 'application/json', authorization: 'Bearer sesame', ...headers },
    });
    expect(answer.statusCode).toBe(status);
    expect(running.daemon.called.length).toBe(status === 200 ? 1 : 0);
  });

  test('a body without a type says how it is to be sent', async () => {
    await using running = await bench({ token: 'sesame' });
    const answer = await running.app.inject({
      method: 'POST',
      url: '/api/v1/drains',
      payload: '{"node":"w1"}',
      headers: { authorization: 'Bearer sesame' },
    });
    expect(answer.statusCode).toBe(415);
    expect(answer.json()).toMatchObject({ detail: expect.stringContaining('application/json') });
  });

  test('the right is checked before the body is read', async () => {
    await using running = await bench('never');
    const answer = await running.app.inject(post('/config/check', 'x'.repeat(20 * 1024 * 1024)));
    expect(answer.statusCode).toBe(403);
  });
});

const commands: readonly [url: string, body: object | string | undefined, called: string][] = [
  ['/peers/W1/enable', undefined, 'enable W1'],
  ['/peers/W1/enable', {}, 'enable W1'],
  ['/peers/2001:db8:6::11/enable', undefined, 'enable 2001:db8:6::11'],
  ['/peers/W1/disable', { reason: 'switch replaced' }, 'disable W1 switch replaced'],
  ['/peers/W1/reset', { reason: 'why not' }, 'reset W1 why not'],
  ['/peers/W1/refresh', undefined, 'refresh W1'],
  ['/peers/W1/refresh', { direction: 'in' }, 'refresh W1 in'],
  ['/config/check', undefined, 'check'],
  ['/config/check', 'router_id: 1.1.1.9', 'check router_id: 1.1.1.9'],
  ['/config/reload', undefined, 'reload'],
  ['/shutdown', undefined, 'shutdown'],
  ['/shutdown', { graceful: true }, 'shutdown graceful 30000'],
  ['/shutdown', { graceful: true, wait_s: 1.5, force: true }, 'shutdown graceful 1500 force'],
];

test.each(commands)('POST %s %o is the command "%s"', async (url, body, called) => {
  await using running = await bench('always');
  const answer = await running.app.inject(post(url, body));
  expect(answer.json()).toEqual({ ok: true, message: 'done' });
  expect(running.daemon.called).toEqual([called]);
});

test.each(commands.filter(([, , called]) => !called.startsWith('shutdown')))(
  'POST %s %o is refused while the daemon stops, and not carried out',
  async (url, body) => {
    await using running = await bench('always');
    running.daemon.isStopping = true;
    const answer = await running.app.inject(post(url, body));
    expect(answer.statusCode).toBe(503);
    expect(answer.json()).toMatchObject({ kind: 'stopping' });
    expect(running.daemon.called).toEqual([]);
  },
);

test('a command is refused if the daemon begins to stop while the command waits for its turn', async () => {
  const turn = vi.spyOn(Turns.prototype, 'next');
  onTestFinished(() => turn.mockRestore());
  await using running = await bench('always');
  turn.mockImplementation(async () => {
    running.daemon.isStopping = true;
  });
  const answer = await running.app.inject(post('/peers/W1/enable', undefined));
  expect(answer.json()).toMatchObject({ kind: 'stopping' });
  expect(running.daemon.called).toEqual([]);
});

test.each(['/drains', '/drains/d1', '/nodes/w1/effect'])(
  'GET %s does not take the ends of the sessions for a drain that has taken effect',
  async (url) => {
    await using running = await bench('always');
    const get = () => running.app.inject(`/api/v1${url}`);
    expect((await get()).statusCode).toBe(200);
    running.daemon.isStopping = true;
    const answer = await get();
    expect(answer.statusCode).toBe(503);
    expect(answer.json()).toMatchObject({ kind: 'stopping' });
  },
);

test('a shutdown is still answered while the daemon stops', async () => {
  await using running = await bench('always');
  running.daemon.isStopping = true;
  const answer = await running.app.inject(post('/shutdown', undefined));
  expect(answer.json()).toEqual({ ok: true, message: 'done' });
});

const faults: readonly [url: string, body: object | string, status: number][] = [
  ['/peers/W1/disable', { raeson: 'typo' }, 400],
  ['/peers/W1/disable', { reason: 'x'.repeat(256) }, 400],
  ['/peers/W1/refresh', { direction: 'sideways' }, 400],
  ['/config/reload', { confirm_s: 0 }, 400],
  ['/config/reload', { confirm_s: '2m' }, 400],
  ['/config/confirm', { confirm_s: 9 }, 400],
  ['/shutdown', { wait_s: -1 }, 400],
  ['/peers/W1/disable', { reason: 'x'.repeat(17_000) }, 413],
  ['/config/check', 'x'.repeat(17 * 1024 * 1024), 413],
  ['/config/check', { router_id: '1.1.1.9' }, 400],
];

test.each(faults)(
  'POST %s with a body that cannot be: nothing is done',
  async (url, body, status) => {
    await using running = await bench('always');
    const answer = await running.app.inject(post(url, body));
    expect(answer.statusCode).toBe(status);
    expect(answer.json()).toMatchObject({ status });
    expect(running.daemon.called).toEqual([]);
  },
);

test('a refused configuration is answered with 422 and all of its errors', async () => {
  await using running = await bench('always');
  const problems = [{ file: 'rs9.yaml', line: 3, column: 5, message: 'hold_tiem: unknown key' }];
  running.daemon.outcome = { ok: false, message: '1 error', problems };
  const answer = await running.app.inject(post('/config/reload'));
  expect(answer.statusCode).toBe(422);
  expect(answer.json()).toMatchObject({ kind: 'bad_config', detail: '1 error', problems });
});

test('a command that the present state does not allow is answered with 409', async () => {
  await using running = await bench('always');
  running.daemon.outcome = { ok: false, message: 'W1 is disabled in the configuration' };
  const answer = await running.app.inject(post('/peers/W1/enable'));
  expect(answer.statusCode).toBe(409);
  expect(answer.json()).toMatchObject({ kind: 'refused' });
});

test('a plan is answered with data, or with every error of the text', async () => {
  await using running = await bench('always');
  const plan = await running.app.inject(post('/config/plan', 'router_id: 1.1.1.9'));
  expect(plan.json()).toMatchObject({
    hash: 'fedcba9876543210',
    peers: [{ peer: 'W1' }, {}, {}, {}],
  });
  const problems = [{ file: 'rs9.yaml', line: 3, column: 5, message: 'hold_tiem: unknown key' }];
  running.daemon.outcome = { ok: false, message: '1 error', problems };
  const answer = await running.app.inject(post('/config/plan'));
  expect(answer.json()).toMatchObject({ status: 422, kind: 'bad_config', problems });
  expect(running.daemon.called).toEqual(['plan router_id: 1.1.1.9', 'plan']);
});

test.each([
  ['POST', '/peers/W1/disable', {}],
  ['POST', '/peers/W1/refresh', {}],
  ['POST', '/drains', { node: 'w1' }],
  ['DELETE', '/drains', undefined],
  ['DELETE', '/drains/d1', undefined],
] as const)('%s %s is answered when it has been decided', async (method, url, payload) => {
  await using running = await bench('always');
  const { promise, resolve } = Promise.withResolvers<void>();
  running.daemon.deciding = promise;
  let isAnswered = false;
  const request = { method, url: `/api/v1${url}`, ...(payload !== undefined && { payload }) };
  const answered = running.app.inject(request).then(({ statusCode }) => {
    isAnswered = true;
    return statusCode;
  });
  await expect.poll(() => running.daemon.called).toHaveLength(1);
  await new Promise(setImmediate);
  expect(isAnswered).toBe(false);
  resolve();
  expect(await answered).toBeLessThan(300);
});

test('a command that is refused is answered at once', async () => {
  await using running = await bench('always');
  running.daemon.outcome = { ok: false, message: 'W1 is not up' };
  running.daemon.deciding = new Promise(() => {});
  const answer = await running.app.inject(post('/peers/W1/reset'));
  expect(answer.statusCode).toBe(409);
});
