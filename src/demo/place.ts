import {
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  rmdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { codeOf } from '#text/code-of.ts';
import { longestControlPath } from '#text/socket-path.ts';

/** Reports to people that the demo cannot run or cannot be reached. */
export class DemoError extends Error {
  readonly exitCode: number;
  constructor(message: string, exitCode = 1) {
    super(message);
    this.exitCode = exitCode;
  }
}

/**
 * The temporary directory of one running demo: `/tmp/fingerpost-demo-UID/PID/`, readable only by its user. Other
 * processes find it by that name.
 */
export class Place {
  readonly folder: string;
  private readonly home: string;

  /** Creates the directory, and removes what killed demos left behind. Throws DemoError. */
  constructor() {
    this.home = homeFolder();
    makePrivate(this.home);
    for (const pid of pidsIn(this.home)) if (!isAlive(pid)) remove(join(this.home, String(pid)));
    this.folder = join(this.home, String(process.pid));
    remove(this.folder);
    if (Buffer.byteLength(this.controlSocket) > longestControlPath) {
      throw new DemoError(
        `${tmpdir()} is too long for the path of a socket: set TMPDIR to a shorter path`,
      );
    }
    mkdirSync(join(this.folder, 'state'), { recursive: true, mode: 0o700 });
  }

  get commandSocket(): string {
    return commandSocketIn(this.folder);
  }

  get controlSocket(): string {
    return join(this.folder, 'control.sock');
  }

  get stateDir(): string {
    return join(this.folder, 'state');
  }

  /** Returns the file's path. */
  writeConfig(text: string): string {
    const file = join(this.folder, 'fingerpost.yaml');
    writeFileSync(file, text);
    return file;
  }

  remove(): void {
    remove(this.folder);
    removeIfEmpty(this.home);
  }
}

/** Returns the sockets on which the demos of this user take commands, the last one started first. */
export function commandSockets(): string[] {
  const home = homeFolder();
  return pidsIn(home)
    .map((pid) => commandSocketIn(join(home, String(pid))))
    .map((path) => ({ path, bornMs: statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0 }))
    .sort((a, b) => b.bornMs - a.bornMs)
    .map(({ path }) => path);
}

function homeFolder(): string {
  return join(tmpdir(), `fingerpost-demo-${process.getuid?.() ?? 0}`);
}

function commandSocketIn(folder: string): string {
  return join(folder, 'commands.sock');
}

/** Creates the directory. Where everyone may write, another user may have taken its name: then throws DemoError. */
function makePrivate(folder: string): void {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const { uid, mode } = lstatSync(folder);
  if (uid !== process.getuid?.() || (mode & 0o077) !== 0) {
    throw new DemoError(`${folder} is accessible to other users: remove it`);
  }
}

/** Returns the process ids that directories in `home` are named after; none if no demo has ever run. */
function pidsIn(home: string): number[] {
  if (!existsSync(home)) return [];
  return readdirSync(home)
    .map(Number)
    .filter((pid) => pid > 0);
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return codeOf(error) === 'EPERM';
  }
}

function remove(folder: string): void {
  rmSync(folder, { recursive: true, force: true });
}

/** Removes the directory, unless another demo still has its own in it or has removed it already. */
function removeIfEmpty(folder: string): void {
  try {
    rmdirSync(folder);
  } catch (error) {
    if (!['ENOTEMPTY', 'ENOENT'].includes(codeOf(error) ?? '')) throw error;
  }
}
