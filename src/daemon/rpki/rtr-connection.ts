import type { Cancel, Clock } from '#clock.ts';
import type { RpkiCacheConfig } from '#config/config.ts';
import { dial } from '#net/dial.ts';
import type { TcpStream } from '#net/handle.ts';

/** How long a cache may take to accept a connection. */
const timeoutMs = 10_000;

/** Never called before `openRtrConnection` has returned, and not at all after `close`. */
export interface RtrConnectionOwner {
  connected(): void;
  received(bytes: Uint8Array): void;
  /** The connection could not be opened, or has ended. */
  lost(text: string): void;
}

export interface RtrConnection {
  send(bytes: Uint8Array): void;
  /** Data that was already sent is still delivered. */
  close(): void;
}

/** Connects to a cache. What it sends is read in pieces, one per turn, so that sessions are served in between. */
export function openRtrConnection(
  { endpoint, password }: RpkiCacheConfig,
  clock: Clock,
  owner: RtrConnectionOwner,
): RtrConnection {
  return new OpenRtrConnection(clock, owner, (connected, lost) =>
    dial(
      {
        remote: endpoint,
        ttl: 64,
        timeoutMs,
        ...(password !== undefined && { md5Key: password.reveal() }),
      },
      clock,
      { connected, failed: ({ text }) => lost(text) },
    ),
  );
}

type Dial = (connected: (stream: TcpStream) => void, lost: (text: string) => void) => Cancel;

class OpenRtrConnection implements RtrConnection {
  private readonly clock: Clock;
  private readonly owner: RtrConnectionOwner;
  private readonly hangUp: Cancel;
  private stream: TcpStream | undefined;
  private isClosed = false;

  constructor(clock: Clock, owner: RtrConnectionOwner, dialling: Dial) {
    this.clock = clock;
    this.owner = owner;
    this.hangUp = dialling(
      (stream) => this.take(stream),
      (text) => this.lose(text),
    );
  }

  send(bytes: Uint8Array): void {
    this.stream?.socket.write(bytes);
  }

  close(): void {
    this.isClosed = true;
    if (this.stream === undefined) this.hangUp();
    else this.stream.socket.end().destroySoon();
  }

  private take(stream: TcpStream): void {
    const { socket } = stream;
    this.stream = stream;
    socket.on('data', (bytes) => {
      if (this.isClosed) return;
      socket.pause();
      this.owner.received(bytes);
      this.clock.soon(() => socket.resume());
    });
    socket.on('error', ({ message }) => this.lose(message));
    socket.on('close', () => this.lose('the cache has closed the connection'));
    this.owner.connected();
  }

  private lose(text: string): void {
    if (this.isClosed) return;
    this.isClosed = true;
    this.stream?.socket.destroy();
    this.owner.lost(text);
  }
}
