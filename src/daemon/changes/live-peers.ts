import type { Config, PeerConfig } from '#config/config.ts';
import type { LivePeers } from '#config/plan.ts';
import { suits } from '#session/negotiate.ts';
import type { Daemon } from '../daemon.ts';
import { heldUntil } from '../peers/held.ts';
import type { OwnAddresses } from '../peers/own-addresses.ts';
import type { RunningPeer } from '../peers/running-peer.ts';
import { hopOptions, type Identity, sessionSettings } from '../peers/session-settings.ts';

/** Returns what a plan has to know about the running peers: what their sessions negotiated, and which are held. */
export function livePeers(daemon: Daemon, after: Config): LivePeers {
  const now = daemon.clock.monotonic();
  const { identity } = daemon.lifecycle.commonSettings(daemon.config);
  const { own } = daemon;
  return {
    suits: (before, peer, field) => {
      const running = daemon.peers.named(before.name);
      return running?.isUp === true && suitsSession({ identity, own }, running, peer, field);
    },
    letsIn: (before, peer) => {
      const held = daemon.peers.named(before.name)?.held;
      if (held === undefined || !peer.enabled) return false;
      return heldUntil(held, peer, after.maxPaths) <= now;
    },
  };
}

function suitsSession(
  { identity, own }: { readonly identity: Identity; readonly own: OwnAddresses },
  { config, session, connections }: RunningPeer,
  after: PeerConfig,
  field: keyof PeerConfig,
): boolean {
  switch (field) {
    case 'peerAs':
    case 'holdTimeSec':
    case 'keepaliveSec':
    case 'minHoldTimeSec':
    case 'families':
    case 'addPath':
    case 'roleStrict':
      return (
        session.negotiated !== undefined &&
        suits(sessionSettings(after, identity), session.negotiated)
      );
    case 'localAddress': {
      const local = connections.current?.local.address;
      return after.localAddress === undefined || after.localAddress.join() === local?.join();
    }
    case 'multihop':
    case 'gtsm': {
      const before = hopOptions(config, own);
      const { ttl, minTtl } = hopOptions(after, own);
      return before.ttl === ttl && before.minTtl === minTtl;
    }
    default:
      return false;
  }
}
