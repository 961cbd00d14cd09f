import { execFileSync, spawnSync } from 'node:child_process';
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

const units = new URL('../../deploy/systemd/', import.meta.url).pathname;
const service = readFileSync(join(units, 'fingerpost.service'), 'utf8');
const hasSystemd = spawnSync('systemd-analyze', ['--version']).status === 0;
if (!hasSystemd) console.warn('deploy: the units are not checked: systemd-analyze is missing');

function confFile(kind: string): string {
  return join(units, kind, 'fingerpost.conf');
}

test('systemctl reload runs only fingerpost reload, so that systemctl reports a refusal', () => {
  expect(service.match(/^ExecReload=.*$/gm)).toEqual([
    'ExecReload=/usr/bin/fingerpost reload -c /etc/fingerpost/fingerpost.yaml',
  ]);
});

describe.runIf(hasSystemd)('the units', () => {
  const folder = mkdtempSync(join(tmpdir(), 'fingerpost-units-'));

  beforeAll(() => {
    // The program is not installed here, so an existing one takes its place.
    const here = service.replaceAll('/usr/bin/fingerpost', '/bin/true');
    writeFileSync(join(folder, 'fingerpost.service'), here);
    copyFileSync(join(units, 'fingerpost.socket'), join(folder, 'fingerpost.socket'));
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  test.each(['fingerpost.service', 'fingerpost.socket'])(
    'systemd finds no fault with %s',
    (unit) => {
      const argv = ['verify', '--man=no', join(folder, unit)];
      const { status, stdout, stderr } = spawnSync('systemd-analyze', argv, { encoding: 'utf8' });
      const ours = stderr.split('\n').filter((line) => line.includes('fingerpost'));
      expect([status, stdout, ours]).toEqual([0, '', []]);
    },
  );

  test('the exposure of the service is at most 2.5', () => {
    const argv = ['security', '--offline=true', '--threshold=25', '--no-pager'];
    const { status, stdout } = spawnSync(
      'systemd-analyze',
      [...argv, join(folder, 'fingerpost.service')],
      { encoding: 'utf8' },
    );
    expect([status, stdout.trim().split('\n').at(-1)]).toEqual([0, expect.stringContaining('OK')]);
  });

  test('sysusers.d creates a user without a shell, who owns what tmpfiles.d creates', () => {
    const root = join(folder, 'root');
    execFileSync('mkdir', ['-p', join(root, 'etc')]);
    execFileSync('systemd-sysusers', [`--root=${root}`, confFile('sysusers.d')], { stdio: 'pipe' });
    const users = readFileSync(join(root, 'etc/passwd'), 'utf8');
    expect(users).toMatch(
      /^fingerpost:x:\d+:\d+:[^:]*:\/var\/lib\/fingerpost:\/usr\/sbin\/nologin$/m,
    );
    const lines = readFileSync(confFile('tmpfiles.d'), 'utf8').split('\n');
    const owners = lines.filter((line) => line.startsWith('d ')).map((line) => line.split(' ')[3]);
    expect(new Set(owners)).toEqual(new Set(['fingerpost']));
  });
});

test('V8 may create machine code', () => {
  expect(service).not.toMatch(/^MemoryDenyWriteExecute=/m);
});
