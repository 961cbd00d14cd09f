import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { environment } from '#support/process.ts';
import { pause, waitFor } from '#support/wait.ts';
import type { LabHost } from './lab-host.ts';

export interface Request {
  /** Date.now() */
  readonly askedAt: number;
  readonly address: string;
  /** Who answered; `undefined`: no node. */
  readonly node: string | undefined;
  /** Why there was no answer: `no connection after 900 ms`. */
  readonly why: string;
  /** No node answered, because its connection was open when the address moved to another node. */
  readonly isCut: boolean;
}

/** Requests from R1 to the service addresses, and what became of them. */
export class Requests {
  readonly answers: Request[] = [];
  private readonly child: ChildProcess;

  /** By default sixty a second: twenty to each address. */
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
   * Returns how many requests since then, including those still in progress, no node answered. A request that was cut
   * by a move is not lost: a move costs a connection that is open just then, whichever route server causes it, and for
   * whatever reason. `isExcused` excludes others.
   */
  async lostSince(
    sinceMs: number,
    isExcused: (request: Request) => boolean = () => false,
  ): Promise<number> {
    await pause(1000);
    return this.lost(sinceMs).filter((request) => !isExcused(request)).length;
  }

  /** As `lostSince`, but returns each of them, without those that are still in progress. */
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
