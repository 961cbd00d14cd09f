import { createSocket } from 'node:dgram';
import { isIpv4, type SocketAddress } from './sockaddr.ts';
import { setFilter } from './socket-options.ts';
import { closeSocket, type DatagramOptions, openDatagram, unreadBytes } from './socket.ts';

/** Called with the source of a datagram as the kernel prints it: a link-local address has its zone after a %. */
export type Received = (bytes: Uint8Array, from: string) => void;

/** A UDP socket that sends with TTL 255, and that receives if it was given a callback. */
export class Datagrams {
  private readonly fd: number;
  private readonly socket;

  /** Throws SocketError if the address, the port or the interface cannot be used. */
  constructor(at: SocketAddress, options: DatagramOptions, received?: Received) {
    this.fd = openDatagram(at, options);
    try {
      this.socket = createSocket(isIpv4(at.address) ? 'udp4' : 'udp6');
      this.socket.on('error', ignored);
      if (received !== undefined) {
        this.socket.on('message', (bytes, { address }) => received(bytes, address));
      }
      this.socket.bind({ fd: this.fd });
    } catch (error) {
      closeSocket(this.fd);
      throw error;
    }
  }

  /** What cannot be sent is lost, as it might be on its way. `to` is in the form that the kernel prints. */
  send(bytes: Uint8Array, port: number, to: string): void {
    this.socket.send(bytes, port, to, ignored);
  }

  /** Sets the filter in one step; without one, every packet is received. */
  setFilter(filter: Uint8Array | undefined): void {
    setFilter(this.fd, filter);
  }

  /** Whether a datagram has arrived that was not handed over yet. */
  get hasUnread(): boolean {
    return unreadBytes(this.fd) > 0;
  }

  close(): void {
    this.socket.close();
  }
}

/** A session notices an unreachable network or a closed port because it receives nothing. */
function ignored(): void {}
