import type {
  ChangesView,
  PrefixChangeView,
  RouterCountsView,
  RouterMoveView,
  ServerView,
  ServingView,
} from '#api/views/changes.ts';
import type { PeerConfig } from '#config/config.ts';
import type { PeerId } from '#policy/ids.ts';
import { comparePrefixes } from '#policy/prefix-bits.ts';
import {
  type ClientMove,
  clientMoves,
  clientsOf,
  type PrefixOutcome,
  type SimulatedPath,
  type SimulatedPrefix,
  type Simulation,
} from '#rib/whatif.ts';
import type { ServicePath } from '#services/audit.ts';
import {
  effects,
  type Outlook,
  outlookOf,
  type Serving,
  type Situation,
} from '#services/outlook.ts';
import { formatAddress } from '#text/address.ts';
import { formatPrefix } from '#text/prefix.ts';
import type { Prefix } from '#wire/nlri.ts';
import type { ServicePatterns } from '../services/service-patterns.ts';
import { FirstRows } from '../views/first-rows.ts';

/** What the state of a prefix depends on, before or after: the peers, and what the services want. */
export interface Side {
  readonly peers: ReadonlyMap<PeerId, Pick<PeerConfig, 'name' | 'node' | 'site' | 'rack'>>;
  readonly services: ServicePatterns;
}

/** The position of a change in the list: the worst first. */
interface Place {
  readonly severity: number;
  readonly prefix: Prefix;
}

/** Collects what becomes of prefixes: the counts of all, and the JSON of the worst. */
export class ChangeReport {
  private readonly simulation: Simulation;
  private readonly before: Side;
  private readonly after: Side;
  private readonly rows: FirstRows<Place, PrefixChangeView>;
  private readonly counts = { changed: 0, dark: 0, no_backup: 0, moves: 0, gains: 0 };
  private readonly routers: Record<RouterMoveView['effect'], Map<ClientMove['clients'], number>> = {
    gain: new Map(),
    lose: new Map(),
    move: new Map(),
  };

  /** All addresses of services that go dark. */
  readonly darkServices: string[] = [];

  constructor(simulation: Simulation, before: Side, after: Side, limit: number) {
    this.simulation = simulation;
    this.before = before;
    this.after = after;
    this.rows = new FirstRows(limit, comparePlaces);
  }

  add({ prefix, before, after }: PrefixOutcome): void {
    const outlook = outlookOf(
      this.situation(prefix, before, this.before),
      this.situation(prefix, after, this.after),
    );
    const moves = clientMoves(before.sent, after.sent);
    const isSameBest = before.ranked[0]?.attrs === after.ranked[0]?.attrs;
    if (isSameBest && moves.length === 0 && !isChanged(outlook)) return;
    this.count(outlook, moves);
    if (outlook.effects.includes('dark')) this.noteDark(prefix);
    const severity = effects.indexOf(outlook.effects[0]);
    const place = { severity: severity < 0 ? effects.length : severity, prefix: { ...prefix } };
    this.rows.add(place, () => this.row(prefix, before, after, outlook, moves));
  }

  view(): ChangesView {
    return { counts: this.counts, routers: this.routerCounts(), changes: this.rows.list() };
  }

  private situation(prefix: Prefix, { ranked }: SimulatedPrefix, side: Side): Situation {
    const paths = ranked.map((path) => this.servicePath(path, side));
    const rule = side.services.serviceOf(prefix);
    if (rule === undefined) return { paths };
    const text = formatPrefix(prefix);
    const home = rule.home.find((row) => row.prefix === text)?.node;
    return { paths, service: { rule, ...(home !== undefined && { home }) } };
  }

  private servicePath({ peer, attrs, isDrained }: SimulatedPath, { peers }: Side): ServicePath {
    const found = peers.get(peer);
    const med = this.simulation.med(attrs);
    return {
      node: found?.node ?? '',
      peer: found?.name ?? '',
      ...(found?.site !== undefined && { site: found.site }),
      ...(found?.rack !== undefined && { rack: found.rack }),
      ...(med !== undefined && { med }),
      isDrained,
    };
  }

