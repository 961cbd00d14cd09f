import type { Cancel, Clock } from '#clock.ts';
import { SocketError } from '#os/libc.ts';
import type { Direction } from '#session/collision.ts';
import type { Peer, SessionHandle } from '#session/peer.ts';
import { dial, type DialOptions } from './dial.ts';
import type { TcpStream } from './handle.ts';
import { type ConnectionEnd, type ConnectionOwner, PeerConnection } from './peer-connection.ts';
import { type HopOptions, setFilter, setHopOptions } from './socket-options.ts';
import type { LoopTurns } from './turns.ts';

/** What the connections of a peer need from the process, and report to it. */
export interface ConnectionsOwner {
  readonly clock: Clock;
  readonly turns: LoopTurns;
  /** Called after anything that happened to a session, since deadlines and RIB work may have changed. */
  wake(): void;
  lagging(isLagging: boolean): void;
  /** Called with an error that was thrown while handling bytes and is no NotificationError: a bug in our code. */
  internalError(error: unknown): void;
}

/**
 * A peer has at most three sessions, one of them opened by us; the others are refused connections whose peer may still
 * be reading the reason. However often it connects, it takes no more descriptors than these.
 */
const maxSockets = 8;

/** The TCP connections of one peer. It opens and accepts them, and carries bytes to the sessions. */
export class PeerConnections implements ConnectionOwner {
  private readonly session: Peer;
  private readonly owner: ConnectionsOwner;
  private readonly open = new Map<PeerConnection, SessionHandle>();
  /** All that are not closed yet, including those that wait for the peer to read our last message; oldest first. */
  private readonly sockets = new Set<PeerConnection>();
  private cancelPendingDial: Cancel | undefined;

  constructor(session: Peer, owner: ConnectionsOwner) {
    this.session = session;
    this.owner = owner;
  }

  /** The connection of the session, or else the newest that may become it. */
  get current(): PeerConnection | undefined {
    const live = [...this.open].filter(([, { hasConnection }]) => hasConnection);
    const found = live.find(([, { state }]) => state === 'Established') ?? live.at(-1);
    return found?.[0];
  }

  /** Settles when no socket is left. */
  async gone(): Promise<void> {
    await Promise.all([...this.sockets].map((connection) => connection.gone));
  }

  /** Ends those that no session has ended, after what was written to them. */
  close(): void {
    for (const connection of this.sockets) connection.close();
  }

  dial(options: DialOptions): void {
    this.cancelDial();
    this.cancelPendingDial = dial(options, this.owner.clock, {
      connected: (stream) => {
        this.cancelPendingDial = undefined;
        this.take(stream, 'outgoing');
      },
      failed: ({ text }) => {
        this.session.dialFailed(text, this.owner.clock.monotonic());
        this.owner.wake();
      },
    });
  }

  cancelDial(): void {
    this.cancelPendingDial?.();
    this.cancelPendingDial = undefined;
  }

  /** Takes over a connection that the peer has opened. */
  accept(stream: TcpStream, hops: HopOptions): void {
    try {
      setHopOptions(stream.fd, stream.remote.address, hops);
      // The connection was created with the listener's filter. From here on the minimum TTL of this one peer does the
      // same.
      setFilter(stream.fd, undefined);
    } catch (error) {
      // The peer has already closed it; its next connection is another socket.
      if (!(error instanceof SocketError)) throw error;
      stream.socket.destroy();
      return;
    }
    this.take(stream, 'incoming');
  }

  received(connection: PeerConnection, chunk: Uint8Array, nowMs: number): void {
    const handle = this.open.get(connection);
    if (handle === undefined) return;
    try {
      this.session.receive(handle, chunk, nowMs);
    } catch (error) {
      this.owner.internalError(error);
    }
    this.owner.wake();
  }

  readDry(connection: PeerConnection, nowMs: number): void {
    this.with(connection, (handle) => this.session.readDry(handle, nowMs));
  }

  wrote(connection: PeerConnection, nowMs: number): void {
    const handle = this.open.get(connection);
    if (handle !== undefined) this.session.wrote(handle, connection.queuedBytes, nowMs);
  }

  lagging(): void {
    this.owner.lagging(true);
  }

  drained(): void {
    this.owner.lagging(false);
  }

  closed(connection: PeerConnection, end: ConnectionEnd, nowMs: number): void {
    this.with(connection, (handle) => this.session.closed(handle, end.text, nowMs, end.kind));
    this.open.delete(connection);
  }

  private with(connection: PeerConnection, action: (handle: SessionHandle) => void): void {
    const handle = this.open.get(connection);
    if (handle === undefined) return;
    action(handle);
    this.owner.wake();
  }

  private take(stream: TcpStream, direction: Direction): void {
    const { clock, turns } = this.owner;
    const connection = new PeerConnection(stream, { direction, owner: this, clock, turns });
    this.sockets.add(connection);
    void connection.gone.then(() => {
      this.sockets.delete(connection);
      this.open.delete(connection);
    });
    const handle = this.session.connected(connection, clock.monotonic());
    if (handle !== undefined) this.open.set(connection, handle);
    if (this.sockets.size > maxSockets) this.abortOldest();
    this.owner.wake();
  }

  /** Closes one that has been given up and only waits for the peer to read the reason. */
  private abortOldest(): void {
    for (const connection of this.sockets) {
      if (this.open.get(connection)?.hasConnection === true) continue;
      connection.abort();
      return;
    }
  }
}
