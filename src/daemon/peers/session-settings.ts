import type { Config, GracefulRestartConfig, PeerConfig } from '#config/config.ts';
import type { DialOptions } from '#net/dial.ts';
import type { HopOptions } from '#net/socket-options.ts';
import { hostName } from '#os/interfaces.ts';
import type { SendSettings } from '#rib/rib-peer.ts';
import type { Negotiated } from '#session/negotiate.ts';
import type { GracefulRestartSettings, SessionSettings } from '#session/settings.ts';
import { isLinkLocal } from '#text/address.ts';
import { Family, maxExtendedMessageBytes, maxMessageBytes } from '#wire/constants.ts';
import { minTtlOf } from '../process/listening.ts';
import type { OwnAddresses } from './own-addresses.ts';

/** How we identify ourselves in every OPEN. */
export interface Identity {
  /** When the daemon was started, by the monotonic clock. */
  readonly startedMs: number;
  /** BGP Identifier, unsigned 32 bits. */
  readonly routerId: number;
  /** Absent unless `announce` says so. */
  readonly hostname?: string;
  readonly softwareVersion?: string;
}

export function identityOf(
  { routerId, announce }: Config,
  version: string,
  startedMs: number,
): Identity {
  return {
    startedMs,
    routerId,
    ...(announce.fqdn && { hostname: hostName() }),
    ...(announce.softwareVersion && { softwareVersion: `fingerpost/${version}` }),
  };
}

/** Returns a peer's configuration in the form for its session. */
export function sessionSettings(
  peer: PeerConfig,
  { startedMs, ...identity }: Identity,
): SessionSettings {
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
    refreshStaleTimeMs: peer.refreshStaleTimeMs,
    families: peer.families,
    extendedNextHop: peer.address.length === 16 && peer.families.includes(Family.ipv4Unicast),
    addPath: peer.addPath,
    gracefulRestart: gracefulRestartSettings(peer.gracefulRestart, startedMs),
    ...(peer.role !== undefined && { role: peer.role, isRoleStrict: peer.roleStrict }),
  };
}

/** Peers may keep our routes for the restart time, which is as long as we announce that we have restarted. */
function gracefulRestartSettings(
  config: GracefulRestartConfig,
  startedMs: number,
): GracefulRestartSettings {
  if (config.kind !== 'families') return config;
  return { ...config, restartingUntilMs: startedMs + config.restartTimeSec * 1000 };
}

/** Returns how the peer of a session has to be written to. */
export function sendSettings(negotiated: Negotiated): SendSettings {
  const { families, asnBytes, extendedMessage, extendedNextHop, addPathSend } = negotiated;
  return {
    families,
    asnBytes,
    maxMessageBytes: extendedMessage ? maxExtendedMessageBytes : maxMessageBytes,
    extendedNextHop,
    addPath: addPathSend,
    longLived: negotiated.receivedOpen.capabilities.some(
      ({ kind }) => kind === 'longLivedGracefulRestart',
    ),
  };
}

/** By default a peer on one of our own networks is one hop away, and another one may be any distance away. */
const defaultTtl = { connected: 1, remote: 64 } as const;

/** Returns the TTL to send and the TTL to demand (RFC 5082 §3). */
export function hopOptions(peer: PeerConfig, own: OwnAddresses): HopOptions {
  const { gtsm, multihop, address } = peer;
  if (gtsm) return { ttl: 255, minTtl: minTtlOf(peer) };
  if (multihop !== undefined) return { ttl: multihop };
  const isNear = isLinkLocal(address) || own.isConnected(address);
  return { ttl: isNear ? defaultTtl.connected : defaultTtl.remote };
}

/** Returns how to connect to the peer. */
export function dialOptions(peer: PeerConfig, own: OwnAddresses): DialOptions {
  const { address, port, localAddress, password, interface: zone } = peer;
  return {
    remote: { address, port, ...(zone !== undefined && { zone }) },
    timeoutMs: peer.connectRetryMs,
    ...hopOptions(peer, own),
    ...(localAddress !== undefined && { source: localAddress }),
    ...(password !== undefined && { md5Key: password.reveal() }),
  };
}
