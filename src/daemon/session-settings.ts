import type { Config, PeerConfig } from '../config/config.ts';
import type { DialOptions } from '../net/dial.ts';
import { hostName } from '../net/interfaces.ts';
import type { HopOptions } from '../net/socket.ts';
import type { SessionSettings } from '../session/settings.ts';
import { isLinkLocal } from '../text.ts';
import { Family } from '../wire/constants.ts';
import { isConnected } from './own-addresses.ts';

/** Who we are in every OPEN. */
export interface Identity {
  /** BGP Identifier, unsigned 32 bits. */
  readonly routerId: number;
  /** Absent unless `announce` says so. */
  readonly hostname?: string;
  readonly softwareVersion?: string;
}

export function identityOf({ routerId, announce }: Config, version: string): Identity {
  return {
    routerId,
    ...(announce.fqdn && { hostname: hostName() }),
    ...(announce.softwareVersion && { softwareVersion: `fingerpost/${version}` }),
  };
}

/** A peer's configuration as its session reads it. */
export function sessionSettings(peer: PeerConfig, identity: Identity): SessionSettings {
  return {
    ...identity,
    localAs: peer.localAs,
    peerAs: peer.peerAs,
    passive: peer.passive,
    holdTimeSec: peer.holdTimeSec,
    ...(peer.keepaliveSec !== undefined && { keepaliveSec: peer.keepaliveSec }),
    minHoldTimeSec: peer.minHoldTimeSec,
    connectRetryMs: peer.connectRetryMs,
    idleHoldMs: peer.idleHoldMs,
    idleHoldMaxMs: peer.idleHoldMaxMs,
    sendHoldTimeMs: peer.sendHoldTimeMs,
    families: peer.families,
    extendedNextHop: peer.address.length === 16 && peer.families.includes(Family.ipv4Unicast),
    addPath: peer.addPath,
    gracefulRestart: { kind: peer.gracefulRestart.kind },
    ...(peer.role !== undefined && { role: peer.role }),
  };
}

/** Unless told, a peer on one of our own networks is one hop away, another may be anywhere. */
const defaultTtl = { connected: 1, remote: 64 } as const;

/** TTL to send and to demand (RFC 5082 §3). */
export function hopOptions({ gtsm, multihop, address }: PeerConfig): HopOptions {
  if (gtsm) return { ttl: 255, minTtl: 256 - (multihop ?? 1) };
  if (multihop !== undefined) return { ttl: multihop };
  const isNear = isLinkLocal(address) || isConnected(address);
  return { ttl: isNear ? defaultTtl.connected : defaultTtl.remote };
}

/** How to call the peer. */
export function dialOptions(peer: PeerConfig): DialOptions {
  const { address, port, localAddress, password, interface: zone } = peer;
  return {
    remote: { address, port, ...(zone !== undefined && { zone }) },
    timeoutMs: peer.connectRetryMs,
    ...hopOptions(peer),
    ...(localAddress !== undefined && { source: localAddress }),
    ...(password !== undefined && { md5Key: password.reveal() }),
  };
}
