import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { DescriptorStore } from '#support/descriptor-store.ts';
import { freePort } from '#support/free-port.ts';
import { waitFor } from '#support/wait.ts';
import { Closer, connectTo, dialUntilAnswer, loopback } from '../../net/support.ts';
import { DaemonProcess } from '../process.ts';

const closer = new Closer();
let daemon: DaemonProcess | undefined;
let store: DescriptorStore | undefined;

afterEach(async () => {
  closer.close();
  await daemon?.close();
  store?.close();
  [daemon, store] = [undefined, undefined];
});

const options = '{ peer_as: 65001, import: all, export: all';

/** A peer that connects from 127.0.0.`from`; `heard` collects what it receives. */
async function call(port: number, from: number): Promise<{ socket: Socket; heard: number[] }> {
  const socket = connect({ host: '127.0.0.9', port, localAddress: `127.0.0.${from}` });
  const heard: number[] = [];
  socket.on('data', (chunk) => heard.push(...chunk));
  socket.on('error', () => undefined);
  closer.add(() => socket.destroy());
  await new Promise((resolve) => socket.once('connect', resolve).once('close', resolve));
  return { socket, heard };
}

describe('a start that fails', () => {
  it.each([
    ['HTTP', '127.0.0.1'],
    ['BGP', '127.0.0.9'],
  ])(
    'because the port of %s is taken: no peer hears of it, and the log says why',
    async (what, host) => {
      const [bgp, http, dialled] = [await freePort(), await freePort(), await freePort()];
      const port = what === 'HTTP' ? http : bgp;
      const taken = createServer().listen(port, host);
      await once(taken, 'listening');
      closer.add(() => taken.close());
      let calls = 0;
      const peer = createServer((socket) => {
        calls++;
        socket.destroy();
      }).listen(dialled, '127.0.0.11');
      await once(peer, 'listening');
      closer.add(() => peer.close());
      daemon = new DaemonProcess(
        `listen: ['127.0.0.9:${bgp}']\nhttp: { listen: '127.0.0.1:${http}' }\n` +
          `peers: [{ name: W1, address: 127.0.0.11, port: ${dialled}, ${options.slice(2)} }]\n`,
      );
      expect(await daemon.ended()).toBe(1);
      const lines = daemon.output.split('\n').filter((line) => line.startsWith('{'));
      const told = lines.map((line) => JSON.parse(line) as { event: string; level: string });
      expect(told.find(({ event }) => event === 'start_failed')).toMatchObject({ level: 'error' });
      expect(told.map(({ event }) => event)).toEqual(['started', 'start_failed']);
      expect(daemon.output).toContain(`cannot listen on ${host}:${port}`);
      expect(calls).toBe(0);
    },
  );
});

