import type { ServiceAddressView, ServicePathView, ServiceView } from '#api/service.ts';
import type { Clock } from '#clock.ts';
import type { ServiceConfig } from '#config/config.ts';
import { none, type PathId, type PeerId, type PrefixId } from '#policy/ids.ts';
import type { FamilyView, RibView } from '#rib/view.ts';
import {
  auditAddress,
  type AuditedPath,
  type ServicePath,
  serviceStates,
} from '#services/audit.ts';
import type { ProbeState } from '#services/probe.ts';
import type { Peer } from '#session/peer.ts';
import { formatPrefixPattern } from '#text/prefix.ts';
import { families, type Family } from '#wire/constants.ts';
import { atOnce } from '../in-slices.ts';
import type { ServiceWatch, WatchedAddress } from '../service-watch.ts';
import { wallTime } from './path-views.ts';
import { refusedAnnouncers } from './refused-announcers.ts';
import type { ViewedPeer } from './viewed-peer.ts';

/** The peers as the audit reads them. */
export interface ServicePeers extends Iterable<ServicePeer> {
  withId(id: PeerId): ViewedPeer | undefined;
}

interface ServicePeer extends ViewedPeer {
  readonly session: Pick<Peer, 'disabledFamilies'>;
}

/** Makes the JSON of services: the audit over what the RIB holds now. */
export class ServiceViews {
  private readonly rib: RibView;
  private readonly peers: ServicePeers;
  private readonly watch: ServiceWatch;
  private readonly clock: Clock;
  private readonly probeOf: (service: string, peer: PeerId) => ProbeState | undefined;

  /** `probeOf`: what the node of a peer answers for a service, if it is asked. */
  constructor(
    rib: RibView,
    peers: ServicePeers,
    watch: ServiceWatch,
    clock: Clock,
    probeOf: (service: string, peer: PeerId) => ProbeState | undefined = () => undefined,
  ) {
    this.clock = clock;
    this.probeOf = probeOf;
    this.rib = rib;
    this.peers = peers;
    this.watch = watch;
  }

  service(service: ServiceConfig): ServiceView {
    return atOnce(this.serviceByAddress(service));
  }

  /** As `service`; yields after each address. */
  *serviceByAddress(service: ServiceConfig): Generator<void, ServiceView> {
    const addresses: ServiceAddressView[] = [];
    for (const row of this.watch.addressesOf(service)) {
      addresses.push(this.address(row));
      yield;
    }
    const worst = serviceStates.find((state) => addresses.some((row) => row.state === state));
    return {
      name: service.name,
      state: worst ?? 'absent',
      min_healthy: service.minHealthy,
      prefixes: service.prefixes.map(formatPrefixPattern),
      addresses,
    };
  }

  private address({
    service,
    prefix,
    text,
    home,
    bestChanges,
  }: WatchedAddress): ServiceAddressView {
    const family = this.rib.families[prefix.family];
    const id = family.find(prefix);
    const ranked = id === none ? [] : family.ranked(id);
    const paths = ranked.map((path) => this.path(family, path, service.name));
    const audit = auditAddress(service, paths, home);
    const [best] = audit.paths;
    return {
      prefix: text,
      state: audit.state,
      findings: [
        ...audit.findings.map(
          ({ state, text: found }) =>
            (state === 'absent' ? this.refused(family, id) : undefined) ?? found,
        ),
        ...silentNodes(audit.paths),
        ...(audit.state === 'ok' ? [] : this.disabledNodes(prefix.family)),
      ],
      ...(best !== undefined && { best: best.node }),
      ...(best?.med !== undefined && { best_med: best.med }),
      ...(home !== undefined && { home }),
      ...(audit.isAtHome !== undefined && { at_home: audit.isAtHome }),
      backups: audit.paths.slice(1).flatMap((row) => (row.isHealthy ? [row.node] : [])),
      paths: audit.paths.map(pathView),
      best_changes: bestChanges,
    };
  }

  /** Where an address is announced, and all of it is refused: by whom, and why. */
  private refused(family: FamilyView, prefix: PrefixId): string | undefined {
    return refusedAnnouncers(family, prefix, (id) => this.peers.withId(id)?.config.node);
  }

  /** Whose routes are missing for a reason that does not end the session. */
  private disabledNodes(family: Family): string[] {
    return [...this.peers].flatMap(({ name, config, session }) => {
      const off = session.disabledFamilies.find((row) => row.family === family);
      if (off === undefined || config.import === 'none') return [];
      return [`${families[family].name} of ${config.node} is disabled: ${off.text}; reset ${name}`];
    });
  }

  private path(family: FamilyView, path: PathId, service: string): ServicePath {
    const id = family.peerOf(path);
    const accepted = family.accepted(path);
    const peer = this.peers.withId(id);
    const med = this.rib.med(accepted);
    const drainedBy = this.rib.drainedBy(id, accepted);
    const keptUntilMs = family.keptUntilMs(path);
    const probe = this.probeOf(service, id);
    return {
      node: peer?.config.node ?? '',
      peer: peer?.name ?? '',
      ...(peer?.config.site !== undefined && { site: peer.config.site }),
      ...(peer?.config.rack !== undefined && { rack: peer.config.rack }),
      ...(med !== undefined && { med }),
      isDrained: this.rib.demotion(id, accepted) > 0,
      ...(drainedBy !== undefined && { drainedBy }),
      ...(keptUntilMs !== undefined && { keptUntil: wallTime(this.clock, keptUntilMs) }),
      ...(probe !== undefined && { probe }),
    };
  }
}

/** Nodes that say one thing by their MED and another by what they answer. */
function silentNodes(paths: readonly AuditedPath[]): string[] {
  return paths
    .filter(({ band, probe }) => band === 'up' && probe === 'not_answering')
    .map(({ node }) => `${node} is announced as up; its own address does not answer from here`);
}

function pathView(path: AuditedPath, index: number): ServicePathView {
  const { node, peer, site, rack, med, band, isHealthy, isDrained } = path;
  const { drainedBy: by, keptUntil, probe } = path;
  return {
    node,
    peer,
    ...(med !== undefined && { med }),
    band,
    healthy: isHealthy,
    best: index === 0,
    ...(isDrained && { drained: true }),
    ...(by !== undefined && { drained_by: by }),
    ...(keptUntil !== undefined && { kept_until: keptUntil }),
    ...(probe !== undefined && { probe }),
    ...(site !== undefined && { site }),
    ...(rack !== undefined && { rack }),
  };
}
