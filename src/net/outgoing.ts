import type { Socket } from 'node:net';
import type { Cancel, Clock } from '#clock.ts';
import { dial, type DialOptions } from './dial.ts';

/** How many routers may be in between. */
const ttl = 64;
/** How long the other end may take to accept the connection. */
const timeoutMs = 10_000;

/** Neither is called before the constructor of the connection has returned, nor after `end` or `abort`. */
export interface OutgoingOwner {
  connected(socket: Socket): void;
  /** It could not be opened, or has ended. */
  lost(text: string): void;
}

/** A connection that we open to a server that is no BGP peer. */
export class Outgoing {
  private readonly owner: OutgoingOwner;
  private readonly hangUp: Cancel;
  private current: Socket | undefined;
  private over = false;

  /** `whenClosed` is said where the other end closes it. */
  constructor(
    options: Omit<DialOptions, 'ttl' | 'timeoutMs'>,
    clock: Clock,
    owner: OutgoingOwner,
    whenClosed: string,
  ) {
    this.owner = owner;
    this.hangUp = dial({ ...options, ttl, timeoutMs }, clock, {
      connected: ({ socket }) => {
        this.current = socket;
        socket.on('error', ({ message }) => this.lose(message));
        socket.on('close', () => this.lose(whenClosed));
        owner.connected(socket);
      },
      failed: ({ text }) => this.lose(text),
    });
  }

  /** Absent until it is connected. */
  get socket(): Socket | undefined {
    return this.current;
  }

  /** The owner has ended it, or has been notified that it is lost. */
  get isOver(): boolean {
    return this.over;
  }

  /** What has been written is still delivered. */
  end(): void {
    this.over = true;
    if (this.current === undefined) this.hangUp();
    else this.current.end().destroySoon();
  }

  abort(): void {
    this.over = true;
    if (this.current === undefined) this.hangUp();
    else this.current.destroy();
  }

  private lose(text: string): void {
    if (this.over) return;
    this.abort();
    this.owner.lost(text);
  }
}
