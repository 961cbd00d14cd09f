import type { CoherenceItemView, CoherenceView, SiblingStateView } from '#api/coherence.ts';
import { type Cancel, type Clock, timestamp } from '#clock.ts';
import type { Config } from '#config/config.ts';
import type { RibView } from '#rib/view.ts';
import { type CoherenceState, coherenceStates, worstOf } from '#services/coherence.ts';
import { formatPrefix } from '#text/prefix.ts';
import type { Prefix } from '#wire/nlri.ts';
import type { EventBus } from '../event-bus.ts';
import type { RunningPeers } from '../peers/running-peers.ts';
import type { ServiceAddresses } from '../services/service-addresses.ts';
import { AddressComparison, type OurRoute } from './address-comparison.ts';
import type { SiblingRoutes } from './sibling-routes.ts';

const lookEveryMs = 1000;
const sliceMs = 3;
/** Items that an answer lists. */
const mostItems = 1000;

/** States that are told; what is unknown is told by the session of the observer. */
const told = coherenceStates.filter(isDisagreement);

export interface CoherenceParts {
  readonly clock: Clock;
  readonly rib: RibView;
  readonly observed: RibView;
  /** The number of the service that has the prefix; 0 for none. */
  readonly serviceOf: (prefix: Prefix) => number;
  readonly peers: RunningPeers;
  readonly siblings: SiblingRoutes;
  readonly addresses: Pick<ServiceAddresses, 'all'>;
  readonly config: () => Config;
  readonly events: EventBus;
}

/** An address that is not the same everywhere. */
interface Item {
  readonly prefix: Prefix;
  readonly ours: OurRoute | undefined;
  readonly siblings: readonly SiblingState[];
}

interface SiblingState {
  readonly view: SiblingStateView;
  /** Since when it is in this state, by the monotonic clock. */
  readonly sinceMs: number;
}

/**
 * Compares our best routes with those of siblings, a pass each second in which anything has changed, in slices.
 * A difference counts once it has lasted for the debounce: route servers do not hear of a change at once.
 */
export class CoherenceWatch {
  private readonly parts: CoherenceParts;
  private readonly comparison: AddressComparison;
  private items = new Map<string, Item>();
  private compared = 0;
  /** What the last pass saw. */
  private versions = '';
  private isPassing = false;
  private cancel: Cancel | undefined;
  /** By sibling and state: what was told and has not ended. */
  private readonly open = new Set<string>();

  constructor(parts: CoherenceParts) {
    this.parts = parts;
    this.comparison = new AddressComparison(parts);
  }

  start(): void {
    this.cancel = this.parts.clock.every(lookEveryMs, () => this.look());
  }

  stop(): void {
    this.cancel?.();
  }

  view(): CoherenceView {
    const items = [...this.items].map(([prefix, item]) => this.itemView(prefix, item));
    return {
      siblings: this.names.map((peer) => {
        const unknown = this.parts.siblings.unknown(peer);
        return { peer, ...(unknown !== undefined && { unknown }), counts: this.countsOf(peer) };
      }),
      compared: this.compared,
      items: items.toSorted(byUrgency).slice(0, mostItems),
    };
  }

  /** By state, addresses that have been so for long enough. */
  countsOf(sibling: string): Partial<Record<CoherenceState, number>> {
    const counts: Partial<Record<CoherenceState, number>> = {};
    for (const { siblings } of this.items.values()) {
      for (const { view, sinceMs } of siblings) {
        if (view.peer !== sibling || !this.isSettled(sinceMs)) continue;
        counts[view.state] = (counts[view.state] ?? 0) + 1;
      }
    }
    return counts;
  }

  /** Addresses that have differed for long enough. */
  disagreeing(sibling: string): ReadonlySet<string> {
    const prefixes = [...this.items].filter(([, { siblings }]) =>
      siblings.some(
        ({ view, sinceMs }) =>
          view.peer === sibling && isDisagreement(view.state) && this.isSettled(sinceMs),
      ),
    );
    return new Set(prefixes.map(([prefix]) => prefix));
  }

  get names(): string[] {
    return [...this.parts.siblings.names()];
  }

  private look(): void {
    if (this.isPassing || this.names.length === 0) return;
    const versions = this.versionsNow();
    if (versions !== this.versions) {
      this.versions = versions;
      this.isPassing = true;
      this.step(this.pass());
    } else this.tell();
  }

  /** Changes with every route and every session that is compared. */
  private versionsNow(): string {
    const { rib, observed, siblings } = this.parts;
    const unknown = this.names.map((name) => siblings.unknown(name) ?? '').join();
    return `${rib.version} ${observed.version} ${unknown}`;
  }

