import { type Cause, triggerOf } from '#api/events/causes.ts';
import type { FailoverTrigger } from '#api/names.ts';
import type { MetricsView } from '#api/views/metrics.ts';
import type { Clock } from '#clock.ts';
import { none, type PathId, type PeerId, type PrefixId } from '#policy/ids.ts';
import type { RibView } from '#rib/view.ts';
import type { Family } from '#wire/constants.ts';
import type { EventBus } from '../event-bus.ts';
import { Histogram } from '../histogram.ts';
import type { AddressCauses } from '../record/address-causes.ts';
import type { KnownCause } from '../record/causes.ts';
import type { Failovers, OpenFailover } from '../record/failovers.ts';
import { refusedAnnouncers } from './refused-announcers.ts';
import type { ServiceAddresses, WatchedAddress } from './service-addresses.ts';

/** Seconds. */
const bounds = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];
const triggers: readonly FailoverTrigger[] = ['peer_down', 'withdraw', 'med_change'];
/** How many changes that are still to be advertised, the oldest first, each slice checks. */
const openLooks = 256;

/** What is asked of a peer. */
interface MovedPeer {
  readonly name: string;
  /** When its last session ended, by the monotonic clock. */
  readonly downAtMs?: number | undefined;
}

interface AddressMovesParts {
  readonly rib: RibView;
  readonly clock: Clock;
  readonly events: EventBus;
  readonly peerOf: (id: PeerId) => MovedPeer | undefined;
  readonly addresses: ServiceAddresses;
  /** Why best paths change. */
  readonly causes: Pick<AddressCauses, 'take' | 'settle'>;
  /** Emits each move. */
  readonly records: Failovers;
  /** Returns whether nothing is advertised yet, so that no router is sent a move. */
  readonly isHeldBack: () => boolean;
  /** The audit of the address may have another result now. */
  readonly changed: (address: WatchedAddress, cause: KnownCause | undefined) => void;
}

interface BestChange {
  readonly family: Family;
  readonly prefix: PrefixId;
  readonly from: PathId;
  readonly to: PathId;
}

/** A change that is on its way to the routers. */
interface Advertised {
  readonly family: Family;
  readonly prefix: PrefixId;
  /** The record for the history. */
  readonly record?: OpenFailover | undefined;
}

interface Failover extends Advertised {
  readonly trigger: FailoverTrigger;
  readonly sinceMs: number;
}

/**
 * Follows the addresses of services as they move from peer to peer, and how long that takes. It is called for every
 * best path that changes; this costs one look at a column if services are configured, and nothing otherwise.
 */
export class AddressMoves {
  /** When an address last moved from a node that no operator drains, by the monotonic clock. */
  lastFailoverMs: number | undefined;
  private readonly parts: AddressMovesParts;
  private readonly failovers: Failover[] = [];
  /** Addresses that are served again. */
  private readonly returned: Advertised[] = [];
  private readonly histograms = new Map(triggers.map((name) => [name, new Histogram(bounds)]));

  constructor(parts: AddressMovesParts) {
    this.parts = parts;
  }

  /** A best path has changed; both paths can still be read. */
  bestChanged(family: Family, prefix: PrefixId, from: PathId, to: PathId): boolean {
    const { addresses, clock, causes, changed } = this.parts;
    if (addresses.isEmpty) return false;
    const known = from === none ? undefined : addresses.known(family, prefix);
    const address = known ?? addresses.see(family, prefix);
    if (address === undefined) return false;
    address.unservedSinceMs = to === none ? clock.monotonic() : undefined;
    const cause = causes.take(family, prefix);
    const change = { family, prefix, from, to };
    if (this.peerOfPath(family, from) !== this.peerOfPath(family, to))
      this.moved(address, change, cause);
    this.tell(address, change, cause?.cause);
    changed(address, cause);
    return true;
  }

