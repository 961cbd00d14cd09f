import type { Socket } from 'node:net';
import type { Cancel, Clock } from '#clock.ts';
import { handleOf } from './handle.ts';

export interface OutboxOwner {
  /** The kernel has taken bytes since the last call: the send hold timer starts again (RFC 9687 §3). */
  wrote(nowMs: number): void;
  /** More is queued than the high-water mark: to be taken off the shared stream. After the flush, never within. */
  lagging(): void;
  /** It may go on. */
  drained(): void;
}

/** Above this the peer lags: 50 stalled readers cost 15 MB shared, 660 MB when each has its own copy. */
export const defaultHighWaterBytes = 4 * 1024 * 1024;

/** How often a blocked socket is asked whether the kernel took a part of one large write. */
const progressCheckMs = 1000;

/**
 * All that is written to one peer, in order. Buffers are kept as they are, never copied: the same one
 * may wait in many outboxes, and nobody changes it afterwards. What is written within one callback of
 * the event loop leaves in one system call.
 */
export class Outbox {
  private readonly socket: Socket;
  private readonly owner: OutboxOwner;
  private readonly clock: Clock;
  private readonly highWaterBytes: number;
  private givenBytes = 0;
  private reportedBytes = 0;
  private isCorked = false;
  private isLagging = false;
  private cancelCheck: Cancel | undefined;

  constructor(
    socket: Socket,
    owner: OutboxOwner,
    clock: Clock,
    highWaterBytes = defaultHighWaterBytes,
  ) {
    this.socket = socket;
    this.owner = owner;
    this.clock = clock;
    this.highWaterBytes = highWaterBytes;
    socket.once('close', () => this.cancelCheck?.());
  }

  write(bytes: Uint8Array): void {
    if (!this.socket.writable) return;
    this.corkOnce();
    this.givenBytes += bytes.length;
    this.socket.write(bytes, this.afterWrite);
  }

  /** Handed over to be written since the connection began. */
  get writtenBytes(): number {
    return this.givenBytes;
  }

  /** Not yet taken by the kernel. */
  get queuedBytes(): number {
    return this.givenBytes - this.sentBytes;
  }

  /** Taken by the kernel since the connection began. */
  get sentBytes(): number {
    const handle = handleOf(this.socket);
    if (handle === undefined) return this.reportedBytes;
    return handle.bytesWritten - handle.writeQueueSize;
  }

  private corkOnce(): void {
    if (this.isCorked) return;
    this.isCorked = true;
    this.socket.cork();
    queueMicrotask(() => this.flush());
  }

  private flush(): void {
    this.isCorked = false;
    this.socket.uncork();
    const queuedBytes = this.queuedBytes;
    if (queuedBytes > 0) this.watchProgress();
    if (queuedBytes <= this.highWaterBytes || this.isLagging || !this.socket.writable) return;
    this.isLagging = true;
    this.owner.lagging();
  }

  /** One call a buffer, all at once after a system call: only the first has news. */
  private readonly afterWrite = (error?: Error | null): void => {
    if (error) return;
    this.report();
  };

  private report(): void {
    const sentBytes = this.sentBytes;
    if (sentBytes === this.reportedBytes) return;
    this.reportedBytes = sentBytes;
    this.owner.wrote(this.clock.monotonic());
    if (!this.isLagging || this.queuedBytes > this.highWaterBytes / 4) return;
    this.isLagging = false;
    this.owner.drained();
  }

  /** A large write calls back when all of it is gone; a slow reader takes it in parts. */
  private watchProgress(): void {
    if (this.cancelCheck !== undefined) return;
    this.cancelCheck = this.clock.after(progressCheckMs, () => {
      this.cancelCheck = undefined;
      if (this.socket.destroyed) return;
      this.report();
      if (this.queuedBytes > 0) this.watchProgress();
    });
  }
}
