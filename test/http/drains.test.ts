import { expect, test } from 'vitest';
import { bench } from './app.ts';

const api = '/api/v1';
const deploy = { authorization: 'Bearer one' };
const writable = {
  hosts: [],
  tokens: [
    { name: 'deploy', secret: 'one', may: ['drain'], nodes: ['w1'] },
    { name: 'other', secret: 'two', may: ['peers'] },
  ],
} as const;

test.each([
  ['the node of the token', { node: 'w1' }, 'one', 201],
  ['another node', { node: 'w2' }, 'one', 403],
  ['a site with another node', { site: 'w2' }, 'one', 403],
  ['a node that there is none of', { node: 'w9' }, 'one', 404],
  ['nothing', {}, 'one', 400],
  ['two things', { node: 'w1', site: 'dc1' }, 'one', 400],
  ['what is not known', { row: 'a' }, 'one', 400],
  ['a token for something else', { node: 'w1' }, 'two', 403],
])('POST /drains of %s', async (_name, payload, secret, status) => {
  await using running = await bench(writable);
  const headers = { authorization: `Bearer ${secret}` };
  const answer = await running.app.inject({
    method: 'POST',
    url: `${api}/drains`,
    headers,
    payload,
  });
  expect(answer.statusCode).toBe(status);
  expect(running.daemon.called).toEqual(status === 201 ? ['drain node w1 deploy'] : []);
});

test('a refused drain is answered with 409 and the text of the guard', async () => {
  await using running = await bench('always');
  running.daemon.outcome = { ok: false, message: 'drain of node w1 refused: no other node is up' };
  const payload = { node: 'w1', force: false };
  const answer = await running.app.inject({ method: 'POST', url: `${api}/drains`, payload });
  expect(answer.statusCode).toBe(409);
  expect(answer.json()).toMatchObject({
    kind: 'refused',
    detail: expect.stringMatching(/no other/),
  });
});

test.each([
  ['/drains/d1', 200, ['undrain id d1 deploy']],
  ['/drains/d9', 404, []],
  ['/drains?node=w1', 200, ['undrain target node w1 deploy']],
  ['/drains?node=w2', 403, []],
  ['/drains?node=w1&site=dc1', 400, []],
  ['/drains', 200, ['undrain all deploy']],
])('DELETE %s', async (url, status, called) => {
  await using running = await bench(writable);
  const answer = await running.app.inject({ method: 'DELETE', url: api + url, headers: deploy });
  expect(answer.statusCode).toBe(status);
  expect(running.daemon.called).toEqual(called);
});

test('the effect can be read without a token', async () => {
  await using running = await bench('never');
  const { app } = running;
  const effect = (await app.inject(`${api}/nodes/w1/effect`)).json();
  expect(effect).toMatchObject({ node: 'w1', moved: false, counts: { unknown: 1 } });
  expect((await app.inject(`${api}/nodes/w9/effect`)).statusCode).toBe(404);
  const list = (await app.inject(`${api}/drains`)).json();
  expect(list.items).toHaveLength(1);
  expect((await app.inject(`${api}/drains/d1`)).json()).toEqual(list.items[0]);
});
