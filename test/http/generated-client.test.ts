import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { generateApi } from 'swagger-typescript-api';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Bench, bench } from './app.ts';

const compiler = new URL('../../node_modules/.bin/tsc', import.meta.url).pathname;

/** A program as written by a reader of the document alone; it is compiled in strict mode. */
const program = `
import { Api, type Peer, type Problem } from './generated.ts';

export async function peersUp(baseUrl: string): Promise<string[]> {
  const { data } = await new Api({ baseUrl }).api.getPeers({ limit: 100 });
  return data.items.filter((peer: Peer) => peer.state === 'established').map(({ name }) => name);
}

export async function bestOf(baseUrl: string, prefix: string): Promise<string | undefined> {
  const { data } = await new Api({ baseUrl }).api.getExplain({ prefix });
  return data.best?.peer;
}

export async function disable(baseUrl: string, token: string, name: string): Promise<string> {
  const headers = { authorization: \`Bearer \${token}\` };
  const client = new Api({ baseUrl, baseApiParams: { headers } });
  const { data } = await client.api.postPeersNameDisable({ name }, { reason: 'ticket 4711' });
  return data.message;
}

export async function whyNot(baseUrl: string, name: string): Promise<string> {
  const problem: Problem = await new Api({ baseUrl }).api.getPeersName({ name }).then(
    () => {
      throw new Error('no problem');
    },
    (answer: { readonly error: Problem }) => answer.error,
  );
  return \`\${problem.status} \${problem.kind}\`;
}
`;

interface Client {
  peersUp(url: string): Promise<string[]>;
  bestOf(url: string, prefix: string): Promise<string | undefined>;
  disable(url: string, token: string, name: string): Promise<string>;
  whyNot(url: string, name: string): Promise<string>;
}

const folder = mkdtempSync(join(tmpdir(), 'fingerpost-client-'));
const token = 'a-token-of-sixteen';
let running: Bench;
let url: string;
let client: Client;

beforeAll(async () => {
  running = await bench({ token });
  url = await running.app.listen({ host: '127.0.0.1', port: 0 });
  const document = await (await fetch(`${url}/openapi.json`)).text();
  const { files } = await generateApi({
    spec: JSON.parse(document),
    output: false,
    silent: true,
    extractRequestParams: true,
  });
  for (const { fileContent } of files) writeFileSync(join(folder, 'generated.ts'), fileContent);
  writeFileSync(join(folder, 'client.ts'), program);
  writeFileSync(join(folder, 'package.json'), '{ "type": "module" }');
  const way =
    '--strict --target es2022 --lib es2023,dom --module nodenext --types --rewriteRelativeImportExtensions';
  execFileSync(compiler, [...way.split(' '), 'client.ts'], { cwd: folder, encoding: 'utf8' });
  client = await import(join(folder, 'client.js'));
});

afterAll(async () => {
  await running[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true });
});

test('a client generated from the document lists the peers', async () => {
  expect(await client.peersUp(url)).toContain('W1');
});

test('it explains a route', async () => {
  expect(await client.bestOf(url, '2001:db8:30::1/128')).toBe('W3');
});

test('it disables a peer, by its token', async () => {
  expect(await client.disable(url, token, 'W2')).toBe('done');
  expect(running.daemon.called).toEqual(['disable W2 ticket 4711']);
});

test('it reads why something was refused', async () => {
  expect(await client.whyNot(url, 'W9')).toBe('404 unknown_peer');
});
