import { remoteHost } from './remote-host.ts';

/** The parts of a connection and of a listener that are used here. */
interface Connection {
  readonly remoteAddress?: string | undefined;
  destroy(): unknown;
  once(event: 'close', listener: () => void): unknown;
}
interface Listener {
  maxConnections: number;
  prependListener(event: 'connection', listener: (socket: Connection) => void): unknown;
}

/** The most connections of one listener. */
const most = 512;
/**
 * The most connections of one host over all listeners: the event streams that may come through one proxy, and some
 * more.
 */
const mostOfOne = 128;

/**
 * Counts the TCP connections of all listeners together. One host may have only a part of them, so that monitoring from
 * elsewhere can still connect.
 */
export class Connections {
  private readonly open = new Map<string, number>();

  /** From now on counts the connections of this server too. */
  guard(server: Listener): void {
    server.maxConnections = most;
    server.prependListener('connection', (socket) => this.enter(socket));
  }

  private enter(socket: Connection): void {
    const host = remoteHost(socket.remoteAddress ?? '');
    const count = this.open.get(host) ?? 0;
    if (count >= mostOfOne) {
      socket.destroy();
      return;
    }
    this.open.set(host, count + 1);
    socket.once('close', () => this.leave(host));
  }

  private leave(host: string): void {
    const count = (this.open.get(host) ?? 1) - 1;
    if (count === 0) this.open.delete(host);
    else this.open.set(host, count);
  }
}
