import { gunzipSync } from 'node:zlib';
import { Value } from 'typebox/value';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { ProblemSchema } from '#api/problem.ts';
import { DoctorListSchema } from '#api/views/doctor.ts';
import { ExplainSchema, type ExplainView, type ExportView } from '#api/views/explain.ts';
import { PathPageSchema } from '#api/views/path.ts';
import { PeerPageSchema, PeerSchema } from '#api/views/peer.ts';
import { ReadySchema, StatusSchema } from '#api/views/status.ts';
import { components } from '#http/components.ts';
import { bench } from './app.ts';
import { labPaths } from './fake-daemon.ts';

const context = Object.fromEntries(components.map((schema) => [schema.$id, schema]));

const answers = [
  ['/readyz', ReadySchema],
  ['/api/v1/status', StatusSchema],
  ['/api/v1/peers', PeerPageSchema],
  ['/api/v1/peers/W1', PeerSchema],
  ['/api/v1/peers/2001:db8:6::11', PeerSchema],
  ['/api/v1/peers/W1/received', PathPageSchema],
  ['/api/v1/peers/W1/accepted', PathPageSchema],
  ['/api/v1/peers/W1/rejected', PathPageSchema],
  ['/api/v1/peers/ER2/advertised', PathPageSchema],
  ['/api/v1/routes', PathPageSchema],
  ['/api/v1/routes?family=ipv6_unicast&best=true&peer=W1', PathPageSchema],
  ['/api/v1/routes?community=65000:77', PathPageSchema],
  ['/api/v1/routes/2001:db8:30::1%2F128', PathPageSchema],
  ['/api/v1/doctor', DoctorListSchema],
  ['/api/v1/doctor?peer=DR7', DoctorListSchema],
  ['/api/v1/explain?prefix=2001:db8:30::1/128', ExplainSchema],
  ['/api/v1/explain?prefix=2001:db8:30::1&peer=ER2', ExplainSchema],
] as const;

describe('every answer has the shape that the OpenAPI document promises', () => {
  test.each(answers)('%s', async (url, schema) => {
    await using running = await bench();
    const answer = await running.app.inject(url);
    expect(answer.statusCode).toBe(200);
    expect(answer.headers['content-type']).toBe('application/json; charset=utf-8');
    expect(Value.Errors(context, schema, answer.json())).toEqual([]);
    expect(answer.body).not.toContain('null');
  });
});

const refusals = [
  ['GET', '/nope', 404, 'unknown_url'],
  ['GET', '/api/v1/peers/W9', 404, 'unknown_peer'],
  ['GET', '/api/v1/peers/W9/accepted', 404, 'unknown_peer'],
  ['GET', '/api/v1/routes?peer=W9', 404, 'unknown_peer'],
  ['GET', '/api/v1/routes/2001:db8:99::%2F64', 404, 'unknown_prefix'],
  ['GET', '/api/v1/explain?prefix=2001:db8:99::/64', 404, 'unknown_prefix'],
  ['GET', '/api/v1/explain?prefix=2001:db8:30::1/128&peer=W9', 404, 'unknown_peer'],
  ['GET', '/api/v1/doctor?peer=W9', 404, 'unknown_peer'],
  ['GET', '/api/v1/explain', 400, 'bad_request'],
  ['GET', '/api/v1/routes?prefix=foo', 400, 'bad_prefix'],
  ['GET', '/api/v1/routes?cursor=x', 400, 'bad_cursor'],
  ['GET', '/api/v1/peers?cursor=x', 400, 'bad_cursor'],
  ['GET', '/api/v1/routes?limit=0', 400, 'bad_request'],
  ['GET', '/api/v1/routes?limit=1001', 400, 'bad_request'],
  ['GET', '/api/v1/routes?limit=many', 400, 'bad_request'],
  ['GET', '/api/v1/routes?limt=5', 400, 'bad_request'],
  ['GET', '/api/v1/routes?lookup=nearest', 400, 'bad_request'],
  ['GET', '/api/v1/routes?best=perhaps', 400, 'bad_request'],
  ['GET', `/api/v1/peers/${'x'.repeat(200)}`, 414, 'too_large'],
  ['GET', '/api/v1/routes/%ZZ', 400, 'bad_request'],
  ['POST', '/api/v1/peers/W9/enable', 404, 'unknown_peer'],
  ['POST', '/api/v1/status', 405, 'bad_method'],
  ['DELETE', '/api/v1/peers/W1?x=1', 405, 'bad_method'],
  ['GET', '/api/v1/peers/W1/reset', 405, 'bad_method'],
  ['GET', '/api/v1/peers/W1/nothing', 404, 'unknown_url'],
] as const;

