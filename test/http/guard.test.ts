import { expect, test } from 'vitest';
import { bench } from './app.ts';

interface Document {
  paths: Record<string, Record<string, unknown>>;
}

test('every method but GET and HEAD needs the right, on every route there is', async () => {
  await using running = await bench('never');
  const document = (await running.app.inject('/openapi.json')).json<Document>();
  const urls = Object.keys(document.paths).map((url) => url.replace(/\{\w+\}/g, 'W1'));
  for (const url of urls) {
    for (const method of ['POST', 'PUT', 'PATCH', 'DELETE'] as const) {
      const { statusCode } = await running.app.inject({ method, url });
      expect([method, url, statusCode]).toEqual([method, url, expect.toSatisfy(isRefused)]);
    }
  }
  expect(running.daemon.called).toEqual([]);
});

/** No right to it, or no such route. */
function isRefused(status: number): boolean {
  return status === 403 || status === 404 || status === 405;
}

test.each([
  ['127.0.0.1:9179', 200],
  ['127.0.0.1', 200],
  ['[::1]:9179', 200],
  ['localhost:9179', 200],
  ['LOCALHOST', 200],
  ['rs9.example.net', 200],
  ['RS9.example.net:9179', 200],
  ['attacker.example', 421],
  ['127.0.0.1.attacker.example', 421],
  ['rs9.example.net.attacker.example', 421],
])('asked by the name "%s" it answers %i', async (host, status) => {
  await using running = await bench({ tokens: [], hosts: ['rs9.example.net'] });
  const answer = await running.app.inject({ url: '/api/v1/status', headers: { host } });
  expect(answer.statusCode).toBe(status);
});

test('no answer lets a page of another site read it', async () => {
  await using running = await bench('never');
  const headers = { origin: 'https://attacker.example' };
  const answer = await running.app.inject({ url: '/api/v1/status', headers });
  const names = Object.keys(answer.headers);
  expect(names.filter((name) => name.startsWith('access-control'))).toEqual([]);
});
