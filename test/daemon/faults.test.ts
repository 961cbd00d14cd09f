import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeEach, expect, it } from 'vitest';
import type { PeerView } from '#api/views/peer.ts';
import type { StatusView } from '#api/views/status.ts';
import { freePort } from '#support/free-port.ts';
import { RawSpeaker } from '#support/raw-speaker.ts';
import { pause, waitFor } from '#support/wait.ts';
import { DaemonProcess } from './process.ts';

let port: number;
let daemon: DaemonProcess;
beforeEach(async () => {
  port = await freePort();
});
const folder = mkdtempSync(join(tmpdir(), 'fingerpost-faults-'));
afterEach(() => daemon.close());
afterAll(() => rmSync(folder, { recursive: true }));

function config(more = ''): string {
  return `listen: "127.0.0.9:${port}"
${more}
peers:
  - { name: W1, address: 127.0.1.1, peer_as: 65001, passive: true, hold_time: 30 }
`;
}

function thePeer(): Promise<PeerView> {
  return daemon.ask('/api/v1/peers/W1');
}

async function establish(): Promise<RawSpeaker> {
  const speaker = await daemon.establish('127.0.1.1', port);
  await waitFor('W1', thePeer, ({ state }) => state === 'established');
  return speaker;
}

it('a full disk costs the log, and nothing else', async () => {
  const full = openSync('/dev/full', 'w');
  daemon = new DaemonProcess(config(), { stdout: full });
  closeSync(full);
  await daemon.ready();
  const speaker = await establish();
  for (let at = 0; at < 5; at++) await daemon.ask('/api/v1/config/reload', 'POST');
  await pause(1000);
  expect(speaker.isClosed).toBe(false);
  expect(await daemon.stop()).toBe(0);
});

it('a state directory that cannot be written is reported once, and costs nothing else', async () => {
  // Not even root can read or write there.
  const state = join(folder, 'state');
  symlinkSync(state, state);
  daemon = new DaemonProcess(config(`state_dir: ${state}`));
  await daemon.ready();
  const speaker = await establish();
  // Two reports: that it cannot be read, and that it cannot be written.
  const reports = ['not known which peers were up', `"${state}/state.json: `];
  await waitFor(
    'both reports',
    () => daemon.output,
    (text) => reports.every((words) => text.includes(words)),
  );
  await pause(2500);
  for (const words of reports) expect(daemon.output.split(words)).toHaveLength(2);
  expect(speaker.isClosed).toBe(false);
});

it('200 SIGHUPs reset no session', async () => {
  daemon = new DaemonProcess(config());
  await daemon.ready();
  const speaker = await establish();
  for (let at = 0; at < 200; at++) {
    daemon.child.kill('SIGHUP');
    if (at % 20 === 0) await pause(20);
  }
  const look = () => daemon.ask<StatusView>('/api/v1/status');
  await waitFor('the end', look, ({ config: { last_reload_ok } }) => last_reload_ok);
  await pause(500);
  expect(await thePeer()).toMatchObject({ state: 'established', flaps: 0 });
  expect(speaker.isClosed).toBe(false);
});

it('after kill -9 the next start succeeds, and the peer comes back', async () => {
  daemon = new DaemonProcess(config('state_dir: state'));
  await daemon.ready();
  await establish();
  await waitFor(
    'its memory',
    () => readFileSync(`${daemon.folder}/state/state.json`, 'utf8'),
    (text) => text.includes('W1'),
  );
  daemon.child.kill('SIGKILL');
  await daemon.ended();
  await daemon.restart();
  const { ready } = await daemon.ask<StatusView>('/api/v1/status');
  expect(ready).toBe(false);
  await establish();
});

it('a second one on the same socket is refused, and the first continues', async () => {
  daemon = new DaemonProcess(config());
  await daemon.ready();
  const second = daemon.beside();
  expect(await second.ended()).toBe(1);
  expect(second.output).toMatch(/another fingerpost \(process \d+\) is running/);
  await establish();
});