it('a bug that shows before the daemon runs ends the process with 70', async () => {
  const script = `import { Server } from 'node:net';
    const { listen } = Server.prototype;
    Server.prototype.listen = function (...words) {
      queueMicrotask(() => { throw new Error('a bug of the start'); });
      return listen.apply(this, words);
    };`;
  const env = { NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(script)}` };
  daemon = new DaemonProcess(`listen: ['127.0.0.9:${await freePort()}']\n`, { env });
  expect(await daemon.ended()).toBe(70);
  expect(daemon.output).toContain('internal error: Error: a bug of the start');
});

it('a reload that moves listeners logs the new ones, and none that stays', async () => {
  const [bgp, http, moved, other] = await Promise.all([
    freePort(),
    freePort(),
    freePort(),
    freePort(),
  ]);
  daemon = new DaemonProcess(
    `listen: ['127.0.0.9:${bgp}']\nhttp: { listen: ['127.0.0.1:${http}'] }\n`,
  );
  const started = daemon;
  await started.ready();
  const said = (): string[] =>
    started.output
      .split('\n')
      .filter((line) => line.startsWith('{'))
      .map((line) => JSON.parse(line) as { event: string; address: string; what: string })
      .filter(({ event }) => event === 'listening')
      .map(({ address, what }) => `${what} ${address.replace(started.folder, '')}`);
  await waitFor('the first addresses', said, (lines) => lines.length === 3);
  const text = `router_id: 9.9.9.9\nlocal_as: 65002\nstart_gate: 0\ncontrol: { socket: moved.sock }
listen: ['127.0.0.9:${bgp}', '127.0.0.9:${moved}']
http: { listen: ['127.0.0.1:${http}', '127.0.0.1:${other}'] }\n`;
  writeFileSync(started.file, text);
  started.child.kill('SIGHUP');
  const lines = await waitFor('the new addresses', said, ({ length }) => length >= 6);
  expect(lines.slice(3).toSorted()).toEqual(
    [`bgp 127.0.0.9:${moved}`, `http 127.0.0.1:${other}`, 'control /moved.sock'].toSorted(),
  );
});

it('a start that finds no file descriptor free says so, and what to do', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'fingerpost-test-'));
  closer.add(() => rmSync(folder, { recursive: true }));
  const file = join(folder, 'fp.yaml');
  writeFileSync(
    file,
    `router_id: 9.9.9.9\nlocal_as: 65002\nlisten: ['127.0.0.9:${await freePort()}']\n` +
      `http: { listen: '127.0.0.9:${await freePort()}' }\n` +
      `control: { socket: ${join(folder, 'control.sock')} }\nstate_dir: ${folder}\n`,
  );
  const run = (descriptors: number) => {
    const words = `ulimit -n ${descriptors}; exec "${process.execPath}" "${program}" run -c "${file}"`;
    return spawnSync('sh', ['-c', words], {
      encoding: 'utf8',
      timeout: 30_000,
      killSignal: 'SIGKILL',
    });
  };
  // Node itself needs about twenty, and more if it reads several modules at the same time.
  let refused: ReturnType<typeof run> | undefined;
  for (const descriptors of [26, 25, 27, 24, 28, 23, 29]) {
    refused = run(descriptors);
    if (refused.stderr.startsWith('fingerpost: ')) break;
  }
  expect(refused?.stderr).toMatch(
    /^fingerpost: cannot start: no file descriptor is free; raise LimitNOFILE=/,
  );
  expect(refused?.status).toBe(1);
});

const program = new URL('../../../src/main.ts', import.meta.url).pathname;

function yaml(port: number, key: string): string {
  return (
    `listen: ['127.0.0.9:${port}']\n` +
    'peers:\n' +
    `  - { name: W1, address: 127.0.0.11, passive: true, ${options.slice(2)} }\n` +
    `  - { name: W2, address: 127.0.0.12, passive: true, ${key}, ${options.slice(2)} }\n` +
    `  - { name: W3, address: 127.0.0.13, passive: true, gtsm: true, ${options.slice(2)} }\n`
  );
}

/** The same unit, started again. */
function again(kept: DescriptorStore, before: DaemonProcess): DaemonProcess {
  daemon = new DaemonProcess('', kept.handOver(), before.folder);
  return daemon;
}

/** A daemon that has ended, and what it left behind. */
async function stopped(port: number): Promise<{ kept: DescriptorStore; before: DaemonProcess }> {
  const kept = new DescriptorStore();
  store = kept;
  const before = new DaemonProcess(yaml(port, 'password: first'), { env: kept.env });
  daemon = before;
  await before.ready();
  await waitFor(
    'the store',
    () => kept.names,
    ({ length }) => length === 1,
  );
  expect(await before.stop()).toBe(0);
  return { kept, before };
}

describe('over a restart', () => {
  it('a connection waits in the queue and is answered by the next daemon; a stopped unit refuses it', async () => {
    const port = await freePort();
    const { kept, before } = await stopped(port);
    const waiting = await call(port, 11);
    expect(waiting.socket.destroyed).toBe(false);
    const next = again(kept, before);
    await waitFor(
      'its OPEN',
      () => waiting.heard[18],
      (type) => type === 1,
    );
    await next.stop();
    kept.release();
    const refused = await call(port, 11);
    expect(refused.socket.destroyed).toBe(true);
  });

  it('MD5 keys and minimum TTLs stay in force while no daemon runs', async () => {
    const port = await freePort();
    await stopped(port);
    const remote = { address: loopback(9), port };
    const timeoutMs = 1500;
    const unsigned = { remote, source: loopback(12) };
    expect(await dialUntilAnswer({ ...unsigned, timeoutMs }, closer)).toHaveProperty('failure');
    const afar = { remote, source: loopback(13), ttl: 254 };
    expect(await dialUntilAnswer({ ...afar, timeoutMs }, closer)).toHaveProperty('failure');
    await connectTo({ ...unsigned, md5Key: 'first' }, closer);
    await connectTo({ ...afar, ttl: 255 }, closer);
  });

  it.each([
    ['another key for the same peer', 'password: second', 'second', 'bgp-'],
    ['no key any more', 'hold_time: 90', undefined, 'bgp-'],
  ])('%s is in force from the start on', async (_, key, md5Key, name) => {
    const port = await freePort();
    const { kept, before } = await stopped(port);
    before.write(yaml(port, key));
    const next = again(kept, before);
    await next.ready();
    await waitFor(
      'the store',
      () => kept.names,
      ({ length }) => length === 1,
    );
    expect(kept.names[0]).toContain(name);
    const remote = { address: loopback(9), port };
    const wanted = md5Key === undefined ? {} : { md5Key };
    await connectTo({ remote, source: loopback(12), ...wanted }, closer);
    const old = { remote, source: loopback(12), timeoutMs: 1500, md5Key: 'first' };
    expect(await dialUntilAnswer(old, closer)).toHaveProperty('failure');
  });

  it('an address that is no longer in listen refuses connections', async () => {
    const [port, other] = [await freePort(), await freePort()];
    const { kept, before } = await stopped(port);
    before.write(yaml(other, 'password: first'));
    const next = again(kept, before);
    await next.ready();
    const former = await call(port, 11);
    expect(former.socket.destroyed).toBe(true);
    const now = await call(other, 11);
    await waitFor(
      'its OPEN',
      () => now.heard[18],
      (type) => type === 1,
    );
    await waitFor(
      'the store',
      () => kept.names,
      ({ length }) => length === 1,
    );
  });
});
