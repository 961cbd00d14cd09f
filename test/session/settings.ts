import type { SessionSettings } from '#session/settings.ts';
import { Family } from '#wire/constants.ts';

/** The side of a route server in a session with a node, as in the lab, with `changes`. */
export function settingsOf(changes: Partial<SessionSettings> = {}): SessionSettings {
  return {
    routerId: 0x01010109,
    localAs: 65002,
    peerAs: { kind: 'list', asns: [65001] },
    passive: false,
    holdTimeSec: 6,
    minHoldTimeSec: 3,
    connectRetryMs: 5_000,
    idleHoldMs: 5_000,
    idleHoldMaxMs: 60_000,
    sendHoldTimeMs: 480_000,
    refreshStaleTimeMs: 600_000,
    families: [Family.ipv4Unicast, Family.ipv6Unicast],
    addPath: { receive: false, send: false },
    gracefulRestart: { kind: 'notify_only' },
    ...changes,
  };
}

/** The other side of `settingsOf()`. */
export function nodeSettings(changes: Partial<SessionSettings> = {}): SessionSettings {
  return settingsOf({
    routerId: 0x0101010b,
    localAs: 65001,
    peerAs: { kind: 'list', asns: [65002] },
    holdTimeSec: 180,
    ...changes,
  });
}
