import type { Clock } from '#clock.ts';
import type { Direction } from '#session/collision.ts';
import type { Connection } from '#session/host.ts';

/** The receiver of the events of one end of a pipe. */
export interface EndOwner {
  received(chunk: Uint8Array): void;
  /** FIN or RST of the other end. */
  closed(text: string): void;
  readDry(): void;
  /** The socket has taken everything; a stuck reader is not simulated. */
  wrote(): void;
}

type Arrival = { readonly chunk: Uint8Array } | { readonly end: string };

export interface PipeOptions {
  readonly clock: Clock;
  readonly latencyMs: () => number;
  /** Cuts a write into parts; lengths in bytes, at least 1. */
  readonly chunkBytes: () => number;
}

/** One end of a TCP connection in memory: bytes arrive in order, cut anywhere, after the latency. */
export class PipeEnd implements Connection {
  readonly direction: Direction;
  /** Set by whoever takes the end. */
  owner: EndOwner | undefined;
  /** The process of this end is stopped: what arrives stays in the socket. */
  isFrozen = false;
  isOver = false;
  /** The cable is pulled: nothing is sent any more, and neither end is notified. */
  isCut = false;
  peer: PipeEnd | undefined;
  private readonly options: PipeOptions;
  private arrived: Arrival[] = [];
  private lastArrivalMs = 0;

  constructor(direction: Direction, options: PipeOptions) {
    this.direction = direction;
    this.options = options;
  }

  write(bytes: Uint8Array): void {
    if (this.isOver) return;
    for (let at = 0; at < bytes.length;) {
      const end = Math.min(bytes.length, at + this.options.chunkBytes());
      this.launch({ chunk: bytes.slice(at, end) });
      at = end;
    }
    this.options.clock.soon(() => this.isOver || this.owner?.wrote());
  }

  close(): void {
    this.finish('connection closed by the peer');
  }

  abort(): void {
    this.finish('connection reset by the peer');
  }

  /** A device in between resets the connection, and both ends are notified. */
  breakDown(): void {
    const reset = { end: 'connection reset by the peer' };
    this.launch(reset);
    this.peer?.launch(reset);
  }

  readUntilDry(): void {
    this.options.clock.soon(() => {
      if (this.isOver) return;
      this.drain();
      this.owner?.readDry();
    });
  }

  /** Reads what is in the socket. */
  drain(): void {
    for (let next = this.arrived.shift(); next !== undefined; next = this.arrived.shift()) {
      if (this.isOver) return;
      if ('chunk' in next) this.owner?.received(next.chunk);
      else this.finishByPeer(next.end);
    }
  }

  private finish(text: string): void {
    if (this.isOver) return;
    this.isOver = true;
    this.launch({ end: text });
  }

  private finishByPeer(text: string): void {
    this.isOver = true;
    this.owner?.closed(text);
  }

  private launch(arrival: Arrival): void {
    if (this.isCut) return;
    const { clock, latencyMs } = this.options;
    this.lastArrivalMs = Math.max(this.lastArrivalMs, clock.monotonic() + latencyMs());
    clock.at(this.lastArrivalMs, () => this.peer?.arrive(arrival));
  }

  private arrive(arrival: Arrival): void {
    if (this.isOver) return this.answerDeadEnd(arrival);
    this.arrived.push(arrival);
    if (!this.isFrozen && this.owner !== undefined) this.drain();
  }

  /** Bytes for a closed socket are answered with RST. */
  private answerDeadEnd(arrival: Arrival): void {
    const { peer } = this;
    if (!('chunk' in arrival) || this.isCut || peer === undefined || peer.isOver) return;
    const { clock, latencyMs } = this.options;
    const reset = { end: 'connection reset by the peer' };
    clock.after(latencyMs(), () => peer.isOver || peer.arrive(reset));
  }
}

/** Both ends: the one that connected, and the one that accepted. */
export function makePipe(options: PipeOptions): { dialler: PipeEnd; called: PipeEnd } {
  const dialler = new PipeEnd('outgoing', options);
  const called = new PipeEnd('incoming', options);
  dialler.peer = called;
  called.peer = dialler;
  return { dialler, called };
}
