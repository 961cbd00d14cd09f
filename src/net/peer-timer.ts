import type { Cancel, Clock } from '#clock.ts';
import type { Peer } from '#session/peer.ts';
import { Ticker } from '#session/ticker.ts';

/** One timer of the process for the deadlines of all peers. */
export class PeerTimer {
  readonly ticker = new Ticker();
  /** It is iterated more than once, so it has to be a collection and not a generator. */
  private readonly peers: Iterable<Peer>;
  private readonly clock: Clock;
  private cancel: Cancel | undefined;
  /** When the timer will fire. */
  private dueMs = Infinity;
  private isStopped = false;

  constructor(peers: Iterable<Peer>, clock: Clock) {
    this.peers = peers;
    this.clock = clock;
  }

  /** To be called when a deadline of this peer may have come nearer; cheap if it has not. */
  touch(peer: Peer): void {
    this.set(this.ticker.arm(peer));
  }

  stop(): void {
    this.cancel?.();
    this.isStopped = true;
  }

  private set(dueMs: number): void {
    if (this.isStopped || dueMs >= this.dueMs) return;
    this.cancel?.();
    this.dueMs = dueMs;
    this.cancel = this.clock.at(dueMs, () => this.tick());
  }

  private tick(): void {
    this.dueMs = Infinity;
    this.set(this.ticker.tick(this.peers, this.clock.monotonic()));
  }
}
