import type { Clock } from '#clock.ts';
import type { Config, ServiceConfig } from '#config/config.ts';
import type { PrefixId } from '#policy/ids.ts';
import type { RibView } from '#rib/view.ts';
import type { ServiceState } from '#services/audit.ts';
import { formatPrefix, parsePrefix } from '#text/prefix.ts';
import type { Family } from '#wire/constants.ts';
import type { Prefix } from '#wire/nlri.ts';
import { inSlices } from '../in-slices.ts';
import type { KnownCause } from '../record/causes.ts';
import { ServicePatterns } from './service-patterns.ts';
import { SortedAddresses } from './sorted-addresses.ts';

/** An address that was only seen and not configured is retired when no node has served it for this long. */
const retiredAfterMs = 24 * 60 * 60 * 1000;
/** How many addresses have a metrics series of their own; a careless pattern must not flood Prometheus. */
const maxSeries = 200;

/** What the last audit of an address found. */
export interface LastAudit {
  readonly state: ServiceState;
  /** When it came into this state, by the monotonic clock. */
  readonly sinceMs: number;
  /** The cause, if it is known. */
  readonly cause?: Pick<KnownCause, 'id' | 'cause'> | undefined;
  /** The node that serves it, or served it last. */
  readonly node?: string | undefined;
  /** The only node that is up, or the only one that exists: without it the address would be dark. */
  readonly onlyNode?: string | undefined;
}

/** An address of a service that was configured or has been seen. */
export interface WatchedAddress {
  readonly service: ServiceConfig;
  readonly prefix: Prefix;
  readonly text: string;
  readonly home?: string | undefined;
  /** It is in the configuration by itself, not only under a pattern. */
  readonly isNamed: boolean;
  /** Since when it is watched, by the monotonic clock. */
  readonly watchedSinceMs: number;
  bestChanges: number;
  /** Since when no node has served it, by the monotonic clock; absent while one does. */
  unservedSinceMs?: number | undefined;
  /** Absent: it has not been audited yet. */
  lastAudit?: LastAudit | undefined;
  /** The state that was last reported; absent: none was. */
  reportedState?: ServiceState | undefined;
}

type NewAddress = Pick<WatchedAddress, 'service' | 'prefix' | 'text' | 'home' | 'isNamed'>;

/** The addresses of services: those that the configuration names, and those that have been served since the start. */
export class ServiceAddresses {
  /** Addresses for which there was no space among those that have series. */
  seriesDropped = 0;
  private readonly rib: RibView;
  private readonly clock: Clock;
  /** Called when an address begins to be watched. */
  private readonly onNew: (address: WatchedAddress) => void;
  private services: readonly ServiceConfig[] = [];
  private byText = new Map<string, WatchedAddress>();
  /** By `Family`: the address of a prefix, kept until no path of it is left. */
  private readonly byId = [
    new Map<PrefixId, WatchedAddress>(),
    new Map<PrefixId, WatchedAddress>(),
  ];
  /** By the names of services, because each reload creates their configurations again, even if they are unchanged. */
  private sorted = new Map<string, SortedAddresses<WatchedAddress>>();
  /** By `Family`. */
  private readonly scratch: Prefix[] = [];
  private series: WatchedAddress[] = [];
  /** Increases with each configuration, so that a search for addresses of an older one is given up. */
  private version = 0;

  constructor(
    rib: RibView,
    clock: Clock,
    onNew: (address: WatchedAddress) => void = () => undefined,
  ) {
    this.rib = rib;
    this.clock = clock;
    this.onNew = onNew;
  }

  applyConfig({ services }: Config, changed: ReadonlySet<string>): void {
    if (changed.has('services')) this.configure(services);
  }

  /**
   * Takes over the configured services, which the RIB has been given before. Addresses that were seen stay if they
   * still belong to a service; further ones in the RIB are found in later turns if that takes long.
   */
  configure(services: readonly ServiceConfig[]): void {
    const before = [...this.byText.values()];
    this.services = services;
    this.byText = new Map();
    for (const ids of this.byId) ids.clear();
    this.sorted = new Map(services.map(({ name }) => [name, new SortedAddresses()]));
    this.seriesDropped = 0;
    this.series = [];
    this.version++;
    for (const service of services) this.addNamed(service);
    if (services.length === 0) return;
    const { version } = this;
    const search = inSlices(this.clock, this.searching(before));
    const next = (): void => {
      if (version === this.version && search.next().done !== true) this.clock.soon(next);
    };
    next();
  }

