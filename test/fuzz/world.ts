import { Daemon } from '../../src/daemon/daemon.ts';
import { applyConfig } from '../../src/daemon/reload.ts';
import type { Config } from '../../src/config/config.ts';
import { loadConfig } from '../../src/config/load.ts';
import type { DaemonEvent } from '../../src/watch-events.ts';
import { ManualClock } from '../sim/manual-clock.ts';
import { Comparison } from './comparison.ts';
import { Finding, FuzzPeer } from './fuzz-peer.ts';
import { Line } from './line.ts';
import type { Operation } from './operation.ts';
import type { FuzzPeerPlan } from './peers.ts';
import { configText, otherPolicies, peerPlans } from './peers.ts';

/** A wait is cut in steps: the daemon sets its timer anew between them, as between turns of a loop. */
const stepMs = 250;

/** The daemon in this process on a clock of the test's, with honest peers and hostile ones. */
export class World {
  readonly daemon: Daemon;
  readonly peers: readonly FuzzPeer[];
  readonly events = new Map<string, number>();
  /** Whole messages that hostile peers sent in sessions. */
  messages = 0;
  private readonly clock = new ManualClock();
  private readonly byName: ReadonlyMap<string, FuzzPeer>;

  /** The one that runs comes first. */
  private configs = [configOf(peerPlans), configOf(otherPolicies(peerPlans))];

  constructor() {
    this.daemon = new Daemon(this.configs[0], {
      clock: this.clock,
      version: '0.0.0',
      onFatal: () => undefined,
    });
    this.daemon.events.subscribe((event) => this.hear(event));
    this.peers = peerPlans.map((plan) => this.makePeer(plan.name));
    this.byName = new Map(this.peers.map((peer) => [peer.name, peer]));
    for (const { running } of this.peers) running.start();
    for (const peer of this.peers) if (peer.isHonest) peer.establish();
  }

  /** UPDATEs with errors, by what became of them (RFC 7606 §2). */
  get updateErrors(): Map<string, number> {
    const sums = new Map<string, number>();
    for (const { running } of this.peers) {
      for (const [outcome, count] of Object.entries(running.statistics.updateErrors)) {
        sums.set(outcome, (sums.get(outcome) ?? 0) + count);
      }
    }
    return sums;
  }

  peer(name: string): FuzzPeer {
    const peer = this.byName.get(name);
    if (peer === undefined) throw new Error(`no peer ${name}`);
    return peer;
  }

  /** Throws a Finding, or whatever the daemon throws. */
  async apply(operation: Operation): Promise<void> {
    switch (operation.kind) {
      case 'wait':
        await this.wait(operation.ms);
        break;
      case 'reload':
        this.configs = this.configs.toReversed();
        await applyConfig(this.daemon, this.configs[0]);
        break;
      case 'check':
        await this.settle();
        new Comparison(this).run();
        break;
      default:
        this.act(operation, this.peer(operation.peer));
    }
    for (const peer of this.peers) peer.judge();
  }

  private act(
    operation: Exclude<Operation, { kind: 'wait' | 'check' | 'reload' }>,
    peer: FuzzPeer,
  ): void {
    switch (operation.kind) {
      case 'call':
        return peer.call();
      case 'bytes':
        return this.say(peer, operation.bytes, operation.cuts);
      case 'stray':
        return this.stray(peer, operation.bytes);
      case 'hangUp':
        return peer.forget();
      case 'enable':
        return peer.running.enable();
      case 'reset':
        peer.running.reset(undefined);
        return peer.forget();
      case 'lag':
      case 'unlag':
        return peer.lag(operation.kind === 'lag');
      default:
        return operation satisfies never;
    }
  }

  private say(peer: FuzzPeer, bytes: Uint8Array, cuts: readonly number[]): void {
    const before = peer.expected?.messages ?? 0;
    const { expected } = peer;
    peer.say(bytes, cuts);
    this.messages += (expected ?? peer.expected)?.messages ?? 0;
    this.messages -= before;
  }

  /** Whatever a second connection says, the session stays as it is. */
  private stray(peer: FuzzPeer, bytes: Uint8Array): void {
    if (!peer.isUp) return;
    const line = new Line(this.daemon, this.clock, peer.running);
    line.receive(bytes);
    line.hangUp();
  }

  private async wait(ms: number): Promise<void> {
    const until = this.clock.monotonic() + ms;
    do {
      await undefined;
      this.clock.advance(Math.min(stepMs, until - this.clock.monotonic()));
    } while (this.clock.monotonic() < until);
    for (const peer of this.peers) peer.expireHold();
  }

  private async settle(): Promise<void> {
    do await this.wait(1);
    while (this.daemon.rib.hasWork);
  }

  private makePeer(name: string): FuzzPeer {
    const plan = peerPlans.find((row) => row.name === name);
    const running = this.daemon.peers.named(name);
    if (plan === undefined || running === undefined) throw new Error(`no peer ${name}`);
    return new FuzzPeer(plan, running, this.daemon, this.clock);
  }

  private hear(event: DaemonEvent): void {
    if (event.event === 'internal_error') {
      throw new Finding(`internal error: ${event.text}\n${event.stack ?? ''}`);
    }
    const action = 'action' in event ? ` ${event.action}` : '';
    const key = `${event.event}${action}`;
    this.events.set(key, (this.events.get(key) ?? 0) + 1);
  }
}

function configOf(plans: readonly FuzzPeerPlan[]): Config {
  const outcome = loadConfig('fuzz.yaml', { text: configText('listen: []', plans) });
  if (outcome.ok) return outcome.config;
  throw new Error(JSON.stringify(outcome.problems));
}