test.each(refusals)('%s %s is refused with %i %s as problem+json', async (...row) => {
  const [method, url, status, kind] = row;
  await using running = await bench('always');
  const answer = await running.app.inject({ method, url });
  expect(answer.headers['content-type']).toBe('application/problem+json; charset=utf-8');
  expect(answer.json()).toMatchObject({ status, kind });
  expect(answer.statusCode).toBe(status);
  expect(Value.Errors(context, ProblemSchema, answer.json())).toEqual([]);
  expect(answer.headers.etag).toBeUndefined();
});

test.each([
  ['/api/v1/routes?limt=5', 'unknown: limt'],
  ['/api/v1/explain', 'missing: prefix'],
  ['/api/v1/routes?limit=many', 'limit must be integer'],
])('GET %s is answered with what is wrong: %s', async (url, detail) => {
  await using running = await bench('always');
  expect((await running.app.inject(url)).json()).toMatchObject({ status: 400, detail });
});

test('a wrong word for a parameter is answered with the possible ones', async () => {
  await using running = await bench('always');
  const answer = await running.app.inject('/api/v1/routes?lookup=nearest');
  expect(answer.json()).toMatchObject({
    detail: expect.stringMatching(/^lookup: expected one of \w+(, \w+)+$/),
  });
});

test.each([
  ['POST', '/api/v1/peers/W1', 'GET, HEAD'],
  ['GET', '/api/v1/config/reload', 'POST'],
] as const)('%s %s is answered with the methods that there are', async (method, url, allow) => {
  await using running = await bench('always');
  expect((await running.app.inject({ method, url })).headers.allow).toBe(allow);
});

test('an internal error is answered with 500 and no details', async () => {
  await using running = await bench();
  running.daemon.status = () => {
    throw new Error('secret detail');
  };
  const answer = await running.app.inject('/api/v1/status');
  expect(answer.statusCode).toBe(500);
  expect(answer.json()).toMatchObject({ kind: 'internal_error' });
  expect(answer.body).not.toContain('secret');
});

test('an unknown parameter is named', async () => {
  await using running = await bench();
  const answer = await running.app.inject('/api/v1/routes?limt=5');
  expect(answer.json().detail).toContain('limt');
});

describe('readiness', () => {
  test('is 503 with the reasons if not ready, while /livez is 200', async () => {
    await using running = await bench();
    running.daemon.isReady = false;
    const answer = await running.app.inject('/readyz');
    expect(answer.statusCode).toBe(503);
    expect(answer.json()).toMatchObject({ ready: false, reasons: ['W2 is not back yet'] });
    expect((await running.app.inject('/livez')).statusCode).toBe(200);
  });
});

describe('ETag of routes', () => {
  const urls = [
    '/api/v1/routes',
    '/api/v1/routes/2001:db8:30::1%2F128',
    '/api/v1/peers/W1/accepted',
  ];

  test.each(urls)(
    '%s: the same version is answered with 304 without a body, another is not',
    async (url) => {
      await using running = await bench();
      const first = await running.app.inject(url);
      const etag = String(first.headers.etag);
      expect(etag).toMatch(/^W\/".+"$/);
      for (const given of [etag, `"old", ${etag}`, etag.replace('W/', ''), '*']) {
        const again = await running.app.inject({ url, headers: { 'if-none-match': given } });
        expect([again.statusCode, again.body, again.headers.etag]).toEqual([304, '', etag]);
      }
      running.daemon.ribVersion++;
      const changed = await running.app.inject({ url, headers: { 'if-none-match': etag } });
      expect(changed.statusCode).toBe(200);
      expect(changed.headers.etag).not.toBe(etag);
    },
  );

  test('is absent where the answer depends on sessions', async () => {
    await using running = await bench();
    for (const url of ['/api/v1/peers/ER2/advertised', '/api/v1/peers', '/api/v1/status']) {
      expect((await running.app.inject(url)).headers.etag).toBeUndefined();
    }
  });
});

