import { BaseResolver, createConfig, lintDocument, Source } from '@redocly/openapi-core';
import { expect, test } from 'vitest';
import { bench } from './app.ts';

interface Document {
  openapi: string;
  paths: Record<string, Record<string, { security?: object[]; summary?: string }>>;
  components: { schemas: Record<string, object> };
}

test('the document is OpenAPI 3.1, with every route and no broken reference', async () => {
  await using running = await bench();
  const document = (await running.app.inject('/openapi.json')).json<Document>();
  expect(document.openapi).toBe('3.1.0');
  const routes = Object.entries(document.paths).flatMap(([url, methods]) =>
    Object.keys(methods).map((method) => `${method} ${url}`),
  );
  expect(routes.sort()).toMatchInlineSnapshot(`
    [
      "delete /api/v1/drains",
      "delete /api/v1/drains/{id}",
      "get /api/v1/bfd",
      "get /api/v1/bmp",
      "get /api/v1/coherence",
      "get /api/v1/config",
      "get /api/v1/config/history",
      "get /api/v1/doctor",
      "get /api/v1/drains",
      "get /api/v1/drains/{id}",
      "get /api/v1/events",
      "get /api/v1/explain",
      "get /api/v1/failovers",
      "get /api/v1/nodes/{name}/effect",
      "get /api/v1/peers",
      "get /api/v1/peers/{name}",
      "get /api/v1/peers/{name}/accepted",
      "get /api/v1/peers/{name}/advertised",
      "get /api/v1/peers/{name}/received",
      "get /api/v1/peers/{name}/rejected",
      "get /api/v1/peers/{name}/withheld",
      "get /api/v1/routes",
      "get /api/v1/routes/{prefix}",
      "get /api/v1/rpki",
      "get /api/v1/services",
      "get /api/v1/services/{name}",
      "get /api/v1/status",
      "get /api/v1/stream",
      "get /api/v1/trouble",
      "get /api/v1/whatif",
      "get /livez",
      "get /metrics",
      "get /metrics/bird",
      "get /readyz",
      "post /api/v1/config/check",
      "post /api/v1/config/confirm",
      "post /api/v1/config/plan",
      "post /api/v1/config/reload",
      "post /api/v1/drains",
      "post /api/v1/notes",
      "post /api/v1/peers/{name}/disable",
      "post /api/v1/peers/{name}/enable",
      "post /api/v1/peers/{name}/refresh",
      "post /api/v1/peers/{name}/reset",
      "post /api/v1/shutdown",
      "post /api/v1/simulate",
    ]
  `);
  const references = JSON.stringify(document).matchAll(/"\$ref":"([^"]+)"/g);
  const known = Object.keys(document.components.schemas).map(
    (name) => `#/components/schemas/${name}`,
  );
  expect(known).toEqual(expect.arrayContaining([...references].map(([, target]) => target)));
});

test('a linter finds nothing against its recommended rules', async () => {
  await using running = await bench();
  const source = new Source('openapi.json', (await running.app.inject('/openapi.json')).body);
  const document = { source, parsed: JSON.parse(source.body) };
  const config = await createConfig({ extends: ['recommended'] });
  const problems = await lintDocument({
    document,
    config,
    externalRefResolver: new BaseResolver(),
  });
  expect(problems.map(({ ruleId, message }) => `${ruleId}: ${message}`)).toEqual([]);
});

test('every write says that it needs the token, no read does', async () => {
  await using running = await bench();
  const { paths } = (await running.app.inject('/openapi.json')).json<Document>();
  const rows = Object.values(paths).flatMap((methods) => Object.entries(methods));
  const { get: reads = [], ...writes } = Object.groupBy(rows, ([method]) => method);
  expect(Object.keys(writes).toSorted()).toEqual(['delete', 'post']);
  for (const [, { security = [] }] of reads) expect(security).toEqual([]);
  for (const [, { security }] of Object.values(writes).flatMap((same) => same ?? [])) {
    expect(security).toEqual([{ token: [] }]);
  }
});

test('the page requests nothing from other hosts, and all of its files exist', async () => {
  await using running = await bench();
  const page = (await running.app.inject('/docs')).body;
  const wanted = [...page.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, url]) => url);
  expect(wanted.length).toBeGreaterThan(3);
  for (const url of wanted) {
    expect(url).not.toMatch(/^(?:https?:)?\/\//);
    const { pathname } = new URL(url, 'http://localhost/docs');
    expect([pathname, (await running.app.inject(pathname)).statusCode]).toEqual([pathname, 200]);
  }
});

test.each([
  '/docs/nothing',
  '/docs/static/nothing.js',
  '/docs/static/',
  '/docs/static/theme/nothing.css',
  '/docs/static/%73wagger-ui.css',
  '/docs/a/b/c',
])('%s is not found, with an error like every other', async (url) => {
  await using running = await bench();
  const answer = await running.app.inject(url);
  expect([answer.statusCode, answer.headers['content-type']]).toEqual([
    404,
    'application/problem+json; charset=utf-8',
  ]);
  expect(answer.json()).toMatchObject({ kind: 'unknown_url', detail: `no such URL: ${url}` });
});

test('every operation has an id of its own, which is a name in any language', async () => {
  await using running = await bench();
  const { paths } = (await running.app.inject('/openapi.json')).json<{
    paths: Record<string, Record<string, { operationId: string }>>;
  }>();
  const ids = Object.values(paths).flatMap((methods) =>
    Object.values(methods).map(({ operationId }) => operationId),
  );
  expect(new Set(ids).size).toBe(ids.length);
  expect(ids.filter((id) => !/^[a-z]\w*$/.test(id))).toEqual([]);
  expect(ids).toContain('get_peers_name_received');
});
