import { type ChildProcess, execFile, spawn, spawnSync } from 'node:child_process';
import {
  accessSync,
  constants,
  copyFileSync,
  mkdtempSync,
  rmdirSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { waitFor } from '#support/wait.ts';

export interface Ran {
  /** Exit status. */
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

const bootScript = new URL('boot.sh', import.meta.url).pathname;
const systemd = '/lib/systemd/systemd';

/** Returns why no machine can be created here; `undefined` if one can. */
export function whyNoMachine(): string | undefined {
  if (process.platform !== 'linux') return 'needs Linux';
  if (process.getuid?.() !== 0) return 'needs root';
  try {
    for (const file of [systemd, '/usr/bin/nsenter']) accessSync(file, constants.X_OK);
  } catch (error) {
    return String(error);
  }
  const probe = `mount -t tmpfs tmpfs /mnt && mkdir /mnt/u /mnt/w /mnt/r /mnt/c &&
    mount -t overlay overlay -o lowerdir=/,upperdir=/mnt/u,workdir=/mnt/w /mnt/r &&
    mount -t cgroup2 cgroup2 /mnt/c && mkdir /mnt/c/fp-probe && rmdir /mnt/c/fp-probe`;
  const flags = ['--mount', '--pid', '--fork', '--net', '--cgroup'];
  const ran = spawnSync('unshare', [...flags, 'sh', '-c', probe], { encoding: 'utf8' });
  if (ran.status === 0) return undefined;
  return `needs namespaces, overlayfs and cgroup2: ${String(ran.stderr).trim()}`;
}

/**
 * A second view of this machine: the same files, of which it changes only its own view, a systemd of its own, and no
 * network except loopback. Nothing of it remains.
 */
export class Machine implements AsyncDisposable {
  private readonly folder: string;
  private readonly cgroup: string;
  private readonly unshare: ChildProcess;
  private readonly initPid: number;

  private constructor(folder: string, cgroup: string, unshare: ChildProcess, initPid: number) {
    this.folder = folder;
    this.cgroup = cgroup;
    this.unshare = unshare;
    this.initPid = initPid;
  }

  static async boot(): Promise<Machine> {
    const folder = mkdtempSync(join(tmpdir(), 'fingerpost-machine-'));
    const cgroup = `fingerpost-test-${process.pid}`;
    const flags = ['--mount', '--pid', '--fork', '--kill-child', '--net', '--uts', '--ipc'];
    const unshare = spawn('unshare', [...flags, '/bin/sh', bootScript, folder, cgroup], {
      env: { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', container: 'fingerpost-test' },
      stdio: ['ignore', 'ignore', 'inherit'],
    });
    const pid = await waitFor(
      'the first process of the machine',
      () => Number(childrenOf(unshare.pid ?? 0)),
      (child) => child > 0,
    );
    const machine = new Machine(folder, cgroup, unshare, pid);
    await waitFor(
      'systemd is up',
      async () => (await machine.run('systemctl', 'is-system-running')).stdout.trim(),
      (state) => state === 'running' || state === 'degraded',
      { seconds: 120 },
    ).catch(async (error: unknown) => {
      await machine[Symbol.asyncDispose]();
      throw error;
    });
    return machine;
  }

  /** Runs a program in the machine. Never rejects; gives up after two minutes. */
  run(program: string, ...argv: readonly string[]): Promise<Ran> {
    const flags = ['-t', String(this.initPid), '-m', '-p', '-n', '-u', '-i', '-C', '-r', '-w'];
    const env = { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', DEBIAN_FRONTEND: 'noninteractive' };
    return new Promise((resolve) => {
      const options = { encoding: 'utf8', timeout: 120_000, env } as const;
      const child = execFile(
        'nsenter',
        [...flags, program, ...argv],
        options,
        (_, stdout, stderr) => {
          resolve({ code: child.exitCode ?? -1, stdout, stderr });
        },
      );
    });
  }

  /** As `run`; rejects unless it ends with status 0. Resolves to its standard output. */
  async must(program: string, ...argv: readonly string[]): Promise<string> {
    const { code, stdout, stderr } = await this.run(program, ...argv);
    if (code === 0) return stdout;
    throw new Error(`${[program, ...argv].join(' ')} ended with ${code}:\n${stdout}${stderr}`);
  }

  /** Returns a property of a unit, as `systemctl show` prints it. */
  async property(unit: string, name: string): Promise<string> {
    return (await this.must('systemctl', 'show', '--property', name, '--value', unit)).trim();
  }

  write(path: string, text: string): void {
    writeFileSync(this.outside(path), text);
  }

  /** Copies a file from this machine into that one. */
  copy(file: string, path: string): void {
    copyFileSync(file, this.outside(path));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const ended = new Promise((resolve) => this.unshare.once('exit', resolve));
    if (this.unshare.exitCode === null && this.unshare.kill('SIGKILL')) await ended;
    removeCgroup(this.cgroup);
    rmdirSync(this.folder);
  }

  private outside(path: string): string {
    return `/proc/${this.initPid}/root${path}`;
  }
}

function childrenOf(pid: number): string {
  return spawnSync('pgrep', ['-P', String(pid)], { encoding: 'utf8' }).stdout.trim();
}

/** The processes of the machine end a moment after the first one, and the machine is removed when they have ended. */
function removeCgroup(name: string): void {
  const script = `mount -t cgroup2 cgroup2 /mnt
    for try in $(seq 100); do
      find "/mnt/${name}" -depth -type d -exec rmdir {} + 2>/dev/null
      [ -d "/mnt/${name}" ] || exit 0
      sleep 0.1
    done`;
  spawnSync('unshare', ['--mount', 'sh', '-c', script], { stdio: 'inherit' });
}
