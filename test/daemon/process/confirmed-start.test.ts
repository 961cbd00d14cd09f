import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { ConfigHistoryView } from '#api/views/config-history.ts';
import type { PeerView } from '#api/views/peer.ts';
import type { StatusView } from '#api/views/status.ts';
import { waitFor } from '#support/wait.ts';
import { DaemonProcess } from '../process.ts';

const main = new URL('../../../src/main.ts', import.meta.url).pathname;
const head = `
router_id: 9.9.9.9
local_as: 65002
start_gate: 0
control: { socket: control/fp.sock }
http: { listen: [] }
listen: ["127.0.0.9:0"]
`;
const confirmed = `${head}state_dir: state\ninclude: [peers/*.yaml]\n`;
const peer = (name: string, last: number, more = ''): string =>
  `peers:\n  - { name: ${name}, address: 127.0.1.${last}, peer_as: 65001, passive: true${more} }\n`;
const other = `${head}state_dir: state\n${peer('W2', 2)}`;

let running: DaemonProcess;
let folder: string;
const inFolder = (name: string): string => join(folder, name);
const write = (name: string, text: string): void => writeFileSync(inFolder(name), text);

/** The configuration that the start confirms: W1 in an include, with a password in a file. */
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'fingerpost-confirm-'));
  mkdirSync(inFolder('peers'));
  write('secret', 'open sesame\n');
  write('peers/w1.yaml', peer('W1', 1, ', password_file: ../secret, description: kept'));
  write('fp.yaml', confirmed);
  running = new DaemonProcess('', {}, folder);
  await running.ready();
});
afterEach(() => running.close());

async function fingerpost(...words: string[]): Promise<{ code: number | null; text: string }> {
  const child = spawn(process.execPath, [main, '-s', running.control, ...words], {
    env: { PATH: process.env.PATH, SUDO_USER: 'alice' },
  });
  let text = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk) => (text += String(chunk)));
  }
  await once(child, 'close');
  return { code: child.exitCode, text };
}

const status = async (): Promise<StatusView> => running.ask<StatusView>('/api/v1/status');
const names = async (): Promise<string[]> => {
  const { items } = await running.ask<{ items: PeerView[] }>('/api/v1/peers');
  return items.map(({ name, description = '' }) => `${name} ${description}`.trim());
};

async function killAndStart(): Promise<void> {
  running.child.kill('SIGKILL');
  await running.ended();
  running.child.removeAllListeners();
  await running.restart();
}

/** Reloads to W2 alone, and removes the files of W1. */
async function reloadToOther(time: string): Promise<void> {
  write('fp.yaml', other);
  rmSync(inFolder('peers'), { recursive: true });
  rmSync(inFolder('secret'));
  const outcome = await fingerpost('reload', '--force', '--confirm', time);
  expect([outcome.text, outcome.code]).toEqual([outcome.text, 0]);
  expect(outcome.text).toMatch(/^reloaded; W2: add; W1: remove;/);
}

async function expectConfirmed(): Promise<void> {
  expect(await names()).toEqual(['W1 kept']);
  expect((await status()).config).toMatchObject({ running_from: 'stored', file_differs: true });
  const shown = (await fingerpost('show', 'status')).text;
  expect(shown).toMatch(/running [0-9a-f]{8} \(confirmed .*\), not the file on disk/);
}

describe('a daemon that is killed', () => {
  test('while a reload waits for confirmation starts with the confirmed configuration, its include and secret file included, until a reload', async () => {
    await reloadToOther('1h');
    expect(await names()).toEqual(['W2']);
    expect((await fingerpost('show', 'status')).text).toMatch(
      /returns to [0-9a-f]{8} at .* unless `fingerpost confirm` is run before/,
    );
    await killAndStart();
    await expectConfirmed();
    expect(running.output).toContain('was never confirmed');
    await killAndStart();
    await expectConfirmed();
    const outcome = await fingerpost('reload', '--force');
    expect([outcome.text, outcome.code]).toEqual([outcome.text, 0]);
    expect(await names()).toEqual(['W2']);
    await killAndStart();
    expect(await names()).toEqual(['W2']);
    expect((await status()).config).toMatchObject({ running_from: 'file', file_differs: false });
  });

  test('after the time for confirmation starts with the confirmed configuration', async () => {
    await reloadToOther('1s');
    await waitFor('the confirmed configuration', names, ([name]) => name === 'W1 kept');
    await expectConfirmed();
    await killAndStart();
    await expectConfirmed();
    expect((await fingerpost('confirm')).text).toContain('no reload is waiting for confirmation');
  });

  test('after `confirm` starts with the file', async () => {
    await reloadToOther('1h');
    expect((await fingerpost('confirm')).code).toBe(0);
    await killAndStart();
    expect(await names()).toEqual(['W2']);
    expect((await status()).config).toMatchObject({ running_from: 'file' });
  });

  test('starts with the file, and is degraded, if the confirmed configuration cannot be read', async () => {
    await reloadToOther('1h');
    for (const name of readdirSync(inFolder('state/configs'))) {
      if (name.endsWith('.gz')) write(`state/configs/${name}`, 'no longer what it was');
    }
    await killAndStart();
    expect(await names()).toEqual(['W2']);
    expect((await status()).degraded).toContain('confirmed configuration lost');
    expect(running.output).toContain('the confirmed configuration is lost');
  });

  test('with a broken file finds the confirmed configuration in the state directory that systemd names', async () => {
    await reloadToOther('1h');
    running.child.kill('SIGKILL');
    await running.ended();
    write('fp.yaml', 'router_id: [\n');
    running = new DaemonProcess('', { env: { STATE_DIRECTORY: inFolder('state') } }, folder);
    await running.ready();
    expect(await names()).toEqual(['W1 kept']);
  });
});

