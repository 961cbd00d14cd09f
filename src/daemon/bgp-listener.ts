import type { Config } from '#config/config.ts';
import type { TcpStream } from '#net/handle.ts';
import { Listener } from '#net/listener.ts';
import type { LoopTurns } from '#net/turns.ts';
import { formatEndpoint } from '#text/address.ts';
import { messageOf } from '#text/message-of.ts';
import type { EventBus } from './event-bus.ts';
import { HeldConnections } from './peers/held-connections.ts';
import { guardOf, placesOf } from './process/listening.ts';
import type { HandedSockets } from './process/socket-activation.ts';
import { StoredSockets } from './process/stored-sockets.ts';

export interface BgpListenerParts {
  readonly events: EventBus;
  readonly turns: LoopTurns;
  /** Listening TCP sockets that were passed to us: used instead of `listen`, or our own from before a restart. */
  readonly handedSockets?: HandedSockets;
  /** Stores sockets across a restart; absent: they cannot be stored. */
  readonly store?: (state: string, fds?: readonly number[]) => void;
  /** Called with a connection that has come in and need not wait for a reload. */
  readonly accept: (stream: TcpStream) => void;
}

/**
 * Where BGP connections are accepted: the sockets from binding to a restart, and connections that wait for a reload.
 */
export class BgpListener {
  private readonly parts: BgpListenerParts;
  private readonly stored: StoredSockets;
  private readonly held = new HeldConnections();
  private listener: Listener | undefined;
  private isAccepting = false;

  constructor(parts: BgpListenerParts) {
    this.parts = parts;
    this.stored = new StoredSockets(parts.store);
  }

  /**
   * Opens the sockets: the kernel answers and queues connections until `open`. Throws a ListenError or a Md5KeyError.
   */
  bind(config: Config): void {
    const guard = guardOf(config);
    const { activated, stored } = this.parts.handedSockets ?? { activated: [], stored: [] };
    this.listener =
      Listener.adopt(activated, guard) ??
      Listener.bind(placesOf(config), guard, this.stored.usable(stored, guard));
    this.store(config);
  }

  /** Accepts connections from now on. Rejects with a ListenError. */
  async open(config: Config): Promise<void> {
    if (this.listener === undefined) this.bind(config);
    await this.listener?.accept({
      connected: (stream) => this.take(stream),
      acceptFailed: ({ message }) =>
        this.warn(`an incoming connection could not be accepted: ${message}`),
    });
    this.isAccepting = true;
    this.tellListening([]);
  }

  /** Connections that arrive at the same time are accepted in several turns of the event loop if that takes long. */
  private take(stream: TcpStream): void {
    const { turns, accept } = this.parts;
    turns.reading.run(() => {
      if (!stream.socket.destroyed && !this.held.take(stream)) accept(stream);
      return true;
    });
  }

  /** Reports the addresses that are new since `before`. */
  private tellListening(before: readonly string[]): void {
    for (const address of this.addresses) {
      if (before.includes(address)) continue;
      this.parts.events.emit({ event: 'listening', address, what: 'bgp' });
    }
  }

  get isOpen(): boolean {
    return this.isAccepting;
  }

  get addresses(): string[] {
    return (this.listener?.addresses ?? []).map((at) => formatEndpoint(at));
  }

  /** Whether the sockets were passed in by systemd, so that `listen` has no effect. */
  get isHandedOver(): boolean {
    return this.listener?.isAdopted === true;
  }

  /** Whether connections wait in the kernel's queue for the next process. */
  get isKept(): boolean {
    return this.stored.hasSome;
  }

  /**
   * Applies the places, MD5 keys and minimum TTLs of a new configuration. Rejects with a ListenError or a Md5KeyError;
   * then nothing has changed.
   */
  async applyConfig(config: Config): Promise<void> {
    const { listener } = this;
    if (listener === undefined) return;
    const guard = guardOf(config);
    if (listener.isAdopted) return listener.setGuard(guard);
    const before = this.addresses;
    const change = await listener.change(placesOf(config), guard);
    change.commit();
    this.store(config);
    if (this.isAccepting) this.tellListening(before);
  }

  /** Incoming connections wait until `release`. */
  hold(): void {
    this.held.hold();
  }

  release(): void {
    this.held.release((stream) => this.take(stream));
  }

  close(): void {
    this.listener?.close();
  }

  /** Leaves nothing for a later process: connections that wait in the queue are refused. */
  closeForGood(): void {
    this.stored.forget();
    this.listener?.closeForGood();
  }

  private store(config: Config): void {
    const { listener } = this;
    if (listener === undefined || listener.isAdopted) return;
    try {
      this.stored.keep(listener.fds, guardOf(config));
    } catch (error) {
      const why = messageOf(error);
      this.warn(`the listening sockets will not be kept across a restart: ${why}`);
    }
  }

  private warn(text: string): void {
    this.parts.events.emit({ event: 'warning', text });
  }
}
