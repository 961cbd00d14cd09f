import type { Socket } from 'node:net';
import type { Cancel, Clock } from '#clock.ts';
import { handleOf } from './handle.ts';
import type { TurnQueue } from './turns.ts';

export interface OutboxOptions {
  readonly clock: Clock;
  /** Writing in turns, shared by all connections. */
  readonly turns: TurnQueue;
  /** More queued bytes than this mean that the peer lags [`defaultHighWaterBytes`]. */
  readonly highWaterBytes?: number;
}

export interface OutboxOwner {
  /** The kernel has accepted bytes since the last call, so the send hold timer restarts (RFC 9687 §3). */
  wrote(nowMs: number): void;
  /**
   * More is queued than the high-water mark: the peer has to be taken off the shared stream. Called after the flush,
   * never during it.
   */
  lagging(): void;
  /** The peer may receive the shared stream again. */
  drained(): void;
}

/**
 * More queued bytes than this mean that the peer lags. 50 stalled readers cost 15 MB when buffers are shared, and 660
 * MB when each has its own copy.
 */
const defaultHighWaterBytes = 4 * 1024 * 1024;

/** The number of system calls whose times are remembered: those of the last few turns. */
const remembered = 16;

/** How often a blocked socket is checked for progress with one large write. */
const progressCheckMs = 1000;

/**
 * Everything that is written to one peer, in order. Buffers are kept and never copied: the same one may wait in many
 * outboxes, and nobody changes it afterwards. What is written within one callback of the event loop leaves in one
 * system call, when it is the turn of this outbox among all of them.
 */
export class Outbox {
  private readonly socket: Socket;
  private readonly owner: OutboxOwner;
  private readonly clock: Clock;
  private readonly turns: TurnQueue;
  private readonly highWaterBytes: number;
  private givenBytes = 0;
  private reportedBytes = 0;
  private isCorked = false;
  private isLagging = false;
  private cancelCheck: Cancel | undefined;
  /** `sentBytes` after each of the last system calls, and when that call returned; a ring whose next row is `at`. */
  private readonly marks = {
    bytes: new Float64Array(remembered),
    ms: new Float64Array(remembered),
    at: 0,
  };

  constructor(socket: Socket, owner: OutboxOwner, options: OutboxOptions) {
    this.socket = socket;
    this.owner = owner;
    this.clock = options.clock;
    this.turns = options.turns;
    this.highWaterBytes = options.highWaterBytes ?? defaultHighWaterBytes;
    socket.once('close', () => this.cancelCheck?.());
  }

  write(bytes: Uint8Array): void {
    if (!this.socket.writable) return;
    this.corkOnce();
    this.givenBytes += bytes.length;
    this.socket.write(bytes, this.afterWrite);
  }

  /** Bytes handed over for writing since the connection began. */
  get writtenBytes(): number {
    return this.givenBytes;
  }

  /** Bytes that the kernel has not accepted yet. */
  get queuedBytes(): number {
    return this.givenBytes - this.sentBytes;
  }

  /** Bytes that the kernel has accepted since the connection began. */
  get sentBytes(): number {
    const handle = handleOf(this.socket);
    if (handle === undefined) return this.reportedBytes;
    return handle.bytesWritten - handle.writeQueueSize;
  }

  /**
   * Returns when the kernel had accepted this many bytes since the connection began: monotonic milliseconds, at the
   * return of the system call; `undefined` if it has not yet, or if that is too long ago.
   */
  sentAtMs(bytes: number): number | undefined {
    const { bytes: sent, ms, at } = this.marks;
    let found: number | undefined;
    for (let back = 1; back <= remembered; back++) {
      const row = (at + remembered - back) % remembered;
      if (sent[row] < bytes) return found;
      found = ms[row];
    }
    return undefined;
  }

  private mark(sentBytes: number): void {
    const { marks } = this;
    const last = (marks.at + remembered - 1) % remembered;
    if (marks.bytes[last] === sentBytes) return;
    marks.bytes[marks.at] = sentBytes;
    marks.ms[marks.at] = this.clock.monotonic();
    marks.at = (marks.at + 1) % remembered;
  }

  private corkOnce(): void {
    if (this.isCorked) return;
    this.isCorked = true;
    this.socket.cork();
    this.turns.runSoon(this.flush);
  }

  private readonly flush = (): true => {
    this.isCorked = false;
    this.socket.uncork();
    const queuedBytes = this.queuedBytes;
    this.mark(this.givenBytes - queuedBytes);
    if (queuedBytes > 0) this.watchProgress();
    if (queuedBytes > this.highWaterBytes && !this.isLagging && this.socket.writable) {
      this.isLagging = true;
      this.owner.lagging();
    }
    return true;
  };

  /** There is one call per buffer, all at once after a system call; only the first reports progress. */
  private readonly afterWrite = (error?: Error | null): void => {
    if (error) return;
    this.report();
  };

  private report(): void {
    const sentBytes = this.sentBytes;
    if (sentBytes === this.reportedBytes) return;
    this.reportedBytes = sentBytes;
    this.mark(sentBytes);
    this.owner.wrote(this.clock.monotonic());
    if (!this.isLagging || this.queuedBytes > this.highWaterBytes / 4) return;
    this.isLagging = false;
    this.owner.drained();
  }

  /** A large write calls back when all of it has been accepted, while a slow reader takes it in parts. */
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
