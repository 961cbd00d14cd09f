import { join } from 'node:path';
import type { Network } from './netns.ts';
import type { Daemon } from './process.ts';
import { waitFor } from './wait.ts';

export interface Shaken {
  readonly packets: number;
  /** Packets that left after one that had arrived later. */
  readonly overtaken: number;
}

/** A cable between two segments that can make BFD packets come unevenly and out of order. */
export class Shaker {
  private readonly daemon: Daemon;

  constructor(network: Network, one: string, other: string) {
    const main = join(import.meta.dirname, 'shaker-main.ts');
    this.daemon = network.startInSwitch('shaker', [
      process.execPath,
      main,
      'shaker0',
      one,
      'shaker1',
      other,
    ]);
  }

  begin(): void {
    this.daemon.signal('SIGUSR1');
  }

  /** Returns what it has done so far; from now on packets pass as they arrive. */
  async end(): Promise<Shaken> {
    const before = this.daemon.log.length;
    this.daemon.signal('SIGUSR2');
    const line = await waitFor(
      'the figures of the shaker',
      () => this.daemon.log.slice(before),
      (log) => log.includes('\n'),
    );
    return JSON.parse(line);
  }
}
