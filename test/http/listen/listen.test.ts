import { once } from 'node:events';
import { chmod, lstat, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { request } from 'node:http';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Token } from '#http/guard.ts';
import { BoundSockets } from '#http/listen/bound-sockets.ts';
import { bindControl } from '#http/listen/control-socket.ts';
import { ListenError } from '#http/listen/listen-error.ts';
import {
  type HttpListeners,
  type HttpParts,
  type OpenHttp,
  openHttp,
} from '#http/listen/listen.ts';
import { freePort } from '#support/free-port.ts';
import { FakeClock, type FakeDaemon, fakeDaemon } from '../fake-daemon.ts';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'fingerpost-http-'));
});
afterAll(async () => {
  await rm(folder, { recursive: true });
});

interface Running extends AsyncDisposable {
  readonly daemon: FakeDaemon;
  readonly http: OpenHttp;
}

function partsOf(daemon: FakeDaemon): HttpParts {
  return { queries: daemon, commands: daemon, events: daemon, clock: new FakeClock() };
}

async function open(listeners: Partial<HttpListeners>): Promise<Running> {
  const daemon = fakeDaemon();
  const http = await openHttp(partsOf(daemon), { tcp: [], ...listeners });
  return { daemon, http, [Symbol.asyncDispose]: () => http.close() };
}

async function ask(
  where: { socketPath: string } | { host: string; port: number },
  path: string,
  method = 'GET',
  headers: Record<string, string> = {},
): Promise<{ status: number; text: string }> {
  const outgoing = request({ ...where, path, method, headers, agent: false });
  outgoing.end();
  const [response] = await once(outgoing, 'response');
  let text = '';
  for await (const chunk of response) text += String(chunk);
  return { status: response.statusCode, text };
}

async function kindOf(opening: Promise<Running>): Promise<string> {
  try {
    await (await opening)[Symbol.asyncDispose]();
    return 'opened';
  } catch (error) {
    return error instanceof ListenError ? error.kind : String(error);
  }
}

function tcpOf({ http }: Running): { host: string; port: number } {
  const [, host = '', port = ''] = /^\[?(.+?)\]?:(\d+)$/.exec(http.addresses.at(-1) ?? '') ?? [];
  return { host, port: Number(port) };
}

const tokensOf = (secret: string): Token[] => [{ name: 'one', secret, may: ['all'] }];

describe('the control socket', () => {
  test('allows reads and writes without a token, for its owner and group only', async () => {
    const control = join(folder, 'deep', 'control.sock');
    await using running = await open({ control });
    expect(running.http.addresses).toEqual([control]);
    const file = await stat(control);
    expect([file.isSocket(), file.mode & 0o777]).toEqual([true, 0o660]);
    const here = { socketPath: control };
    expect((await ask(here, '/api/v1/status')).status).toBe(200);
    expect((await ask(here, '/api/v1/peers/W1/reset', 'POST')).status).toBe(200);
    expect(running.daemon.called).toEqual(['reset W1']);
  });

  test('leaves no file behind when closed, even if a client is still reading', async () => {
    const control = join(folder, 'closed.sock');
    const running = await open({ control });
    const outgoing = request({ socketPath: control, path: '/api/v1/stream' });
    outgoing.end();
    const [response] = await once(outgoing, 'response');
    await running.http.close();
    for await (const _ of response);
    await expect(lstat(control)).rejects.toThrow();
  });

  test('replaces a socket on which no process answers', async () => {
    const control = join(folder, 'stale.sock');
    await leaveStale(control);
    await using running = await open({ control });
    expect((await ask({ socketPath: control }, '/livez')).text).toBe('ok\n');
    expect(running.http.addresses).toEqual([control]);
  });

  test('is not taken from a daemon that answers on it', async () => {
    const control = join(folder, 'taken.sock');
    await using running = await open({ control });
    expect(await kindOf(open({ control }))).toBe('already_running');
    expect((await ask({ socketPath: control }, '/livez')).status).toBe(200);
    expect(running.http.addresses).toEqual([control]);
  });

  test('is not taken from a busy daemon, which accepts connections but does not answer', async () => {
    const control = join(folder, 'busy.sock');
    const busy = createServer().listen(control);
    await once(busy, 'listening');
    expect(await kindOf(open({ control }))).toBe('already_running');
    busy.close();
  });

  test('does not touch a file that is not a socket', async () => {
    const control = join(folder, 'precious');
    await writeFile(control, 'data');
    await chmod(control, 0o600);
    expect(await kindOf(open({ control }))).toBe('unavailable');
    expect((await stat(control)).size).toBe(4);
  });
});

/** A socket as kill -9 leaves it: bound, without a process. */
async function leaveStale(path: string): Promise<void> {
  const { execFileSync } = await import('node:child_process');
  const script = `require('net').createServer().listen(${JSON.stringify(path)}, () => process.kill(process.pid, 'SIGKILL'))`;
  try {
    execFileSync(process.execPath, ['-e', script], { stdio: 'ignore' });
  } catch {
    // It was killed, as intended.
  }
  expect((await lstat(path)).isSocket()).toBe(true);
}

