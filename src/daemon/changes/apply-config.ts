import type { EffectsView } from '#api/changes.ts';
import type { Config, PeerConfig } from '#config/config.ts';
import {
  type DynamicPlan,
  type PeerPlan,
  planDynamic,
  planning,
  planProcess,
} from '#config/plan.ts';
import type { Daemon } from '../daemon.ts';
import { inTurns } from '../in-turns.ts';
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
 * ListenError when new listeners do not open, or a Md5KeyError: then nothing has been changed. What
 * follows cannot fail, and takes as many turns as it needs; routers see the whole of it at once.
 */
export async function applyConfig(daemon: Daemon, config: Config): Promise<ReloadResult> {
  const before = daemon.config;
  const process = planProcess(before, config);
  await daemon.takeOverListening(config);
  const live = livePeers(daemon, config);
  const dynamic = planDynamic(before, config, dynamicPeers(daemon), live);
  daemon.config = config;
  const peers: PeerPlan[] = [];
  const has = (key: string): boolean => process.some((row) => row.key === key);
  const goOn = daemon.holdStill();
  try {
    await inTurns(
      daemon.clock,
      applying(daemon, config, dynamic, planning(before, config, live), peers),
    );
    daemon.decideBy(config.decision, has('services') ? config.services : undefined);
  } finally {
    goOn();
  }
  const isOurs = (key: string): boolean => key !== 'listen' || !daemon.hasHandedSockets;
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

/**
 * A peer a step, each judged by its session as it is then; done with them are `told`. Of ranges before the
 * configured ones: one of those may take over an address. Given up when the daemon ends.
 */
function* applying(
  daemon: Daemon,
  config: Config,
  dynamic: readonly DynamicPlan[],
  plans: Iterable<PeerPlan>,
  told: PeerPlan[],
): Generator<void> {
  const steps = chain(
    applyDynamic(daemon, dynamic),
    removeOthers(daemon, config),
    applyPeers(daemon, config, plans, told),
  );
  for (const _ of steps) {
    yield;
    if (daemon.isStopping) return;
  }
  daemon.peers.arrange(config.peers.map(({ name }) => name));
  daemon.forgetOldJudges();
}

function* chain(...parts: readonly Iterable<void>[]): Generator<void> {
  for (const part of parts) yield* part;
}

function* applyDynamic(daemon: Daemon, plans: readonly DynamicPlan[]): Generator<void> {
  const context = daemon.peerContext();
  for (const { peer, effect, config } of plans) {
    const running = daemon.peers.named(peer);
    if (running === undefined) continue;
    if (config === undefined) daemon.removePeer(running);
    else running.applyConfig(config, context, effect === 'reset');
    yield;
  }
}

/** What taking over `config` would do to peers; of prefixes `WhatIf` knows. */
export function* planOf(daemon: Daemon, config: Config): Generator<void, EffectsView> {
  const before = daemon.config;
  const live = livePeers(daemon, config);
  const dynamic = planDynamic(before, config, dynamicPeers(daemon), live);
  const rows: PeerPlan[] = [];
  for (const row of planning(before, config, live)) {
    rows.push(row);
    yield;
  }
  const peers = [...rows, ...dynamic].map(({ peer, effect, why, letsIn }) => ({
    peer,
    effect,
    why: [...why],
    ...(letsIn !== undefined && { lets_in: letsIn }),
  }));
  return { hash: config.hash, peers, process: planProcess(before, config) };
}

/** Peers that the configuration no longer has, and no range. */
function* removeOthers(daemon: Daemon, config: Config): Generator<void> {
  const names = new Set(config.peers.map(({ name }) => name));
  const others = [...daemon.peers].filter(
    ({ name, config: { range } }) => !range && !names.has(name),
  );
  for (const peer of others) {
    daemon.removePeer(peer);
    yield;
  }
}

function* applyPeers(
  daemon: Daemon,
  config: Config,
  plans: Iterable<PeerPlan>,
  told: PeerPlan[],
): Generator<void> {
  const context = daemon.peerContext();
  const configs = new Map(config.peers.map((peer) => [peer.name, peer]));
  for (const row of plans) {
    told.push(row);
    const peer = configs.get(row.peer);
    const running = daemon.peers.named(row.peer);
    if (peer !== undefined && running === undefined) daemon.addPeer(peer, context);
    else if (peer !== undefined) running?.applyConfig(peer, context, row.effect === 'reset');
    yield;
  }
}
