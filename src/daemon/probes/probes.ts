import type { Cause } from '#api/events/causes.ts';
import type { Cancel, Clock } from '#clock.ts';
import type { Config, PeerConfig, ProbeConfig, ServiceConfig } from '#config/config.ts';
import { none, type PeerId } from '#policy/ids.ts';
import { isAddressIn } from '#policy/patterns.ts';
import type { Rib } from '#rib/rib.ts';
import type { RibView } from '#rib/view.ts';
import {
  type Answers,
  type Brake,
  isSuspicious,
  observeProbe,
  type ProbeRanking,
  type ProbeRecord,
  type ProbeState,
  stepBrake,
  stepRanking,
  unprobed,
} from '#services/probe.ts';
import { formatAddress } from '#text/address.ts';
import type { EventBus } from '../event-bus.ts';
import { inSlices } from '../in-slices.ts';
import { KeptThread, type StartThread } from '../kept-thread.ts';
import type { RunningPeers } from '../peers/running-peers.ts';
import type { Causes } from '../record/causes.ts';
import type { ServiceAddresses } from '../services/service-addresses.ts';
import type { SiblingRoutes } from '../siblings/sibling-routes.ts';
import { lostNextHops } from './lost-next-hops.ts';
import type { ProbeRequest, ProbeResult, ProbeTarget } from './probe-messages.ts';

const lookEveryMs = 500;

export interface ProbesParts {
  readonly clock: Clock;
  readonly rib: Rib;
  readonly view: RibView;
  readonly peers: RunningPeers;
  readonly addresses: Pick<ServiceAddresses, 'all'>;
  readonly siblings: SiblingRoutes;
  readonly events: EventBus;
  readonly causes: Pick<Causes, 'because'>;
  readonly config: () => Config;
  readonly startThread: StartThread<ProbeRequest, ProbeResult>;
  /** The RIB has work. */
  readonly changed: () => void;
}

/** A node of a service, by the peer that announces it, and whether its own address answers. */
interface Probed {
  readonly service: ServiceConfig;
  readonly peer: PeerId;
  readonly target: ProbeTarget;
  /** Its session is down, and only a sibling offers it: its answers are evidence, and change no ranking. */
  readonly isLost: boolean;
  record: ProbeRecord;
  /** The text of the last result. */
  text: string;
}

/**
 * A second opinion on the nodes of services: their next hops are probed in a separate thread, and the result is
 * reported or ranks paths last, but never while the brake holds.
 */
export class Probes {
  /** Increases when what is known about nodes changes. */
  version = 0;
  private readonly parts: ProbesParts;
  private readonly probed = new Map<string, Probed>();
  private readonly brakes = new Map<string, Brake>();
  /** By service and peer, as `rankingKey` has it. */
  private readonly rankings = new Map<
    string,
    ProbeRanking & { readonly number: number; readonly peer: PeerId }
  >();
  private readonly thread: KeptThread<ProbeRequest, ProbeResult>;
  private cancel: Cancel | undefined;
  private isCollecting = false;
  /** The targets that the thread has. */
  private sent = '';

  constructor(parts: ProbesParts) {
    this.parts = parts;
    this.thread = new KeptThread(parts, {
      name: 'the thread of probes',
      meanwhile: 'the last results remain valid',
      start: parts.startThread,
      report: (result) => this.result(result),
      again: () => {
        this.sent = '';
        this.send();
      },
    });
  }

  start(): void {
    this.cancel = this.parts.clock.every(lookEveryMs, () => this.look());
  }

  stop(): void {
    this.cancel?.();
    void this.thread.end();
  }

  /** Services may have other numbers now, so rankings by the old numbers are undone. */
  applyConfig(_config: Config, changed: ReadonlySet<string>): void {
    if (!changed.has('services')) return;
    for (const { number, peer } of this.rankings.values()) {
      this.parts.rib.setAnswering(peer, number, true);
    }
    this.rankings.clear();
    this.brakes.clear();
    this.look();
  }

  /** Returns `undefined` if the service has no probe or nothing of the peer is probed. */
  stateOf(service: string, peer: PeerId): ProbeState | undefined {
    const states = this.of(service, peer).map(({ record }) => record.state);
    if (states.length === 0) return undefined;
    if (states.includes('not_answering')) return 'not_answering';
    return states.every((state) => state === 'answering') ? 'answering' : 'unknown';
  }

  /** Returns whether its node does not answer for the service, and that counts. */
  isSilent(service: string, peer: PeerId): boolean {
    return this.stateOf(service, peer) === 'not_answering' && !this.isBraked(service);
  }

