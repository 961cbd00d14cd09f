import type { Cancel, Clock } from '#clock.ts';
import type { ListenAddress } from '#config/config.ts';
import { dial } from '#net/dial.ts';
import type { TcpStream } from '#net/handle.ts';

/** How long a collector may take to accept a connection. */
const timeoutMs = 10_000;
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
  return new DialledConnection(remote, clock, owner);
}

class DialledConnection implements CollectorConnection {
  private readonly clock: Clock;
  private readonly owner: CollectorConnectionOwner;
  private readonly hangUp: Cancel;
  private socket: TcpStream['socket'] | undefined;
  private isOver = false;

  constructor(remote: ListenAddress, clock: Clock, owner: CollectorConnectionOwner) {
    this.clock = clock;
    this.owner = owner;
    this.hangUp = dial({ remote, ttl: 64, timeoutMs }, clock, {
      connected: ({ socket }) => this.take(socket),
      failed: ({ text }) => this.lose(text),
    });
  }

  write(bytes: Uint8Array): void {
    this.socket?.write(bytes, (error) => {
      if (!error && !this.isOver) this.owner.wrote();
    });
  }

  get queuedBytes(): number {
    return this.socket?.writableLength ?? 0;
  }

  async close(): Promise<void> {
    const { socket } = this;
    this.isOver = true;
    if (socket === undefined) return this.hangUp();
    const { promise, resolve } = Promise.withResolvers<void>();
    const cancel = this.clock.after(closeWithinMs, () => socket.destroy());
    socket.once('close', () => {
      cancel();
      resolve();
    });
    socket.end().destroySoon();
    await promise;
  }

  abort(): void {
    this.isOver = true;
    if (this.socket === undefined) this.hangUp();
    else this.socket.destroy();
  }

  private take(socket: TcpStream['socket']): void {
    this.socket = socket;
    socket.on('error', ({ message }) => this.lose(message));
    socket.on('close', () => this.lose('the collector has closed the connection'));
    socket.resume();
    this.owner.connected();
  }

  private lose(text: string): void {
    if (this.isOver) return;
    this.isOver = true;
    this.socket?.destroy();
    this.owner.lost(text);
  }
}
