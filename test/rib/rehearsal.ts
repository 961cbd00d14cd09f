import { compileExport, compileImport } from '#policy/compile.ts';
import { type AttrsId, none, type PeerId, type PrefixId } from '#policy/ids.ts';
import type { ExportJudge, PeerNames } from '#policy/judge.ts';
import type { ExportSettings } from '#policy/policy.ts';
import type { DecisionOptions } from '#rib/decision-steps.ts';
import type { FamilyRib } from '#rib/family-rib.ts';
import type { RibPeerSettings } from '#rib/rib-peer.ts';
import type { AttrTable } from '#rib/tables/attr-table.ts';
import { maskHas } from '#rib/tables/peer-sets.ts';
import { scratchPrefix } from '#rib/tables/prefix-table.ts';
import type { SimulatedPath, SimulatedPrefix } from '#rib/whatif/overlay.ts';
import type { PrefixOutcome, SimulatedPeer } from '#rib/whatif/simulate.ts';
import type { Dice } from '#support/dice.ts';
import { families } from '#wire/constants.ts';
import { canonical } from '../policy/given.ts';
import { RibUnderTest, sendSettings } from './given.ts';
import {
  bandsOf,
  type PeerPlan,
  randomAnnouncement,
  randomNlri,
  randomPeer,
  randomRoute,
  serviceSets,
} from './random-routes.ts';
import { prefixText } from './router-table.ts';

/** The state of a prefix as text: its paths, the best first, and what each client is sent. */
export interface Place {
  readonly paths: readonly string[];
  readonly sent: Readonly<Record<string, string>>;
}

/** The states by prefix; prefixes without any accepted path are omitted. */
export type Table = Map<string, Place>;

/** A RIB of random peers and routes, on which a change can be rehearsed and then made. */
export class Rehearsal {
  readonly under: RibUnderTest;
  readonly plans = new Map<PeerId, PeerPlan>();
  /** Peers whose session a limit has ended. */
  readonly ended = new Set<PeerId>();
  private made = 0;

  constructor(decision: DecisionOptions, roll: Dice) {
    this.under = new RibUnderTest({
      decision,
      sweepAt: 8,
      events: {
        limitReached: (peer, { limit }) => {
          if (limit.action === 'restart' || limit.action === 'shutdown') this.end(peer);
        },
      },
    });
    for (let count = 3 + roll.below(4); count > 0; count--) this.add(this.newPlan(roll));
    this.under.rib.setServices(bandsOf(roll.pick(serviceSets)));
    for (let count = roll.below(60); count > 0; count--) this.announce(roll);
    if (roll.chance(0.3)) this.under.rib.setDrained(roll.pick([...this.plans.keys()]), true);
    if (roll.chance(0.3)) {
      this.under.rib.setAnswering(roll.pick([...this.plans.keys()]), 1 + roll.below(2), false);
    }
    if (roll.chance(0.3)) this.lose(roll.pick([...this.plans.keys()]));
    this.under.settle();
  }

  newPlan(roll: Dice): PeerPlan {
    const plan = randomPeer(roll, ++this.made);
    return { ...plan, families: [true, true] };
  }

  add(plan: PeerPlan): PeerId {
    const { imported, exported, acceptedLimit, receivedLimit, honours } = plan;
    const given = { acceptedLimit, receivedLimit, honourGracefulShutdown: honours };
    const id = this.under.rib.addPeer(this.under.settings(imported, exported, given));
    this.plans.set(id, plan);
    this.under.up(id, 1 + (this.made % 3), {
      ...sendSettings,
      asnBytes: plan.asnBytes,
      longLived: plan.longLived,
      maxMessageBytes: plan.maxMessageBytes,
    });
    return id;
  }

  replace(id: PeerId, plan: PeerPlan): void {
    const { imported, exported, acceptedLimit, receivedLimit, honours } = plan;
    const given = { acceptedLimit, receivedLimit, honourGracefulShutdown: honours };
    this.under.rib.replaceSettings(id, this.under.settings(imported, exported, given));
    this.plans.set(id, plan);
    this.under.settle();
  }

  remove(id: PeerId): void {
    this.under.rib.removePeer(id);
    this.under.routers.delete(id);
    this.plans.delete(id);
  }

  end(id: PeerId): void {
    this.ended.add(id);
    this.under.rib.peerDown(id);
    for (const { family } of families) this.under.rib.endStale(id, family);
    this.under.routers.delete(id);
  }

  /** Changes the live RIB at random. */
  stir(roll: Dice): void {
    const id = roll.pick([...this.plans.keys()]);
    const kinds: readonly (readonly [number, () => void])[] = [
      [16, () => this.announce(roll)],
      [2, () => this.end(id)],
      [1, () => this.add(this.newPlan(roll))],
      [1, () => this.plans.size > 2 && this.remove(id)],
    ];
    const [, happen] = roll.weighted(kinds);
    happen();
    this.under.rib.work(1 + roll.below(8));
  }

  /** Returns what the live RIB holds. */
  get table(): Table {
    const { rib } = this.under;
    const table: Table = new Map();
    for (const family of rib.families) {
      for (let id = 1 as PrefixId; id < family.tables.prefixes.limit; id++) {
        if (!family.tables.prefixes.has(id)) continue;
        const scratch = scratchPrefix(family.tables.family);
        const name = prefixText(family.tables.prefixes.read(id, scratch));
        keep(table, name, this.place(family, id));
      }
    }
    return table;
  }