  /**
   * Another peer serves the address, or none does, or one does again. While the start gate is closed this is no
   * failover: routers are first sent the state in which the address is when the gate opens.
   */
  private moved(address: WatchedAddress, change: BestChange, cause: KnownCause | undefined): void {
    if (this.parts.isHeldBack()) return;
    const { family, prefix, from, to } = change;
    const ends = { from: this.peerOfPath(family, from), to: this.peerOfPath(family, to) };
    const isFirst = from === none && address.bestChanges === 0;
    const record = isFirst ? undefined : this.record(address, ends, cause);
    if (from === none) {
      if (record !== undefined) this.returned.push({ family, prefix, record });
      return;
    }
    address.bestChanges++;
    if (!this.isDrained(family, from)) this.lastFailoverMs = this.parts.clock.monotonic();
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
    return this.parts.records.moved({ prefix, service: service.name, ...ends }, cause);
  }

  /** Traffic that leaves a node which an operator drains is no failover. */
  private isDrained(family: Family, path: PathId): boolean {
    return this.parts.rib.isDrained(this.parts.rib.families[family].peerOf(path));
  }

  /** Closes what has been advertised meanwhile. */
  settle(): void {
    this.parts.causes.settle();
    if (this.failovers.length === 0 && this.returned.length === 0) return;
    const nowMs = this.parts.clock.monotonic();
    const over = this.takeWritten(this.failovers);
    for (const { trigger, sinceMs } of over) {
      this.histograms.get(trigger)?.observe((nowMs - sinceMs) / 1000);
    }
    const written = [...over, ...this.takeWritten(this.returned)];
    const isMore = this.failovers.length > 0 || this.returned.length > 0;
    this.parts.records.written(
      written.flatMap(({ record }) => record ?? []),
      isMore,
    );
  }

  /** Returns those that have been advertised to all; the others stay in the list, which may be long. */
  private takeWritten<Row extends Advertised>(rows: Row[]): Row[] {
    const { rib, records } = this.parts;
    const over: Row[] = [];
    const open: Row[] = [];
    let at = 0;
    for (; at < rows.length && open.length < openLooks; at++) {
      const row = rows[at];
      const { family, prefix, record } = row;
      (rib.isPending(family, prefix) ? open : over).push(row);
      if (record !== undefined && rib.isUnsent(family, prefix)) records.unsent(record);
    }
    if (over.length > 0) rows.splice(0, at, ...open);
    return over;
  }

  histogramViews(): MetricsView['failover_seconds'] {
    return [...this.histograms].map(([trigger, histogram]) => ({
      trigger,
      histogram: histogram.view(),
    }));
  }

  private causeOf(family: Family, from: PathId): Pick<Failover, 'trigger' | 'sinceMs'> {
    const view = this.parts.rib.families[family];
    const id = view.peerOf(from);
    const downAtMs = this.parts.peerOf(id)?.downAtMs;
    if (this.parts.rib.peer(id).send === undefined && downAtMs !== undefined) {
      return { trigger: 'peer_down', sinceMs: downAtMs };
    }
    return {
      trigger: view.isGone(from) ? 'withdraw' : 'med_change',
      sinceMs: this.parts.clock.monotonic(),
    };
  }

  private tell(address: WatchedAddress, change: BestChange, cause: Cause | undefined): void {
    const { family, prefix, from, to } = change;
    const before = this.peerOfPath(family, from);
    const after = this.peerOfPath(family, to);
    const oldMed = before === after ? undefined : this.medOf(family, from);
    const newMed = this.medOf(family, to);
    this.parts.events.emit({
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
    const nameOf = (id: PeerId): string | undefined => this.parts.peerOf(id)?.name;
    const refused = refusedAnnouncers(this.parts.rib.families[family], prefix, nameOf);
    return `absent: ${refused ?? 'no peer announces it'}`;
  }

  private peerOfPath(family: Family, path: PathId): string | undefined {
    if (path === none) return undefined;
    return this.parts.peerOf(this.parts.rib.families[family].peerOf(path))?.name;
  }

  private medOf(family: Family, path: PathId): number | undefined {
    if (path === none) return undefined;
    return this.parts.rib.med(this.parts.rib.families[family].accepted(path));
  }
}
