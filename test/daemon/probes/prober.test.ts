import { createServer, type RequestListener } from 'node:http';
import { type AddressInfo, createServer as createTcpServer, type Server } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { systemClock } from '#clock.ts';
import type { ProbeResult, ProbeTarget } from '#daemon/probes/probe-messages.ts';
import { Prober } from '#daemon/probes/prober.ts';

const servers: Server[] = [];
let prober: Prober | undefined;

afterEach(() => {
  prober?.setTargets([]);
  for (const server of servers.splice(0)) server.close();
});

async function listening(server: Server): Promise<number> {
  servers.push(server);
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  return (server.address() as AddressInfo).port;
}

/** The first result for the target. */
function resultOf(given: Partial<ProbeTarget>, clock = systemClock): Promise<ProbeResult> {
  return new Promise((resolve) => {
    prober = new Prober(clock, () => 0, resolve);
    prober.setTargets([
      {
        key: 'web 1 127.0.0.1',
        address: '127.0.0.1',
        kind: 'http',
        port: 1,
        path: '/health',
        expect: { min: 200, max: 399 },
        intervalMs: 60_000,
        timeoutMs: 60_000,
        ...given,
      },
    ]);
  });
}

const answers =
  (status: number, headers: Record<string, string> = {}): RequestListener =>
  (_request, response) => {
    response.writeHead(status, headers).end('x');
  };

describe('an HTTP probe', () => {
  const rows: readonly (readonly [string, RequestListener, boolean, RegExp])[] = [
    ['of a node that works', answers(200), true, /^answers$/],
    [
      'that is redirected is not followed',
      answers(302, { location: '/elsewhere' }),
      true,
      /answers/,
    ],
    ['of a node that fails', answers(503), false, /^status 503$/],
    [
      'of a node that never ends its answer',
      (_request, response) => {
        response.writeHead(200).write('x'.repeat(100_000));
      },
      true,
      /answers/,
    ],
  ];

  it.each(rows)('%s', async (_name, listener, isOk, text) => {
    const port = await listening(createServer(listener));
    const result = await resultOf({ port });
    expect(result.isOk).toBe(isOk);
    expect(result.text).toMatch(text);
  });

  it('of a node that takes the request and says nothing', async () => {
    const port = await listening(createServer(() => undefined));
    const { isOk, text } = await resultOf({ port, timeoutMs: 300 });
    expect([isOk, text]).toEqual([false, 'no answer within 300 ms']);
  });

  it('asks for the path with the host that is configured', async () => {
    const asked: (string | undefined)[] = [];
    const port = await listening(
      createServer(({ url, headers }, response) => {
        asked.push(url, headers.host);
        response.end();
      }),
    );
    await resultOf({ port, host: 'web.example.net' });
    expect(asked).toEqual(['/health', 'web.example.net']);
  });
});

describe('a TCP probe', () => {
  it('of an open port answers', async () => {
    const port = await listening(createTcpServer((socket) => socket.destroy()));
    expect(await resultOf({ kind: 'tcp', port })).toMatchObject({ isOk: true });
  });

  it('of a closed port does not', async () => {
    const server = createTcpServer();
    const port = await listening(server);
    await new Promise((resolve) => {
      server.close(resolve);
    });
    const { isOk, text } = await resultOf({ kind: 'tcp', port });
    expect([isOk, text]).toEqual([false, expect.stringMatching(/ECONNREFUSED/)]);
  });
});

/** The first `late` connections are reset, and two minutes have passed by then. */
async function probed(late: number): Promise<{ result: ProbeResult; asked: number }> {
  let shiftMs = 0;
  let asked = 0;
  const port = await listening(
    createServer((request, response) => {
      if (++asked > late) return void response.end('x');
      shiftMs += 120_000;
      request.socket.resetAndDestroy();
    }),
  );
  const clock = { ...systemClock, monotonic: () => systemClock.monotonic() + shiftMs };
  return { result: await resultOf({ port }, clock), asked };
}

describe('a probe that failed while this process did not run', () => {
  it('is repeated, since its answer may not have been read', async () => {
    const { result, asked } = await probed(1);
    expect(result).toMatchObject({ isOk: true });
    expect(asked).toBe(2);
  });

  it('is repeated once only', async () => {
    const { result, asked } = await probed(2);
    expect(result).toMatchObject({ isOk: false });
    expect(asked).toBe(2);
  });
});
