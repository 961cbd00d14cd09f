import type { Config, PeerConfig } from '#config/config.ts';
import type { DynamicPlan, PeerPlan } from '#config/plan.ts';
import { DynamicPeers } from './dynamic-peers.ts';
import type { CommonSettings, PeerContext } from './peer-context.ts';
import { RunningPeer } from './running-peer.ts';
import type { RunningPeers } from './running-peers.ts';
import { identityOf } from './session-settings.ts';

interface LifecycleParts {
  readonly peers: RunningPeers;
  readonly context: PeerContext;
  readonly version: string;
  readonly startedMs: number;
}

/** What a reload does to the peers. */
export interface PeerPlans {
  readonly configured: Iterable<PeerPlan>;
  readonly dynamic: readonly DynamicPlan[];
}

/** Creates, changes and removes the peers. */
export class PeerLifecycle {
  readonly dynamic: DynamicPeers;
  private readonly parts: LifecycleParts;
  private config: Config;

  constructor(config: Config, parts: LifecycleParts) {
    const { context, peers } = parts;
    this.parts = parts;
    this.config = config;
    this.dynamic = new DynamicPeers({
      clock: context.clock,
      peers,
      config: () => this.config,
      add: (peer) => this.add(peer, this.commonSettings(this.config)),
      remove: (peer) => this.remove(peer),
    });
    const common = this.commonSettings(config);
    for (const peer of config.peers) peers.add(new RunningPeer(peer, common, context));
  }

  /** Returns what each peer uses under a configuration. */
  commonSettings(config: Config): CommonSettings {
    const { version, startedMs, context } = this.parts;
    return {
      identity: identityOf(config, version, startedMs),
      ownAddresses: context.own.list(),
    };
  }

  /**
   * Applies a new configuration, one peer per step, each according to its session at that time; `onDone` is called for
   * each. Peers of ranges come before the configured ones, because one of those may take over an address.
   */
  *applyConfig(
    config: Config,
    plans: PeerPlans,
    onDone: (plan: PeerPlan) => void,
  ): Generator<void> {
    this.config = config;
    const common = this.commonSettings(config);
    yield* this.applyDynamic(plans.dynamic, common);
    yield* this.removeOthers(config);
    yield* this.applyConfigured(config, plans.configured, common, onDone);
    this.parts.peers.arrange(config.peers.map(({ name }) => name));
    this.forgetOldJudges();
  }

  /**
   * This server is about to shut down: from now on clients with `send_graceful_shutdown` get every route with the
   * community (RFC 8326 §4.1). Returns these clients.
   */
  leave(): RunningPeer[] {
    const { peers, context } = this.parts;
    context.judges.isLeaving = true;
    const notified = [...peers].filter(
      ({ config, isClient }) => isClient && config.sendGracefulShutdown,
    );
    const own = context.own.list();
    for (const { routes, config, session } of notified) {
      routes.applyConfig(config, own);
      context.wake(session);
    }
    return notified;
  }

  private *applyDynamic(plans: readonly DynamicPlan[], common: CommonSettings): Generator<void> {
    for (const { peer, effect, config } of plans) {
      const running = this.parts.peers.named(peer);
      if (running === undefined) continue;
      if (config === undefined) this.remove(running);
      else running.applyConfig(config, common, effect === 'reset');
      yield;
    }
  }

  /** Removes the peers that neither the configuration nor a range contains any longer. */
  private *removeOthers(config: Config): Generator<void> {
    const names = new Set(config.peers.map(({ name }) => name));
    const others = [...this.parts.peers].filter(
      ({ name, config: { range } }) => range === undefined && !names.has(name),
    );
    for (const peer of others) {
      this.remove(peer);
      yield;
    }
  }

  private *applyConfigured(
    { peers }: Config,
    plans: Iterable<PeerPlan>,
    common: CommonSettings,
    onDone: (plan: PeerPlan) => void,
  ): Generator<void> {
    const configs = new Map(peers.map((peer) => [peer.name, peer]));
    for (const plan of plans) {
      onDone(plan);
      const config = configs.get(plan.peer);
      const running = this.parts.peers.named(plan.peer);
      if (config !== undefined && running === undefined) this.add(config, common);
      else if (config !== undefined) running?.applyConfig(config, common, plan.effect === 'reset');
      yield;
    }
  }

  /** To be called in a separate turn: a peer that has connected again meanwhile stays. */
  forgetStranger(name: string): void {
    const peer = this.parts.peers.named(name);
    if (peer !== undefined) this.dynamic.forgetStranger(peer);
  }

  private add(config: PeerConfig, common: CommonSettings): RunningPeer {
    const peer = new RunningPeer(config, common, this.parts.context);
    this.parts.peers.add(peer);
    peer.start();
    return peer;
  }

  private remove(peer: RunningPeer): void {
    peer.remove();
    this.parts.peers.remove(peer);
    this.parts.context.judges.forget(peer.name);
  }

  /** Drops what only the old configuration needed. */
  private forgetOldJudges(): void {
    const { peers, context } = this.parts;
    context.judges.keepOnly(new Set([...peers].flatMap(({ routes }) => routes.judges)));
  }
}
