import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { freePort } from '#support/free-port.ts';
import { waitFor } from '#support/wait.ts';
import { Closer } from '../../net/support.ts';
import { DaemonProcess } from '../process.ts';

// A daemon that wrongly comes up never ends.
vi.setConfig({ testTimeout: 90_000 });

const closer = new Closer();
let daemons: DaemonProcess[] = [];

afterEach(async () => {
  closer.close();
  for (const daemon of daemons) await daemon.close();
  daemons = [];
});

function start(yaml: string, beside?: DaemonProcess): DaemonProcess {
  const daemon = new DaemonProcess(yaml, {}, beside?.folder);
  daemons.push(daemon);
  return daemon;
}

/** A peer that waits to be dialled, and counts the connections. */
async function dialledPeer(): Promise<{ readonly yaml: string; calls: number }> {
  const port = await freePort();
  const options = 'peer_as: 65001, import: all, export: all, connect_retry: 100ms';
  const peer = {
    yaml: `peers: [{ name: W1, address: 127.0.0.11, port: ${port}, ${options} }]\n`,
    calls: 0,
  };
  const server = createServer((socket) => {
    peer.calls++;
    socket.destroy();
  });
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.11', () => resolve()));
  closer.add(() => server.close());
  return peer;
}

async function places(): Promise<string> {
  const [bgp, http] = [await freePort(), await freePort()];
  return `listen: ['127.0.0.9:${bgp}']\nhttp: { listen: '127.0.0.1:${http}' }\n`;
}

describe('a second daemon with ports and peers of its own', () => {
  it.each([
    [
      'control socket',
      '',
      /fp\.sock: another fingerpost \(process \d+\) is running on this control socket/,
    ],
    [
      'state_dir',
      'state_dir: state\n',
      /state_dir: .*\/state belongs to another fingerpost \(process \d+\)/,
    ],
  ])('on the same %s ends with an error before it contacts any peer', async (what, more, text) => {
    const first = start(`${await places()}${more}`);
    await first.ready();
    const peer = await dialledPeer();
    first.write(`${await places()}${more}${peer.yaml}`);
    if (what === 'state_dir') {
      const own = readFileSync(first.file, 'utf8');
      writeFileSync(first.file, own.replace('control/fp.sock', 'other/fp.sock'));
    }
    const second = start('', first);
    expect(await second.ended()).toBe(1);
    expect(second.output).toMatch(text);
    const events = second.output.split('\n').filter((line) => line.startsWith('{'));
    expect(events.map((line) => (JSON.parse(line) as { event: string }).event)).toEqual([
      'start_failed',
    ]);
    expect(peer.calls).toBe(0);
    expect(await first.ask('/api/v1/status')).toBeDefined();
  });

  it('is one of four that start at the same moment: only one comes up', async () => {
    const first = start(`${await places()}state_dir: state\n`);
    const all = [first, ...[1, 2, 3].map(() => start('', first))];
    const ended: DaemonProcess[] = [];
    for (const one of all) void one.ended().then(() => ended.push(one));
    await waitFor(
      'the others',
      () => ended.length,
      (count) => count === 3,
    );
    for (const one of ended) expect(one.output).toContain('is running on this control socket');
    // The others may have ended before the control socket of this one answers.
    await all.find((one) => !ended.includes(one))?.ready();
  });
});

describe('a lock that the last daemon left behind', () => {
  it('after kill -9 the next start comes up', async () => {
    const first = start(`${await places()}state_dir: state\n`);
    await first.ready();
    first.child.kill('SIGKILL');
    await first.ended();
    expect(existsSync(`${first.control}.lock`)).toBe(true);
    await first.restart();
    expect(readFileSync(`${first.control}.lock`, 'utf8')).toBe(`${first.child.pid}\n`);
  });

  it('a stop removes the locks', async () => {
    const first = start(`${await places()}state_dir: state\n`);
    await first.ready();
    expect(existsSync(join(first.folder, 'state', 'lock'))).toBe(true);
    expect(await first.stop()).toBe(0);
    expect(existsSync(join(first.folder, 'state', 'lock'))).toBe(false);
    expect(existsSync(`${first.control}.lock`)).toBe(false);
  });
});
