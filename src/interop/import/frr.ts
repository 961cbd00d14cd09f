import { isDeepStrictEqual } from 'node:util';
import { type FrrLine, frrLines } from './frr-lines.ts';
import { FrrLists } from './frr-lists.ts';
import { FrrMaps } from './frr-map.ts';
import { type FamilyWords, FrrNeighbors, type Neighbor } from './frr-neighbors.ts';
import { FrrPolicies, joinedChoice } from './frr-policies.ts';
import { frrRpki } from './frr-rpki.ts';
import {
  type Imported,
  type ImportedPeer,
  ImportError,
  type Limit,
  nameFor,
  otherLimit,
} from './model.ts';
import { Notes } from './notes.ts';

/**
 * Reads the configuration of Quagga's or FRR's bgpd as a route server. Throws an ImportError if it has no
 * `router bgp`.
 */
export function importFrr(text: string): Imported {
  return new FrrImport(frrLines(text)).read();
}

/** Settings that differ between the defaults of FRR and ours. */
const defaults = {
  hold_time: 180,
  accept_next_hop: 'any',
  enforce_first_as: false,
  allow_as_sets: true,
} as const;

class FrrImport {
  private readonly notes = new Notes();
  private readonly note: Notes['add'] = (...note) => this.notes.add(...note);
  private readonly lists = new FrrLists(this.note);
  private readonly maps = new FrrMaps(this.lists, this.note);
  private readonly neighbors = new FrrNeighbors(this.note);
  private readonly policies = new FrrPolicies({
    lists: this.lists,
    maps: this.maps,
    neighbors: this.neighbors,
    notes: this.notes,
  });
  private readonly ranges: { readonly range: string; readonly group: string }[] = [];
  private readonly decision: Record<string, string> = { tie_break: 'oldest' };
  private readonly lines: readonly FrrLine[];
  private routerId: string | undefined;
  private localAs: number | undefined;
  private isIpv4Default = true;
  private rejectsAsSets = false;

  constructor(lines: readonly FrrLine[]) {
    this.lines = lines;
  }

  read(): Imported {
    const servers = this.lines.filter(({ words }) => words[0] === 'router' && words[1] === 'bgp');
    const [server, ...others] = servers;
    if (server === undefined) throw new ImportError(1, 'expected a line `router bgp`');
    for (const other of others)
      this.note(
        other.line,
        `left out: ${other.words.join(' ')}: only the first route server is imported`,
      );
    for (const line of this.lines) this.topLevel(line);
    const rpki = frrRpki(this.lines, this.note);
    this.localAs = Number(server.words[2]);
    for (const line of server.inner) this.inServer(line);
    return {
      ...(this.routerId !== undefined && { routerId: this.routerId }),
      localAs: this.localAs,
      listen: [],
      decision: this.decision,
      ...(rpki !== undefined && { rpki }),
      policies: this.policies.rules,
      peers: this.neighbors.members().map((member) => this.peer(member)),
      ranges: this.ranges.map((range) => this.range(range)),
      notes: this.notes.list(),
    };
  }

  private topLevel(line: FrrLine): void {
    const { words } = line;
    if (words[0] === 'route-map') return this.maps.take(line);
    if (words[0] === 'rpki') return;
    if (this.lists.take(line)) return;
    if (words[0] === 'router' && words[1] === 'bgp') return;
    if (words.join(' ') === 'bgp multiple-instance') this.policies.wantsPolicy = false;
    if (silent.has(words[0]) || words[0] === 'bgp') return;
    this.note(line.line, `left out: ${words.join(' ')}`);
  }

  private inServer(line: FrrLine): void {
    const { words } = line;
    const text = words.join(' ');
    if (words[0] === 'address-family') return this.addressFamily(line);
    if (words[0] === 'neighbor') return this.neighbors.take(line, 0, true);
    if (words[0] === 'no' && words[1] === 'neighbor') return this.neighbors.takeNo(line, 0);
    if (words[1] === 'router-id') {
      [, , this.routerId] = words;
      return;
    }
    if (words[1] === 'listen' && words[2] === 'range') {
      const [, , , range = '', , ofGroup = ''] = words;
      this.ranges.push({ range, group: ofGroup });
      return;
    }
    const effect = serverWords[text];
    if (effect !== undefined) return effect(this.settings());
    if (words[0] === 'timers') {
      this.holdTime = Number(words.at(-1));
      return;
    }
    if (!harmless.test(text)) this.note(line.line, `left out: ${text}`);
  }

  private holdTime = defaults.hold_time as number;

  private settings(): Settings {
    return {
      compareRouterId: () => (this.decision.tie_break = 'router_id'),
      alwaysCompareMed: () => (this.decision.med = 'always'),
      noIpv4Default: () => (this.isIpv4Default = false),
      noPolicyNeeded: () => (this.policies.wantsPolicy = false),
      rejectAsSets: () => (this.rejectsAsSets = true),
    };
  }