test('while a reload waits, a plain reload ends with 1 and the reason, SIGHUP is refused, and another --confirm or --rollback is accepted', async () => {
  await reloadToOther('1h');
  const { confirm_by: first } = (await status()).config;
  const refused = await fingerpost('reload');
  expect(refused.code).toBe(1);
  expect(refused.text).toContain('a reload waits for confirmation until');
  running.child.kill('SIGHUP');
  await waitFor(
    'the refusal',
    () => running.output,
    (text) => /refused by SIGHUP: /.test(text),
  );
  expect((await fingerpost('reload', '--force', '--confirm', '2h')).code).toBe(0);
  expect((await status()).config.confirm_by?.localeCompare(first ?? '')).toBe(1);
  const planned = await fingerpost('plan', '--rollback');
  expect(planned.text).toMatch(/W1\s+add/);
  expect(planned.text).not.toContain('sesame');
  expect((await fingerpost('reload', '--rollback')).text).toContain('rolled back');
  await expectConfirmed();
});

test('former configurations are readable by their owner alone and listed with who loaded them; a plan against one shows no secret', async () => {
  await reloadToOther('1h');
  await fingerpost('confirm');
  const { items } = await running.ask<ConfigHistoryView>('/api/v1/config/history');
  expect(items).toMatchObject([
    { how: 'reload', running: true, kept: true, by: { user: 'alice' } },
    { how: 'start', running: false, kept: true },
  ]);
  expect((await fingerpost('show', 'config', 'history')).text).toContain('(says: alice)');
  const planned = await fingerpost('plan', '--against', items[1].hash.slice(0, 8), '--json');
  expect(planned.text).toMatch(/"peer":"W1","effect":"add"/);
  expect(planned.text).not.toContain('sesame');
  for (const name of readdirSync(inFolder('state/configs'))) {
    expect([name, statSync(inFolder(`state/configs/${name}`)).mode & 0o777]).toEqual([name, 0o600]);
  }
  expect(readFileSync(inFolder('state/configs/index.json'), 'utf8')).not.toContain('sesame');
  expect((await fingerpost('plan', '--against', '00000000')).code).toBe(1);
});

test('a reload with --confirm is refused with a reason if nothing can be stored, and --volatile does it anyway', async () => {
  rmSync(inFolder('state/configs'), { recursive: true });
  write('state/configs', 'in the way');
  write('fp.yaml', other);
  const refused = await fingerpost('reload', '--force', '--confirm', '1h');
  expect(refused.code).toBe(1);
  expect(refused.text).toMatch(/nothing was changed, because .*--volatile does it anyway/);
  expect(await names()).toEqual(['W1 kept']);
  expect((await fingerpost('reload', '--force', '--confirm', '1h', '--volatile')).code).toBe(0);
  expect((await fingerpost('confirm')).code).toBe(1);
  expect((await fingerpost('confirm', '--volatile')).code).toBe(0);
  expect(await names()).toEqual(['W2']);
});

test('a reload with --confirm may not change state_dir, where a start would look for the confirmed configuration', async () => {
  write('fp.yaml', confirmed.replace('state_dir: state', 'state_dir: elsewhere'));
  const refused = await fingerpost('reload', '--confirm', '1h');
  expect([refused.code, refused.text]).toEqual([1, expect.stringContaining('state_dir differs')]);
  expect((await fingerpost('reload')).code).toBe(0);
});
