import { closeSocket, listen, localAddress, openPlainListener } from '#net/socket.ts';
import { parseZonedAddress } from '#text/address.ts';
import { endpoint, listenError } from './listen-error.ts';

/** Connections that the kernel keeps for us, as many as Node asks for; it cuts this to net.core.somaxconn. */
export const backlog = 511;

export interface TcpPlace {
  readonly host: string;
  readonly port: number;
}

/** A socket that listens: the kernel keeps the connections until somebody accepts them. */
export interface BoundSocket {
  readonly fd: number;
  /** As an operator writes it, the port filled in. */
  readonly address: string;
  /** What it leaves behind in the file system goes, once it is closed. */
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

/** What was bound early, by its place as wanted, until the server of HTTP takes it over. */
export class BoundSockets {
  private readonly sockets = new Map<string, BoundSocket>();

  add(place: string, socket: BoundSocket): void {
    this.sockets.set(place, socket);
  }

  /** Throws a ListenError; those before the one that fails stay. */
  addTcp(places: readonly TcpPlace[]): void {
    for (const at of places) {
      const place = endpoint(at.host, at.port);
      if (!this.sockets.has(place)) this.add(place, bindTcp(at));
    }
  }

  /** From here on it is the caller's. */
  take(place: string): BoundSocket | undefined {
    const socket = this.sockets.get(place);
    this.sockets.delete(place);
    return socket;
  }

  /** Those that nobody has taken. */
  async close(): Promise<void> {
    const left = [...this.sockets.values()];
    this.sockets.clear();
    await Promise.all(left.map((socket) => closeBound(socket)));
  }
}
