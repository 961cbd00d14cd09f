import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { Clock } from '#clock.ts';
import type { ChildMessage, HealthMessage } from './messages.ts';

export interface ChildOptions {
  /** The file of the program: a child is another one of us, told its part by `words`. */
  readonly program: string;
  readonly words: readonly string[];
  readonly clock: Clock;
  readonly onMessage?: (message: ChildMessage) => void;
  /** Each line of its stdout and stderr. */
  readonly onLine: (line: string) => void;
}

/** How a process ended: `exit status 1`, `SIGKILL`. */
export interface ChildEnd {
  readonly status: number | undefined;
  readonly text: string;
}

/** How long a child may take to say goodbye. */
const graceMs = 3000;

/**
 * A process of the demo. It has a session of its own, so that Ctrl-C reaches the demo alone; and an
 * IPC channel, whose end tells it that the demo has gone, however that went.
 */
export class Child {
  /** Settles once it has ended and its last line has been heard; never rejects. */
  readonly ended: Promise<ChildEnd>;
  private readonly child: ChildProcess;
  private readonly clock: Clock;

  constructor({ program, words, clock, onMessage, onLine }: ChildOptions) {
    this.clock = clock;
    const child = spawn(process.execPath, [program, ...words], {
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

  /** 0 if it could not be started. */
  get pid(): number {
    return this.child.pid ?? 0;
  }

  /** One that is about to end may not hear it. */
  send(message: HealthMessage): void {
    if (this.child.connected) this.child.send(message, () => undefined);
  }

  /** SIGKILL. */
  kill(): void {
    this.child.kill('SIGKILL');
  }

  /** SIGTERM, and SIGKILL for one that will not hear. */
  async end(): Promise<void> {
    this.child.kill('SIGTERM');
    const cancelKill = this.clock.after(graceMs, () => this.kill());
    await this.ended;
    cancelKill();
  }
}
