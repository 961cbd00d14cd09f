import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';
import { environment } from '../../test/interop/process.ts';
import { pause, waitFor } from '../../test/interop/wait.ts';
import type { LabHost } from './lab-host.ts';

export interface Request {
  /** Date.now() */
  readonly askedAt: number;
  readonly address: string;
  /** Who answered; `undefined`: nobody. */
  readonly node: string | undefined;
}

/** Twenty requests a second from R1 to each service address, and what became of them. */
export class Requests {
  readonly answers: Request[] = [];
  private readonly child: ChildProcess;

  constructor(client: LabHost) {
    const loop = new URL('request-loop.ts', import.meta.url).pathname;
    const [program, ...argv] = client.inside([process.execPath, loop]);
    this.child = spawn(program, argv, { env: environment, stdio: ['ignore', 'pipe', 'inherit'] });
    if (this.child.stdout === null) throw new Error('no pipe');
    createInterface({ input: this.child.stdout }).on('line', (line) => {
      const [askedAt, address, node] = line.split(' ');
      const answer = { askedAt: Number(askedAt), address, node: node === '-' ? undefined : node };
      this.answers.push(answer);
    });
  }

  close(): void {
    this.child.kill('SIGKILL');
  }

  /** Waits until answers come in. */
  async running(): Promise<void> {
    await waitFor(
      'requests to be answered',
      () => this.answers.some(({ node }) => node !== undefined),
      (some) => some,
    );
  }

  /** Requests since then, those still on the way included, that nobody answered. */
  async lostSince(sinceMs: number): Promise<number> {
    await pause(1000);
    return this.answers.filter(({ askedAt, node }) => askedAt >= sinceMs && node === undefined)
      .length;
  }
}
