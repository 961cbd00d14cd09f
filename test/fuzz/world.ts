import type { DaemonEvent } from '#api/events/events.ts';
import type { Config } from '#config/config.ts';
import { loadConfig } from '#config/load.ts';
import { applyConfig } from '#daemon/changes/apply-config.ts';
import { Daemon } from '#daemon/daemon.ts';
import { ManualClock } from '#support/manual-clock.ts';
import { Comparison } from './comparison.ts';
import { Finding, FuzzPeer } from './fuzz-peer.ts';
import { Line } from './line.ts';
import type { Operation } from './operation.ts';
import { configText, type FuzzPeerPlan, maxRangePeers, otherPolicies, peerPlans } from './peers.ts';

/** An honest peer from a range has come up by then; afterwards its place may be given to another. */
const patienceMs = 5_000;
/** A wait is cut into steps: the daemon sets its timer again between them, as between turns of the event loop. */
const stepMs = 250;

/** The daemon in this process, on a clock that the test controls, with honest and hostile peers. */
export class World {
  readonly daemon: Daemon;
  readonly peers: readonly FuzzPeer[];
  readonly events = new Map<string, number>();
  /** Whole messages that hostile peers sent in sessions. */
  messages = 0;
  private readonly clock = new ManualClock();
  private readonly byName: ReadonlyMap<string, FuzzPeer>;

  /** The configuration that runs comes first. */
  private configs = [configOf(peerPlans), configOf(otherPolicies(peerPlans))];

  constructor() {
    this.daemon = new Daemon(this.configs[0], {
      clock: this.clock,
      version: '0.0.0',
      onFatal: () => undefined,
    });
    this.daemon.events.subscribe((event) => this.hear(event));
    this.peers = peerPlans.map((plan) => new FuzzPeer(plan, this.daemon, this.clock));
    this.byName = new Map(this.peers.map((peer) => [peer.name, peer]));
    for (const { known } of this.peers) known?.start();
    for (const peer of this.peers) if (peer.isHonest) peer.establish();
  }

  /** UPDATEs with errors, by what became of them (RFC 7606 §2). */
  get updateErrors(): Map<string, number> {
    const sums = new Map<string, number>();
    for (const { known } of this.peers) {
      for (const [outcome, count] of Object.entries(known?.reports.statistics.updateErrors ?? {})) {
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
        await applyConfig(this.daemon, this.configs[0], { kind: 'config', text: 'reload' });
        break;
      case 'check':
        await this.settle();
        new Comparison(this).run();
        break;
      default: {
        const peer = this.peer(operation.peer);
        await this.passEdges([peer]);
        this.act(operation, peer);
      }
    }
    this.judge();
  }

  private act(
    operation: Exclude<Operation, { kind: 'wait' | 'check' | 'reload' }>,
    peer: FuzzPeer,
  ): void {
    switch (operation.kind) {
      case 'call':
        return peer.plan.address === undefined ? void peer.call() : this.callFromRange(peer);
      case 'recall':
        return peer.recall(operation.bytes);
      case 'bytes':
        return this.say(peer, operation.bytes, operation.cuts);
      case 'stray':
        return this.stray(peer, operation.bytes);
      case 'hangUp':
        return peer.forget();
      case 'rejoin':
        return peer.rejoin();
      case 'enable':
        return peer.known?.enable();
      case 'reset':
        peer.known?.reset(undefined);
        return peer.leave({ code: 6, subcode: 4 });
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

  /** Whatever a second connection sends, the session stays as it is; with graceful restart see `recall`. */
  private stray(peer: FuzzPeer, bytes: Uint8Array): void {
    if (!peer.isUp || peer.memory.isHelper) return;
    const line = new Line(this.daemon, this.clock, peer.running);
    line.receive(bytes);
    line.hangUp();
  }

  /** No more than this many peers of a range at a time; one that does not come up makes room for another. */
  private callFromRange(peer: FuzzPeer): void {
    if (peer.isUp) return;
    peer.forget();
    const others = this.peers.filter(
      (it) => it !== peer && it.plan.address !== undefined && it.isConnected,
    );
    const slow = others
      .filter((it) => !it.isUp && this.clock.monotonic() - it.lineSinceMs >= patienceMs)
      .map(({ lineSinceMs }) => lineSinceMs);
    const isFull = others.length >= maxRangePeers;
    const isAdmitted = peer.call();
    const replaced = others.filter((it) => it.line?.isOver === true);
    const wanted = { isAdmitted: !isFull || slow.length > 0, replaced: isFull && slow.length > 0 };
    const isRight = replaced.every(({ lineSinceMs }) => lineSinceMs === Math.min(...slow));
    if (isAdmitted !== wanted.isAdmitted || replaced.length !== Number(wanted.replaced) || !isRight)
      throw new Finding(`${peer.name}: ${isAdmitted}, ${replaced.length} replaced`);
    for (const it of replaced) {
      it.memory.dropAll();
      it.leave({});
    }
    if (peer.line?.isOver === true) peer.leave({});
  }

  private judge(): void {
    for (const peer of this.peers) {
      peer.judge();
      peer.memory.expire(this.clock.monotonic());
    }
  }

  /** Waits until no deadline of these peers is about to pass. */
  private async passEdges(peers: readonly FuzzPeer[]): Promise<void> {
    while (peers.some(({ memory }) => memory.isOnEdge(this.clock.monotonic()))) await this.wait(20);
  }

  private async wait(ms: number): Promise<void> {
    const until = this.clock.monotonic() + ms;
    do {
      await undefined;
      this.clock.advance(Math.min(stepMs, until - this.clock.monotonic()));
    } while (this.clock.monotonic() < until);
    for (const peer of this.peers) peer.expireHold();
    this.judge();
  }

  private async settle(): Promise<void> {
    do {
      await this.wait(1);
      await this.passEdges(this.peers);
    } while (this.daemon.rib.hasWork);
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
