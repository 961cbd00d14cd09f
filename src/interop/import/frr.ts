import { isDeepStrictEqual } from 'node:util';
import { type FrrLine, frrLines } from './frr-lines.ts';
import { FrrLists } from './frr-lists.ts';
import { FrrMaps } from './frr-map.ts';
import {
  type Imported,
  type ImportedPeer,
  ImportError,
  type Limit,
  nameFor,
  type Note,
  otherLimit,
} from './model.ts';
import { not, type Statement } from './program.ts';
import { compile, type Compiled, type RuleSource } from './rules.ts';

/** Reads the configuration of Quagga's or FRR's bgpd as a route server. Throws an ImportError where it is none. */
export function importFrr(text: string): Imported {
  return new FrrImport(frrLines(text)).read();
}

type Family = 0 | 1;

/** What the default of FRR is and ours is not. */
const defaults = {
  hold_time: 180,
  accept_next_hop: 'any',
  enforce_first_as: false,
  allow_as_sets: true,
} as const;

/** What is said of a neighbor, or of a group of them. */
interface Neighbor {
  readonly name: string;
  readonly line: number;
  isGroup: boolean;
  group?: string;
  readonly keys: Record<string, unknown>;
  readonly inFamily: readonly [FamilyWords, FamilyWords];
}

interface FamilyWords {
  isActive?: boolean;
  isClient?: boolean;
  limit?: { readonly value: Limit; readonly line: number };
  readonly maps: Map<'in' | 'out', { readonly name: string; readonly line: number }>;
  readonly lists: Map<
    'in' | 'out',
    { readonly kind: string; readonly name: string; readonly line: number }[]
  >;
}

