import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { Clock } from '#clock.ts';
import type { ChildMessage, HealthMessage } from './messages.ts';

export interface ChildOptions {
  /** The path of the program. A child runs the same program; `args` give it its role. */
  readonly program: string;
  readonly args: readonly string[];
  readonly clock: Clock;
  readonly onMessage?: (message: ChildMessage) => void;
  /** Called with each line of its stdout and stderr. */
  readonly onLine: (line: string) => void;
}

/** How a process ended: `exit status 1`, `SIGKILL`. */
export interface ChildEnd {
  readonly status: number | undefined;
  readonly text: string;
}

/** How long a child may take to end its session properly. */
const graceMs = 3000;

/**
 * A process of the demo. It runs in its own process session, so that Ctrl-C reaches only the demo, and has an IPC
 * channel whose end tells it that the demo has ended, for whatever reason.
 */
export class Child {
  /** Settles once the process has ended and its last line has been read; never rejects. */
  readonly ended: Promise<ChildEnd>;
  private readonly child: ChildProcess;
  private readonly clock: Clock;

  constructor({ program, args, clock, onMessage, onLine }: ChildOptions) {
    this.clock = clock;
    const child = spawn(process.execPath, [program, ...args], {
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      detached: true,
    });
    this.child = child;
    for (const stream of [child.stdout, child.stderr]) {
      if (stream !== null) createInterface(stream).on('line', onLine);
    }
    if (onMessage !== undefined) child.on('message', onMessage);
    this.ended = new Promise((resolve) => {
      child.once('error', ({ message }) => resolve({ status: undefined, text: message }));
      child.once('close', (status, signal) =>
        resolve({ status: status ?? undefined, text: signal ?? `exit status ${status}` }),
      );
    });
  }

  /** Returns the process id; 0 if the process could not be started. */
  get pid(): number {
    return this.child.pid ?? 0;
  }

  /** Sends a message, which a process that is about to end may not receive. */
  send(message: HealthMessage): void {
    if (this.child.connected) this.child.send(message, () => undefined);
  }

  /** Sends SIGKILL. */
  kill(): void {
    this.child.kill('SIGKILL');
  }

  /** Sends SIGTERM, and SIGKILL if the process does not end. */
  async end(): Promise<void> {
    this.child.kill('SIGTERM');
    const cancelKill = this.clock.after(graceMs, () => this.kill());
    await this.ended;
    cancelKill();
  }
}
