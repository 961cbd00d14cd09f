import type { TcpStream } from '#net/handle.ts';

/** Calls that come while the peers change: each waits, so that none is judged by half of a configuration. */
export class HeldCalls {
  /** Absent: nothing is held. */
  private waiting: TcpStream[] | undefined;

  hold(): void {
    this.waiting ??= [];
  }

  /** False where the call need not wait. */
  take(stream: TcpStream): boolean {
    if (this.waiting === undefined) return false;
    this.waiting.push(stream);
    return true;
  }

  /** Those that have waited, in the order in which they came. */
  release(called: (stream: TcpStream) => void): void {
    const waiting = this.waiting ?? [];
    this.waiting = undefined;
    for (const stream of waiting) if (!stream.socket.destroyed) called(stream);
  }
}
