import type { Socket } from 'node:net';
import type { Clock } from '#clock.ts';
import type { Direction } from '#session/collision.ts';
import type { Connection } from '#session/host.ts';
import { handleOf, type TcpStream } from './handle.ts';
import { Outbox } from './outbox.ts';
import type { SocketAddress } from './sockaddr.ts';
import { unreadBytes } from './socket.ts';
import { kernelHeardMs, limitUnsentBytes, unacknowledgedBytes } from './tcp-progress.ts';
import type { LoopTurns } from './turns.ts';

/** Why a connection has ended, if we did not end it. */
export interface ConnectionEnd {
  readonly kind: 'fin' | 'reset' | 'error';
  /** One line, for people. */
  readonly text: string;
}

/** The owner of one connection: the daemon, for its Peer. It is never called after `close` or `abort`. */
export interface ConnectionOwner {
  /** `chunk` is valid during the call. */
  received(connection: PeerConnection, chunk: Uint8Array, nowMs: number): void;
  /** The answer to `readUntilDry`. */
  readDry(connection: PeerConnection, nowMs: number): void;
  /** The kernel accepted bytes; `connection.queuedBytes` are still waiting. */
  wrote(connection: PeerConnection, nowMs: number): void;
  /** The peer has to be taken off the shared stream until `drained`. */
  lagging(connection: PeerConnection): void;
  drained(connection: PeerConnection): void;
  /** The last call; everything that the peer sent before has been handed over. */
  closed(connection: PeerConnection, end: ConnectionEnd, nowMs: number): void;
}

export interface ConnectionOptions {
  readonly direction: Direction;
  readonly owner: ConnectionOwner;
  readonly clock: Clock;
  /** Shared by all connections of the process. */
  readonly turns: LoopTurns;
  readonly highWaterBytes?: number;
}

/** What is handed over between two checks of the time: some thousand prefixes, which take 1 to 2 ms. */
const pieceBytes = 8192;

/** How long a peer may take to read our last message. */
const lingerMs = 3000;

/** One TCP connection, from established to closed, as the session's `Connection`. It owns the socket. */
export class PeerConnection implements Connection {
  readonly direction: Direction;
  readonly remote: SocketAddress;
  readonly local: SocketAddress;
  /** Settles when the socket is closed, whoever closed it, and the owner has been told all; never rejects. */
  readonly gone: Promise<void>;
  private readonly settle: () => void;
  private readonly socket: Socket;
  private readonly owner: ConnectionOwner;
  private readonly clock: Clock;
  private readonly turns: LoopTurns;
  private readonly outbox: Outbox;
  private isOver = false;
  private error: NodeJS.ErrnoException | undefined;
  /** Why the connection has ended, as long as it waits for its turn. */
  private end: ConnectionEnd | undefined;
  private receivedBytes = 0;
  /** What is left of the data last read; the socket is paused while it waits for its turn. */
  private pending: Uint8Array | undefined;
  /** The value of `receivedBytes` at which everything has been read that was there when `readUntilDry` was called. */
  private dryAtBytes: number | undefined;

  constructor(stream: TcpStream, options: ConnectionOptions) {
    const { socket } = stream;
    this.remote = stream.remote;
    this.local = stream.local;
    this.direction = options.direction;
    this.owner = options.owner;
    this.clock = options.clock;
    this.turns = options.turns;
    this.socket = socket;
    this.outbox = new Outbox(
      socket,
      {
        wrote: (nowMs) => this.tell(() => this.owner.wrote(this, nowMs)),
        lagging: () => this.tell(() => this.owner.lagging(this)),
        drained: () => this.tell(() => this.owner.drained(this)),
      },
      {
        clock: options.clock,
        turns: options.turns.writing,
        ...(options.highWaterBytes !== undefined && { highWaterBytes: options.highWaterBytes }),
      },
    );
    const { promise, resolve } = Promise.withResolvers<void>();
    this.gone = promise;
    this.settle = () => {
      if (this.isOver && socket.closed) resolve();
    };
    limitUnsentBytes(stream.fd);
    this.listen();
  }

  write(bytes: Uint8Array): void {
    if (!this.isOver) this.outbox.write(bytes);
  }

  /**
   * Sends a FIN after what was written. Data that still arrives is read and dropped: unread bytes would turn the FIN
   * into a RST, which can overtake a NOTIFICATION.
   */
  close(): void {
    if (this.isOver) return;
    this.isOver = true;
    this.socket.end();
    this.socket.resume();
    this.settle();
    if (this.socket.closed) return;
    const cancelLinger = this.clock.after(lingerMs, () => this.socket.resetAndDestroy());
    this.socket.once('close', cancelLinger);
  }

  abort(): void {
    this.isOver = true;
    if (!this.socket.destroyed) this.socket.resetAndDestroy();
    this.settle();
  }

  /**
   * Counts the bytes in the kernel's receive buffer and in Node's, and answers once that many have been handed over. A
   * peer that keeps sending bytes cannot delay the answer.
   */
  readUntilDry(): void {
    const handle = handleOf(this.socket);
    if (this.isOver || handle === undefined) return;
    const waitingBytes = (this.pending?.length ?? 0) + this.socket.readableLength;
    this.dryAtBytes = this.receivedBytes + waitingBytes + unreadBytes(handle.fd);
    this.clock.soon(() => this.reportDry());
  }