  /** Returns the live table with the outcomes of a simulation; the `before` of each must be in it. */
  over(
    attrs: AttrTable,
    isSame: (name: string, given: Place, live: Place) => void,
    plans: ReadonlyMap<PeerId, PeerPlan> = this.plans,
  ) {
    const before = this.table;
    const after = new Map(before);
    const visit = ({ prefix, before: was, after: is }: PrefixOutcome): void => {
      const name = prefixText(prefix);
      isSame(name, standing(attrs, was, plans), before.get(name) ?? nothing);
      keep(after, name, standing(attrs, is, plans));
    };
    return { after, visit };
  }

  /** Returns the peers of these plans in the form for a simulation. */
  simulated(plans: ReadonlyMap<PeerId, PeerPlan>, judges: SimulatedJudges): SimulatedPeer[] {
    return [...plans].map(([id, plan]) => ({
      id,
      isServed: !this.ended.has(id),
      settings: judges.settings(plan),
    }));
  }

  /** Ends the session by a loss after which its routes are kept as the last resort (RFC 9494). */
  private lose(id: PeerId): void {
    if (this.ended.has(id)) return;
    this.ended.add(id);
    this.under.rib.peerDown(id, [true, true]);
    for (const { family } of families) this.under.rib.keepLongLived(id, family);
    this.under.routers.delete(id);
  }

  private announce(roll: Dice): void {
    const [id, plan] = roll.pick([...this.plans]);
    if (this.ended.has(id)) return;
    const nlri = randomNlri(roll, plan);
    const route = randomRoute(roll, plan, nlri[0].prefix.family);
    const { addPath, asnBytes } = plan;
    const context = { asnBytes, addPath: [addPath, addPath] };
    const bytes = randomAnnouncement(roll, plan, nlri, route);
    if (this.under.receive(id, bytes, roll.below(1000), context) !== undefined) this.end(id);
  }

  private place({ tables, shares, outbound: { exports } }: FamilyRib, prefix: PrefixId): Place {
    const { attrs } = this.under.rib;
    const share = tables.adjRibOut.share(prefix);
    const ranked = tables.decision.ranked(tables.paths.first(prefix)).map((path) => ({
      peer: tables.paths.peer(path),
      attrs: tables.paths.accepted(path),
    }));
    return placeOf(attrs, this.plans, ranked, (client) =>
      exports.hasClient(client) ? shares.attrsFor(share, client) : none,
    );
  }
}

type Plans = ReadonlyMap<PeerId, PeerPlan>;

function standing(attrs: AttrTable, { ranked, sent }: SimulatedPrefix, plans: Plans): Place {
  return placeOf(
    attrs,
    plans,
    ranked,
    (client) => sent.find(({ clients }) => maskHas(clients, client))?.attrs ?? none,
  );
}

function placeOf(
  attrs: AttrTable,
  plans: Plans,
  ranked: readonly Pick<SimulatedPath, 'peer' | 'attrs'>[],
  sentTo: (client: PeerId) => number,
): Place {
  const textOf = (id: number): string => canonical(attrs.read(id as AttrsId));
  const sent = [...plans].flatMap(([client, { imported }]) => {
    const id = sentTo(client);
    return id === none ? [] : [[imported.peerName, textOf(id)] as const];
  });
  return {
    paths: ranked.map((it) => `${plans.get(it.peer)?.imported.peerName} ${textOf(it.attrs)}`),
    sent: Object.fromEntries(sent),
  };
}

const nothing: Place = { paths: [], sent: {} };

function keep(table: Table, name: string, place: Place): void {
  if (place.paths.length === 0) table.delete(name);
  else table.set(name, place);
}

/** Returns the table as these clients see it. */
export function seenBy(table: Table, clients: ReadonlySet<string>): Table {
  return new Map(
    [...table].map(([name, { paths, sent }]) => [
      name,
      { paths, sent: Object.fromEntries(Object.entries(sent).filter(([it]) => clients.has(it))) },
    ]),
  );
}

/** Equal settings given as one object share a judge, as in the daemon. */
export class SimulatedJudges {
  private readonly attrs: AttrTable;
  private readonly names: PeerNames;
  private readonly exports = new Map<ExportSettings, ExportJudge>();
  private readonly known = new Map<PeerPlan, RibPeerSettings>();

  constructor(attrs: AttrTable, planOf: (id: PeerId) => PeerPlan | undefined) {
    this.attrs = attrs;
    this.names = {
      nameOf: (id) => planOf(id)?.imported.peerName ?? '',
      asOf: (id) => planOf(id)?.imported.peerAs ?? 0,
    };
  }

  settings(plan: PeerPlan): RibPeerSettings {
    const known = this.known.get(plan);
    if (known !== undefined) return known;
    const { imported, exported, acceptedLimit, receivedLimit, honours } = plan;
    const settings: RibPeerSettings = {
      name: imported.peerName,
      peerAs: imported.peerAs,
      address: imported.peerAddress,
      importJudge: compileImport(imported, this.attrs),
      ...(exported !== undefined && { exportJudge: this.exportJudge(exported) }),
      families: [true, true],
      acceptedLimit,
      receivedLimit,
      honourGracefulShutdown: honours,
      isShadow: false,
      mayAddPath: false,
    };
    this.known.set(plan, settings);
    return settings;
  }

  private exportJudge(settings: ExportSettings): ExportJudge {
    const known = this.exports.get(settings);
    if (known !== undefined) return known;
    const judge = compileExport(settings, this.attrs, this.names);
    this.exports.set(settings, judge);
    return judge;
  }
}
