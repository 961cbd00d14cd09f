import type { Clock } from '#clock.ts';
import type { TcpStream } from '#net/handle.ts';
import { formatAddress } from '#text/address.ts';
import type { EventBus } from '../event-bus.ts';
import { FewPerMinute } from '../few-per-minute.ts';
import type { DynamicPeers } from './dynamic-peers.ts';
import type { RunningPeer } from './running-peer.ts';
import type { RunningPeers } from './running-peers.ts';

interface CallersParts {
  readonly clock: Clock;
  readonly peers: RunningPeers;
  readonly dynamic: DynamicPeers;
  readonly events: EventBus;
}

/** Whose is this call? One that is nobody's is closed without a word, counted, and told now and then. */
export class Callers {
  /** Since the start. */
  unknown = 0;
  private readonly parts: CallersParts;
  private readonly few: FewPerMinute;

  constructor(parts: CallersParts) {
    this.parts = parts;
    this.few = new FewPerMinute(parts.clock);
  }

  called(stream: TcpStream): void {
    const welcome = this.peerOf(stream);
    if (typeof welcome !== 'string') return welcome.called(stream);
    stream.socket.destroy();
    this.unknown++;
    this.tell(formatAddress(stream.remote.address, stream.remote.zone), welcome);
  }

  /** Of a range it may be made for the call. A text says why the call is nobody's. */
  peerOf({ remote, local }: Pick<TcpStream, 'remote' | 'local'>): RunningPeer | string {
    const { peers, dynamic } = this.parts;
    const known = peers.at(remote.address, remote.zone);
    const peer = known ?? dynamic.admit(remote.address, remote.zone);
    if (typeof peer === 'string') return peer;
    if (!peer.isCalledAt(local.address)) {
      return `${peer.name} connected to ${formatAddress(local.address, local.zone)} and not to its local_address`;
    }
    if (dynamic.mayReturn(peer)) return peer;
    return `the peer range ${peer.config.range} already has its maximum of peers`;
  }

  /** Why a call has come to nothing, now and then. */
  tell(address: string, why: string): void {
    this.few.pass((keptBack) => {
      const more = keptBack === 0 ? '' : `; ${keptBack} more were refused since the last message`;
      this.parts.events.emit({ event: 'unknown_source', address, text: why + more });
    });
  }
}