  private step(pass: Iterator<void>): void {
    const { clock } = this.parts;
    const untilMs = clock.monotonic() + sliceMs;
    do {
      if (pass.next().done === true) {
        this.isPassing = false;
        this.tell();
        return;
      }
    } while (clock.monotonic() < untilMs);
    clock.soon(() => this.step(pass));
  }

  private *pass(): Generator<void> {
    const names = this.names;
    const items = new Map<string, Item>();
    const seen = new Set<string>();
    this.comparison.begin();
    for (const prefix of this.prefixes(names)) {
      const text = formatPrefix(prefix);
      if (seen.has(text)) continue;
      seen.add(text);
      const item = this.compare(text, prefix, names);
      if (item.siblings.some(({ view }) => view.state !== 'same')) items.set(text, item);
      yield;
    }
    this.items = items;
    this.compared = seen.size;
  }

  private compare(text: string, prefix: Prefix, names: readonly string[]): Item {
    const ours = this.comparison.ours(prefix);
    const before = this.items.get(text);
    const siblings = names.map((peer): SiblingState => {
      const theirs = this.comparison.theirs(peer, prefix);
      const { state, why } = this.comparison.compare(peer, prefix, ours, theirs);
      const known = before?.siblings.find(({ view }) => view.peer === peer);
      const view: SiblingStateView = {
        peer,
        state,
        ...(theirs !== undefined && { next_hop: theirs.nextHop, med: theirs.med }),
        ...(why !== undefined && { why }),
      };
      const isSame = known?.view.state === state;
      return { view, sinceMs: isSame ? known.sinceMs : this.parts.clock.monotonic() };
    });
    return { prefix: { ...prefix }, ours, siblings };
  }

  /** Of services, or all; also those that only a sibling has. */
  private *prefixes(names: readonly string[]): Generator<Prefix> {
    const { rib, addresses, siblings, serviceOf, config } = this.parts;
    const isAll = config().coherence.prefixes === 'all';
    if (isAll) yield* everyPrefix(rib);
    else for (const { prefix } of addresses.all()) yield prefix;
    for (const name of names) {
      for (const prefix of siblings.prefixes(name, () => true)) {
        if (isAll || serviceOf(prefix) > 0) yield prefix;
      }
    }
  }

  /** One event for a sibling and state, not one for each address. */
  private tell(): void {
    for (const peer of this.names) {
      const counts = this.countsOf(peer);
      for (const state of told) {
        const key = `${peer} ${state}`;
        const count = counts[state] ?? 0;
        if (count > 0 && !this.open.has(key))
          this.emit(peer, state, count, this.exampleOf(peer, state));
        if (count > 0) this.open.add(key);
        else if (this.open.delete(key)) this.emit(peer, state, 0, undefined);
      }
    }
  }

  private emit(
    peer: string,
    state: CoherenceState,
    count: number,
    example: string | undefined,
  ): void {
    const words = state.replaceAll('_', ' ');
    const text =
      example === undefined
        ? `sibling ${peer}: no address is in the state ${words} any longer`
        : `sibling ${peer}: ${words}: ${example}${count > 1 ? `, and ${count - 1} more addresses` : ''}`;
    this.parts.events.emit({ event: 'coherence', peer, state, count, text });
  }

  private exampleOf(peer: string, state: CoherenceState): string | undefined {
    for (const [prefix, { siblings }] of this.items) {
      const row = siblings.find(({ view }) => view.peer === peer && view.state === state);
      if (row !== undefined && this.isSettled(row.sinceMs))
        return `${prefix}: ${row.view.why ?? ''}`;
    }
    return undefined;
  }

  private itemView(prefix: string, { ours, siblings }: Item): CoherenceItemView {
    const { clock } = this.parts;
    const state = worstOf(siblings.map(({ view }) => view.state));
    const since = Math.min(
      ...siblings.filter(({ view }) => view.state === state).map(({ sinceMs }) => sinceMs),
    );
    return {
      prefix,
      state,
      ...(ours !== undefined && {
        ours: { node: ours.node, next_hop: ours.nextHop, med: ours.med },
      }),
      siblings: siblings.map(({ view }) => view),
      since: timestamp(clock.wall() - (clock.monotonic() - since)),
      ...(!this.isSettled(since) && { pending: true }),
    };
  }

  private isSettled(sinceMs: number): boolean {
    const { clock, config } = this.parts;
    return clock.monotonic() - sinceMs >= config().coherence.debounceMs;
  }
}

function isDisagreement(state: CoherenceState): boolean {
  return state !== 'same' && state !== 'unknown';
}

function byUrgency(a: CoherenceItemView, b: CoherenceItemView): number {
  return coherenceStates.indexOf(a.state) - coherenceStates.indexOf(b.state);
}

function* everyPrefix(rib: RibView): Generator<Prefix> {
  for (const family of rib.families) {
    for (const id of family.decidedPrefixes()) yield family.prefix(id);
  }
}