  isBraked(service: string): boolean {
    return this.brakes.get(service)?.isOn === true;
  }

  /**
   * Returns why the node is gone, judged by whether its own address answers; `undefined` if it is not known to be gone.
   * If nothing answers any more, or the brake holds, our own network is suspect, so that is no evidence.
   */
  whyGone(peer: PeerId): string | undefined {
    const rows = [...this.probed.values()];
    if (!rows.some(({ record }) => record.state === 'answering')) return undefined;
    const silent = rows.find(
      (row) =>
        row.peer === peer &&
        row.record.state === 'not_answering' &&
        !this.isBraked(row.service.name),
    );
    if (silent === undefined) return undefined;
    return `its own address does not answer from here either: ${silent.text}`;
  }

  /** For metrics: every node of every service that is probed. */
  *list(): Generator<{ service: string; peer: PeerId; state: ProbeState }> {
    const seen = new Set<string>();
    for (const { service, peer } of this.announced()) {
      const key = `${service.name} ${peer}`;
      const state = seen.has(key) ? undefined : this.stateOf(service.name, peer);
      seen.add(key);
      if (state !== undefined) yield { service: service.name, peer, state };
    }
  }

  result({ key, isOk, text }: ProbeResult): void {
    const row = this.probed.get(key);
    const rule = row?.service.probe;
    if (row === undefined || rule === undefined) return;
    const before = row.record.state;
    row.record = observeProbe(row.record, isOk, rule);
    row.text = text;
    if (row.record.state !== before) {
      this.version++;
      this.tell(row);
    }
    this.rank();
  }

  private look(): void {
    if (!this.parts.config().services.some(({ probe }) => probe !== undefined)) {
      this.probe(new Map());
      return this.rank();
    }
    if (this.isCollecting) return;
    this.isCollecting = true;
    const work = inSlices(this.parts.clock, this.collecting());
    const next = (): void => {
      const step = work.next();
      if (step.done !== true) return void this.parts.clock.soon(next);
      this.isCollecting = false;
      this.probe(step.value);
      this.rank();
    };
    next();
  }

  /** Collects the next hops to probe, by the key of their target. */
  private *collecting(): Generator<void, ReadonlyMap<string, Probed>> {
    const targets = new Map<string, Probed>();
    for (const { service, prefix } of this.parts.addresses.all()) {
      yield;
      if (service.probe === undefined) continue;
      const { view, peers, siblings } = this.parts;
      const family = view.families[prefix.family];
      const id = family.find(prefix);
      const paths = id === none ? [] : family.paths(id, (path) => family.accepted(path) !== none);
      for (const path of paths) {
        const peer = family.peerOf(path);
        const { nextHop } = view.attributes(family.accepted(path));
        const config = peers.withId(peer)?.config;
        if (config === undefined || !isOwn(config, nextHop)) continue;
        const target = targetOf(service.name, service.probe, peer, formatAddress(nextHop));
        targets.set(target.key, { service, peer, target, ...newlyProbed, isLost: false });
      }
      for (const { peer, nextHop } of lostNextHops(prefix, peers, siblings)) {
        if (!isOwn(peer.config, nextHop)) continue;
        const target = targetOf(service.name, service.probe, peer.ribId, formatAddress(nextHop));
        if (targets.has(target.key)) continue;
        targets.set(target.key, {
          service,
          peer: peer.ribId,
          target,
          ...newlyProbed,
          isLost: true,
        });
      }
    }
    return targets;
  }

  /** The known state of a target that is already probed is kept. */
  private probe(targets: ReadonlyMap<string, Probed>): void {
    const before = new Map(this.probed);
    this.probed.clear();
    for (const [key, row] of targets) {
      const { record, text } = before.get(key) ?? row;
      this.probed.set(key, { ...row, record, text });
    }
    this.send();
  }

  private send(): void {
    const targets = [...this.probed.values()].map(({ target }) => target);
    if (targets.length === 0) {
      this.sent = '';
      return void this.thread.end();
    }
    const text = JSON.stringify(targets);
    if (text === this.sent) return;
    this.sent = text;
    this.thread.post({ targets });
  }