describe('addresses', () => {
  test('can be several, which report the ports that they got', async () => {
    const tcp = [
      { host: '127.0.0.1', port: 0 },
      { host: '::1', port: 0 },
    ];
    await using running = await open({ tcp, control: join(folder, 'both.sock') });
    expect(running.http.addresses).toHaveLength(3);
    expect(running.http.addresses[1]).toMatch(/^127\.0\.0\.1:\d+$/);
    expect(running.http.addresses[2]).toMatch(/^\[::1\]:\d+$/);
    expect((await ask(tcpOf(running), '/api/v1/status')).status).toBe(200);
  });

  test('need the token for writes', async () => {
    await using running = await open({
      tcp: [{ host: '127.0.0.1', port: 0 }],
      tokens: tokensOf('sesame'),
    });
    const url = '/api/v1/peers/W1/reset';
    expect((await ask(tcpOf(running), url, 'POST')).status).toBe(401);
    const authorization = 'Bearer sesame';
    expect((await ask(tcpOf(running), url, 'POST', { authorization })).status).toBe(200);
  });

  test('that are in use keep every other one from being opened', async () => {
    await using running = await open({ tcp: [{ host: '127.0.0.1', port: 0 }] });
    const control = join(folder, 'nothing.sock');
    expect(await kindOf(open({ tcp: [tcpOf(running)], control }))).toBe('address_in_use');
    await expect(lstat(control)).rejects.toThrow();
    const nowhere = { host: '192.0.2.1', port: 0 };
    expect(await kindOf(open({ tcp: [nowhere] }))).toBe('unavailable');
  });
});

describe('addresses that were bound early', () => {
  test.each(['control', 'tcp'])(
    '%s: a request of before the server was there is answered',
    async (what) => {
      const bound = new BoundSockets();
      const port = await freePort();
      const control = join(folder, 'early.sock');
      if (what === 'tcp') bound.addTcp([{ host: '127.0.0.1', port }]);
      else bound.add(control, await bindControl(control));
      const where = what === 'tcp' ? { host: '127.0.0.1', port } : { socketPath: control };
      const early = ask(where, '/livez');
      const wanted = what === 'tcp' ? { tcp: [{ host: '127.0.0.1', port }] } : { tcp: [], control };
      const http = await openHttp(partsOf(fakeDaemon()), wanted, bound);
      expect((await early).text).toBe('ok\n');
      await http.close();
    },
  );

  test('cannot be used by others, and are closed if no server follows', async () => {
    const bound = new BoundSockets();
    const place = { host: '127.0.0.1', port: await freePort() };
    const control = join(folder, 'bound.sock');
    bound.addTcp([place]);
    bound.add(control, await bindControl(control));
    expect(() => new BoundSockets().addTcp([place])).toThrow('the address is in use');
    await expect(bindControl(control)).rejects.toThrow('another fingerpost');
    await bound.close();
    await expect(lstat(control)).rejects.toThrow();
    await using running = await open({ tcp: [place], control });
    expect(running.http.addresses).toHaveLength(2);
  });

  test('include a control socket whose file has been removed', async () => {
    const control = join(folder, 'removed.sock');
    const bound = new BoundSockets();
    bound.add(control, await bindControl(control));
    await rm(control);
    await expect(bindControl(control)).rejects.toThrow(
      `another fingerpost (process ${process.pid})`,
    );
    await bound.close();
  });

  test('include every IPv4 address if they are every IPv6 address', async () => {
    const port = await freePort();
    await using running = await open({ tcp: [{ host: '::', port }] });
    expect(running.http.addresses).toEqual([`[::]:${port}`]);
    expect((await ask({ host: '127.0.0.1', port }, '/livez')).status).toBe(200);
  });
});

describe('bytes that are not a request', () => {
  const rows = [
    ['rubbish', 'hello\r\n\r\n', '400'],
    ['headers without end', `GET / HTTP/1.1\r\nhost: x\r\nx: ${'y'.repeat(9000)}\r\n\r\n`, '431'],
  ];
  test.each(rows)(
    '%s: answered with a problem, after which the connection is closed',
    async (_, bytes, status) => {
      await using running = await open({ tcp: [{ host: '127.0.0.1', port: 0 }] });
      const socket = connect(tcpOf(running));
      socket.end(bytes);
      let text = '';
      for await (const chunk of socket) text += String(chunk);
      expect(text).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
      expect(text).toContain('application/problem+json');
      expect((await ask(tcpOf(running), '/livez')).status).toBe(200);
    },
  );
});