  private addressFamily({ words, inner, line }: FrrLine): void {
    const family = words[1] === 'ipv4' ? 0 : words[1] === 'ipv6' ? 1 : undefined;
    const isUnicast = words[2] === undefined || words[2] === 'unicast';
    if (family === undefined || !isUnicast) {
      this.note(line, `left out: ${words.join(' ')}`);
      return;
    }
    for (const row of inner) {
      if (row.words[0] === 'neighbor') this.neighbors.take(row, family, false);
      else if (row.words[0] === 'no' && row.words[1] === 'neighbor')
        this.neighbors.takeNo(row, family);
      else this.note(row.line, `left out: ${row.words.join(' ')}`);
    }
  }

  private peer(neighbor: Neighbor): ImportedPeer {
    const { name: address } = neighbor;
    return {
      name: this.neighbors.nameAt(address),
      ...group(neighbor),
      keys: { address, ...this.keysOf(neighbor) },
    };
  }

  private range({ range, group: name }: { range: string; group: string }): ImportedPeer {
    const found = this.neighbors.of(name, 0);
    return {
      name: range,
      group: nameFor(name),
      keys: { range, ...this.keysOf({ ...found, isGroup: false, name: range }) },
    };
  }

  private keysOf(neighbor: Neighbor): Record<string, unknown> {
    const { keys, inFamily, line } = this.neighbors.withGroup(neighbor);
    const families = ([0, 1] as const).filter(
      (family) => inFamily[family].isActive ?? (family === 0 && this.isIpv4Default),
    );
    const policies = families.map((family) => ({
      imported: this.policies.of(family, inFamily[family], 'in'),
      exported: this.policies.of(family, inFamily[family], 'out'),
      family,
    }));
    const imported = policies.map(({ imported: it }) => it);
    const limit = this.limit(families.map((family) => inFamily[family]));
    if (keys.peer_as === undefined) this.note(line, `neighbor ${neighbor.name} has no remote-as`);
    return {
      ...defaults,
      hold_time: this.holdTime,
      ...(this.rejectsAsSets && { allow_as_sets: false }),
      families: families.map((family) => (family === 0 ? 'ipv4_unicast' : 'ipv6_unicast')),
      // For a client of a route server NO_EXPORT has no meaning.
      ...(!families.some((family) => inFamily[family].isClient === true) && {
        rs_client: false,
        communities: 'interpret_well_known',
      }),
      ...keys,
      ...(limit !== undefined && { max_prefix: limit }),
      import: joinedChoice(imported),
      export: joinedChoice(policies.map(({ exported }) => exported)),
      ...(imported.some(({ compiled }) => compiled?.enforcesFirstAs === true) && {
        enforce_first_as: true,
      }),
    };
  }

  /**
   * Returns the largest of the families' limits: ours applies to each family, and must not reject what was
   * accepted.
   */
  private limit(families: readonly FamilyWords[]): Limit | undefined {
    const [first, ...others] = families
      .flatMap(({ limit }) => limit ?? [])
      .toSorted((a, b) => b.value.limit - a.value.limit);
    for (const { value, line } of others) {
      if (!isDeepStrictEqual(value, first.value)) this.note(line, otherLimit(value, first.value));
    }
    return first?.value;
  }
}

interface Settings {
  readonly compareRouterId: () => void;
  readonly alwaysCompareMed: () => void;
  readonly noIpv4Default: () => void;
  readonly noPolicyNeeded: () => void;
  readonly rejectAsSets: () => void;
}

const serverWords: Readonly<Record<string, (settings: Settings) => void>> = {
  'bgp bestpath compare-routerid': (it) => it.compareRouterId(),
  'bgp always-compare-med': (it) => it.alwaysCompareMed(),
  'no bgp default ipv4-unicast': (it) => it.noIpv4Default(),
  'no bgp ebgp-requires-policy': (it) => it.noPolicyNeeded(),
  'bgp reject-as-sets': (it) => it.rejectAsSets(),
};

const silent = new Set([
  'hostname',
  'log',
  'password',
  'enable',
  'line',
  'frr',
  'service',
  'debug',
  'username',
  'banner',
  'interface',
  'no',
]);
const harmless =
  /^(no )?(bgp (graceful-restart|graceful-restart-disable|log-neighbor-changes|deterministic-med|suppress-fib|network import-check|fast-external-failover|default show|update-delay|coalesce-time|bestpath as-path multipath)|coalesce-time|update-delay|maximum-paths|redistribute-none)/;

function group({ group: name }: Neighbor): { group?: string } {
  return name === undefined ? {} : { group: nameFor(name) };
}
