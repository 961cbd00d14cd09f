import type { Cancel, Clock } from '#clock.ts';
import { remoteHost } from '../remote-host.ts';

/** How many answers may be open at a time, and how many of them for one host. */
export interface Places {
  readonly most: number;
  readonly mostOfOne: number;
}

/** The places for long answers, each of which keeps a few slices in memory, about 150 KB. */
export const answerPlaces: Places = { most: 64, mostOfOne: 32 };
/** The places for event streams, each of which may keep a snapshot of all peers in memory. */
export const streamPlaces: Places = { most: 100, mostOfOne: 50 };

/** A client that has read nothing for this long loses its place to one that waits for it. */
const patienceMs = 1000;
/** A client that has read nothing for this long, while something waits for it, is disconnected. */
const longestMs = 10_000;
const lookMs = 1000;

/** The part of a socket that is read here. */
interface Connection {
  readonly remoteAddress?: string | undefined;
  readonly bytesWritten: number;
  readonly writableLength: number;
  destroy(): unknown;
}

interface Open {
  readonly socket: Connection;
  readonly host: string;
  /** How many octets the client's system had accepted, and since when it has accepted no more. */
  taken: number;
  sinceMs: number;
}

/**
 * The long answers, or the event streams, that clients of all listeners are reading. Their number is limited, and one
 * host may have only a part of them. One that is not read is closed when its place is needed, and after a while even if
 * it is not.
 */
export class OpenAnswers {
  private readonly clock: Clock;
  private readonly places: Places;
  private readonly open = new Set<Open>();
  private stopLooking: Cancel | undefined;

  constructor(clock: Clock, places: Places) {
    this.clock = clock;
    this.places = places;
  }

  get size(): number {
    return this.open.size;
  }

  /** Returns a function that gives the place back; `undefined` if clients that do read have all places. */
  enter(socket: Connection): (() => void) | undefined {
    this.look();
    const host = remoteHost(socket.remoteAddress ?? '');
    const { most, mostOfOne } = this.places;
    const own = [...this.open].filter((answer) => answer.host === host);
    if (own.length >= mostOfOne && !this.makeRoom(own)) return undefined;
    if (this.open.size >= most && !this.makeRoom([...this.open])) return undefined;
    const answer = { socket, host, taken: takenBy(socket), sinceMs: this.clock.monotonic() };
    this.open.add(answer);
    this.stopLooking ??= this.clock.every(lookMs, () => this.cutOff());
    return () => this.leave(answer);
  }

  private leave(answer: Open): void {
    this.open.delete(answer);
    if (this.open.size > 0) return;
    this.stopLooking?.();
    this.stopLooking = undefined;
  }

  /** Returns the clients that have read something since the last check, or that have nothing to read. */
  private look(): void {
    const now = this.clock.monotonic();
    for (const answer of this.open) {
      const taken = takenBy(answer.socket);
      if (taken === answer.taken && answer.socket.writableLength > 0) continue;
      answer.taken = taken;
      answer.sinceMs = now;
    }
  }

  private cutOff(): void {
    this.look();
    const latest = this.clock.monotonic() - longestMs;
    for (const { socket, sinceMs } of this.open) if (sinceMs <= latest) this.destroy(socket);
  }

  /** Of these, closes the connection that has stood still for longest, with all that it has requested. */
  private makeRoom(answers: readonly Open[]): boolean {
    const [first] = answers.toSorted((a, b) => a.sinceMs - b.sinceMs);
    if (this.clock.monotonic() - first.sinceMs < patienceMs) return false;
    this.destroy(first.socket);
    return true;
  }

  private destroy(socket: Connection): void {
    socket.destroy();
    for (const answer of this.open) if (answer.socket === socket) this.leave(answer);
  }
}

function takenBy({ bytesWritten, writableLength }: Connection): number {
  return bytesWritten - writableLength;
}
