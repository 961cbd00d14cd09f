import { join } from 'node:path';
import type { BfdTerms } from '#bfd/session.ts';
import type { Host } from './netns.ts';
import type { Daemon } from './process.ts';
import { inRealTime } from './real-time.ts';
import { waitFor } from './wait.ts';

/** The order to the process of bfd-ends-main.ts, as JSON in its first argument. */
export interface BfdEndsOrder {
  /** Each is one end, and an address of this host. */
  readonly addresses: readonly string[];
  readonly daemon: string;
  readonly terms: BfdTerms;
}

export interface BfdEndsFigures {
  /** Sessions that are Up now. */
  readonly up: number;
  /** How often the ends no longer heard the daemon. */
  readonly lostHere: number;
  /** How often the daemon no longer heard an end. */
  readonly lostThere: number;
  /** The longest delay of the process of the ends, in milliseconds, during which it sent nothing. */
  readonly latestMs: number;
}

/** The other ends of many BFD sessions, in a separate process on this host that waits for no processor. */
export class BfdEnds {
  private readonly count: number;
  private readonly daemon: Daemon;

  constructor(host: Host, order: BfdEndsOrder) {
    this.count = order.addresses.length;
    const main = join(import.meta.dirname, 'bfd-ends-main.ts');
    this.daemon = host.start('bfd-ends', [
      ...inRealTime,
      process.execPath,
      main,
      JSON.stringify(order),
    ]);
  }

  /** Returns the latest figures; all 0 before the first. */
  figures(): BfdEndsFigures {
    const line = this.daemon.log.split('\n').findLast((each) => /^\{.*\}$/.test(each));
    const none = { up: 0, lostHere: 0, lostThere: 0, latestMs: 0 };
    return line === undefined ? none : JSON.parse(line);
  }

  async allUp(): Promise<void> {
    await waitFor(
      `BFD with all\n${this.daemon.report()}`,
      () => this.figures(),
      ({ up }) => up === this.count || !this.daemon.isRunning,
    );
    if (!this.daemon.isRunning) throw new Error(this.daemon.report());
  }
}
