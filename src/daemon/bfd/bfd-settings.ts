import type { PeerConfig } from '#config/config.ts';
import { isLinkLocal } from '#text/address.ts';
import type { BfdSessionSettings } from './bfd-messages.ts';

/** What BFD needs of a peer at work. */
export interface BfdPeer {
  readonly name: string;
  readonly config: PeerConfig;
  readonly isEnabled: boolean;
  /** It was never Established: nobody has asked for BFD with it. */
  readonly isStranger: boolean;
  /** BFD has lost the peer: its BGP session ends, if there is one. */
  bfdDown(text: string): void;
}

/** The networks that this machine is in. */
export interface Neighbourhood {
  isConnected(address: Uint8Array): boolean;
}

/** GTSM for a single hop (RFC 5881 §5): what comes from our own link has the TTL that it was sent with. */
const singleHopMinTtl = 255;

/** Returns how BFD is to run with a peer; `undefined` where it is not to run. */
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
    // BIRD sends 64 over several hops, so only who asks for GTSM gets it there.
    minTtl: isMultihop ? (gtsm ? 256 - (multihop ?? 1) : 0) : singleHopMinTtl,
    isAdminDown: !peer.isEnabled,
    terms: isMultihop ? bfd.multihop : bfd.singleHop,
  };
}

/** As BGP itself sees it: configured, or on one of our own networks. */
function isOneHopAway({ config }: BfdPeer, own: Neighbourhood): boolean {
  const { multihop, gtsm, address } = config;
  if (multihop !== undefined) return multihop === 1;
  return gtsm || isLinkLocal(address) || own.isConnected(address);
}
