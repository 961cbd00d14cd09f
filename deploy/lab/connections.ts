import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { environment } from '#support/process.ts';
import { waitFor } from '#support/wait.ts';
import type { LabHost } from './lab-host.ts';

export type ConnectionKind = 'download' | 'keep-alive';

/** Ten long downloads and ten keep-alive clients of one service address. */
export class Connections {
  /** How often a connection has opened or was cut: `open download` -> 10. */
  private readonly counts = new Map<string, number>();
  private readonly child: ChildProcess;

  constructor(client: LabHost, address: string) {
    const loop = new URL('connection-loop.ts', import.meta.url).pathname;
    const [program, ...argv] = client.inside([process.execPath, loop, address]);
    this.child = spawn(program, argv, { env: environment, stdio: ['ignore', 'pipe', 'inherit'] });
    if (this.child.stdout === null) throw new Error('no pipe');
    createInterface({ input: this.child.stdout }).on('line', (line) => {
      this.counts.set(line, (this.counts.get(line) ?? 0) + 1);
    });
  }

  close(): void {
    this.child.kill('SIGKILL');
  }

  /** Waits until all twenty are open. */
  async open(): Promise<void> {
    await waitFor(
      'twenty connections',
      () => this.openNow('download') + this.openNow('keep-alive'),
      (count) => count === 20,
    );
  }

  cut(kind: ConnectionKind): number {
    return this.counts.get(`cut ${kind}`) ?? 0;
  }

  private openNow(kind: ConnectionKind): number {
    return (this.counts.get(`open ${kind}`) ?? 0) - this.cut(kind);
  }
}
