import type { Socket } from 'node:net';
import type { Clock } from '#clock.ts';
import type { Direction } from '#session/collision.ts';
import type { Connection } from '#session/host.ts';
import { handleOf, type TcpStream } from './handle.ts';
import { Outbox } from './outbox.ts';
import type { SocketAddress } from './sockaddr.ts';
import { unreadBytes } from './socket.ts';
import { kernelHeardMs, unacknowledgedBytes } from './tcp-progress.ts';
import type { SocketTurns } from './turns.ts';

/** Why a connection is over, if we did not end it. */
export interface ConnectionEnd {
  readonly kind: 'fin' | 'reset' | 'error';
  /** For people, one line. */
  readonly text: string;
}

/** Who hears of one connection: the daemon, for its Peer. Never called after `close` or `abort`. */
export interface ConnectionOwner {
  /** `chunk` is valid during the call. */
  received(connection: PeerConnection, chunk: Uint8Array, nowMs: number): void;
  /** The answer to `readUntilDry`. */
  readDry(connection: PeerConnection, nowMs: number): void;
  /** The kernel took bytes; `connection.queuedBytes` still wait. */
  wrote(connection: PeerConnection, nowMs: number): void;
  /** To be taken off the shared stream until `drained`. */
  lagging(connection: PeerConnection): void;
  drained(connection: PeerConnection): void;
  /** The last call; all that the peer sent before has been handed over. */
  closed(connection: PeerConnection, end: ConnectionEnd, nowMs: number): void;
}

export interface ConnectionOptions {
  readonly direction: Direction;
  readonly owner: ConnectionOwner;
  readonly clock: Clock;
  /** Common to all connections of the process. */
  readonly turns: SocketTurns;
  readonly highWaterBytes?: number;
}

/** How long a peer may take to read our last words. */
const lingerMs = 3000;

/** One TCP connection, from established to gone, as the session's `Connection`. Owns the socket. */
export class PeerConnection implements Connection {
  readonly direction: Direction;
  readonly remote: SocketAddress;
  readonly local: SocketAddress;
  /** Settles when the socket is gone, whoever ended it; never rejects. */
  readonly gone: Promise<void>;
  private readonly socket: Socket;
  private readonly owner: ConnectionOwner;
  private readonly clock: Clock;
  private readonly turns: SocketTurns;
  private readonly outbox: Outbox;
  private isOver = false;
  private error: NodeJS.ErrnoException | undefined;
  private receivedBytes = 0;
  /** Waits for its turn; the socket is paused meanwhile. */
  private pending: Uint8Array | undefined;
  /** `receivedBytes` at which all is read that was there when `readUntilDry` was called. */
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
    this.gone = new Promise((resolve) => socket.once('close', () => resolve()));
    this.listen();
  }

  write(bytes: Uint8Array): void {
    if (!this.isOver) this.outbox.write(bytes);
  }

  /** FIN after what was written. What still comes is read and dropped: unread bytes would make it a RST, which can overtake a NOTIFICATION. */
  close(): void {
    if (this.isOver) return;
    this.isOver = true;
    this.socket.end();
    this.socket.resume();
    const cancelLinger = this.clock.after(lingerMs, () => this.socket.resetAndDestroy());
    this.socket.once('close', cancelLinger);
  }

  abort(): void {
    if (this.socket.destroyed) return;
    this.isOver = true;
    this.socket.resetAndDestroy();
  }

  /**
   * Counts what lies in the kernel's receive buffer and in Node's, and answers once that much has been
   * handed over. A peer that goes on dribbling bytes cannot put the answer off.
   */
  readUntilDry(): void {
    const handle = handleOf(this.socket);
    if (this.isOver || handle === undefined) return;
    const waitingBytes = (this.pending?.length ?? 0) + this.socket.readableLength;
    this.dryAtBytes = this.receivedBytes + waitingBytes + unreadBytes(handle.fd);
    this.clock.soon(() => this.reportDry());
  }

  /** Written but not yet taken by the kernel. */
  get queuedBytes(): number {
    return this.outbox.queuedBytes;
  }

  /** Whether the far end's kernel has acknowledged all that was written. */
  get isAcknowledged(): boolean {
    const handle = handleOf(this.socket);
    if (this.isOver || handle === undefined || this.queuedBytes > 0) return false;
    return unacknowledgedBytes(handle.fd) === 0;
  }

  /** Handed over to be written since the connection began. */
  get writtenBytes(): number {
    return this.outbox.writtenBytes;
  }

  /** When our kernel had taken so many bytes; `undefined` where it has not yet, or that is too long ago. */
  sentAtMs(bytes: number): number | undefined {
    return this.outbox.sentAtMs(bytes);
  }

  /** Of `writtenBytes`, what the peer's kernel has acknowledged; `undefined` once the socket is gone. */
  get acknowledgedBytes(): number | undefined {
    const fd = handleOf(this.socket)?.fd;
    const waiting = fd === undefined ? undefined : unacknowledgedBytes(fd);
    return waiting === undefined ? undefined : this.outbox.sentBytes - waiting;
  }

  /** How long ago the peer's kernel was last heard; `undefined` once the socket is gone. */
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
    socket.on('close', () => this.finish());
    socket.resume();
  }

  private onData(chunk: Uint8Array): void {
    if (this.isOver) return;
    this.pending = plain(chunk);
    if (!this.turns.reading.run(() => this.takePending())) this.socket.pause();
  }

  private takePending(): void {
    const chunk = this.pending;
    this.pending = undefined;
    if (this.isOver || chunk === undefined) return;
    this.receivedBytes += chunk.length;
    this.owner.received(this, chunk, this.clock.monotonic());
    this.reportDry();
    this.socket.resume();
  }

  private reportDry(): void {
    if (this.dryAtBytes === undefined || this.receivedBytes < this.dryAtBytes) return;
    this.dryAtBytes = undefined;
    this.tell(() => this.owner.readDry(this, this.clock.monotonic()));
  }

  /** FIN, RST or an error; or the end of our own close. */
  private finish(): void {
    if (this.isOver) return;
    this.takeRest();
    this.tell(() => {
      this.isOver = true;
      this.owner.closed(this, connectionEnd(this.error), this.clock.monotonic());
    });
    this.socket.destroy();
  }

  /** A NOTIFICATION with a RST on its heels must still be heard: a destroyed socket gives out what it had read. */
  private takeRest(): void {
    for (let chunk = this.rest(); chunk !== undefined && !this.isOver; chunk = this.rest()) {
      this.receivedBytes += chunk.length;
      this.owner.received(this, chunk, this.clock.monotonic());
    }
  }

  private rest(): Uint8Array | undefined {
    const held = this.pending;
    this.pending = undefined;
    if (held !== undefined) return held;
    const chunk: unknown = this.socket.read();
    return chunk instanceof Uint8Array ? plain(chunk) : undefined;
  }

  private tell(news: () => void): void {
    if (!this.isOver) news();
  }
}

/** Of a `Buffer` even a `slice` is a window: ten bytes kept of it would keep all of the 64 KiB read with them. */
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
