import { execFile, spawn } from 'node:child_process';
import {
  existsSync,
  globSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { waitFor } from '#support/wait.ts';

const run = promisify(execFile);
const builder = new URL('../../deploy/release/build.ts', import.meta.url).pathname;
const folder = mkdtempSync(join(tmpdir(), 'fingerpost-release-test-'));
const { version } = JSON.parse(
  readFileSync(new URL('../../package.json', import.meta.url), 'utf8'),
);
const top = join(folder, `fingerpost-${version}`);
const program = join(top, 'bin/fingerpost');

/** A PATH without Node: it has only the programs that the script of the archive calls. */
const bare = { PATH: join(folder, 'path') };

beforeAll(async () => {
  const { stdout } = await run(process.execPath, [builder, folder]);
  await run('tar', ['-xf', stdout.trim(), '-C', folder]);
  mkdirSync(bare.PATH);
  for (const name of ['dirname', 'readlink']) {
    symlinkSync(`/usr/bin/${name}`, join(bare.PATH, name));
  }
  // A busy machine takes minutes to pack it.
}, 900_000);

afterAll(() => rmSync(folder, { recursive: true }));

/** Returns the status and the body of an answer of the control socket. */
function ask(socketPath: string, path: string): Promise<[status: number, body: string]> {
  return new Promise((resolve, reject) => {
    request({ socketPath, path }, (answer) => {
      let body = '';
      answer.setEncoding('utf8').on('data', (chunk: string) => (body += chunk));
      answer.once('end', () => resolve([answer.statusCode ?? 0, body]));
    })
      .once('error', reject)
      .end();
  });
}

function residentMb(pid: number | undefined): number {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1]) / 1024;
}

test('it runs without an installed Node, from any directory, through a link', async () => {
  const link = join(folder, 'link');
  symlinkSync(program, link);
  const { stdout } = await run(link, ['--version'], { env: bare, cwd: '/' });
  expect(stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
});

test.each(['service-ha', 'ixp'])('its example %s is valid', async (name) => {
  const example = join(top, `share/examples/${name}.yaml`);
  const { stdout } = await run(program, ['check', example], { env: bare });
  expect(stdout).toContain(': ok,');
});

test('it starts, answers every kind of request, and stops', async () => {
  const socket = join(folder, 'control.sock');
  const config = join(folder, 'fingerpost.yaml');
  writeFileSync(
    config,
    `router_id: 192.0.2.9
local_as: 65002
listen: ['127.0.0.1:0']
http: { listen: '127.0.0.1:0' }
control: { socket: '${socket}' }
peers:
  - { name: W1, address: 127.0.0.2, peer_as: 65001, import: all, password: secret, passive: true }
`,
  );
  const daemon = spawn(program, ['run', '-c', config], { env: bare, stdio: 'ignore' });
  const ended = new Promise((resolve) => daemon.once('exit', resolve));
  try {
    await waitFor(
      'its control socket',
      () => ask(socket, '/livez'),
      ([status]) => status === 200,
    );
    await waitFor(
      'at most 102 MB at rest',
      () => residentMb(daemon.pid),
      (size) => size <= 102,
    );
    for (const path of ['/metrics', '/openapi.json', '/docs/', '/docs/json', '/api/v1/peers']) {
      expect([path, (await ask(socket, path))[0]]).toEqual([path, 200]);
    }
    const { stdout } = await run(program, ['-s', socket, 'show', 'peers'], { env: bare });
    expect(stdout).toContain('W1');
  } finally {
    daemon.kill('SIGTERM');
  }
  expect(await ended).toBe(0);
});

test('it contains what is needed to run, and nothing for building or testing', () => {
  const lib = join(top, 'lib');
  const there = (name: string): boolean => existsSync(join(lib, 'node_modules', name));
  expect(['koffi', '@fastify/swagger-ui'].filter((name) => !there(name))).toEqual([]);
  // These are in the bundle; the others are not needed at run time.
  const absent = ['fastify', 'pino', 'rolldown', 'typescript', 'vitest', 'oxlint', '@types'];
  expect(absent.filter(there)).toEqual([]);
  expect(existsSync(join(lib, 'dist/packages'))).toBe(false);
  expect(existsSync(join(lib, 'node'))).toBe(true);
});

test('it contains the licences of its parts', () => {
  const lib = join(top, 'lib');
  expect(existsSync(join(lib, 'LICENSE.node'))).toBe(true);
  const bundled = readFileSync(join(lib, 'dist/THIRD-PARTY.txt'), 'utf8');
  expect(bundled).toMatch(/^fastify \d+\.\d+\.\d+ \(MIT\)$/m);
  const modules = globSync(['*/package.json', '@*/*/package.json'], {
    cwd: join(lib, 'node_modules'),
  });
  const without = modules.filter((file) => {
    const files = readdirSync(join(lib, 'node_modules', dirname(file)));
    // The binary of koffi is covered by the licence of koffi.
    return !file.startsWith('@koromix/') && !files.some((name) => /^licen[cs]e/i.test(name));
  });
  expect(without).toEqual([]);
});
