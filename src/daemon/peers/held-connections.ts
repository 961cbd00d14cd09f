import type { TcpStream } from '#net/handle.ts';

/** Incoming connections while the peers change: each waits, so that none is judged by half of a configuration. */
export class HeldConnections {
  /** Absent: connections are not held. */
  private waiting: TcpStream[] | undefined;

  hold(): void {
    this.waiting ??= [];
  }

  /** Returns false if the connection need not wait. */
  take(stream: TcpStream): boolean {
    if (this.waiting === undefined) return false;
    this.waiting.push(stream);
    return true;
  }

  /** Passes on the connections that have waited, in the order in which they came. */
  release(accept: (stream: TcpStream) => void): void {
    const waiting = this.waiting ?? [];
    this.waiting = undefined;
    for (const stream of waiting) accept(stream);
  }
}
