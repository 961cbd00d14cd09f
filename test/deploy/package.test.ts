import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { describeInterop } from '#support/requirements.ts';
import { waitFor } from '#support/wait.ts';
import { Machine, whyNoMachine } from './machine.ts';

const run = promisify(execFile);
const builder = new URL('../../deploy/debian/build.ts', import.meta.url).pathname;
const config = '/etc/fingerpost/fingerpost.yaml';
const unit = 'fingerpost.service';

const working = `router_id: 192.0.2.9
local_as: 65002
listen: ['127.0.0.1:179']
state_dir: /var/lib/fingerpost
peers:
  - { name: W1, address: 127.0.0.2, peer_as: 65001, import: all, passive: true }
`;

async function build(folder: string, version: string): Promise<string> {
  const { stdout } = await run(process.execPath, [builder, folder, version]);
  return stdout.trim();
}

/** Builds the same files as another version. */
async function rebuild(archive: string, folder: string, version: string): Promise<string> {
  const tree = join(folder, 'tree');
  const other = join(folder, `${version}.deb`);
  await run('dpkg-deb', ['-R', archive, tree]);
  await run('sed', ['-i', `s/^Version: .*/Version: ${version}/`, join(tree, 'DEBIAN/control')]);
  await run('dpkg-deb', ['-Znone', '--root-owner-group', '--build', tree, other]);
  return other;
}

const reason = whyNoMachine();
if (reason !== undefined) console.warn(`deploy: the Debian package is not tried: ${reason}`);

const packages = mkdtempSync(join(tmpdir(), 'fingerpost-packages-'));
let first: string;

/** Half a minute of processor time, which is many minutes on a busy machine. */
const packagingMs = 900_000;

beforeAll(async () => {
  first = await build(packages, '0.0.1');
}, packagingMs);
afterAll(() => rmSync(packages, { recursive: true }));

describeInterop('the Debian package, as the archive is read', ['lintian'], () => {
  test('passes lintian', { timeout: packagingMs }, async () => {
    const strict = ['--allow-root', '--tag-display-limit', '0', '--fail-on', 'error,warning'];
    expect((await run('lintian', [...strict, first])).stdout).toBe('');
  });
});

