import { performance } from 'node:perf_hooks';
import { pause } from '#support/wait.ts';
import type { Figures } from './figures.ts';
import { announce, withdraw } from './routes.ts';
import { MachineLag } from './scenario.ts';
import type { Server } from './server.ts';
import type { Talker } from './talker.ts';

interface Parties {
  readonly server: Server;
  /** Announces a better path again and again, and takes it back. */
  readonly node: Talker;
  readonly router: Talker;
  readonly prefix: number;
  /** Of the path that takes over each time. */
  readonly med: number;
}

const everyMs = 50;
const mostMs = 100;

/** Failovers of a service beside whatever the scenario does: each is measured from the withdrawal to the router. */
export class HonestFailover {
  private readonly parties: Parties;
  private readonly lag: MachineLag;
  private readonly done: Promise<void>;
  private count = 0;
  private longestMs = 0;
  private isOver = false;

  constructor(parties: Parties) {
    this.parties = parties;
    this.lag = new MachineLag(parties.server);
    this.done = this.repeat();
  }

  /** Notes what was measured; a machine that stands still delays a failover by as long. */
  async judge(figures: Figures): Promise<void> {
    this.isOver = true;
    await this.done;
    this.lag.stop();
    figures.note('failovers of an honest service meanwhile', this.count);
    figures.note('longest of them', this.longestMs, 'ms');
    figures.note('of that at most the machine and this process', this.lag.totalMs, 'ms');
    figures.demand('an honest failover is never late', this.longestMs < mostMs + this.lag.totalMs);
  }

  private async repeat(): Promise<void> {
    const { node, prefix, med } = this.parties;
    while (!this.isOver) {
      await node.send(announce(prefix, 1, { med: med - 1 }));
      await this.routerHas(med - 1);
      const startMs = performance.now();
      await node.send(withdraw(prefix, 1));
      await this.routerHas(med);
      this.longestMs = Math.max(this.longestMs, performance.now() - startMs);
      this.count++;
      await pause(everyMs);
    }
  }

  private async routerHas(med: number): Promise<void> {
    const { router, prefix } = this.parties;
    while (router.table?.at(prefix) !== med + 1 && !router.isClosed) await pause(1);
  }
}