class FrrImport {
  private readonly notes: Note[] = [];
  private readonly note = (line: number, text: string): void => {
    if (!this.notes.some((it) => it.line === line && it.text === text))
      this.notes.push({ line, text });
  };
  private readonly lists = new FrrLists(this.note);
  private readonly maps = new FrrMaps(this.lists, this.note);
  private readonly neighbors = new Map<string, Neighbor>();
  private readonly ranges: { readonly range: string; readonly group: string }[] = [];
  private readonly policies = new Map<string, readonly RuleSource[]>();
  private readonly decision: Record<string, string> = { tie_break: 'oldest' };
  private readonly lines: readonly FrrLine[];
  private routerId: string | undefined;
  private localAs: number | undefined;
  private isIpv4Default = true;
  private wantsPolicy = true;
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
        `left out: ${other.words.join(' ')}: one route server is imported, the first`,
      );
    for (const line of this.lines) this.topLevel(line);
    this.localAs = Number(server.words[2]);
    for (const line of server.inner) this.inServer(line);
    const members = [...this.neighbors.values()].filter(({ isGroup }) => !isGroup);
    return {
      ...(this.routerId !== undefined && { routerId: this.routerId }),
      localAs: this.localAs,
      listen: [],
      decision: this.decision,
      policies: this.policies,
      peers: members.map((member) => this.peer(member)),
      ranges: this.ranges.map((range) => this.range(range)),
      notes: this.notes.toSorted((a, b) => a.line - b.line),
    };
  }

  private topLevel(line: FrrLine): void {
    const { words } = line;
    if (words[0] === 'route-map') return this.maps.take(line);
    if (this.lists.take(line)) return;
    if (words[0] === 'router' && words[1] === 'bgp') return;
    if (words.join(' ') === 'bgp multiple-instance') this.wantsPolicy = false;
    if (silent.has(words[0]) || words[0] === 'bgp') return;
    this.note(line.line, `left out: ${words.join(' ')}`);
  }

  private inServer(line: FrrLine): void {
    const { words } = line;
    const text = words.join(' ');
    if (words[0] === 'address-family') return this.addressFamily(line);
    if (words[0] === 'neighbor') return this.neighbor(line, 0, true);
    if (words[0] === 'no' && words[1] === 'neighbor') return this.refused(line, 0);
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
      noPolicyNeeded: () => (this.wantsPolicy = false),
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
      if (row.words[0] === 'neighbor') this.neighbor(row, family, false);
      else if (row.words[0] === 'no' && row.words[1] === 'neighbor') this.refused(row, family);
      else this.note(row.line, `left out: ${row.words.join(' ')}`);
    }
  }

  /** `no neighbor X activate`, and the like. */
  private refused({ words, line }: FrrLine, family: Family): void {
    const text = words.slice(3).join(' ');
    if (text === 'activate') this.of(words[2], line).inFamily[family].isActive = false;
    else if (!harmlessOfNeighbor.test(text)) this.note(line, `left out: ${words.join(' ')}`);
  }

  private of(name: string, line: number): Neighbor {
    const known = this.neighbors.get(name);
    if (known !== undefined) return known;
    const made: Neighbor = {
      name,
      line,
      isGroup: false,
      keys: {},
      inFamily: [familyWords(), familyWords()],
    };
    this.neighbors.set(name, made);
    return made;
  }

  private neighbor({ words, line }: FrrLine, family: Family, isOutside: boolean): void {
    const [, name, word, ...rest] = words;
    const neighbor = this.of(name, line);
    const set = (key: string, value: unknown): void => void (neighbor.keys[key] = value);
    if (word === 'peer-group') {
      if (rest.length === 0) neighbor.isGroup = true;
      else [neighbor.group] = rest;
      return;
    }
    const simple = sessionWords[word];
    if (simple !== undefined) return simple(rest, set);
    if (word === 'password')
      return this.note(line, `neighbor ${name}: the password is left out: give password_file`);
    const own = neighbor.inFamily[family];
    if (this.inFamily(own, word, rest, line)) {
      // Quagga's words outside an address family are about IPv4.
      if (isOutside && word === 'route-server-client') own.isActive ??= true;
      return;
    }
    if (!harmlessOfNeighbor.test(words.slice(2).join(' ')))
      this.note(line, `left out: ${words.join(' ')}`);
  }

  private inFamily(own: FamilyWords, word: string, rest: readonly string[], line: number): boolean {
    switch (word) {
      case 'activate':
        own.isActive = true;
        return true;
      case 'route-server-client':
        own.isClient = true;
        return true;
      case 'maximum-prefix':
        own.limit = { value: limitOf(rest), line };
        return true;
      case 'route-map':
        own.maps.set(directionOf(rest[1]), { name: rest[0], line });
        return true;
      case 'prefix-list':
      case 'filter-list': {
        const direction = directionOf(rest[1]);
        const lists = own.lists.get(direction) ?? [];
        own.lists.set(direction, [...lists, { kind: word, name: rest[0], line }]);
        return true;
      }
      default:
        return false;
    }
  }

  private peer(neighbor: Neighbor): ImportedPeer {
    const { name: address } = neighbor;
    return {
      name: this.nameAt(address),
      ...group(neighbor),
      keys: { address, ...this.keysOf(neighbor) },
    };
  }

  private range({ range, group: name }: { range: string; group: string }): ImportedPeer {
    const found = this.of(name, 0);
    return {
      name: range,
      group: nameFor(name),
      keys: { range, ...this.keysOf({ ...found, isGroup: false, name: range }) },
    };
  }

  /** A neighbor with what its group says. */
  private whole(neighbor: Neighbor): Neighbor {
    const above = neighbor.group === undefined ? undefined : this.neighbors.get(neighbor.group);
    if (above === undefined) return neighbor;
    return {
      ...neighbor,
      keys: { ...above.keys, ...neighbor.keys },
      inFamily: [
        joined(above.inFamily[0], neighbor.inFamily[0]),
        joined(above.inFamily[1], neighbor.inFamily[1]),
      ],
    };
  }

  private keysOf(neighbor: Neighbor): Record<string, unknown> {
    const { keys, inFamily, line } = this.whole(neighbor);
    const families = ([0, 1] as const).filter(
      (family) => inFamily[family].isActive ?? (family === 0 && this.isIpv4Default),
    );
    const policies = families.map((family) => ({
      imported: this.policy(family, inFamily[family], 'in'),
      exported: this.policy(family, inFamily[family], 'out'),
      family,
    }));
    const imported = policies.map(({ imported: it }) => it);
    const limit = this.limit(families.map((family) => inFamily[family]));
    if (keys.peer_as === undefined)
      this.note(line, `neighbor ${neighbor.name}: it has no remote-as`);
    return {
      ...defaults,
      hold_time: this.holdTime,
      ...(this.rejectsAsSets && { allow_as_sets: false }),
      families: families.map((family) => (family === 0 ? 'ipv4_unicast' : 'ipv6_unicast')),
      // To a client of a route server NO_EXPORT means nothing.
      ...(!families.some((family) => inFamily[family].isClient === true) && {
        rs_client: false,
        communities: 'interpret_well_known',
      }),
      ...keys,
      ...(limit !== undefined && { max_prefix: limit }),
      import: this.choice(imported),
      export: this.choice(policies.map(({ exported }) => exported)),
      ...(imported.some(({ compiled }) => compiled?.enforcesFirstAs === true) && {
        enforce_first_as: true,
      }),
    };
  }

  /** The largest of the families' limits: ours holds for each of them, and must refuse nothing that was let in. */
  private limit(families: readonly FamilyWords[]): Limit | undefined {
    const [first, ...others] = families
      .flatMap(({ limit }) => limit ?? [])
      .toSorted((a, b) => b.value.limit - a.value.limit);
    for (const { value, line } of others) {
      if (!isDeepStrictEqual(value, first.value)) this.note(line, otherLimit(value, first.value));
    }
    return first?.value;
  }

  /** Of the families' choices: the same, or a list of those that have rules. */
  private choice(choices: readonly Choice[]): unknown {
    const names = [...new Set(choices.map(({ name }) => name))];
    if (names.length < 2) return names[0] ?? 'none';
    return names.includes('all') ? 'all' : names.filter((name) => name !== 'none');
  }

  private policy(family: Family, words: FamilyWords, direction: 'in' | 'out'): Choice {
    const map = words.maps.get(direction);
    const lists = words.lists.get(direction) ?? [];
    if (map === undefined && lists.length === 0) return { name: this.wantsPolicy ? 'none' : 'all' };
    const line = map?.line ?? lists[0].line;
    const context = {
      family,
      peerAt: (address: string) => (this.neighbors.has(address) ? this.nameAt(address) : undefined),
    };
    const program: Statement[] = [
      ...lists.map((list): Statement => {
        const kind =
          list.kind === 'filter-list' ? 'as-path' : `${family === 0 ? 'ip' : 'ipv6'} prefix-list`;
        const condition = not(this.lists.permits(kind, list.name, list.line));
        return { kind: 'if', condition, then: [{ kind: 'reject' }], otherwise: [] };
      }),
      ...(map === undefined
        ? [{ kind: 'accept' } as const]
        : this.maps.program(map.name, context, map.line)),
    ];
    const compiled = compile(program, (text) =>
      this.note(line, `${map?.name ?? lists[0].name}: ${text}`),
    );
    return this.named(
      compiled,
      [...lists.map(({ name }) => name), ...(map === undefined ? [] : [map.name])].join('-'),
    );
  }

  /** A policy of its own name, unless it accepts or rejects everything. */
  private named(compiled: Compiled, wanted: string): Choice {
    const [first] = compiled.rules;
    if (first === undefined) return { name: 'none', compiled };
    if (first.then === 'accept' && first.match === undefined && first.set === undefined)
      return { name: 'all', compiled };
    const rules = JSON.stringify(compiled.rules);
    for (let at = 1; ; at++) {
      const name = nameFor(at === 1 ? wanted : `${wanted}_${at}`);
      const known = this.policies.get(name);
      if (known !== undefined && JSON.stringify(known) !== rules) continue;
      this.policies.set(name, compiled.rules);
      return { name, compiled };
    }
  }

  /** The description where it can be a name and is the only one of its kind; else the address. */
  private nameAt(address: string): string {
    const described = this.describedBy.get(address);
    return described ?? address;
  }

  private get describedBy(): ReadonlyMap<string, string> {
    const texts = [...this.neighbors.values()].map(({ name, keys }) => [name, keys.description]);
    const names = texts.filter((row): row is [string, string] => {
      const [, text] = row;
      return (
        typeof text === 'string' &&
        /^[A-Za-z0-9_][A-Za-z0-9_.-]{0,63}$/.test(text) &&
        texts.filter(([, other]) => other === text).length === 1
      );
    });
    return new Map(names);
  }
}

