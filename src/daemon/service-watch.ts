import { type Cause, triggerOf } from '#api/causes.ts';
import type { MetricsView } from '#api/metrics.ts';
import type { FailoverTrigger } from '#api/names.ts';
import type { Clock } from '#clock.ts';
import type { Config, ServiceConfig } from '#config/config.ts';
import { none, type PathId, type PeerId, type PrefixId } from '#policy/ids.ts';
import type { RibView } from '#rib/view.ts';
import { formatPrefix, parsePrefix } from '#text/prefix.ts';
import type { Family } from '#wire/constants.ts';
import type { Prefix } from '#wire/nlri.ts';
import type { EventBus } from './event-bus.ts';
import { Histogram } from './histogram.ts';
import type { AddressCauses } from './record/address-causes.ts';
import type { KnownCause } from './record/causes.ts';
import type { Failovers, OpenFailover } from './record/failovers.ts';
import { refusedAnnouncers } from './views/refused-announcers.ts';
import { ServicePatterns } from './views/service-patterns.ts';

/** Seconds. */
const bounds = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];
const triggers: readonly FailoverTrigger[] = ['peer_down', 'withdraw', 'med_change'];
/** An address that was only seen, and that nobody has served for so long, is retired. */
const retiredAfterMs = 24 * 60 * 60 * 1000;
/** Addresses with a series of their own; a careless pattern must not flood Prometheus. */
const maxAddresses = 200;

/** What is asked of a peer. */
interface WatchedPeer {
  readonly name: string;
  /** When its last session ended, by the monotonic clock. */
  readonly downAtMs?: number | undefined;
  readonly config: { readonly node: string };
}

/** An address of a service that was named or has been seen. */
export interface WatchedAddress {
  readonly service: ServiceConfig;
  readonly prefix: Prefix;
  readonly text: string;
  readonly home?: string;
  /** It stands in the configuration by itself, not only under a pattern. */
  readonly isNamed: boolean;
  bestChanges: number;
  /** Since when nobody has served it, by the monotonic clock; absent while somebody does. */
  unservedSinceMs?: number | undefined;
}

interface BestChange {
  readonly prefix: PrefixId;
  readonly from: PathId;
  readonly to: PathId;
}

/** A change that is on its way to the routers. */
interface Advertised {
  readonly family: Family;
  readonly prefix: PrefixId;
  /** As the record has it. */
  readonly record?: OpenFailover | undefined;
}

interface Failover extends Advertised {
  readonly trigger: FailoverTrigger;
  readonly sinceMs: number;
}

/**
 * Watches the addresses of services: which have been seen, who serves them, and how long each failover
 * took. Told of every best path that changes; costs one look into a prefix set where services are
 * configured, nothing elsewhere.
 */
export class ServiceWatch {
  /** Addresses that found no room. */
  dropped = 0;
  /** When an address last moved from a node that no operator drains, by the monotonic clock. */
  lastFailoverMs: number | undefined;
  private readonly rib: RibView;
  private readonly clock: Clock;
  private readonly events: EventBus;
  private readonly peerOf: (id: PeerId) => WatchedPeer | undefined;
  /** Why best paths change; absent where nobody asks. */
  private readonly causes: Pick<AddressCauses, 'take' | 'settle'> | undefined;
  /** Tells each move; absent where nobody asks. */
  private readonly records: Failovers | undefined;
  private services: readonly ServiceConfig[] = [];
  private patterns = new ServicePatterns([]);
  private readonly addresses = new Map<string, WatchedAddress>();
  private readonly failovers: Failover[] = [];
  /** Addresses that are served again. */
  private readonly returned: Advertised[] = [];
  private readonly histograms = new Map(triggers.map((name) => [name, new Histogram(bounds)]));
  /** By `Family`. */
  private readonly scratch: Prefix[] = [];

  constructor(
    rib: RibView,
    clock: Clock,
    events: EventBus,
    peerOf: (id: PeerId) => WatchedPeer | undefined,
    causes?: Pick<AddressCauses, 'take' | 'settle'>,
    records?: Failovers,
  ) {
    this.rib = rib;
    this.clock = clock;
    this.events = events;
    this.peerOf = peerOf;
    this.causes = causes;
    this.records = records;
  }

