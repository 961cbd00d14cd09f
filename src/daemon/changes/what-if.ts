import { randomInt } from 'node:crypto';
import type { DomainName } from '#api/names.ts';
import type { Work } from '#api/queries.ts';
import type { ChangesView, ScenarioView, SimulationView } from '#api/views/changes.ts';
import type { Config } from '#config/config.ts';
import { planProcess } from '#config/plan.ts';
import type { PeerId } from '#policy/ids.ts';
import { type PrefixOutcome, Simulation } from '#rib/whatif.ts';
import type { Prefix } from '#wire/nlri.ts';
import type { Daemon } from '../daemon.ts';
import { inSlices } from '../in-slices.ts';
import { bandsOf, ServicePatterns } from '../services/service-patterns.ts';
import { planOf } from './apply-config.ts';
import { ChangeReport, type Side } from './change-report.ts';
import { type Domain, domainOf, domainsOf } from './domains.ts';
import { type ConfiguredPeer, SimulatedPeers } from './simulated-peers.ts';

/** What would become of routes if peers were gone, or if another configuration ran. It only reads. */
export class WhatIf {
  private readonly daemon: Daemon;

  constructor(daemon: Daemon) {
    this.daemon = daemon;
  }

  /** All peers of the node, site or rack, or the one peer, are gone. Throws a QueryError for an unknown name. */
  gone(kind: DomainName, name: string, limit: number): Work<SimulationView> {
    return this.losses([domainOf(this.daemon.peers, kind, name)], limit);
  }

  /** Simulates the loss of each of them by itself. */
  each(kind: DomainName, limit: number): Work<SimulationView> {
    return this.losses(
      domainsOf(this.daemon.peers, kind).map((name) => domainOf(this.daemon.peers, kind, name)),
      limit,
    );
  }

  *config(config: Config, limit: number): Work<SimulationView> {
    const { peers } = yield* inSlices(this.daemon.clock, planOf(this.daemon, config));
    const changed = peers.filter(({ effect, why }) => effect !== 'none' || why.length > 0);
    const changes = yield* this.changesUnder(config, limit);
    const scenario: ScenarioView = {
      kind: 'config',
      name: config.hash,
      peers: changed.map(({ peer }) => peer),
      ...changes,
    };
    return { items: [scenario], rib_version: this.daemon.rib.version };
  }

  *changesUnder(config: Config, limit: number): Work<ChangesView> {
    const report = yield* this.reportUnder(config, limit);
    const notes = rpkiNotes(this.daemon, config);
    return { ...report.view(), ...(notes.length > 0 && { notes }) };
  }

  /** At most `limit` changes are kept as rows. */
  *reportUnder(config: Config, limit: number): Work<ChangeReport> {
    const { daemon } = this;
    const simulation = new Simulation(daemon.rib, randomInt(2 ** 48 - 1));
    const peers = new SimulatedPeers(daemon, simulation.interner);
    const now = peers.now();
    const then = peers.under(config);
    const sides = [sideOf(daemon.config, now), sideOf(config, then)] as const;
    const report = new ChangeReport(simulation, ...sides, limit);
    const isAskedFor = servicesDiffer(daemon.config, config)
      ? (prefix: Prefix) => sides.some(({ services }) => services.serviceOf(prefix) !== undefined)
      : undefined;
    const visit = (outcome: PrefixOutcome): void => report.add(outcome);
    const { decision, services } = config;
    const after = { peers: then, decision, services: bandsOf(services) };
    const work = simulation.settings(now, after, visit, isAskedFor);
    yield* inSlices(this.daemon.clock, work);
    return report;
  }

  private *losses(domains: readonly Domain[], limit: number): Work<SimulationView> {
    const { daemon } = this;
    const simulation = new Simulation(daemon.rib, randomInt(2 ** 48 - 1));
    const now = new SimulatedPeers(daemon, simulation.interner).now();
    const side = sideOf(daemon.config, now);
    const reports = domains.map(() => new ChangeReport(simulation, side, side, limit));
    const losses = domains.map(({ peers }) => new Set<PeerId>(peers.map(({ ribId }) => ribId)));
    const work = simulation.losses(now, losses, (loss, it) => reports[loss].add(it));
    yield* inSlices(this.daemon.clock, work);
    const items = domains.map(({ kind, name, peers }, at) => ({
      kind,
      name,
      peers: peers.map((peer) => peer.name),
      ...reports[at].view(),
    }));
    return { items, rib_version: daemon.rib.version };
  }
}

/** Returns what the simulation cannot know: the data of caches that are not connected to. */
function rpkiNotes({ config: { rpki: before }, rpki }: Daemon, { rpki: after }: Config): string[] {
  const known = before?.caches.map(({ endpoint }) => endpoint.text) ?? [];
  const others = (after?.caches ?? []).filter(({ endpoint }) => !known.includes(endpoint.text));
  const { ipv4_unicast: ipv4, ipv6_unicast: ipv6 } = rpki.view().vrps;
  const judgedBy = `routes are judged by the ${ipv4 + ipv6} VRPs in use`;
  const asksForAspas = after?.aspa === true && before?.aspa !== true;
  return [
    ...others.map(({ name }) => `rpki: the data of the cache ${name} is unknown; ${judgedBy}`),
    ...(asksForAspas ? ['rpki: no ASPAs are known yet; every AS_PATH is judged without them'] : []),
  ];
}

/** If services differ, the audit may have other results even though no route changes. */
function servicesDiffer(before: Config, after: Config): boolean {
  return planProcess(before, after).some(({ key }) => key === 'services');
}

function sideOf(config: Config, peers: readonly ConfiguredPeer[]): Side {
  return {
    peers: new Map(peers.map((peer) => [peer.id, peer.config])),
    services: new ServicePatterns(config.services),
  };
}
