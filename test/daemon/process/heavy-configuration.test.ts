import { execFileSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { constants } from 'node:os';
import { afterEach, describe, expect, it } from 'vitest';
import { freePort } from '#support/free-port.ts';
import { waitFor } from '#support/wait.ts';
import { DaemonProcess } from '../process.ts';

let daemon: DaemonProcess;
afterEach(async () => {
  await daemon.close();
});

const node = '  - { name: W1, address: 127.0.1.1, peer_as: 65001, passive: true, hold_time: 6 }\n';

/** Keys that follow `listen`; the node is always among the peers. */
const heavy = {
  prefixes: () => {
    const list = Array.from({ length: 40_000 }, (_, at) => `1.${at >> 8}.${at & 255}.0/24`);
    const policy = `policies: { p: [{ match: { prefix: [${list.join()}] }, then: accept }] }\n`;
    const user = '  - { address: 10.1.0.1, peer_as: 1, import: p, passive: true }\n';
    return `${policy}peers:\n${node}${user}`;
  },
  aliases: () => {
    const peers = Array.from(
      { length: 1000 },
      (_, at) =>
        `  - { address: 10.1.${at >> 8}.${at & 255}, peer_as: 1, import: *p, passive: true }\n`,
    );
    const group = 'peer_groups: { unused: { peer_as: 1, import: &p [p] } }\npolicies: { p: [] }\n';
    return `${group}peers:\n${node}${peers.join('')}`;
  },
  word: () => `peers:\n${node}  - ${'a'.repeat(40_000)}\n`,
} as const;

function listening(port: number): string {
  return `listen: "127.0.0.9:${port}"\n`;
}

/** The handler of SIGHUP is installed last before the configuration is read; Node itself has none. */
function isAboutToRead(): boolean {
  const caught = Number.parseInt(daemon.status('SigCgt').slice(-8), 16);
  return (caught & (1 << (constants.signals.SIGHUP - 1))) !== 0;
}

describe('a configuration that is hard to read', () => {
  it('ends no session with a hold time of 6 s, whatever is reloaded', async () => {
    const port = await freePort();
    daemon = new DaemonProcess(`${listening(port)}peers:\n${node}`);
    await daemon.ready();
    const speaker = await daemon.establish('127.0.1.1', port, { holdTimeSec: 6 });
    for (const [name, text] of Object.entries(heavy)) {
      daemon.write(listening(port) + text());
      const outcome = JSON.stringify(await daemon.ask('/api/v1/config/reload', 'POST'));
      expect([name, outcome.includes('"ok":true')]).toEqual([name, name !== 'word']);
    }
    rmSync(daemon.file);
    execFileSync('mkfifo', [daemon.file]);
    expect(await daemon.ask('/api/v1/config/reload', 'POST')).toMatchObject({
      problems: [{ message: 'cannot be read: it is not a regular file' }],
    });
    expect(await daemon.ask('/api/v1/peers/W1')).toMatchObject({ state: 'established', flaps: 0 });
    expect(speaker.isClosed).toBe(false);
    expect(await daemon.stop()).toBe(0);
  });

  it('does not prevent stopping a process that is still reading it', async () => {
    daemon = new DaemonProcess(`listen: []\n${heavy.prefixes()}`);
    await waitFor('its handler of SIGHUP', isAboutToRead, (isSo) => isSo);
    daemon.child.kill('SIGTERM');
    expect(await daemon.ended()).toBe(0);
    expect(daemon.output).not.toContain('listening');
  });

  it('that is a FIFO makes the start fail with the reason', async () => {
    daemon = new DaemonProcess(`listen: ['127.0.0.1:${await freePort()}']\n`);
    await daemon.ready();
    await daemon.stop();
    rmSync(daemon.file);
    execFileSync('mkfifo', [daemon.file]);
    await expect(daemon.restart()).rejects.toThrow('it is not a regular file');
  });

  it('and a state_dir in which no folder can be created still start and stop', async () => {
    const listen = `listen: ['127.0.0.1:${await freePort()}']\n`;
    daemon = new DaemonProcess(`${listen}state_dir: /proc/nope\npeers: []\n`);
    await daemon.ready();
    expect(await daemon.stop()).toBe(0);
  });
});