describe('lists', () => {
  test('have cursors that return every path once', async () => {
    await using running = await bench();
    const seen: string[] = [];
    let cursor = '';
    do {
      const url = `/api/v1/routes?limit=2${cursor === '' ? '' : `&cursor=${cursor}`}`;
      const page = (await running.app.inject(url)).json();
      for (const { prefix, peer } of page.items) seen.push(`${prefix} ${peer}`);
      cursor = page.next_cursor ?? '';
    } while (cursor !== '');
    expect(seen).toEqual(labPaths().map(({ prefix, peer }) => `${prefix} ${peer}`));
  });

  test('have a cursor that continues after its peer, or at its place if a reload has removed the peer', async () => {
    await using running = await bench();
    const first = (await running.app.inject('/api/v1/peers?limit=2')).json();
    const url = `/api/v1/peers?limit=2&cursor=${encodeURIComponent(first.next_cursor)}`;
    const names = async (): Promise<string[]> =>
      (await running.app.inject(url)).json().items.map((peer: { name: string }) => peer.name);
    expect(await names()).toEqual(['W3', 'ER2']);
    running.daemon.listPeers = running.daemon.listPeers.filter(({ name }) => name !== 'W2');
    expect(await names()).toEqual(['W3', 'ER2']);
    running.daemon.listPeers = running.daemon.listPeers.filter(({ name }) => name !== 'W1');
    expect((await running.app.inject('/api/v1/peers')).json().items).toHaveLength(5);
  });

  test.each([1, 99, 100, 101, 250, 1000])('limit %i of many, in slices of 100', async (limit) => {
    await using running = await bench();
    running.daemon.paths = manyPaths(1200);
    const answer = (await running.app.inject(`/api/v1/routes?limit=${limit}`)).json();
    expect(answer.items).toEqual(running.daemon.paths.slice(0, limit));
    expect(answer.next_cursor).toBe(String(limit));
    expect(answer.rib_version).toBe(9);
    expect(running.slices()).toBe(Math.ceil(limit / 100));
  });

  test.each([
    ['never', 503],
    ['always', 200],
  ] as const)('a place is had, or none is wanted: writable %s', async (writable, status) => {
    await using running = await bench(writable);
    running.daemon.paths = manyPaths(200);
    const socket = { bytesWritten: 0, writableLength: 0, destroy: () => undefined };
    for (let at = 0; at < 64; at++) {
      running.answers.enter({ ...socket, remoteAddress: `192.0.2.${at}` });
    }
    const answer = await running.app.inject('/api/v1/routes?limit=200');
    expect(answer.statusCode).toBe(status);
    if (status === 503) expect(answer.json()).toMatchObject({ kind: 'busy' });
    for (const url of ['/docs/static/swagger-ui-bundle.js', '/metrics', '/openapi.json']) {
      expect([url, (await running.app.inject(url)).statusCode]).toEqual([url, status]);
    }
    expect((await running.app.inject('/livez')).statusCode).toBe(200);
    expect((await running.app.inject('/api/v1/routes?limit=10')).statusCode).toBe(200);
  });

  test('end a page of very long rows after some megabytes, with a cursor', async () => {
    await using running = await bench();
    const [path] = labPaths();
    const long = { ...path, node: 'x'.repeat(1024 * 1024) };
    running.daemon.peerRoutes = () => ({ items: [long], next_cursor: 'on', rib_version: 1 });
    const answer = await running.app.inject('/api/v1/peers/W1/received?limit=1000');
    expect(answer.json<{ items: unknown[] }>().items).toHaveLength(8);
    expect(answer.json()).toMatchObject({ next_cursor: 'on' });
  });

  test('skip slices without rows, and end if everything is removed meanwhile', async () => {
    await using running = await bench();
    const [one, two] = labPaths();
    const pages = [
      { items: [], next_cursor: '1', rib_version: 1 },
      { items: [one], next_cursor: '2', rib_version: 2 },
      { items: [], next_cursor: '3', rib_version: 2 },
      { items: [two], next_cursor: '4', rib_version: 3 },
    ];
    running.daemon.peerRoutes = () => pages.shift();
    const answer = await running.app.inject('/api/v1/peers/W1/accepted');
    expect(answer.json()).toEqual({ items: [one, two], rib_version: 1 });
  });
});

