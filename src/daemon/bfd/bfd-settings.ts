import type { PeerConfig } from '#config/config.ts';
import { isLinkLocal } from '#text/address.ts';
import type { BfdSessionSettings } from './bfd-messages.ts';

/** What BFD needs to know of a running peer. */
export interface BfdPeer {
  readonly name: string;
  readonly config: PeerConfig;
  readonly isEnabled: boolean;
  /** The peer was never Established, so it has no reason to run BFD with us. */
  readonly isStranger: boolean;
  /** BFD has lost the peer: its BGP session ends, if there is one. */
  bfdDown(text: string): void;
}

/** The networks to which this machine is connected. */
export interface Neighbourhood {
  isConnected(address: Uint8Array): boolean;
}

/** GTSM for a single hop (RFC 5881 §5): a packet from our own link still has the TTL with which it was sent. */
const singleHopMinTtl = 255;

/** Returns the BFD settings for a peer; `undefined` if BFD is not to run. */
export function bfdSessionSettings(
  peer: BfdPeer,
  own: Neighbourhood,
): BfdSessionSettings | undefined {
  const { config } = peer;
  const { bfd, address, addressText, localAddress, multihop, gtsm } = config;
  if (bfd === undefined || peer.isStranger) return undefined;
  const isMultihop = !isOneHopAway(peer, own);
  const { interface: name } = config;
  return {
    peer: peer.name,
    address,
    addressText,
    ...(localAddress !== undefined && { localAddress }),
    ...(name !== undefined && { interface: name }),
    isMultihop,
    // BIRD sends 64 over several hops, so GTSM applies there only if it is configured.
    minTtl: isMultihop ? (gtsm ? 256 - (multihop ?? 1) : 0) : singleHopMinTtl,
    isAdminDown: !peer.isEnabled,
    terms: isMultihop ? bfd.multihop : bfd.singleHop,
  };
}

/** Decided as for BGP itself: by configuration, or because the peer is on one of our own networks. */
function isOneHopAway({ config }: BfdPeer, own: Neighbourhood): boolean {
  const { multihop, gtsm, address } = config;
  if (multihop !== undefined) return multihop === 1;
  return gtsm || isLinkLocal(address) || own.isConnected(address);
}
