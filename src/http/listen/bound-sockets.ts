import { closeSocket, listen, localAddress, openPlainListener } from '#net/socket.ts';
import { parseZonedAddress } from '#text/address.ts';
import { endpoint, listenError } from './listen-error.ts';

/**
 * How many connections the kernel keeps for us, the number that Node asks for; the kernel limits it to
 * net.core.somaxconn.
 */
export const backlog = 511;

export interface TcpPlace {
  readonly host: string;
  readonly port: number;
}

/** A socket that listens: the kernel keeps the connections until they are accepted. */
export interface BoundSocket {
  readonly fd: number;
  /** As an operator writes it, with the port. */
  readonly address: string;
  /** Removes what it leaves in the file system, once it is closed. */
  remove?(): Promise<void>;
}

/** Throws a ListenError. */
export function bindTcp({ host, port }: TcpPlace): BoundSocket {
  try {
    const fd = openPlainListener({ ...parseZonedAddress(host), port });
    try {
      listen(fd, backlog);
      return { fd, address: endpoint(host, localAddress(fd).port) };
    } catch (error) {
      closeSocket(fd);
      throw error;
    }
  } catch (error) {
    throw listenError(endpoint(host, port), error);
  }
}

export async function closeBound({ fd, remove }: BoundSocket): Promise<void> {
  closeSocket(fd);
  await remove?.();
}

/** Sockets that were bound early, by their configured place, until the HTTP server takes them over. */
export class BoundSockets {
  private readonly sockets = new Map<string, BoundSocket>();

  add(place: string, socket: BoundSocket): void {
    this.sockets.set(place, socket);
  }

  /** Throws a ListenError; the sockets before the one that fails stay open. */
  addTcp(places: readonly TcpPlace[]): void {
    for (const at of places) {
      const place = endpoint(at.host, at.port);
      if (!this.sockets.has(place)) this.add(place, bindTcp(at));
    }
  }

  /** From now on it belongs to the caller. */
  take(place: string): BoundSocket | undefined {
    const socket = this.sockets.get(place);
    this.sockets.delete(place);
    return socket;
  }

  /** The sockets that have not been taken. */
  async close(): Promise<void> {
    const left = [...this.sockets.values()];
    this.sockets.clear();
    await Promise.all(left.map((socket) => closeBound(socket)));
  }
}
