import { type ChildProcess, spawn } from 'node:child_process';
import { codeOf } from '#text/code-of.ts';

export interface DaemonOptions {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
}

export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** The environment of this process, with the directories where Debian keeps daemons. */
export const environment: Readonly<NodeJS.ProcessEnv> = {
  ...process.env,
  PATH: `${process.env.PATH ?? ''}:/usr/sbin:/sbin`,
};

/** The running groups: if this process ends first, interrupted or by `process.exit`, it ends them too. */
const groups = new Set<number>();
process.once('exit', () => {
  for (const group of groups) sendSignal(-group, 'SIGKILL');
});

/** A program in the foreground, in its own process group, with its output kept. */
export class Daemon {
  readonly exited: Promise<Exit>;
  private readonly label: string;
  private readonly child: ChildProcess;
  private output = '';
  /** When each part of the output arrived, by its position. */
  private readonly arrivals: { readonly atMs: number; readonly from: number }[] = [];
  private running = true;

  constructor(label: string, argv: readonly string[], options: DaemonOptions) {
    this.label = label;
    this.child = spawn(argv[0], argv.slice(1), {
      cwd: options.cwd,
      env: { ...environment, ...options.env },
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const keep = (chunk: string): void => {
      this.arrivals.push({ atMs: Date.now(), from: this.output.length });
      this.output += chunk;
    };
    this.child.stdout?.setEncoding('utf8').on('data', keep);
    this.child.stderr?.setEncoding('utf8').on('data', keep);
    if (this.pid !== 0) groups.add(this.pid);
    this.exited = new Promise((resolve) => {
      const done = (code: number | null, signal: NodeJS.Signals | null): void => {
        this.running = false;
        groups.delete(this.pid);
        resolve({ code, signal });
      };
      this.child.once('exit', done);
      this.child.once('error', (error) => {
        keep(String(error));
        done(null, null);
      });
    });
  }

  get isRunning(): boolean {
    return this.running;
  }

  /** The pid of the first process of the group. */
  get pid(): number {
    return this.child.pid ?? 0;
  }

  /** Everything written to stdout and stderr so far. */
  get log(): string {
    return this.output;
  }

  /** Sends a signal to the whole process group, because a helper must not continue while its parent is frozen. */
  signal(signal: NodeJS.Signals): void {
    if (!this.running || this.child.pid === undefined) return;
    sendSignal(-this.child.pid, signal);
  }

  async kill(): Promise<void> {
    this.signal('SIGKILL');
    await this.exited;
  }

  /** Sends SIGTERM, and SIGKILL after half a minute. */
  async end(): Promise<Exit> {
    this.signal('SIGCONT');
    this.signal('SIGTERM');
    const impatience = setTimeout(() => this.signal('SIGKILL'), 30_000);
    const exit = await this.exited;
    clearTimeout(impatience);
    return exit;
  }

  /** Returns text for the message of a failed test: the last lines of those that arrived since this Date.now(). */
  report(sinceMs = 0): string {
    const from = this.arrivals.find(({ atMs }) => atMs >= sinceMs)?.from ?? this.output.length;
    const most = sinceMs === 0 ? 60 : 400;
    const tail = this.output.slice(from).split('\n').slice(-most).join('\n');
    return `--- ${this.label}${this.running ? '' : ' (ended)'}\n${tail}\n`;
  }
}

/** Sends a signal to a process, or to a group by its negative id; one that has just ended is no error. */
export function sendSignal(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if (codeOf(error) !== 'ESRCH') throw error;
  }
}

/** Whether a process has ended: by itself, or by a signal, which leaves no exit status. */
export function hasEnded({ exitCode, signalCode }: ChildProcess): boolean {
  return exitCode !== null || signalCode !== null;
}
