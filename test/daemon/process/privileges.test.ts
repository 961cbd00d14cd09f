import { existsSync, readFileSync, statSync } from 'node:fs';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import type { CommandOutcome } from '#api/commands.ts';
import type { PeerView } from '#api/views/peer.ts';
import type { StatusView } from '#api/views/status.ts';
import { handedOver } from '#daemon/process/socket-activation.ts';
import { freePort } from '#support/free-port.ts';
import { RawSpeaker } from '#support/raw-speaker.ts';
import { waitFor } from '#support/wait.ts';
import { Closer, connectTo, loopback } from '../../net/support.ts';
import { openFields } from '../bench.ts';
import { DaemonProcess } from '../process.ts';

const isRoot = process.getuid?.() === 0;
const nobody = 65534;
/** In containers every user may be allowed to use them. */
const firstFreePort = '/proc/sys/net/ipv4/ip_unprivileged_port_start';
const hasPortsOfRoot = Number(readFileSync(firstFreePort, 'utf8')) > 179;
const closer = new Closer();
let daemon: DaemonProcess | undefined;
afterEach(async () => {
  closer.close();
  await daemon?.close();
  daemon = undefined;
});

const peers = `peers:
  - { name: W1, address: 127.0.0.11, peer_as: 65001, passive: true, password: first }
`;

async function establish(port: number, md5Key: string): Promise<RawSpeaker> {
  const remote = { address: loopback(9), port };
  const { socket } = await connectTo({ remote, source: loopback(11), md5Key }, closer);
  const speaker = RawSpeaker.over(socket);
  await speaker.establish(openFields);
  speaker.keepAlive(1000);
  closer.add(() => speaker.close());
  return speaker;
}

async function isUp(running: DaemonProcess): Promise<void> {
  const look = () => running.ask<PeerView>('/api/v1/peers/W1');
  await waitFor('W1', look, ({ state }) => state === 'established');
}

describe.skipIf(!isRoot)('user', () => {
  it('is the user of the daemon once everything is open, without any right or group of root', async () => {
    const port = await freePort();
    const listen = `listen: "127.0.0.9:${port}"\n`;
    daemon = new DaemonProcess(`${listen}user: nobody\nstate_dir: state/deep\n${peers}`);
    await daemon.ready();
    await waitFor(
      'nobody',
      () => daemon?.status('Uid'),
      (uid) => uid === ids(nobody),
    );
    expect(daemon.status('Gid')).toBe(ids(nobody));
    expect(daemon.status('Groups')).toBe(String(nobody));
    for (const set of ['CapInh', 'CapPrm', 'CapEff', 'CapAmb']) {
      expect(daemon.status(set)).toBe('0'.repeat(16));
    }
    expect(statSync(daemon.control).uid).toBe(nobody);
    expect(statSync(`${daemon.folder}/state/deep`).uid).toBe(nobody);
    await establish(port, 'first');
    await isUp(daemon);
    daemon.write(
      `${listen}user: nobody\nstate_dir: state/deep\n${peers.replace('first', 'second')}`,
    );
    const outcome = await daemon.ask<CommandOutcome>('/api/v1/config/reload', 'POST');
    expect(outcome.message).toBe('reloaded; W1: reset (password)');
    await establish(port, 'second');
    await isUp(daemon);
    expect(await daemon.stop()).toBe(0);
  });

  it('cannot listen on a privileged port any more: a reload is refused, and nothing is lost', async () => {
    const port = await freePort();
    const listen = `listen: "127.0.0.9:${port}"\n`;
    daemon = new DaemonProcess(`${listen}user: nobody\n${peers}`);
    await daemon.ready();
    await waitFor(
      'nobody',
      () => daemon?.status('Uid'),
      (uid) => uid === ids(nobody),
    );
    await establish(port, 'first');
    await isUp(daemon);
    const places = [`0.0.0.0:${port}`, ...(hasPortsOfRoot ? ['127.0.0.10:179'] : [])];
    for (const place of places) {
      daemon.write(`listen: "${place}"\nuser: nobody\n${peers}`);
      const outcome = await daemon.ask<{ detail: string }>('/api/v1/config/reload', 'POST');
      expect(outcome.detail).toContain(`cannot listen on ${place}: `);
    }
    await isUp(daemon);
    const { listening, config } = await daemon.ask<StatusView>('/api/v1/status');
    expect(listening).toEqual([`127.0.0.9:${port}`]);
    expect(config.last_reload_ok).toBe(false);
  });

  it('that this machine does not have is reported before anything is opened', async () => {
    daemon = new DaemonProcess(`listen: "127.0.0.9:${await freePort()}"\nuser: nemo\n`);
    expect(await daemon.ended()).toBe(1);
    expect(daemon.output).toBe('fingerpost: user: there is no user nemo on this machine\n');
    expect(existsSync(daemon.control)).toBe(false);
  });

  it('may be set by root only, or name the present user', async () => {
    const listen = `listen: "127.0.0.9:${await freePort()}"\n`;
    daemon = new DaemonProcess(`${listen}user: daemon\n`, { uid: nobody });
    expect(await daemon.ended()).toBe(1);
    expect(daemon.output).toBe(
      'fingerpost: user: only root can switch to daemon; start as root, or start as daemon and remove the key user\n',
    );
    await daemon.close();
    daemon = new DaemonProcess(`${listen}user: nobody\n`, { uid: nobody });
    await daemon.ready();
  });
});