  /** Applies the results to the decision, the brake first. */
  private rank(): void {
    const { config, clock } = this.parts;
    const all = this.answersOf(() => true);
    config().services.forEach((service, index) => {
      const { probe } = service;
      if (probe === undefined) return;
      const own = this.answersOf((row) => row.service.name === service.name);
      const isNow = isSuspicious(own, all, service.brakeShare);
      const before = this.brakes.get(service.name) ?? { isOn: false };
      const brake = stepBrake(before, isNow, clock.monotonic(), probe.rise * probe.intervalMs);
      this.brakes.set(service.name, brake);
      if (brake.isOn !== before.isOn) {
        this.version++;
        this.tellBrake(service, brake.isOn, own);
      }
      for (const peer of this.peersOf(service.name)) this.rankPeer(service, probe, index + 1, peer);
    });
  }

  private rankPeer(service: ServiceConfig, probe: ProbeConfig, number: number, peer: PeerId): void {
    const { rib, causes, clock, changed } = this.parts;
    if (this.isSilent(service.name, peer) && rib.endKept(peer, number)) changed();
    const key = `${number} ${peer}`;
    const before = this.rankings.get(key) ?? { isLast: false };
    const state = this.stateOf(service.name, peer) ?? 'unknown';
    const rule = { mayRank: probe.onFail === 'rank_last', holdDownMs: probe.holdDownMs };
    const after = stepRanking(before, state, this.isBraked(service.name), clock.monotonic(), rule);
    if (after === before) return;
    this.rankings.set(key, { ...after, number, peer });
    causes.because(causeOf(service, after.isLast), () =>
      rib.setAnswering(peer, number, !after.isLast),
    );
    changed();
  }

  private answersOf(isWanted: (row: Probed) => boolean): Answers {
    const nodes = new Map<string, boolean>();
    for (const row of this.announced()) {
      if (!isWanted(row) || row.record.state === 'unknown') continue;
      const key = `${row.service.name} ${row.peer}`;
      nodes.set(key, nodes.get(key) === true || row.record.state === 'not_answering');
    }
    return { nodes: nodes.size, notAnswering: [...nodes.values()].filter(Boolean).length };
  }

  private peersOf(service: string): ReadonlySet<PeerId> {
    const rows = this.announced().filter((row) => row.service.name === service);
    return new Set(rows.map(({ peer }) => peer));
  }

  private of(service: string, peer: PeerId): Probed[] {
    return this.announced().filter((row) => row.service.name === service && row.peer === peer);
  }

  private announced(): Probed[] {
    return [...this.probed.values()].filter(({ isLost }) => !isLost);
  }

  private tell({ service, peer, target, isLost, record, text: why }: Probed): void {
    const node = this.parts.peers.withId(peer)?.config.node ?? '';
    const { name } = service;
    const words =
      record.state === 'answering'
        ? 'answers'
        : `${isLost ? 'is offered by another route server' : 'is announced as up'}; its own address does not answer from here: ${why}`;
    const text = `service ${name}: ${node} at ${target.address} ${words}`;
    this.parts.events.emit({ event: 'probe', service: name, node, state: record.state, text });
  }

  private tellBrake(
    { name }: ServiceConfig,
    isOn: boolean,
    { nodes, notAnswering }: Answers,
  ): void {
    const text = isOn
      ? `service ${name}: ${notAnswering} of ${nodes} nodes do not answer; probes change no ranking until that is over, because our own network or the probes may be at fault`
      : `service ${name}: probes are taken into account again`;
    this.parts.events.emit({ event: 'brake', reason: isOn ? 'probes' : 'probes_released', text });
  }
}

const newlyProbed = { record: unprobed, text: '' };

/**
 * Returns whether the next hop is the peer's own address or is given by the configuration: a node must not aim our
 * probes elsewhere.
 */
function isOwn({ address, acceptNextHop }: PeerConfig, nextHop: Uint8Array): boolean {
  if (formatAddress(address) === formatAddress(nextHop)) return true;
  return typeof acceptNextHop !== 'string' && isAddressIn(nextHop, acceptNextHop);
}

function targetOf(service: string, probe: ProbeConfig, peer: PeerId, address: string): ProbeTarget {
  const { kind, port, path, expect, host, intervalMs, timeoutMs, source } = probe;
  return {
    key: `${service} ${peer} ${address}`,
    address,
    kind,
    port,
    path,
    expect,
    intervalMs,
    timeoutMs,
    ...(host !== undefined && { host }),
    ...(source !== undefined && { source }),
  };
}

function causeOf({ name }: ServiceConfig, isLast: boolean): Cause {
  const what = isLast ? 'does not answer' : 'answers again';
  return { kind: 'probe', text: `the node ${what} for ${name}` };
}
