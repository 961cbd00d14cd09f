import { type AddressInfo, connect } from 'node:net';
import { expect, onTestFinished, test, vi } from 'vitest';
import { type Bench, bench } from './app.ts';

interface Document {
  paths: Record<string, Record<string, unknown>>;
}

test('every method except GET and HEAD needs a right, on every route', async () => {
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

/** The statuses for a missing right and for an unknown route. */
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
  ['rs9.example.net.', 200],
  ['rs9.example.net.:9179', 200],
  ['localhost.', 200],
  ['::1', 200],
  ['2001:db8::9179', 200],
  ['', 421],
  ['.', 421],
  ['rs9.example.net..', 421],
  ['[rs9.example.net]', 421],
  [':9179', 421],
  ['attacker.example', 421],
  ['attacker.example.', 421],
  ['127.0.0.1.attacker.example', 421],
  ['rs9.example.net.attacker.example', 421],
])('a request with the host name "%s" is answered with %i', async (host, status) => {
  await using running = await bench({ tokens: [], hosts: ['rs9.example.net'] });
  await running.app.listen({ host: '127.0.0.1', port: 0 });
  const answer = await answerTo(running, `GET /api/v1/status HTTP/1.1\r\nhost: ${host}\r\n`);
  expect(answer).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
});

/** Sends a request as bytes, without its last line: a client library would add a host name of its own. */
async function answerTo({ app }: Bench, words: string): Promise<string> {
  const { port } = app.server.address() as AddressInfo;
  const socket = connect({ host: '127.0.0.1', port });
  socket.write(`${words}connection: close\r\n\r\n`);
  let text = '';
  for await (const chunk of socket) text += String(chunk);
  return text;
}

test('attempts to guess a token count against the rate limit', async () => {
  // They are counted in a minute of the wall clock, and a busy machine may need longer for so many.
  vi.useFakeTimers({ toFake: ['Date'] });
  onTestFinished(() => void vi.useRealTimers());
  await using running = await bench({ token: 'sesame' });
  const guess = async (at: number) => {
    const headers = { authorization: `Bearer guess${at}` };
    return (await running.app.inject({ method: 'POST', url: '/api/v1/peers/W1/reset', headers }))
      .statusCode;
  };
  const answers = new Set<number>();
  for (let at = 0; at < 3000; at++) answers.add(await guess(at));
  expect([...answers]).toEqual([401]);
  expect(await guess(3000)).toBe(429);
});

test('no answer can be read by a page of another site', async () => {
  await using running = await bench('never');
  const headers = { origin: 'https://attacker.example' };
  const answer = await running.app.inject({ url: '/api/v1/status', headers });
  const names = Object.keys(answer.headers);
  expect(names.filter((name) => name.startsWith('access-control'))).toEqual([]);
});