describe('socket activation', () => {
  it.each([
    [{}, [], []],
    [{ LISTEN_PID: '7', LISTEN_FDS: '2' }, [3, 4], []],
    [{ LISTEN_PID: '8', LISTEN_FDS: '2' }, [], []],
    [{ LISTEN_PID: '7' }, [], []],
    [{ LISTEN_PID: '7', LISTEN_FDS: '-1' }, [], []],
    [{ LISTEN_PID: '7', LISTEN_FDS: 'x' }, [], []],
    [
      { LISTEN_PID: '7', LISTEN_FDS: '3', LISTEN_FDNAMES: 'fingerpost.socket:bgp-a:bgp-b' },
      [3],
      [
        { fd: 4, name: 'bgp-a' },
        { fd: 5, name: 'bgp-b' },
      ],
    ],
  ])('%j hands over %j to process 7, and %j from its store', (env, activated, stored) => {
    expect(handedOver(env, 7)).toEqual({ activated, stored });
  });

  it.each(['127.0.0.9', '::'])(
    'a socket on %s that was handed over hears BGP, with MD5 and without any right',
    async (host) => {
      const { port, fd, release } = await listenFirst(host);
      const uid = isRoot ? { uid: nobody } : {};
      daemon = new DaemonProcess(`listen: "127.0.0.9:179"\n${peers}`, { sockets: [fd], ...uid });
      release();
      await daemon.ready();
      await establish(port, 'first');
      await isUp(daemon);
      const { listening: places } = await daemon.ask<StatusView>('/api/v1/status');
      expect(places).toEqual([host === '::' ? `[::]:${port}` : `${host}:${port}`]);
      expect((await daemon.ask<PeerView>('/api/v1/peers/W1')).address).toBe('127.0.0.11');
    },
  );

  it('a reload changes keys on these sockets, and does not touch listen', async () => {
    const { port, fd, release } = await listenFirst('127.0.0.9');
    daemon = new DaemonProcess(peers, { sockets: [fd] });
    release();
    await daemon.ready();
    daemon.write(`listen: "127.0.0.10:179"\n${peers.replace('first', 'second')}`);
    const outcome = await daemon.ask<CommandOutcome>('/api/v1/config/reload', 'POST');
    expect(outcome.message).toBe(
      'reloaded; W1: reset (password); listen: no effect because the sockets were passed in by systemd',
    );
    await establish(port, 'second');
    await isUp(daemon);
  });
});

/** A listening socket as a service manager holds one, which releases it once it was handed over. */
async function listenFirst(
  host: string,
): Promise<{ port: number; fd: number; release: () => void }> {
  const server: Server = createServer();
  await new Promise<void>((resolve) => server.listen(0, host, resolve));
  const { port } = server.address() as AddressInfo;
  return { port, fd: descriptorOf(server), release: () => server.close() };
}

function descriptorOf(server: Server): number {
  const handle: unknown = Reflect.get(server, '_handle');
  if (typeof handle === 'object' && handle !== null && 'fd' in handle) return Number(handle.fd);
  throw new Error('no descriptor');
}

function ids(id: number): string {
  return [id, id, id, id].join(' ');
}
