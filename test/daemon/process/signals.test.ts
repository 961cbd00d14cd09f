import { readFileSync } from 'node:fs';
import { afterEach, expect, test } from 'vitest';
import { freePort } from '#support/free-port.ts';
import { waitFor } from '#support/wait.ts';
import { DaemonProcess } from '../process.ts';

/** asm-generic/signal.h */
const quitNumber = 3n;

let daemon: DaemonProcess | undefined;

afterEach(async () => {
  await daemon?.close();
  daemon = undefined;
});

async function started(): Promise<DaemonProcess> {
  daemon = new DaemonProcess(`listen: ['127.0.0.1:${await freePort()}']\n`);
  return daemon;
}

/** The first signals are handled by now, since Node itself does not handle this one. */
function catchesQuit({ child }: DaemonProcess): boolean {
  const status = readFileSync(`/proc/${child.pid}/status`, 'utf8');
  const mask = BigInt(`0x${/SigCgt:\s*([0-9a-f]+)/.exec(status)?.[1] ?? '0'}`);
  return ((mask >> (quitNumber - 1n)) & 1n) === 1n;
}

test.each(['SIGUSR1', 'SIGUSR2', 'SIGALRM'] as const)(
  '%s opens no debugger and ends nothing; it is told in one line',
  async (signal) => {
    const running = await started();
    await running.ready();
    running.child.kill(signal);
    await waitFor(
      'the line',
      () => running.output,
      (output) => output.includes(signal),
    );
    expect(running.output.split(signal)).toHaveLength(2);
    expect(running.output).not.toContain('Debugger listening');
    expect(await running.stop()).toBe(0);
  },
);

test('SIGQUIT stops the daemon as SIGTERM does', async () => {
  const running = await started();
  await running.ready();
  running.child.kill('SIGQUIT');
  expect(await running.ended()).toBe(0);
  expect(running.output).toContain('fingerpost is stopping');
});

test('a SIGHUP during the start reloads once the daemon is up, and ends nothing', async () => {
  const running = await started();
  await waitFor(
    'a handler',
    () => catchesQuit(running),
    (isCaught) => isCaught,
    { everyMs: 1 },
  );
  running.child.kill('SIGHUP');
  running.child.kill('SIGUSR1');
  await running.ready();
  await waitFor(
    'the reload, and the line of the other signal',
    () => running.output,
    (output) => output.includes('nothing changed') && output.includes('SIGUSR1 is ignored'),
  );
  expect(running.output).not.toContain('Debugger listening');
});
