import type { Clock } from '#clock.ts';
import type { ListenAddress } from '#config/config.ts';
import { Outgoing } from '#net/outgoing.ts';

/** How long what was written last may take to leave when the connection is closed. */
const closeWithinMs = 1_000;

/** Called never before `connectToCollector` has returned, and not at all after `close` or `abort`. */
export interface CollectorConnectionOwner {
  connected(): void;
  /** The kernel has taken some of what was written. */
  wrote(): void;
  /** It never came about, or is over. */
  lost(text: string): void;
}

export interface CollectorConnection {
  write(bytes: Uint8Array): void;
  /** What has been written and the kernel has not taken. */
  readonly queuedBytes: number;
  /** What has been written still goes out; resolves when it has, or has had a second for that. */
  close(): Promise<void>;
  abort(): void;
}

/** Connects to a collector, which never says anything (RFC 7854 §3.2): what it sends is thrown away. */
export function connectToCollector(
  remote: ListenAddress,
  clock: Clock,
  owner: CollectorConnectionOwner,
): CollectorConnection {
  return new OpenCollectorConnection(remote, clock, owner);
}

class OpenCollectorConnection implements CollectorConnection {
  private readonly clock: Clock;
  private readonly owner: CollectorConnectionOwner;
  private readonly connection: Outgoing;

  constructor(remote: ListenAddress, clock: Clock, owner: CollectorConnectionOwner) {
    this.clock = clock;
    this.owner = owner;
    this.connection = new Outgoing(
      { remote },
      clock,
      {
        connected: (socket) => {
          socket.resume();
          owner.connected();
        },
        lost: (text) => owner.lost(text),
      },
      'the collector has closed the connection',
    );
  }

  write(bytes: Uint8Array): void {
    this.connection.socket?.write(bytes, (error) => {
      if (!error && !this.connection.isOver) this.owner.wrote();
    });
  }

  get queuedBytes(): number {
    return this.connection.socket?.writableLength ?? 0;
  }

  async close(): Promise<void> {
    const { socket } = this.connection;
    this.connection.end();
    if (socket === undefined) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    const cancel = this.clock.after(closeWithinMs, () => socket.destroy());
    socket.once('close', () => {
      cancel();
      resolve();
    });
    await promise;
  }

  abort(): void {
    this.connection.abort();
  }
}