interface Choice {
  readonly name: string;
  readonly compiled?: Compiled;
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
const harmlessOfNeighbor =
  /^(soft-reconfiguration|attribute-unchanged|send-community|capability|timers connect|advertisement-interval|disable-connected-check|dont-capability|graceful-restart|update-source [0-9a-f.:]+$|next-hop-unchanged|strict-capability|override-capability|enforce-multihop|bfd|nexthop-local|solo|version|activate|route-server-client)/;

type SetKey = (key: string, value: unknown) => void;

const sessionWords: Readonly<Record<string, (rest: readonly string[], set: SetKey) => void>> = {
  'remote-as': ([as], set) => set('peer_as', as === 'external' ? 'any' : Number(as)),
  'local-as': ([as], set) => set('local_as', Number(as)),
  description: (rest, set) => set('description', rest.join(' ').slice(0, 255)),
  port: ([port], set) => set('port', Number(port)),
  passive: (_, set) => set('passive', true),
  shutdown: (_, set) => set('enabled', false),
  'ebgp-multihop': ([hops], set) => set('multihop', Number(hops ?? 255)),
  'ttl-security': ([, hops], set) => {
    set('gtsm', true);
    set('multihop', Number(hops));
  },
  timers: ([first, second], set) => {
    if (first === 'connect') return;
    set('keepalive', Number(first));
    set('hold_time', Number(second));
  },
  interface: ([name], set) => set('interface', name),
  'addpath-tx-all-paths': (_, set) => set('add_path', 'send'),
};

/** In Quagga `export` is what the client gives to others, and `import` what it is given. */
function directionOf(word: string): 'in' | 'out' {
  return word === 'in' || word === 'export' ? 'in' : 'out';
}

/** FRR lets in as many as the limit and one more; ours as many as the limit. */
function limitOf(words: readonly string[]): Limit {
  const restart = words.indexOf('restart');
  if (words.includes('warning-only')) return { limit: Number(words[0]), action: 'warning' };
  if (restart > 0)
    return { limit: Number(words[0]), action: 'restart', restart_after: `${words[restart + 1]}m` };
  return { limit: Number(words[0]), action: 'shutdown' };
}

function familyWords(): FamilyWords {
  return { maps: new Map(), lists: new Map() };
}

function joined(above: FamilyWords, own: FamilyWords): FamilyWords {
  return {
    ...above,
    ...own,
    maps: new Map([...above.maps, ...own.maps]),
    lists: new Map([...above.lists, ...own.lists]),
  };
}

function group({ group: name }: Neighbor): { group?: string } {
  return name === undefined ? {} : { group: nameFor(name) };
}