test('an explanation is made row by row, in turns, with the same result whether it is short or long', async () => {
  await using running = await bench();
  const { explain } = running.daemon;
  const url = '/api/v1/explain?prefix=2001:db8:30::1';
  const short = (await running.app.inject(url)).json<ExplainView>();
  expect([short.candidates.length, short.exports.length]).toEqual([4, 7]);
  let made = 0;
  running.daemon.explain = (prefix, peer) => {
    const explanation = explain(prefix, peer);
    const client = short.exports.find(({ sent }) => sent !== undefined);
    function* exports(): Generator<ExportView> {
      if (client === undefined) return;
      for (; made < 500; made++) yield client;
    }
    return explanation && { ...explanation, exports: exports() };
  };
  const before = running.slices();
  const long = await running.app.inject(url);
  const { exports, ...rest } = long.json<ExplainView>();
  expect({ ...rest, exports: short.exports }).toEqual(short);
  expect([exports.length, made]).toEqual([500, 500]);
  expect(running.slices() - before).toBeGreaterThan(500);
});

test('a large answer is compressed for clients that accept it', async () => {
  await using running = await bench();
  running.daemon.paths = manyPaths(1000);
  const url = '/api/v1/routes?limit=1000';
  const plain = await running.app.inject(url);
  const packed = await running.app.inject({ url, headers: { 'accept-encoding': 'gzip' } });
  expect(plain.headers['content-encoding']).toBeUndefined();
  expect(packed.headers['content-encoding']).toBe('gzip');
  expect(gunzipSync(packed.rawPayload).toString()).toBe(plain.body);
  expect(packed.rawPayload.length).toBeLessThan(plain.rawPayload.length / 10);
});

test('every answer, good or bad, may neither be framed, sniffed nor run', async () => {
  await using running = await bench();
  for (const url of [
    '/livez',
    '/api/v1/peers',
    '/nope',
    '/api/v1/routes?limit=0',
    '/metrics',
    '/docs',
  ]) {
    const { headers } = await running.app.inject(url);
    expect(headers['content-security-policy']).toMatch(/^default-src 'none'/);
    expect(headers['content-security-policy']).toContain("frame-ancestors 'none'");
    expect(headers['x-content-type-options']).toBe('nosniff');
    expect(headers['referrer-policy']).toBe('no-referrer');
    expect(headers['access-control-allow-origin']).toBeUndefined();
  }
});

describe('rate limit', () => {
  // The requests are counted in a minute of the wall clock, and a busy machine may need longer for so many.
  beforeEach(() => void vi.useFakeTimers({ toFake: ['Date'] }));
  afterEach(() => void vi.useRealTimers());

  test('refuses an address with too many requests, but not monitoring', async () => {
    await using running = await bench();
    for (let count = 0; count < 3000; count++) await running.app.inject('/api/v1/explain');
    const refused = await running.app.inject('/api/v1/status');
    expect(refused.statusCode).toBe(429);
    expect(refused.json()).toMatchObject({ kind: 'rate_limit' });
    expect(Number(refused.headers['retry-after'])).toBeGreaterThan(0);
    for (const url of ['/livez', '/readyz', '/metrics']) {
      expect((await running.app.inject(url)).statusCode).toBe(200);
    }
    const other = await running.app.inject({ url: '/api/v1/status', remoteAddress: '192.0.2.1' });
    expect(other.statusCode).toBe(200);
  });

  test('does not apply to the control socket', async () => {
    await using running = await bench('always');
    for (let count = 0; count < 3001; count++) await running.app.inject('/api/v1/explain');
    expect((await running.app.inject('/api/v1/status')).statusCode).toBe(200);
  });
});

test('a path that leads out of its folder is not found', async () => {
  await using running = await bench();
  for (const url of [
    '/docs/../../package.json',
    '/docs/%2e%2e%2f%2e%2e%2fpackage.json',
    '/docs/static/..%2f..%2findex.js',
  ]) {
    const answer = await running.app.inject(url);
    expect(answer.body).not.toMatch(/"dependencies"|module\.exports/);
  }
});

function manyPaths(count: number) {
  const [one] = labPaths();
  return Array.from({ length: count }, (_, index) => ({ ...one, med: index }));
}
