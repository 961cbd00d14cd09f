import type { Config, PeerConfig } from '#config/config.ts';
import { plan, planDynamic, planProcess } from '#config/plan.ts';
import type { DynamicPlan, PeerPlan } from '#config/plan.ts';
import type { EffectsView } from '#api/changes.ts';
import type { Daemon } from '../daemon.ts';
import { livePeers } from './live-peers.ts';

/** What a reload did, for people: `2 peers changed, 1 added, 1 reset`. */
export interface ReloadResult {
  readonly peers: readonly PeerPlan[];
  /** Keys that are taken over and that no session feels. */
  readonly applied: readonly string[];
  /** Keys that only a new start takes over. */
  readonly needRestart: readonly string[];
  /** Keys without effect, since the listening sockets were handed to us. */
  readonly notOurs: readonly string[];
}

/**
 * Takes over a configuration that has been checked; touches only what changed. Rejects with a
 * ListenError when new listeners do not open, or a Md5KeyError: then nothing has been changed.
 */
export async function applyConfig(daemon: Daemon, config: Config): Promise<ReloadResult> {
  const before = daemon.config;
  const process = planProcess(before, config);
  await daemon.takeOverListening(config);
  const live = livePeers(daemon, config);
  const peers = plan(before, config, live);
  const dynamic = planDynamic(before, config, dynamicPeers(daemon), live);
  daemon.config = config;
  applyDynamic(daemon, dynamic);
  applyPeers(daemon, config, peers);
  daemon.decideBy(config.decision);
  const isOurs = (key: string): boolean => key !== 'listen' || !daemon.hasHandedSockets;
  const has = (key: string): boolean => process.some((row) => row.key === key);
  if (has('services')) daemon.services.configure(config.services);
  daemon.readiness.configure(config);
  daemon.configLoadedWallMs = daemon.clock.wall();
  return {
    peers: [...peers, ...dynamic].filter(isChanged),
    applied: process
      .filter(({ key, effect }) => effect !== 'restart' && isOurs(key))
      .map(({ key }) => key),
    needRestart: process.filter(({ effect }) => effect === 'restart').map(({ key }) => key),
    notOurs: process.filter(({ key }) => !isOurs(key)).map(({ key }) => key),
  };
}

function isChanged({ effect, why, letsIn }: PeerPlan): boolean {
  return effect !== 'none' || why.length > 0 || letsIn === true;
}

/** Peers that a call from a range has made. */
function dynamicPeers(daemon: Daemon): PeerConfig[] {
  const configs = [...daemon.peers].map(({ config }) => config);
  return configs.filter(({ range }) => range !== undefined);
}

/** Before the configured peers: one of those may take over an address. */
function applyDynamic(daemon: Daemon, plans: readonly DynamicPlan[]): void {
  const context = daemon.peerContext();
  for (const { peer, effect, config } of plans) {
    const running = daemon.peers.named(peer);
    if (running === undefined) continue;
    if (config === undefined) daemon.removePeer(running);
    else running.applyConfig(config, context, effect === 'reset');
  }
}

/** What taking over `config` would do to peers; of prefixes `WhatIf` knows. */
export function planOf(daemon: Daemon, config: Config): EffectsView {
  const before = daemon.config;
  const live = livePeers(daemon, config);
  const dynamic = planDynamic(before, config, dynamicPeers(daemon), live);
  const rows = [...plan(before, config, live), ...dynamic];
  const peers = rows.map(({ peer, effect, why, letsIn }) => ({
    peer,
    effect,
    why: [...why],
    ...(letsIn !== undefined && { lets_in: letsIn }),
  }));
  return { hash: config.hash, peers, process: planProcess(before, config) };
}

function applyPeers(daemon: Daemon, config: Config, plans: readonly PeerPlan[]): void {
  const context = daemon.peerContext();
  for (const { peer: name, effect } of plans) {
    const running = daemon.peers.named(name);
    if (running === undefined) continue;
    if (effect === 'remove') daemon.removePeer(running);
  }
  const effects = new Map(plans.map(({ peer, effect }) => [peer, effect]));
  for (const peer of config.peers) {
    const running = daemon.peers.named(peer.name);
    const effect = effects.get(peer.name);
    if (running === undefined) {
      daemon.addPeer(peer, context);
      continue;
    }
    running.applyConfig(peer, context, effect === 'reset');
  }
  daemon.peers.arrange(config.peers.map(({ name }) => name));
  daemon.forgetOldJudges();
}