/** Each test continues with the machine as the test before left it. */
describe.runIf(reason === undefined)('the Debian package', () => {
  let machine: Machine;

  beforeAll(async () => {
    const second = await rebuild(first, packages, '0.0.2');
    machine = await Machine.boot();
    machine.copy(first, '/tmp/first.deb');
    machine.copy(second, '/tmp/second.deb');
  }, packagingMs);

  afterAll(() => machine?.[Symbol.asyncDispose]());

  const dpkg = async (...argv: readonly string[]): Promise<string> => {
    const { code, stdout, stderr } = await machine.run('dpkg', '--force-unsafe-io', ...argv);
    expect([code, stdout + stderr]).toEqual([0, expect.anything()]);
    return stderr;
  };
  const isActive = async (): Promise<string> => machine.property(unit, 'ActiveState');
  const mainPid = async (): Promise<string> => machine.property(unit, 'MainPID');
  const dropIns = '/run/systemd/system/fingerpost.service.d';
  const override = async (settings: string): Promise<void> => {
    await machine.must('mkdir', '-p', dropIns);
    machine.write(`${dropIns}/test.conf`, `[Service]\n${settings}`);
    await machine.must('systemctl', 'daemon-reload');
  };
  const overrideNothing = async (): Promise<void> => {
    await machine.must('rm', '-r', dropIns);
    await machine.must('systemctl', 'daemon-reload');
  };

  test('installs, and does not start the daemon without a configuration', async () => {
    expect(await dpkg('-i', '/tmp/first.deb')).toContain(`not started. Write ${config}`);
    expect(await isActive()).toBe('inactive');
    expect((await machine.run('systemctl', 'is-enabled', unit)).stdout.trim()).toBe('disabled');
    expect(await machine.must('fingerpost', '--version')).toMatch(/^\d+\.\d+\.\d+\n$/);
  });

  test('creates the user, and protects passwords', async () => {
    expect(await machine.must('getent', 'passwd', 'fingerpost')).toContain('/usr/sbin/nologin');
    const rights = await machine.must('stat', '-c', '%U:%G %a', '/etc/fingerpost', config);
    expect(rights).toBe('root:fingerpost 750\nroot:fingerpost 640\n');
  });

  test('installs manual pages', async () => {
    for (const page of ['man1/fingerpost.1', 'man5/fingerpost.yaml.5']) {
      const text = await machine.must('zcat', `/usr/share/man/${page}.gz`);
      expect(text).toMatch(/^\.TH "FINGERPOST/);
    }
  });

  test('installs every file as it was built', async () => {
    expect(await machine.must('dpkg', '-V', 'fingerpost')).toBe('');
  });

  test('installs completions for the three shells where each looks for them', async () => {
    for (const place of [
      'bash-completion/completions/fingerpost',
      'zsh/vendor-completions/_fingerpost',
      'fish/vendor_completions.d/fingerpost.fish',
    ]) {
      expect(await machine.must('cat', `/usr/share/${place}`)).toContain(
        'fingerpost __complete --',
      );
    }
  });

  test('installs units that pass systemd-analyze verify', async () => {
    const verified = await machine.run('systemd-analyze', 'verify', unit, 'fingerpost.socket');
    expect(verified).toEqual({ code: 0, stdout: '', stderr: '' });
  });

  test('starts with systemd, is ready when it says so, and has no capability except for its port', async () => {
    machine.write(config, working);
    await machine.must('systemctl', 'enable', '--now', unit);
    expect(await isActive()).toBe('active');
    expect(await machine.property(unit, 'StatusText')).toContain('0 of 1 peers established');
    const status = await machine.must('cat', `/proc/${await mainPid()}/status`);
    expect(status).toMatch(/CapEff:\s+0000000000000400\n/); // CAP_NET_BIND_SERVICE alone
    expect(status).not.toMatch(/Uid:\s+0\s/);
    const answer = await machine.must('fingerpost', 'show', 'status');
    expect(answer).toContain('127.0.0.1:179');
  });

  test('reloads, and refuses a file with an error without affecting the daemon', async () => {
    const before = await mainPid();
    machine.write(config, `${working}http_: {}\n`);
    expect((await machine.run('systemctl', 'reload', unit)).code).not.toBe(0);
    expect(await isActive()).toBe('active');
    machine.write(config, working.replace('W1', 'W2'));
    await machine.must('systemctl', 'reload', unit);
    await waitFor(
      'the new name',
      () => machine.must('fingerpost', 'show', 'peers'),
      (text) => text.includes('W2'),
    );
    expect([await isActive(), await mainPid()]).toEqual(['active', before]);
  });

  test('lets the daemon run before other services, and the thread of BFD before the daemon', async () => {
    expect(await machine.property(unit, 'CPUWeight')).toBe('1000');
    expect(await machine.property(unit, 'LimitNICE')).toBe('30');
    // A container may not be allowed to raise the limit, so the capability is checked instead.
    const bind = 'CAP_NET_BIND_SERVICE';
    await override(
      `AmbientCapabilities=CAP_SYS_NICE\nCapabilityBoundingSet=${bind} CAP_SYS_NICE\n`,
    );
    machine.write(config, working.replace('passive: true', 'passive: true, bfd: true'));
    await machine.must('systemctl', 'restart', unit);
    const pid = await mainPid();
    const nices = async (): Promise<string[]> => {
      const threads = await machine.must('ps', '-T', '-o', 'ni=', '-p', pid);
      return threads.split(/\s+/).filter((one) => one !== '' && one !== '0');
    };
    await waitFor('the thread', nices, (values) => values.length > 0);
    expect(await nices()).toEqual(['-10']);
    await overrideNothing();
    machine.write(config, working.replace('W1', 'W2'));
    await machine.must('systemctl', 'restart', unit);
  });

  test('satisfies its watchdog while it runs, and is restarted when it hangs', async () => {
    await override('WatchdogSec=6s\nTimeoutAbortSec=1s\n');
    await machine.must('systemctl', 'restart', unit);
    const before = await mainPid();
    await machine.must('sleep', '7');
    expect(await mainPid()).toBe(before);
    await machine.must('kill', '-STOP', before);
    await waitFor(
      'another process',
      async () => [await isActive(), await mainPid()],
      ([state, pid]) => state === 'active' && pid !== before && pid !== '0',
    );
    expect(await machine.property(unit, 'NRestarts')).toBe('1');
    await overrideNothing();
    await machine.must('systemctl', 'restart', unit);
  });

  test('takes its port from systemd, with no capability at all, and is started by a connection', async () => {
    await override('AmbientCapabilities=\nCapabilityBoundingSet=\n');
    machine.write(config, working.replace(/^listen.*\n/m, ''));
    await machine.must('systemctl', 'stop', unit);
    await machine.must('systemctl', 'start', 'fingerpost.socket', unit);
    const status = await machine.must('cat', `/proc/${await mainPid()}/status`);
    expect(status).toMatch(/CapEff:\s+0000000000000000\n/);
    const listening = await machine.must('fingerpost', 'show', 'status');
    expect(listening).toMatch(/0\.0\.0\.0:179[\s\S]*\[::\]:179/);

    await machine.must('systemctl', 'stop', unit);
    expect(await isActive()).toBe('inactive');
    await machine.must('bash', '-c', 'exec 3<>/dev/tcp/127.0.0.1/179');
    await waitFor('the daemon', isActive, (state) => state === 'active');

    await machine.must('systemctl', 'stop', 'fingerpost.socket', unit);
    await overrideNothing();
    machine.write(config, working.replace('W1', 'W2'));
    await machine.must('systemctl', 'start', unit);
  });

  test('is upgraded with its configuration unchanged, and runs again', async () => {
    const before = await mainPid();
    await dpkg('-i', '/tmp/second.deb');
    expect(await machine.must('cat', config)).toBe(working.replace('W1', 'W2'));
    expect(await isActive()).toBe('active');
    expect(await mainPid()).not.toBe(before);
  });

  test('does not stop the running daemon for a version that refuses its configuration', async () => {
    const before = await mainPid();
    machine.write(config, `${working}http_: {}\n`);
    const said = await dpkg('-i', '/tmp/first.deb');
    expect(said).toContain('refuses the configuration');
    expect(said).toContain('http_: unknown key; did you mean http?');
    expect([await isActive(), await mainPid()]).toEqual(['active', before]);
    machine.write(config, working);
  });

  test('is removed without its configuration, and purged with it', async () => {
    await dpkg('-r', 'fingerpost');
    expect((await machine.run('systemctl', 'is-active', unit)).stdout.trim()).toBe('inactive');
    expect((await machine.run('test', '-e', '/usr/lib/fingerpost')).code).toBe(1);
    expect(await machine.must('cat', config)).toBe(working);
    await dpkg('-P', 'fingerpost');
    const left = await machine.run(
      'sh',
      '-c',
      'ls -d /etc/fingerpost /var/lib/fingerpost /run/fingerpost',
    );
    expect(left.stdout).toBe('');
    const links = await machine.run('find', '/etc/systemd', '-name', 'fingerpost*');
    expect(links.stdout).toBe('');
  });
});
