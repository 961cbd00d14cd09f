import type { CoherenceItemView, CoherenceView, SiblingStateView } from '#api/views/coherence.ts';
import { type Cancel, type Clock, wallTime } from '#clock.ts';
import type { Config } from '#config/config.ts';
import type { RibView } from '#rib/view.ts';
import { type CoherenceState, coherenceStates, worstOf } from '#services/coherence.ts';
import { formatPrefix } from '#text/prefix.ts';
import type { Prefix } from '#wire/nlri.ts';
import type { EventBus } from '../event-bus.ts';
import type { RunningPeers } from '../peers/running-peers.ts';
import type { Probes } from '../probes/probes.ts';
import type { ServiceAddresses } from '../services/service-addresses.ts';
import { AddressComparison } from './address-comparison.ts';
import {
  isDisagreement,
  type Item,
  mostUrgent,
  type SiblingState,
  type Tally,
  tally,
} from './differences.ts';
import type { SiblingRoutes } from './sibling-routes.ts';

const lookEveryMs = 1000;
const sliceMs = 3;
/** How many items an answer lists. */
const mostItems = 1000;

/** The states that are reported; `unknown` is reported by the session of the observer. */
const reportedStates = coherenceStates.filter(isDisagreement);

export interface CoherenceParts {
  readonly clock: Clock;
  readonly rib: RibView;
  readonly observed: RibView;
  /** Returns the number of the service that has the prefix; 0 for none. */
  readonly serviceOf: (prefix: Prefix) => number;
  readonly peers: RunningPeers;
  readonly siblings: SiblingRoutes;
  readonly probes: Pick<Probes, 'whyGone' | 'version'>;
  readonly addresses: Pick<ServiceAddresses, 'all'>;
  readonly config: () => Config;
  readonly events: EventBus;
}

/**
 * Compares our best routes with those of siblings, one pass in each second in which anything has changed, in slices. A
 * difference counts once it has lasted for the debounce, because route servers do not learn of a change at the same
 * time.
 */
export class CoherenceWatch {
  private readonly parts: CoherenceParts;
  private readonly comparison: AddressComparison;
  private items = new Map<string, Item>();
  private compared = 0;
  /** What the last pass saw. */
  private versions = '';
  private isPassing = false;
  private hasStopped = false;
  private cancel: Cancel | undefined;
  /** By sibling and state: what was reported and has not ended. */
  private readonly open = new Set<string>();

  constructor(parts: CoherenceParts) {
    this.parts = parts;
    this.comparison = new AddressComparison({
      ...parts,
      whyGone: (peer) => parts.probes.whyGone(peer),
    });
  }

  start(): void {
    this.cancel = this.parts.clock.every(lookEveryMs, () => this.look());
  }

  /** A pass that is under way is abandoned: it would see the sessions end. */
  stop(): void {
    this.hasStopped = true;
    this.cancel?.();
  }

  /** Yields after every few addresses, since a whole table may have a million. */
  *view(): Generator<void, CoherenceView> {
    const tallies = yield* this.tallies();
    const urgent = yield* mostUrgent(this.items, mostItems);
    const items: CoherenceItemView[] = [];
    for (const [prefix, item] of urgent) {
      items.push(this.itemView(prefix, item));
      yield;
    }
    return {
      siblings: Array.from(tallies, ([peer, { counts }]) => {
        const unknown = this.parts.siblings.unknown(peer);
        return { peer, ...(unknown !== undefined && { unknown }), counts };
      }),
      compared: this.compared,
      items,
    };
  }

  /** Counts for each sibling what has lasted long enough. Yields after every few addresses. */
  tallies(): Generator<void, ReadonlyMap<string, Tally>> {
    return tally(this.items, this.names, (sinceMs) => this.isSettled(sinceMs));
  }

  get names(): string[] {
    return [...this.parts.siblings.names()];
  }

  private look(): void {
    if (this.isPassing || this.names.length === 0) return;
    const versions = this.versionsNow();
    const isChanged = versions !== this.versions;
    this.versions = versions;
    this.isPassing = true;
    this.step(isChanged ? this.pass() : this.tell());
  }

  /** Changes with every route, session and probe that is compared. */
  private versionsNow(): string {
    const { rib, observed, siblings, probes } = this.parts;
    const unknown = this.names.map((name) => siblings.unknown(name) ?? '').join();
    return `${rib.version} ${observed.version} ${probes.version} ${unknown}`;
  }

  private step(pass: Iterator<void>): void {
    if (this.hasStopped) return;
    const { clock } = this.parts;
    const untilMs = clock.monotonic() + sliceMs;
    do {
      if (pass.next().done === true) {
        this.isPassing = false;
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
      yield;
      if (prefix === undefined) continue;
      const text = formatPrefix(prefix);
      if (seen.has(text)) continue;
      seen.add(text);
      const item = this.compare(text, prefix, names);
      if (item.siblings.some(({ view }) => view.state !== 'same')) items.set(text, item);
    }
    this.items = items;
    this.compared = seen.size;
    yield* this.tell();
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

  /**
   * The prefixes of services, or all, including those that only a sibling has. Yields `undefined` for each that is left
   * out.
   */
  private *prefixes(names: readonly string[]): Generator<Prefix | undefined> {
    const { rib, addresses, siblings, serviceOf, config } = this.parts;
    const isAll = config().coherence.prefixes === 'all';
    if (isAll) yield* everyPrefix(rib);
    else for (const { prefix } of addresses.all()) yield prefix;
    for (const name of names) {
      for (const prefix of siblings.prefixes(name, () => true)) {
        const isWanted = prefix !== undefined && (isAll || serviceOf(prefix) > 0);
        yield isWanted ? prefix : undefined;
      }
    }
  }

  /** Emits one event per sibling and state, not one per address. */
  private *tell(): Generator<void> {
    const tallies = yield* this.tallies();
    for (const [peer, { counts, examples }] of tallies) {
      for (const state of reportedStates) {
        const key = `${peer} ${state}`;
        const count = counts[state] ?? 0;
        if (count > 0 && !this.open.has(key)) this.emit(peer, state, count, examples.get(state));
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
        ? `sibling ${peer}: no address is in the state ${words} any more`
        : `sibling ${peer}: ${words}: ${example}${count > 1 ? `, and ${count - 1} more addresses` : ''}`;
    this.parts.events.emit({ event: 'coherence', peer, state, count, text });
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
      since: wallTime(clock, since),
      ...(!this.isSettled(since) && { pending: true }),
    };
  }

  private isSettled(sinceMs: number): boolean {
    const { clock, config } = this.parts;
    return clock.monotonic() - sinceMs >= config().coherence.debounceMs;
  }
}

function* everyPrefix(rib: RibView): Generator<Prefix> {
  for (const family of rib.families) {
    for (const id of family.decidedPrefixes()) yield family.prefix(id);
  }
}
