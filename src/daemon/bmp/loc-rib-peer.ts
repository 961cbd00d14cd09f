import { PeerType } from '#bmp/constants.ts';
import type { MonitoredPeer } from '#bmp/message-writer.ts';
import type { PeerUp } from '#bmp/messages.ts';
import type { Config } from '#config/config.ts';
import { families } from '#wire/constants.ts';

/** The Loc-RIB as a peer (RFC 9069 §4.1). */
export interface LocRibPeer {
  readonly peer: MonitoredPeer;
  readonly up: PeerUp;
}

/** Makes the Loc-RIB a peer: "the same" OPEN on both sides, with what its UPDATEs need (RFC 9069 §5.2). */
export function locRibPeer({
  routerId,
  localAs,
}: Pick<Config, 'routerId' | 'localAs'>): LocRibPeer {
  const open = {
    version: 4,
    asn: localAs,
    holdTimeSec: 0,
    routerId,
    capabilities: [
      ...families.map(({ afi, safi }) => ({ kind: 'multiprotocol', afi, safi }) as const),
      { kind: 'extendedNextHop', tuples: [{ afi: 1, safi: 1, nextHopAfi: 2 }] } as const,
      { kind: 'extendedMessage' } as const,
      { kind: 'as4', asn: localAs } as const,
    ],
  };
  return {
    peer: {
      type: PeerType.locRibInstance,
      address: new Uint8Array(0),
      peerAs: localAs,
      routerId,
    },
    up: {
      localAddress: new Uint8Array(0),
      localPort: 0,
      remotePort: 0,
      sentOpen: open,
      receivedOpen: open,
      tableName: 'global',
    },
  };
}
