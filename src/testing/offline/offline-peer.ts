import type { PeerConfig } from '#config/config.ts';
import type { SessionFacts } from '#daemon/peers/judges.ts';
import type { ComparedPeer } from '#daemon/siblings/address-comparison.ts';
import type { PeerId } from '#policy/ids.ts';
import type { LimitReached } from '#rib/rib-events.ts';
import type { SendSettings } from '#rib/rib-peer.ts';
import { wordAt } from '#text/address.ts';
import { families, maxMessageBytes } from '#wire/constants.ts';
import { UpdateDecoder } from '#wire/update-decoder.ts';

/** A peer of the configuration, or of a range of it. */
export class OfflinePeer {
  readonly ribId: PeerId;
  readonly name: string;
  readonly config: PeerConfig;
  /** Here no UPDATE disables a family. */
  readonly session = { disabledFamilies: [] };
  readonly send: SendSettings;
  readonly decoder = new UpdateDecoder();
  isUp = false;
  downAtMs: number | undefined;
  /** The limit that ended its session. */
  endedBy: LimitReached | undefined;

  constructor(ribId: PeerId, config: PeerConfig) {
    this.ribId = ribId;
    this.name = config.name;
    this.config = config;
    this.send = sendSettingsOf(config);
  }

  get peerAs(): number {
    return peerAsOf(this.config);
  }

  get isClient(): boolean {
    return this.config.export !== 'none';
  }

  /** A session that is down here was ended by its peer. */
  get lastEnd(): ComparedPeer['lastEnd'] {
    if (this.isUp || this.downAtMs === undefined) return undefined;
    return { kind: 'tcp_closed', text: 'connection closed by the peer' };
  }
}

/** The peers that are in the RIB. */
export class OfflinePeers implements Iterable<OfflinePeer> {
  private readonly byName = new Map<string, OfflinePeer>();
  private readonly byId = new Map<PeerId, OfflinePeer>();

  [Symbol.iterator](): Iterator<OfflinePeer> {
    return this.byName.values();
  }

  add(peer: OfflinePeer): void {
    this.byName.set(peer.name, peer);
    this.byId.set(peer.ribId, peer);
  }

  named(name: string): OfflinePeer | undefined {
    return this.byName.get(name);
  }

  withId(id: PeerId): OfflinePeer | undefined {
    return this.byId.get(id);
  }
}

/** Returns the AS that a peer has here: the first that is configured. */
export function peerAsOf({ peerAs }: PeerConfig): number {
  return peerAs.kind === 'list' ? peerAs.asns[0] : 0;
}

/** Returns what judges need to know of a session whose ends both support everything that is configured. */
export function factsOf(config: PeerConfig): SessionFacts {
  return {
    peerAs: peerAsOf(config),
    localAddress: config.localAddress ?? new Uint8Array(config.address.length),
    extendedNextHop: sendSettingsOf(config).extendedNextHop,
  };
}

/** Returns the BGP Identifier of a peer for which no step gives one: the last four octets of its address. */
export function routerIdOf({ address }: PeerConfig): number {
  return wordAt(address, address.length - 4) >>> 0;
}

/** Returns what a session negotiates whose ends both support everything that is configured. */
function sendSettingsOf({ families: wanted, address, addPath }: PeerConfig): SendSettings {
  const extended = address.length === 16;
  return {
    families: families.map(({ family }) => wanted.includes(family)),
    asnBytes: 4,
    maxMessageBytes,
    extendedNextHop: families.map(() => extended),
    addPath: families.map(() => addPath.send),
    longLived: false,
  };
}
