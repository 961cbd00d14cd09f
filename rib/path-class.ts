import type { PathId, PrefixId } from '#policy/ids.ts';
import type { NumberRange } from '#policy/patterns.ts';
import type { Prefix } from '#wire/nlri.ts';
import type { AttrTable } from './tables/attr-table.ts';
import type { PathTable } from './tables/path-table.ts';
import type { PeerRanks } from './tables/peer-ranks.ts';
import { type PrefixTable, scratchPrefix } from './tables/prefix-table.ts';

/**
 * The class of a path to an address of a service, which is compared before anything else; best first. `up`, `disabled`
 * and `down` are what its MED says about its node; an unknown band counts as `down`. A path that is drained or does not
 * answer ranks ahead of every path whose node says that it is not up.
 */
export const pathClasses = [
  'up',
  'drained',
  'not_answering',
  'disabled',
  'down',
  'long_lived_stale',
] as const;
export type PathClass = (typeof pathClasses)[number];

const notAnswering = pathClasses.indexOf('not_answering');
const disabled = pathClasses.indexOf('disabled');
const down = pathClasses.indexOf('down');
const longLivedStale = pathClasses.indexOf('long_lived_stale');

/** What puts a path into a lower class: a drain on this server, GRACEFUL_SHUTDOWN (RFC 8326), or a probe. */
export type Demotion = 'drain' | 'graceful_shutdown' | 'not_answering';

/** The services that addresses belong to, numbered from 1, and the terms of each. */
export interface ServiceBands {
  /** Returns the number of the service that the prefix belongs to; 0 for none. */
  serviceOf(prefix: Prefix): number;
  /** By service number, less 1. */
  readonly bands: readonly ServiceTerms[];
}

export interface ServiceTerms {
  /** The MEDs that mean that the node is up. */
  readonly up: NumberRange;
  readonly disabled: NumberRange;
  /** How long the last path of an address is kept when its node withdraws it, ms; absent: it is not kept. */
  readonly keepMs?: number | undefined;
}

/** Numbers in the column of services are higher by 1; 0 means that the prefix has not been looked up yet. */
const noService = 0;

/** The classes of the paths of one family. If services are configured, this takes one look at a column per path. */
export class PathClasses {
  private readonly paths: PathTable;
  private readonly attrs: AttrTable;
  private readonly ranks: PeerRanks;
  private readonly prefixes: PrefixTable;
  private readonly scratch;
  private services: ServiceBands | undefined;
  /** Whether any service keeps its last path. */
  keepsLast = false;

  constructor(paths: PathTable, attrs: AttrTable, ranks: PeerRanks, prefixes: PrefixTable) {
    this.paths = paths;
    this.attrs = attrs;
    this.ranks = ranks;
    this.prefixes = prefixes;
    this.scratch = scratchPrefix(prefixes.family);
  }

  /** `undefined` means no services. Afterwards everything has to be decided again. */
  configure(services: ServiceBands | undefined): void {
    this.services = services;
    this.keepsLast = services?.bands.some(({ keepMs }) => keepMs !== undefined) ?? false;
    this.prefixes.clearServices(services !== undefined);
  }

  get configured(): ServiceBands | undefined {
    return this.services;
  }

  /** Whether all paths are of one class, so that it need not be determined (a tenth of the churn of bench S2). */
  get areOne(): boolean {
    const { services, ranks, attrs } = this;
    return services === undefined && !ranks.areAnyDrained && !attrs.hasDemoting;
  }

  /**
   * Returns the class of an accepted path, the lower the better: the index in `pathClasses` for an address of a
   * service, elsewhere 1 for a drained path and 2 for a long-lived stale one.
   */
  of(path: PathId): number {
    const { paths, attrs, ranks, services } = this;
    const accepted = paths.accepted(path);
    const peer = paths.peer(path);
    const demotion = ranks.demotion(peer, attrs, accepted);
    if (services === undefined) return demotion;
    const service = this.serviceOf(paths.prefix(path), services);
    if (service === noService) return demotion;
    if (demotion === 2) return longLivedStale;
    const byMed = this.classOfMed(service, attrs.med(accepted));
    if (byMed > 0) return byMed;
    return ranks.isAnswering(peer, service) ? demotion : notAnswering;
  }

  /**
   * Returns whether its peer is drained or the path has GRACEFUL_SHUTDOWN; its class may be lower still for another
   * reason.
   */
  isDrained(path: PathId): boolean {
    const { paths, attrs, ranks } = this;
    const peer = paths.peer(path);
    return ranks.isDrained(peer) || ranks.isShuttingDown(peer, attrs, paths.accepted(path));
  }

  /** Returns what puts the path into a lower class than its MED does. */
  demotions(path: PathId): Demotion[] {
    const { paths, attrs, ranks } = this;
    const peer = paths.peer(path);
    const service = this.service(paths.prefix(path));
    return [
      ...(ranks.isDrained(peer) ? (['drain'] as const) : []),
      ...(ranks.isShuttingDown(peer, attrs, paths.accepted(path))
        ? (['graceful_shutdown'] as const)
        : []),
      ...(ranks.isAnswering(peer, service) ? [] : (['not_answering'] as const)),
    ];
  }

  /** Returns the class that the path would have without its demotions, with this MED or its own. */
  byMed(path: PathId, med = this.attrs.med(this.paths.accepted(path))): number {
    const { paths, attrs } = this;
    const service = this.service(paths.prefix(path));
    if (attrs.isLongLivedStale(paths.accepted(path)))
      return service === noService ? 2 : longLivedStale;
    return this.classOfMed(service, med);
  }

  /** Returns the class that the path would have with another MED. */
  withMed(path: PathId, med: number): number {
    const { paths, attrs, ranks } = this;
    const byMed = this.byMed(path, med);
    if (byMed > 0) return byMed;
    const peer = paths.peer(path);
    if (!ranks.isAnswering(peer, this.service(paths.prefix(path)))) return notAnswering;
    return ranks.demotion(peer, attrs, paths.accepted(path));
  }

  /** Returns the number of the service that the prefix belongs to; 0 for none. */
  service(prefix: PrefixId): number {
    return this.services === undefined ? noService : this.serviceOf(prefix, this.services);
  }

  /** Returns how long the last path of the prefix is kept when it is withdrawn, ms; `undefined` if it is not kept. */
  keepMs(prefix: PrefixId): number | undefined {
    return this.keepsLast ? this.services?.bands[this.service(prefix) - 1]?.keepMs : undefined;
  }

  /** Returns the highest MED of each band of the prefix's service except the last. */
  medEdges(prefix: PrefixId): number[] {
    const meaning = this.services?.bands[this.service(prefix) - 1];
    return meaning === undefined ? [] : [meaning.up.max, meaning.disabled.max];
  }

  private classOfMed(service: number, med: number): number {
    const meaning = this.services?.bands[service - 1];
    if (meaning === undefined || isIn(meaning.up, med)) return 0;
    return isIn(meaning.disabled, med) ? disabled : down;
  }

  private serviceOf(prefix: PrefixId, services: ServiceBands): number {
    const known = this.prefixes.service(prefix);
    if (known !== 0) return known - 1;
    const service = services.serviceOf(this.prefixes.read(prefix, this.scratch));
    this.prefixes.setService(prefix, service + 1);
    return service;
  }
}

function isIn({ min, max }: NumberRange, value: number): boolean {
  return value >= min && value <= max;
}
