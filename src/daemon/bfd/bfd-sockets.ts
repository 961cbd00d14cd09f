import { connectionFilter } from '#net/connection-filter.ts';
import { Datagrams, type Received } from '#net/datagrams.ts';
import { isIpv4 } from '#net/sockaddr.ts';
import { SocketError } from '#os/libc.ts';
import type { BfdSessionSettings } from './bfd-messages.ts';

/** UDP ports of RFC 5881 §4 and RFC 5883 §5. */
export const bfdPorts = { singleHop: 3784, multihop: 4784 } as const;

/** "MUST be in the range 49152 through 65535" (RFC 5881 §4). */
const sourcePorts = { first: 49152, count: 65536 - 49152 } as const;
/** A port that is in use is not an error: the next one is tried. */
const portTries = 50;

const anyAddress = { ipv4: new Uint8Array(4), ipv6: new Uint8Array(16) } as const;

type Ear = keyof typeof ears;

/** The four sockets that receive BFD. Those for a single hop accept nothing from further away (RFC 5881 §5). */
const ears = {
  'IPv4 single hop': { address: anyAddress.ipv4, port: bfdPorts.singleHop },
  'IPv6 single hop': { address: anyAddress.ipv6, port: bfdPorts.singleHop },
  'IPv4 multihop': { address: anyAddress.ipv4, port: bfdPorts.multihop },
  'IPv6 multihop': { address: anyAddress.ipv6, port: bfdPorts.multihop },
} as const;

/** Returns the port that the peer of a session listens on. */
export function bfdPortOf({ isMultihop }: BfdSessionSettings): number {
  return isMultihop ? bfdPorts.multihop : bfdPorts.singleHop;
}

/** `from`: the address as the kernel prints it. */
export type BfdReceived = (bytes: Uint8Array, from: string, isMultihop: boolean) => void;

/** The sockets on which all sessions receive; each exists only while a session needs it. */
export class BfdEars {
  private readonly open = new Map<Ear, Datagrams>();
  private readonly received: BfdReceived;

  constructor(received: BfdReceived) {
    this.received = received;
  }

  /**
   * Opens, filters and closes the sockets that these sessions need. Returns the failures as text for people.
   */
  serve(sessions: readonly BfdSessionSettings[]): string[] {
    const bySocket = Map.groupBy(sessions, earOf);
    for (const [ear, socket] of this.open) {
      if (bySocket.has(ear)) continue;
      socket.close();
      this.open.delete(ear);
    }
    return [...bySocket].flatMap(([ear, served]) => this.hear(ear, served) ?? []);
  }

  /** Whether a packet has arrived that was not handed over yet. */
  get hasUnread(): boolean {
    return [...this.open.values()].some((socket) => socket.hasUnread);
  }

  close(): void {
    for (const socket of this.open.values()) socket.close();
    this.open.clear();
  }

  private hear(ear: Ear, sessions: readonly BfdSessionSettings[]): string | undefined {
    const { address, port } = ears[ear];
    const isMultihop = port === bfdPorts.multihop;
    const filter = connectionFilter(
      isMultihop ? sessions : [{ address, lengthBits: 0, minTtl: 255 }],
    );
    const socket = this.open.get(ear);
    try {
      if (socket !== undefined) socket.setFilter(filter);
      else {
        const received: Received = (bytes, from) => this.received(bytes, from, isMultihop);
        this.open.set(ear, new Datagrams({ address, port }, { filter }, received));
      }
      return undefined;
    } catch (error) {
      if (!(error instanceof SocketError)) throw error;
      return `BFD cannot listen on UDP port ${port} (${ear}): ${reasonOf(error)}`;
    }
  }
}

/** Returns the socket from which one session sends. Throws SocketError. */
export function openMouth(session: BfdSessionSettings, random: () => number): Datagrams {
  const { address, localAddress, interface: name } = session;
  const source = localAddress ?? (isIpv4(address) ? anyAddress.ipv4 : anyAddress.ipv6);
  const first = Math.floor(random() * sourcePorts.count);
  for (let tries = 0; ; tries++) {
    const port = sourcePorts.first + ((first + tries) % sourcePorts.count);
    try {
      return new Datagrams(
        { address: source, port },
        name === undefined ? {} : { interface: name },
      );
    } catch (error) {
      const isTaken = error instanceof SocketError && error.code === 'EADDRINUSE';
      if (!isTaken || tries === portTries) throw error;
    }
  }
}

function earOf({ address, isMultihop }: BfdSessionSettings): Ear {
  return `${isIpv4(address) ? 'IPv4' : 'IPv6'} ${isMultihop ? 'multihop' : 'single hop'}`;
}

function reasonOf({ code, message }: SocketError): string {
  return code === 'EADDRINUSE'
    ? 'it is in use; check whether BIRD or bfdd runs BFD on this host'
    : message;
}