  applyConfig({ services }: Config, changed: ReadonlySet<string>): void {
    if (changed.has('services')) this.configure(services);
  }

  /** The configured services; what was seen is looked up again in the RIB. */
  configure(services: readonly ServiceConfig[]): void {
    this.services = services;
    this.patterns = new ServicePatterns(services);
    const known = new Map(this.addresses);
    this.addresses.clear();
    this.dropped = 0;
    for (const service of services) this.addNamed(service);
    for (const view of this.rib.families) {
      for (const id of view.decidedPrefixes()) this.see(view.family, id);
    }
    for (const [text, { bestChanges }] of known) {
      const address = this.addresses.get(text);
      if (address !== undefined) address.bestChanges = bestChanges;
    }
  }

  /** The service that the prefix is an address of. */
  serviceOf(prefix: Prefix): ServiceConfig | undefined {
    return this.patterns.serviceOf(prefix);
  }

  get isIdle(): boolean {
    return this.services.length === 0;
  }

  /** Every address, in no meaningful order. */
  allAddresses(): Iterable<WatchedAddress> {
    return this.addresses.values();
  }

  /** In the order of the configuration, then of address. */
  addressesOf(service: ServiceConfig): WatchedAddress[] {
    const rows = [...this.addresses.values()].filter((row) => row.service === service);
    return rows.toSorted((a, b) => (a.text < b.text ? -1 : 1));
  }

  /** A best path has changed; both paths can still be read. */
  bestChanged(family: Family, prefix: PrefixId, from: PathId, to: PathId): void {
    if (this.isIdle) return;
    const address = this.see(family, prefix);
    if (address === undefined) return;
    address.unservedSinceMs = to === none ? this.clock.monotonic() : undefined;
    const cause = this.causes?.take(family, prefix);
    if (this.peerOfPath(family, from) !== this.peerOfPath(family, to))
      this.moved(address, { family, prefix, from, to }, cause);
    this.tell(address, family, { prefix, from, to }, cause?.cause);
  }

  /** Another peer serves the address, or none does, or one does again. */
  private moved(
    address: WatchedAddress,
    { family, prefix, from, to }: BestChange & { readonly family: Family },
    cause: KnownCause | undefined,
  ): void {
    const ends = { from: this.peerOfPath(family, from), to: this.peerOfPath(family, to) };
    const isFirst = from === none && address.bestChanges === 0;
    const record = isFirst ? undefined : this.record(address, ends, cause);
    if (from === none) {
      if (record !== undefined) this.returned.push({ family, prefix, record });
      return;
    }
    address.bestChanges++;
    if (!this.isDrained(family, from)) this.lastFailoverMs = this.clock.monotonic();
    const known = cause && { trigger: triggerOf(cause.cause.kind), sinceMs: cause.atMs };
    this.failovers.push({ family, prefix, record, ...(known ?? this.causeOf(family, from)) });
  }

  private record(
    { text: prefix, service }: WatchedAddress,
    { from, to }: { readonly from?: string | undefined; readonly to?: string | undefined },
    cause: KnownCause | undefined,
  ): OpenFailover | undefined {
    if (cause === undefined) return undefined;
    const ends = { ...(from !== undefined && { from }), ...(to !== undefined && { to }) };
    return this.records?.moved({ prefix, service: service.name, ...ends }, cause);
  }

  /** Traffic that leaves a node which an operator drains is no failover. */
  private isDrained(family: Family, path: PathId): boolean {
    return this.rib.isDrained(this.rib.families[family].peerOf(path));
  }

  /** What has been advertised meanwhile is over. */
  settle(): void {
    this.causes?.settle();
    if (this.failovers.length === 0 && this.returned.length === 0) return;
    const nowMs = this.clock.monotonic();
    const over = this.takeWritten(this.failovers);
    for (const { trigger, sinceMs } of over) {
      this.histograms.get(trigger)?.observe((nowMs - sinceMs) / 1000);
    }
    const written = [...over, ...this.takeWritten(this.returned)];
    this.records?.written(written.flatMap(({ record }) => record ?? []));
  }

  /** Those that have been advertised to all; the others stay in the list. */
  private takeWritten<Row extends Advertised>(rows: Row[]): Row[] {
    const isOpen = ({ family, prefix }: Row): boolean => this.rib.isPending(family, prefix);
    const over = rows.filter((row) => !isOpen(row));
    rows.splice(0, Infinity, ...rows.filter(isOpen));
    return over;
  }

