import type { Cause } from '#api/events/causes.ts';
import type { EffectsView } from '#api/views/changes.ts';
import type { Config, PeerConfig } from '#config/config.ts';
import { type PeerPlan, planDynamic, planning, planProcess } from '#config/plan.ts';
import type { Daemon } from '../daemon.ts';
import { inTurns } from '../in-slices.ts';
import { withDrains } from './drain-changes.ts';
import { livePeers } from './live-peers.ts';

/** What a reload did, for people: `2 peers changed, 1 added, 1 reset`. */
export interface ReloadResult {
  readonly peers: readonly PeerPlan[];
  /** Keys that were applied without any effect on sessions. */
  readonly applied: readonly string[];
  /** Keys that take effect only after a restart. */
  readonly needRestart: readonly string[];
  /** Keys without effect, because the listening sockets were passed to us. */
  readonly notOurs: readonly string[];
}

/**
 * Applies a configuration that has been checked, and touches only what changed. `why` is the cause of everything that
 * moves. Rejects with a ListenError or a Md5KeyError if new listeners cannot be opened; then nothing has been changed.
 * What follows cannot fail and takes as many turns as it needs; routers see all of it at once. When the daemon stops
 * meanwhile, it is abandoned.
 */
export async function applyConfig(
  daemon: Daemon,
  config: Config,
  why: Cause,
): Promise<ReloadResult> {
  const { configuration, lifecycle, listener } = daemon;
  const { causes } = daemon.journal;
  const before = daemon.config;
  const process = planProcess(before, config);
  await listener.applyConfig(config);
  const { drained, ...plans } = plansOf(daemon, config);
  const peers: PeerPlan[] = [];
  configuration.replace(config);
  daemon.maxPaths.applyConfig(config);
  const goOn = daemon.holdStill();
  try {
    const cause = causes.add({ cause: why });
    const steps = lifecycle.applyConfig(config, plans, (plan) => peers.push(plan));
    await inTurns(daemon.clock, causes.each(cause, untilStopped(daemon, steps)));
    const changed = new Set(process.map(({ key }) => key));
    causes.run(cause, () => {
      // What has been stopped must not begin again.
      if (daemon.isStopping) return;
      for (const part of daemon.followers) part.applyConfig(config, changed);
    });
  } finally {
    goOn();
  }
  configuration.applied();
  const isOurs = (key: string): boolean => key !== 'listen' || !listener.isHandedOver;
  return {
    peers: [...peers, ...plans.dynamic].map(drained).filter(isChanged),
    applied: process
      .filter(({ key, effect }) => effect !== 'restart' && isOurs(key))
      .map(({ key }) => key),
    needRestart: process.filter(({ effect }) => effect === 'restart').map(({ key }) => key),
    notOurs: process.filter(({ key }) => !isOurs(key)).map(({ key }) => key),
  };
}

/** The steps, abandoned when the daemon ends. */
function* untilStopped(daemon: Daemon, steps: Iterator<void>): Generator<void> {
  while (!daemon.isStopping && steps.next().done !== true) yield;
}

function isChanged({ effect, why, letsIn }: PeerPlan): boolean {
  return effect !== 'none' || why.length > 0 || letsIn === true;
}

/** Returns the peers that were created for connections from a range. */
function dynamicPeers(daemon: Daemon): PeerConfig[] {
  const configs = [...daemon.peers].map(({ config }) => config);
  return configs.filter(({ range }) => range !== undefined);
}

/** Returns the plans of configured and of dynamic peers, and what adds to a plan how drains change for its peer. */
function plansOf(daemon: Daemon, config: Config) {
  const before = daemon.config;
  const live = livePeers(daemon, config);
  const created = dynamicPeers(daemon);
  const dynamic = planDynamic(before, config, created, live);
  const remaining = dynamic.flatMap((row) => row.config ?? []);
  return {
    configured: planning(before, config, live),
    dynamic,
    drained: withDrains(
      daemon.drains,
      [...before.peers, ...created],
      [...config.peers, ...remaining],
    ),
  };
}

/** Returns what applying `config` would do to peers; `WhatIf` covers prefixes. */
export function* planOf(daemon: Daemon, config: Config): Generator<void, EffectsView> {
  const before = daemon.config;
  const { configured, dynamic, drained } = plansOf(daemon, config);
  const rows: PeerPlan[] = [];
  for (const row of configured) {
    rows.push(row);
    yield;
  }
  const peers = [...rows, ...dynamic].map(drained).map(({ peer, effect, why, letsIn }) => ({
    peer,
    effect,
    why: [...why],
    ...(letsIn !== undefined && { lets_in: letsIn }),
  }));
  return { hash: config.hash, peers, process: planProcess(before, config) };
}
