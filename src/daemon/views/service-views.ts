import type {
  ServiceAddressView,
  ServiceCounts,
  ServicePathView,
  ServiceRow,
  ServiceRows,
  ServiceRowsRequest,
  ServiceView,
} from '#api/views/service.ts';
import type { ServiceConfig } from '#config/config.ts';
import type { PeerId } from '#policy/ids.ts';
import { type AuditedPath, type ServiceState, serviceStates } from '#services/audit.ts';
import type { Peer } from '#session/peer.ts';
import { formatPrefixPattern } from '#text/prefix.ts';
import { families, type Family } from '#wire/constants.ts';
import { atOnce } from '../in-slices.ts';
import type { AddressAudits } from '../services/address-audits.ts';
import type { ServiceAddresses, WatchedAddress } from '../services/service-addresses.ts';
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
  private readonly peers: ServicePeers;
  private readonly addresses: ServiceAddresses;
  private readonly audits: AddressAudits;

  constructor(peers: ServicePeers, addresses: ServiceAddresses, audits: AddressAudits) {
    this.peers = peers;
    this.addresses = addresses;
    this.audits = audits;
  }

  service(service: ServiceConfig): ServiceView {
    return atOnce(this.serviceByAddress(service));
  }

  /** As `service`; yields after each address. */
  *serviceByAddress(service: ServiceConfig): Generator<void, ServiceView> {
    const addresses: ServiceAddressView[] = [];
    const disabled = this.disabledNodes();
    for (const row of this.addresses.of(service)) {
      addresses.push(this.address(row, disabled));
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

  /** Audits only the rows that are asked for; `stateOf` says how the others stand. Yields after each address. */
  *rows(
    services: readonly ServiceConfig[],
    { service: only, state: onlyState, from, limit }: ServiceRowsRequest,
    stateOf: (address: WatchedAddress) => ServiceState,
  ): Generator<void, ServiceRows> {
    const wanted = new Map(serviceStates.map((state) => [state, [] as WatchedAddress[]]));
    const counted: ServiceCounts[] = [];
    for (const service of services) {
      const counts = noneInAnyState();
      for (const row of this.addresses.of(service)) {
        const state = stateOf(row);
        counts[state]++;
        if (only === undefined || only === service.name) wanted.get(state)?.push(row);
        yield;
      }
      counted.push({ name: service.name, counts });
    }
    const sought = onlyState === undefined ? [...wanted.values()].flat() : wanted.get(onlyState);
    const disabled = this.disabledNodes();
    const rows: ServiceRow[] = [];
    for (const row of sought?.slice(from, from + limit) ?? []) {
      rows.push({ ...this.address(row, disabled), service: row.service.name });
      yield;
    }
    return { services: counted, rows };
  }

  /** The audit of an address, by the text of its prefix. */
  addressOf(prefix: string): ServiceAddressView | undefined {
    const row = this.addresses.withText(prefix);
    return row === undefined ? undefined : this.address(row);
  }

  /** Returns the addresses that have metrics series of their own. */
  withSeries(): ServiceAddressView[] {
    const disabled = this.disabledNodes();
    return this.addresses.withSeries().map((row) => this.address(row, disabled));
  }

  /**
   * Returns the audit of one address. A caller that needs many passes the disabled nodes, so that they are determined
   * once.
   */
  address(row: WatchedAddress, disabled = this.disabledNodes()): ServiceAddressView {
    const { prefix, text, home, bestChanges } = row;
    const audit = this.audits.of(row);
    const [best] = audit.paths;
    return {
      prefix: text,
      state: audit.state,
      findings: [
        ...audit.findings.map((finding) => finding.text),
        ...silentNodes(audit.paths),
        ...(audit.state === 'ok' ? [] : disabled[prefix.family]),
      ],
      ...(best !== undefined && { best: best.node }),
      ...(best?.med !== undefined && { best_med: best.med }),
      ...(home !== undefined && { home }),
      ...(audit.isAtHome !== undefined && { at_home: audit.isAtHome }),
      backups: audit.paths.slice(1).flatMap((path) => (path.isHealthy ? [path.node] : [])),
      paths: audit.paths.map(pathView),
      best_changes: bestChanges,
    };
  }

  /** Returns the nodes whose routes are missing for a reason that does not end the session, by family. */
  private disabledNodes(): DisabledNodes {
    const texts: Record<Family, string[]> = { 0: [], 1: [] };
    for (const { name, config, session } of this.peers) {
      if (config.import === 'none') continue;
      for (const { family, text } of session.disabledFamilies) {
        const { name: word } = families[family];
        texts[family].push(`${word} of ${config.node} is disabled: ${text}; reset ${name}`);
      }
    }
    return texts;
  }
}

function noneInAnyState(): Record<ServiceState, number> {
  return {
    absent: 0,
    only_down_paths: 0,
    no_backup: 0,
    degraded: 0,
    tie: 0,
    unexpected_node: 0,
    ok: 0,
  };
}

type DisabledNodes = Readonly<Record<Family, readonly string[]>>;

/** Returns nodes whose MED says one thing and whose answers to probes another. */
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