  /** To be called now and then: an address that was taken out of service must not be told as dark for ever. */
  forgetRetired(): void {
    const now = this.clock.monotonic();
    for (const [text, { isNamed, unservedSinceMs }] of this.addresses) {
      if (isNamed || unservedSinceMs === undefined) continue;
      if (now - unservedSinceMs >= retiredAfterMs) this.addresses.delete(text);
    }
  }

  histogramViews(): MetricsView['failover_seconds'] {
    return [...this.histograms].map(([trigger, histogram]) => ({
      trigger,
      histogram: histogram.view(),
    }));
  }

  private addNamed(service: ServiceConfig): void {
    for (const { prefix, node } of service.home) {
      this.keep({
        service,
        prefix: parsePrefix(prefix),
        text: prefix,
        home: node,
        isNamed: true,
        bestChanges: 0,
      });
    }
    for (const pattern of service.prefixes) {
      if (pattern.minBits !== pattern.lengthBits || pattern.maxBits !== pattern.lengthBits)
        continue;
      this.keep({
        service,
        prefix: pattern,
        text: formatPrefix(pattern),
        isNamed: true,
        bestChanges: 0,
      });
    }
  }

  /** The address of a prefix, kept from now on; `undefined` when it is no service's. */
  private see(family: Family, prefix: PrefixId): WatchedAddress | undefined {
    const words = this.rib.families[family].prefix(prefix, this.scratch[family]);
    this.scratch[family] = words;
    const service = this.patterns.serviceOf(words);
    if (service === undefined) return undefined;
    const text = formatPrefix(words);
    return (
      this.addresses.get(text) ??
      this.keep({ service, prefix: { ...words }, text, isNamed: false, bestChanges: 0 })
    );
  }

  private keep(address: WatchedAddress): WatchedAddress | undefined {
    const known = this.addresses.get(address.text);
    if (known !== undefined) return known;
    if (this.addresses.size >= maxAddresses) {
      this.dropped++;
      return undefined;
    }
    this.addresses.set(address.text, address);
    return address;
  }

  private causeOf(family: Family, from: PathId): Pick<Failover, 'trigger' | 'sinceMs'> {
    const view = this.rib.families[family];
    const id = view.peerOf(from);
    const downAtMs = this.peerOf(id)?.downAtMs;
    if (this.rib.peer(id).send === undefined && downAtMs !== undefined) {
      return { trigger: 'peer_down', sinceMs: downAtMs };
    }
    return {
      trigger: view.isGone(from) ? 'withdraw' : 'med_change',
      sinceMs: this.clock.monotonic(),
    };
  }

  private tell(
    address: WatchedAddress,
    family: Family,
    { prefix, from, to }: BestChange,
    cause: Cause | undefined,
  ): void {
    const before = this.peerOfPath(family, from);
    const after = this.peerOfPath(family, to);
    const oldMed = before === after ? undefined : this.medOf(family, from);
    const newMed = this.medOf(family, to);
    this.events.emit({
      event: 'best_changed',
      prefix: address.text,
      service: address.service.name,
      ...(cause !== undefined && { cause }),
      ...(before !== undefined && { old_peer: before }),
      ...(after !== undefined && { new_peer: after }),
      ...(oldMed !== undefined && { old_med: oldMed }),
      ...(newMed !== undefined && { new_med: newMed }),
      ...(to === none && { text: this.absentText(family, prefix) }),
    });
  }

  private absentText(family: Family, prefix: PrefixId): string {
    const nodeOf = (id: PeerId): string | undefined => this.peerOf(id)?.config.node;
    const refused = refusedAnnouncers(this.rib.families[family], prefix, nodeOf);
    return `absent: ${refused ?? 'no peer announces it'}`;
  }

  private peerOfPath(family: Family, path: PathId): string | undefined {
    if (path === none) return undefined;
    return this.peerOf(this.rib.families[family].peerOf(path))?.name;
  }

  private medOf(family: Family, path: PathId): number | undefined {
    if (path === none) return undefined;
    return this.rib.med(this.rib.families[family].accepted(path));
  }
}