test('events come over the wire as they happen, and a reader that leaves is forgotten', async () => {
  await using running = await open({ tcp: [{ host: '127.0.0.1', port: 0 }] });
  const outgoing = request({ ...tcpOf(running), path: '/api/v1/stream', agent: false });
  outgoing.end();
  const [response] = await once(outgoing, 'response');
  expect(response.headers['content-type']).toBe('text/event-stream');
  expect(response.headers['cache-control']).toBe('no-store');
  response.setEncoding('utf8');
  const [opening] = await once(response, 'data');
  const [first] = String(opening).includes('event:') ? [opening] : await once(response, 'data');
  expect(first).toContain('event: snapshot');
  running.daemon.emit({ event: 'config_loaded', file: 'rs9.yaml', hash: '00', text: 'loaded' });
  const [second] = await once(response, 'data');
  expect(second).toContain('event: config');
  const readers = async (): Promise<string | undefined> =>
    /^fingerpost_sse_clients (\d+)$/m.exec((await ask(tcpOf(running), '/metrics')).text)?.[1];
  expect(await readers()).toBe('1');
  response.destroy();
  while ((await readers()) !== '0');
});

describe('a change of listeners', () => {
  const home = '127.0.0.1';

  test('does not affect listeners that stay, nor their readers of the stream', async () => {
    const control = join(folder, 'stays.sock');
    await using running = await open({
      control,
      tcp: [{ host: home, port: 0 }],
      tokens: tokensOf('old'),
    });
    const at = tcpOf(running);
    const outgoing = request({ ...at, path: '/api/v1/stream', agent: false });
    outgoing.end();
    const [response] = await once(outgoing, 'response');
    const change = await running.http.change({
      control,
      tcp: [
        { host: home, port: 0 },
        { host: '::1', port: 0 },
      ],
      tokens: tokensOf('new'),
    });
    change.commit();
    expect(running.http.addresses).toHaveLength(3);
    expect(running.http.addresses).toContain(`${at.host}:${at.port}`);
    const write = (token: string) =>
      ask(at, '/api/v1/peers/W1/reset', 'POST', { authorization: `Bearer ${token}` });
    expect([(await write('old')).status, (await write('new')).status]).toEqual([401, 200]);
    expect(response.destroyed).toBe(false);
    response.destroy();
  });

  test('and back at once reuses a listener that is being closed', async () => {
    const [first, second] = [await freePort(), await freePort()];
    await using running = await open({ tcp: [{ host: home, port: first }] });
    for (const port of [second, first, second, first]) {
      (await running.http.change({ tcp: [{ host: home, port }] })).commit();
      expect(running.http.addresses).toEqual([`${home}:${port}`]);
      expect((await ask({ host: home, port }, '/livez')).status).toBe(200);
    }
    (await running.http.change({ tcp: [{ host: home, port: second }] })).commit();
    const wide = { host: '0.0.0.0', port: first };
    (await running.http.change({ tcp: [wide] })).commit();
    expect((await ask({ host: home, port: first }, '/livez')).status).toBe(200);
  });

  test('keeps a file that has replaced the control socket', async () => {
    const control = join(folder, 'replaced.sock');
    const running = await open({ control });
    await rm(control);
    await writeFile(control, 'not ours');
    await running[Symbol.asyncDispose]();
    expect(await readFile(control, 'utf8')).toBe('not ours');
  });

  test('moves the control socket, and closes the old one later', async () => {
    const [before, after] = [join(folder, 'before.sock'), join(folder, 'after.sock')];
    await using running = await open({ control: before });
    (await running.http.change({ control: after, tcp: [] })).commit();
    expect((await ask({ socketPath: after }, '/livez')).status).toBe(200);
    while (await stat(before).then(Boolean, () => false)) await new Promise(setImmediate);
  });

  test.each(['fails', 'is taken back'])('that %s leaves everything open', async (how) => {
    await using running = await open({ tcp: [{ host: home, port: 0 }], tokens: tokensOf('old') });
    const at = tcpOf(running);
    const tcp = [
      { host: '::1', port: 0 },
      { host: '192.0.2.1', port: 0 },
    ];
    if (how === 'fails') await expect(running.http.change({ tcp })).rejects.toThrow(ListenError);
    else await (await running.http.change({ tcp: [tcp[0]] })).rollback();
    expect(running.http.addresses).toEqual([`${at.host}:${at.port}`]);
    expect((await ask(at, '/livez')).status).toBe(200);
  });

  test.each(['takes its place', 'is taken back', 'fails'])(
    'one that is in the way of a wider one: the new one %s',
    async (how) => {
      const port = await freePort();
      await using running = await open({ tcp: [{ host: home, port }] });
      const wide = { host: '0.0.0.0', port };
      const tcp = how === 'fails' ? [wide, { host: '192.0.2.1', port }] : [wide];
      if (how === 'fails') await expect(running.http.change({ tcp })).rejects.toThrow(ListenError);
      else {
        const change = await running.http.change({ tcp });
        if (how === 'is taken back') await change.rollback();
        else change.commit();
      }
      const host = how === 'takes its place' ? '0.0.0.0' : home;
      expect(running.http.addresses).toEqual([`${host}:${port}`]);
      expect((await ask({ host: home, port }, '/livez')).status).toBe(200);
    },
  );
});
