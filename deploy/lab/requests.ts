import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { environment } from '#support/process.ts';
import { pause, waitFor } from '#support/wait.ts';
import type { LabHost } from './lab-host.ts';

export interface Request {
  /** Date.now() */
  readonly askedAt: number;
  readonly address: string;
  /** Who answered; `undefined`: nobody. */
  readonly node: string | undefined;
  /** Why there was no answer: `no connection after 900 ms`. */
  readonly why: string;
  /** Nobody, for its connection was open when the address moved to another node. */
  readonly isCut: boolean;
}

/** Requests from R1 to the service addresses, and what became of them. */
export class Requests {
  readonly answers: Request[] = [];
  private readonly child: ChildProcess;

  /** Sixty a second, unless told otherwise: twenty to each address. */
  constructor(client: LabHost, perSecond = 60) {
    const loop = new URL('request-loop.ts', import.meta.url).pathname;
    const [program, ...argv] = client.inside([process.execPath, loop, `${perSecond}`]);
    this.child = spawn(program, argv, { env: environment, stdio: ['ignore', 'pipe', 'inherit'] });
    if (this.child.stdout === null) throw new Error('no pipe');
    createInterface({ input: this.child.stdout }).on('line', (line) => {
      const [askedAt, address, who, ...why] = line.split(' ');
      const isCut = who === 'cut';
      const node = isCut || who === '-' ? undefined : who;
      this.answers.push({ askedAt: Number(askedAt), address, node, why: why.join(' '), isCut });
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

  /**
   * Requests since then, those still on the way included, that nobody answered. What a move cut is not lost: it
   * costs a connection that is open just then, whichever route server is told of it, and whyever.
   */
  async lostSince(sinceMs: number): Promise<number> {
    await pause(1000);
    return this.lost(sinceMs).length;
  }

  /** As `lostSince`, each of them, without those that are still on the way. */
  lost(sinceMs: number): Request[] {
    return this.answers.filter(
      ({ askedAt, node, isCut }) => askedAt >= sinceMs && node === undefined && !isCut,
    );
  }

  /** Requests since then that a move has cut. */
  cutSince(sinceMs: number): number {
    return this.answers.filter(({ askedAt, isCut }) => askedAt >= sinceMs && isCut).length;
  }
}