  /** Bytes that were written but not yet accepted by the kernel. */
  get queuedBytes(): number {
    return this.outbox.queuedBytes;
  }

  /** Whether the peer's kernel has acknowledged everything that was written. */
  get isAcknowledged(): boolean {
    const handle = handleOf(this.socket);
    if (this.isOver || handle === undefined || this.queuedBytes > 0) return false;
    return unacknowledgedBytes(handle.fd) === 0;
  }

  /** Bytes handed over for writing since the connection began. */
  get writtenBytes(): number {
    return this.outbox.writtenBytes;
  }

  /**
   * Returns when our kernel had accepted this many bytes; `undefined` if it has not yet, or if that is too long ago.
   */
  sentAtMs(bytes: number): number | undefined {
    return this.outbox.sentAtMs(bytes);
  }

  /** How many of `writtenBytes` the peer's kernel has acknowledged; `undefined` once the socket is closed. */
  get acknowledgedBytes(): number | undefined {
    const fd = handleOf(this.socket)?.fd;
    const waiting = fd === undefined ? undefined : unacknowledgedBytes(fd);
    return waiting === undefined ? undefined : this.outbox.sentBytes - waiting;
  }

  /** Returns how long ago the peer's kernel was last heard; `undefined` once the socket is closed. */
  kernelHeardMs(): number | undefined {
    const fd = handleOf(this.socket)?.fd;
    return fd === undefined ? undefined : kernelHeardMs(fd);
  }

  private listen(): void {
    const { socket } = this;
    socket.setNoDelay(true);
    socket.on('data', (chunk: Buffer) => this.onData(chunk));
    socket.on('error', (error) => (this.error = error));
    socket.on('end', () => this.finish());
    socket.on('close', () => {
      this.finish();
      this.settle();
    });
    socket.resume();
  }

  private onData(chunk: Uint8Array): void {
    if (this.isOver) return;
    this.pending = plain(chunk);
    if (!this.turns.reading.run(this.takePiece)) this.socket.pause();
  }

  /** Returns true if nothing is left of the data. */
  private readonly takePiece = (): boolean => {
    const { pending } = this;
    if (this.isOver || pending === undefined) return true;
    const isLast = this.handOver(pending);
    if (isLast) this.socket.resume();
    return isLast;
  };

  /** Hands over one piece, and keeps the others. Returns true if there are none. */
  private handOver(bytes: Uint8Array): boolean {
    const isLast = bytes.length <= pieceBytes;
    this.pending = isLast ? undefined : bytes.subarray(pieceBytes);
    const piece = isLast ? bytes : bytes.subarray(0, pieceBytes);
    this.receivedBytes += piece.length;
    this.owner.received(this, piece, this.clock.monotonic());
    this.reportDry();
    return isLast;
  }

  private reportDry(): void {
    if (this.dryAtBytes === undefined || this.receivedBytes < this.dryAtBytes) return;
    this.dryAtBytes = undefined;
    this.tell(() => this.owner.readDry(this, this.clock.monotonic()));
  }

  /** Called for a FIN, a RST or an error, or when our own close has completed. */
  private finish(): void {
    if (this.isOver || this.end !== undefined) return;
    this.end = connectionEnd(this.error);
    this.turns.ending.run(this.takeEnd);
  }

  /**
   * Hands over a piece of what had been read, or else the end. A NOTIFICATION that is directly followed by a RST must
   * still be handled: a destroyed socket returns what it had read.
   */
  private readonly takeEnd = (): boolean => {
    const { end } = this;
    if (this.isOver || end === undefined) return true;
    const chunk = this.rest();
    if (chunk === undefined) {
      this.isOver = true;
      this.owner.closed(this, end, this.clock.monotonic());
      this.socket.destroy();
      this.settle();
      return true;
    }
    this.handOver(chunk);
    return this.isOver;
  };

  private rest(): Uint8Array | undefined {
    const held = this.pending;
    this.pending = undefined;
    if (held !== undefined) return held;
    const chunk: unknown = this.socket.read();
    return chunk instanceof Uint8Array ? plain(chunk) : undefined;
  }

  private tell(report: () => void): void {
    if (!this.isOver) report();
  }
}

/**
 * Even a `slice` of a `Buffer` is only a view: ten bytes kept of it would keep all of the 64 KiB that were read with
 * them.
 */
function plain({ buffer, byteOffset, length }: Uint8Array): Uint8Array {
  return new Uint8Array(buffer, byteOffset, length);
}

function connectionEnd(error: NodeJS.ErrnoException | undefined): ConnectionEnd {
  if (error === undefined) return { kind: 'fin', text: 'connection closed by the peer' };
  if (error.code === 'ECONNRESET' || error.code === 'EPIPE') {
    return { kind: 'reset', text: 'connection reset by the peer' };
  }
  return { kind: 'error', text: `connection lost: ${error.message}` };
}
