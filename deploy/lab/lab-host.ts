import { execFileSync, spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Host } from '#support/netns.ts';
import { environment, sendSignal } from '#support/process.ts';
import { waitFor } from '#support/wait.ts';

/**
 * A host of the lab: a network namespace and a directory. Its daemons outlive the command that starts them; `LABEL.pid`
 * and `LABEL.log` in the directory belong to each of them.
 */
export class LabHost {
  readonly name: string;
  readonly namespace: string;
  readonly folder: string;
  private readonly host: Host;

  constructor(lab: string, name: string, labFolder: string) {
    this.name = name;
    this.namespace = `${lab}-${name}`;
    this.folder = join(labFolder, name);
    this.host = new Host(name, this.namespace, this.folder);
  }

  file(name: string): string {
    return join(this.folder, name);
  }

  write(name: string, text: string): string {
    const file = this.file(name);
    mkdirSync(this.folder, { recursive: true });
    writeFileSync(file, text);
    return file;
  }

  /** Runs a command to its end and returns its stdout; a status other than 0 is an error. */
  run(argv: readonly string[]): Promise<string> {
    return this.host.run(argv);
  }

  /** argv of the command inside the namespace. */
  inside(argv: readonly string[]): string[] {
    return ['ip', 'netns', 'exec', this.namespace, ...argv];
  }

  /** Starts a daemon in a process group of its own, unless it runs. */
  start(label: string, argv: readonly string[], env: Readonly<Record<string, string>> = {}): void {
    if (this.isRunning(label)) return;
    const log = openSync(this.file(`${label}.log`), 'a');
    const [program, ...rest] = this.inside(argv);
    const child = spawn(program, rest, {
      cwd: this.folder,
      env: { ...environment, ...env },
      detached: true,
      stdio: ['ignore', log, log],
    });
    child.unref();
    closeSync(log);
    writeFileSync(this.file(`${label}.pid`), `${child.pid}\n`);
  }

  isRunning(label: string): boolean {
    const pid = this.pid(label);
    return pid !== undefined && isIn(this.namespace, pid);
  }

  /** Sends a signal to the daemon's process group; a daemon that does not run is no error. */
  signal(label: string, signal: NodeJS.Signals): void {
    const pid = this.pid(label);
    if (pid !== undefined && isIn(this.namespace, pid)) sendSignal(-pid, signal);
  }

  /** Sends a signal to everything that runs on the host, again if one of the processes has just started another. */
  signalAll(signal: NodeJS.Signals): void {
    const reached = new Set<number>();
    for (;;) {
      const fresh = inhabitants(this.namespace).filter((pid) => !reached.has(pid));
      if (fresh.length === 0) return;
      for (const pid of fresh) {
        sendSignal(pid, signal);
        reached.add(pid);
      }
    }
  }

  /** Sends SIGKILL. */
  async kill(label: string): Promise<void> {
    this.signal(label, 'SIGKILL');
    await this.gone(label);
  }

  /** Sends SIGKILL, also to the processes that it started: ExaBGP puts its helpers into process groups of their own. */
  async killWithHelpers(label: string): Promise<void> {
    const pid = this.pid(label);
    const helpers = pid === undefined ? [] : descendants(pid);
    this.signal(label, 'SIGKILL');
    for (const each of helpers) if (isIn(this.namespace, each)) sendSignal(each, 'SIGKILL');
    await this.gone(label);
  }

  /** Sends SIGTERM, and SIGKILL after half a minute. */
  async end(label: string): Promise<void> {
    this.signal(label, 'SIGTERM');
    try {
      await this.gone(label, 30);
    } catch {
      await this.kill(label);
    }
  }

  log(label: string): string {
    try {
      return readFileSync(this.file(`${label}.log`), 'utf8');
    } catch {
      return '';
    }
  }

  private pid(label: string): number | undefined {
    try {
      return Number(readFileSync(this.file(`${label}.pid`), 'utf8'));
    } catch {
      return undefined;
    }
  }

  private async gone(label: string, seconds = 60): Promise<void> {
    const what = `${this.name}'s ${label} to end`;
    const patience = { seconds, everyMs: 10 };
    await waitFor(
      what,
      () => this.isRunning(label),
      (is) => !is,
      patience,
    );
  }
}

/**
 * Returns whether the process is alive and in the namespace: its id may have been given to another process meanwhile.
 */
function isIn(namespace: string, pid: number): boolean {
  try {
    return statSync(`/proc/${pid}/ns/net`).ino === statSync(`/run/netns/${namespace}`).ino;
  } catch {
    return false;
  }
}

/** Process ids. */
export function inhabitants(namespace: string): number[] {
  const argv = ['netns', 'pids', namespace];
  const listed = execFileSync('ip', argv, { env: environment, encoding: 'utf8' });
  return listed.split('\n').filter(Boolean).map(Number);
}

function descendants(pid: number): number[] {
  const children = childrenOf(pid);
  return [...children, ...children.flatMap(descendants)];
}

function childrenOf(pid: number): number[] {
  try {
    const listed = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8');
    return listed.split(' ').filter(Boolean).map(Number);
  } catch {
    return [];
  }
}
