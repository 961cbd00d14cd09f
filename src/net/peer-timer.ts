import type { Cancel, Clock } from '../clock.ts';
import { Ticker } from '../session/ticker.ts';
import type { Peer } from '../session/peer.ts';

/** One timer of the process for the deadlines of all peers. */
export class PeerTimer {
  readonly ticker = new Ticker();
  /** Walked more than once a tick: a collection, no generator. */
  private readonly peers: Iterable<Peer>;
  private readonly clock: Clock;
  private cancel: Cancel | undefined;
  private isStale = false;

  constructor(peers: Iterable<Peer>, clock: Clock) {
    this.peers = peers;
    this.clock = clock;
  }

  /** A deadline may have come nearer. Cheap: looked at once, after what runs now. */
  touch(): void {
    if (this.isStale) return;
    this.isStale = true;
    queueMicrotask(() => this.arm());
  }

  stop(): void {
    this.cancel?.();
    this.isStale = true;
  }

  private arm(): void {
    this.isStale = false;
    this.cancel?.();
    const due = this.ticker.arm(this.peers);
    if (due === Infinity) return;
    this.cancel = this.clock.at(due, () => {
      this.ticker.tick(this.peers, this.clock.monotonic());
      this.touch();
    });
  }
}
