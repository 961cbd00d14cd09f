import type { Clock } from '#clock.ts';

/** Long answers on their way at a time: each holds a few slices, some 150 KB. */
const most = 64;
/** A client that has taken nothing for this long makes room for one that may. */
const patienceMs = 1000;

/** What is looked at of a socket. */
interface Connection {
  readonly bytesWritten: number;
  readonly writableLength: number;
  destroy(): unknown;
}

interface Open {
  readonly socket: Connection;
  /** Octets that the client's system had taken, and since when it has taken no more. */
  taken: number;
  sinceMs: number;
}

/**
 * The long answers that clients are taking, of all listeners together: so many and no more, whoever asks
 * how often. One that nobody reads is cut off when its place is wanted.
 */
export class OpenAnswers {
  private readonly clock: Clock;
  private readonly open = new Set<Open>();

  constructor(clock: Clock) {
    this.clock = clock;
  }

  get size(): number {
    return this.open.size;
  }

  /** A place until the function that comes back is called; `undefined` while all are taken by clients that read. */
  enter(socket: Connection): (() => void) | undefined {
    this.look();
    if (this.open.size >= most && !this.makeRoom()) return undefined;
    const answer = { socket, taken: takenBy(socket), sinceMs: this.clock.monotonic() };
    this.open.add(answer);
    return () => void this.open.delete(answer);
  }

  /** Who has read since the last look. */
  private look(): void {
    const now = this.clock.monotonic();
    for (const answer of this.open) {
      const taken = takenBy(answer.socket);
      if (taken === answer.taken) continue;
      answer.taken = taken;
      answer.sinceMs = now;
    }
  }

  /** Cuts off the connection that has stood still for longest, with all that it has asked for. */
  private makeRoom(): boolean {
    const [first] = [...this.open].toSorted((a, b) => a.sinceMs - b.sinceMs);
    if (this.clock.monotonic() - first.sinceMs < patienceMs) return false;
    first.socket.destroy();
    for (const answer of this.open) if (answer.socket === first.socket) this.open.delete(answer);
    return true;
  }
}

function takenBy({ bytesWritten, writableLength }: Connection): number {
  return bytesWritten - writableLength;
}
