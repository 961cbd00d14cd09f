import type { Daemon } from '#daemon/daemon.ts';
import type { RunningPeer } from '#daemon/peers/running-peer.ts';
import type { Connection } from '#session/host.ts';
import type { SessionHandle } from '#session/peer.ts';
import type { ManualClock } from '#support/manual-clock.ts';

const notificationType = 3;

/** A connection of a peer, in memory: like that of net/peer-connections, without a socket. */
export class Line implements Connection {
  readonly direction = 'incoming';
  /** By either end. */
  isOver = false;
  /** `3/1`, if the daemon has sent one. */
  notification: string | undefined;
  /** What the daemon sends, a whole message a call. */
  readonly onMessage: (message: Uint8Array) => void;
  private readonly daemon: Daemon;
  private readonly peer: RunningPeer;
  private readonly clock: ManualClock;
  private readonly handle: SessionHandle | undefined;
  private hasWritten = false;

  constructor(
    daemon: Daemon,
    clock: ManualClock,
    peer: RunningPeer,
    onMessage: (message: Uint8Array) => void = () => undefined,
  ) {
    this.daemon = daemon;
    this.peer = peer;
    this.clock = clock;
    this.onMessage = onMessage;
    this.handle = peer.session.connected(this, clock.monotonic());
    this.wake();
  }

  /** The chunk belongs to the daemon during the call, as that of a socket does. */
  receive(chunk: Uint8Array): void {
    if (this.handle === undefined || this.isOver) return;
    const lent = chunk.slice();
    this.peer.session.receive(this.handle, lent, this.clock.monotonic());
    lent.fill(0xa5);
    this.wake();
  }

  /** FIN. */
  hangUp(): void {
    if (this.handle === undefined || this.isOver) return;
    this.isOver = true;
    this.peer.session.closed(this.handle, 'connection closed by the peer', this.clock.monotonic());
    this.wake();
  }

  write(bytes: Uint8Array): void {
    if (this.isOver) return;
    this.hasWritten = true;
    for (let at = 0; at < bytes.length;) {
      const end = at + ((bytes[at + 16] << 8) | bytes[at + 17]);
      this.read(bytes.subarray(at, end));
      at = end;
    }
  }

  close(): void {
    this.isOver = true;
  }

  abort(): void {
    this.isOver = true;
  }

  readUntilDry(): void {
    this.clock.soon(() => {
      if (this.handle === undefined || this.isOver) return;
      this.peer.session.readDry(this.handle, this.clock.monotonic());
      this.wake();
    });
  }

  private read(message: Uint8Array): void {
    const isWhole = message.length >= 19 && message.subarray(0, 16).every((byte) => byte === 0xff);
    if (!isWhole) throw new Error(`${this.peer.name} was sent no message`);
    if (message[18] === notificationType) this.notification = `${message[19]}/${message[20]}`;
    this.onMessage(message);
  }

  /** Does what the daemon does after anything has happened to a session; what was written is read at once. */
  private wake(): void {
    if (this.hasWritten && this.handle !== undefined && !this.isOver) {
      this.peer.session.wrote(this.handle, 0, this.clock.monotonic());
    }
    this.hasWritten = false;
    this.daemon.wake(this.peer.session);
  }
}