  private count(outlook: Outlook, moves: readonly ClientMove[]): void {
    this.counts.changed++;
    for (const effect of outlook.effects) this.counts[effect]++;
    for (const move of moves) {
      const counts = this.routers[effectOf(move)];
      counts.set(move.clients, (counts.get(move.clients) ?? 0) + 1);
    }
  }

  private routerCounts(): RouterCountsView[] {
    const rows = new Map<PeerId, RouterCountsView>();
    for (const effect of ['gain', 'lose', 'move'] as const) {
      for (const [clients, count] of this.routers[effect]) {
        for (const id of clientsOf({ clients })) {
          const row = rows.get(id) ?? { peer: this.clientName(id), gain: 0, lose: 0, move: 0 };
          row[effect] += count;
          rows.set(id, row);
        }
      }
    }
    return [...rows].sort(([a], [b]) => a - b).map(([, row]) => row);
  }

  private noteDark(prefix: Prefix): void {
    const service = this.serviceOf(prefix);
    if (service === undefined) return;
    this.darkServices.push(`${formatPrefix(prefix)} of ${service.name}`);
  }

  private serviceOf(prefix: Prefix) {
    return this.after.services.serviceOf(prefix) ?? this.before.services.serviceOf(prefix);
  }

  private row(
    prefix: Prefix,
    before: SimulatedPrefix,
    after: SimulatedPrefix,
    outlook: Outlook,
    moves: readonly ClientMove[],
  ): PrefixChangeView {
    const service = this.serviceOf(prefix);
    return {
      prefix: formatPrefix(prefix),
      effects: [...outlook.effects],
      ...(service !== undefined && { service: service.name }),
      ...auditView(outlook),
      before: this.serving(before, outlook.before, this.before),
      after: this.serving(after, outlook.after, this.after),
      routers: moves.map((move) => this.router(move)),
    };
  }

  private serving({ ranked }: SimulatedPrefix, { backups }: Serving, side: Side): ServingView {
    const best = ranked.length === 0 ? {} : { best: this.server(ranked[0], side) };
    return { ...best, backups: [...backups] };
  }

  private router(move: ClientMove): RouterMoveView {
    const { clients, before, after } = move;
    return {
      peers: clientsOf({ clients }).map((id) => this.clientName(id)),
      effect: effectOf(move),
      ...(before !== undefined && { before: this.server(before, this.before) }),
      ...(after !== undefined && { after: this.server(after, this.after) }),
    };
  }

  private server({ peer, attrs }: SimulatedPath, { peers }: Side): ServerView {
    const found = peers.get(peer);
    const { nextHop, med } = this.simulation.attributes(attrs);
    return {
      node: found?.node ?? '',
      peer: found?.name ?? '',
      next_hop: formatAddress(nextHop),
      ...(med !== undefined && { med }),
    };
  }

  private clientName(id: PeerId): string {
    return (this.after.peers.get(id) ?? this.before.peers.get(id))?.name ?? '';
  }
}

function isChanged({ effects: found, before, after }: Outlook): boolean {
  return found.length > 0 || before.audit?.state !== after.audit?.state;
}

function auditView({
  before: { audit: was },
  after: { audit: is },
}: Outlook): Pick<PrefixChangeView, 'state' | 'findings'> {
  return {
    ...(was !== undefined && is !== undefined && { state: { before: was.state, after: is.state } }),
    ...(is !== undefined && { findings: is.findings.map(({ text }) => text) }),
  };
}

function effectOf({ before, after }: ClientMove): RouterMoveView['effect'] {
  if (before === undefined) return 'gain';
  return after === undefined ? 'lose' : 'move';
}

function comparePlaces(a: Place, b: Place): number {
  return (
    a.severity - b.severity ||
    a.prefix.family - b.prefix.family ||
    comparePrefixes(a.prefix, b.prefix)
  );
}
