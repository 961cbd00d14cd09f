import type { Clock } from '#clock.ts';
import type { TcpStream } from '#net/handle.ts';
import { formatAddress } from '#text/address.ts';
import type { EventBus } from '../event-bus.ts';
import { FewPerMinute } from '../few-per-minute.ts';
import type { DynamicPeers } from './dynamic-peers.ts';
import type { RunningPeer } from './running-peer.ts';
import type { RunningPeers } from './running-peers.ts';

interface IncomingParts {
  readonly clock: Clock;
  readonly peers: RunningPeers;
  readonly dynamic: DynamicPeers;
  readonly events: EventBus;
}

/**
 * Finds the peer that an incoming connection is from. A connection that belongs to no peer is closed without a
 * NOTIFICATION, counted, and logged at a limited rate.
 */
export class IncomingConnections {
  private unknownCount = 0;
  private readonly parts: IncomingParts;
  private readonly few: FewPerMinute;

  constructor(parts: IncomingParts) {
    this.parts = parts;
    this.few = new FewPerMinute(parts.clock);
  }

  /** How many connections belonged to no peer, since the start. */
  get unknown(): number {
    return this.unknownCount;
  }

  accept(stream: TcpStream): void {
    const found = this.peerOf(stream);
    if (typeof found !== 'string') return found.accept(stream);
    stream.socket.destroy();
    this.unknownCount++;
    this.refused(formatAddress(stream.remote.address, stream.remote.zone), found);
  }

  /** In a range the peer may be created for the connection. A returned text says why it belongs to no peer. */
  peerOf({ remote, local }: Pick<TcpStream, 'remote' | 'local'>): RunningPeer | string {
    const { peers, dynamic } = this.parts;
    const known = peers.at(remote.address, remote.zone);
    const peer = known ?? dynamic.admit(remote.address, remote.zone);
    if (typeof peer === 'string') return peer;
    if (!peer.mayConnectTo(local.address)) {
      return `${peer.name} connected to ${formatAddress(local.address, local.zone)} and not to its local_address`;
    }
    if (dynamic.mayReturn(peer)) return peer;
    return `the peer range ${peer.config.range} already has its maximum of peers`;
  }

  /** Logs, at a limited rate, why a connection was not accepted. */
  refused(address: string, why: string): void {
    this.few.pass((keptBack) => {
      const more = keptBack === 0 ? '' : `; ${keptBack} more were refused since the last message`;
      this.parts.events.emit({ event: 'unknown_source', address, text: why + more });
    });
  }
}
