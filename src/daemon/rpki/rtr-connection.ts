import type { Clock } from '#clock.ts';
import type { RpkiCacheConfig } from '#config/config.ts';
import { Outgoing } from '#net/outgoing.ts';

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
  const key = password === undefined ? {} : { md5Key: password.reveal() };
  const connection = new Outgoing(
    { remote: endpoint, ...key },
    clock,
    {
      connected: (socket) => {
        socket.on('data', (bytes) => {
          if (connection.isOver) return;
          socket.pause();
          owner.received(bytes);
          clock.soon(() => socket.resume());
        });
        owner.connected();
      },
      lost: (text) => owner.lost(text),
    },
    'the cache has closed the connection',
  );
  return {
    send: (bytes) => void connection.socket?.write(bytes),
    close: () => connection.end(),
  };
}