  get isEmpty(): boolean {
    return this.services.length === 0;
  }

  get size(): number {
    return this.byText.size;
  }

  /** Returns every address, in no particular order. */
  all(): Iterable<WatchedAddress> {
    return this.byText.values();
  }

  /** Returns the address of the prefix with this text, if it is watched. */
  withText(prefix: string): WatchedAddress | undefined {
    return this.byText.get(prefix);
  }

  /** Returns the addresses in order of family, address and length. */
  of({ name }: ServiceConfig): readonly WatchedAddress[] {
    return this.sorted.get(name)?.list() ?? [];
  }

  /** Returns the first ones, which have metrics series of their own. */
  withSeries(): readonly WatchedAddress[] {
    return this.series;
  }

  /** Returns the address of a prefix, if it is watched. */
  known(family: Family, prefix: PrefixId): WatchedAddress | undefined {
    return this.byId[family].get(prefix);
  }

  /** Returns the service that the prefix is an address of. */
  serviceOf(family: Family, prefix: PrefixId): ServiceConfig | undefined {
    const number = this.rib.families[family].service(prefix);
    return number === 0 ? undefined : this.services[number - 1];
  }

  /** Returns the address of a prefix, which is watched from now on; `undefined` if it belongs to no service. */
  see(family: Family, prefix: PrefixId): WatchedAddress | undefined {
    const service = this.serviceOf(family, prefix);
    if (service === undefined) return undefined;
    const words = this.rib.families[family].prefix(prefix, this.scratch[family]);
    this.scratch[family] = words;
    const text = formatPrefix(words);
    const address =
      this.byText.get(text) ??
      this.keep({ service, prefix: { ...words }, text, isNamed: false, home: undefined });
    this.byId[family].set(prefix, address);
    return address;
  }

  /**
   * To be called now and then, because an address that was taken out of service must not be reported as dark forever.
   * Returns those that are no longer watched.
   */
  forgetRetired(): readonly WatchedAddress[] {
    const now = this.clock.monotonic();
    const retired = [...this.byText.values()].filter(
      ({ isNamed, unservedSinceMs = Infinity }) =>
        !isNamed && now - unservedSinceMs >= retiredAfterMs,
    );
    if (retired.length === 0) return retired;
    for (const { text } of retired) this.byText.delete(text);
    const gone = new Set(retired);
    this.series = this.series.filter((address) => !gone.has(address));
    for (const list of this.sorted.values()) list.remove(gone);
    for (const ids of this.byId) {
      for (const [id, address] of ids) if (gone.has(address)) ids.delete(id);
    }
    return retired;
  }

  /** What was known about an address is kept. */
  private *searching(before: readonly WatchedAddress[]): Generator<void> {
    const patterns = new ServicePatterns(this.services);
    for (const { prefix, text, ...known } of before) {
      const service = patterns.serviceOf(prefix);
      if (service !== undefined) {
        const address = this.keep({ service, prefix, text, home: undefined, isNamed: false });
        address.bestChanges = known.bestChanges;
        address.unservedSinceMs = known.unservedSinceMs;
        address.lastAudit = known.lastAudit;
        address.reportedState = known.reportedState;
      }
      yield;
    }
    for (const view of this.rib.families) {
      for (const id of view.decidedPrefixes()) {
        this.see(view.family, id);
        yield;
      }
    }
  }

  private addNamed(service: ServiceConfig): void {
    for (const { prefix: text, node: home } of service.home) {
      this.keep({ service, prefix: parsePrefix(text), text, home, isNamed: true });
    }
    for (const prefix of service.prefixes) {
      if (prefix.minBits !== prefix.lengthBits || prefix.maxBits !== prefix.lengthBits) continue;
      this.keep({ service, prefix, text: formatPrefix(prefix), home: undefined, isNamed: true });
    }
  }

  private keep(address: NewAddress): WatchedAddress {
    const known = this.byText.get(address.text);
    if (known !== undefined) return known;
    const kept: WatchedAddress = {
      ...address,
      watchedSinceMs: this.clock.monotonic(),
      bestChanges: 0,
    };
    this.byText.set(address.text, kept);
    if (this.series.length < maxSeries) this.series.push(kept);
    else this.seriesDropped++;
    this.sorted.get(address.service.name)?.add(kept);
    this.onNew(kept);
    return kept;
  }
}
