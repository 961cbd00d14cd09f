import type { FrrLine } from './frr-lines.ts';
import type { Limit } from './model.ts';
import type { Notes } from './notes.ts';

/** 0 for IPv4, 1 for IPv6. */
export type Family = 0 | 1;
export type PolicyDirection = 'in' | 'out';

/** What a configuration says of a neighbor, or of a group of them. */
export interface Neighbor {
  readonly name: string;
  readonly line: number;
  isGroup: boolean;
  group?: string;
  /** Keys of our configuration. */
  readonly keys: Record<string, unknown>;
  readonly inFamily: readonly [FamilyWords, FamilyWords];
}

/** A list that filters the routes of a neighbor in one direction. */
export interface AppliedList {
  readonly kind: 'prefix-list' | 'filter-list';
  readonly name: string;
  readonly line: number;
}

/** What it says of one family of a neighbor. */
export interface FamilyWords {
  isActive?: boolean;
  isClient?: boolean;
  limit?: { readonly value: Limit; readonly line: number };
  readonly maps: Map<PolicyDirection, { readonly name: string; readonly line: number }>;
  readonly lists: Map<PolicyDirection, AppliedList[]>;
}

/** The neighbors and groups of a configuration, from its lines `neighbor …`. */
export class FrrNeighbors {
  private readonly neighbors = new Map<string, Neighbor>();
  private readonly note: Notes['add'];

  constructor(note: Notes['add']) {
    this.note = note;
  }

  /** Returns all except the groups. */
  members(): Neighbor[] {
    return [...this.neighbors.values()].filter(({ isGroup }) => !isGroup);
  }

  has(name: string): boolean {
    return this.neighbors.has(name);
  }

  /** Returns the neighbor of this name, which is created if it was not named before. */
  of(name: string, line: number): Neighbor {
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

  /** Takes a line `neighbor …`; `isOutside` means that it is outside an address family. */
  take({ words, line }: FrrLine, family: Family, isOutside: boolean): void {
    const [, name, word, ...rest] = words;
    const neighbor = this.of(name, line);
    if (word === 'peer-group') {
      if (rest.length === 0) neighbor.isGroup = true;
      else [neighbor.group] = rest;
      return;
    }
    const simple = sessionWords[word];
    if (simple !== undefined) return simple(rest, (key, value) => (neighbor.keys[key] = value));
    if (word === 'password')
      return this.note(line, `neighbor ${name}: the password is left out: add password_file`);
    const own = neighbor.inFamily[family];
    if (takeInFamily(own, word, rest, line)) {
      // Quagga's words outside an address family apply to IPv4.
      if (isOutside && word === 'route-server-client') own.isActive ??= true;
      return;
    }
    if (!harmlessOfNeighbor.test(words.slice(2).join(' ')))
      this.note(line, `left out: ${words.join(' ')}`, word === 'distribute-list');
  }

  /** Takes a line `no neighbor …`, such as `no neighbor X activate`. */
  takeNo({ words, line }: FrrLine, family: Family): void {
    const text = words.slice(3).join(' ');
    if (text === 'activate') this.of(words[2], line).inFamily[family].isActive = false;
    else if (!harmlessOfNeighbor.test(text)) this.note(line, `left out: ${words.join(' ')}`);
  }

  /** Returns a neighbor with the settings of its group. */
  withGroup(neighbor: Neighbor): Neighbor {
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

  /** Returns the description if it can be a name and is the only one of its kind, otherwise the address. */
  nameAt(address: string): string {
    return this.describedBy.get(address) ?? address;
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

/** Returns whether the word is one of a family. */
function takeInFamily(
  own: FamilyWords,
  word: string,
  rest: readonly string[],
  line: number,
): boolean {
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

const harmlessOfNeighbor =
  /^(soft-reconfiguration|attribute-unchanged|send-community|capability|timers connect|advertisement-interval|disable-connected-check|dont-capability|graceful-restart|update-source [0-9a-f.:]+$|next-hop-unchanged|strict-capability|override-capability|enforce-multihop|nexthop-local|solo|version|activate|route-server-client)/;

type SetKey = (key: string, value: unknown) => void;

const sessionWords: Readonly<Record<string, (rest: readonly string[], set: SetKey) => void>> = {
  'remote-as': ([as], set) => set('peer_as', as === 'external' ? 'any' : Number(as)),
  'local-as': ([as], set) => set('local_as', Number(as)),
  description: (rest, set) => set('description', rest.join(' ').slice(0, 255)),
  port: ([port], set) => set('port', Number(port)),
  // The second line that FRR writes, such as `bfd profile P`, keeps what the first one said.
  bfd: ([multiplier, receive, send], set) => {
    const timers = [multiplier, receive, send].map(Number);
    const areOurs = timers.every(Number.isInteger) && Math.min(timers[1], timers[2]) >= 50;
    set(
      'bfd',
      areOurs ? { multiplier: timers[0], min_rx: `${receive}ms`, min_tx: `${send}ms` } : true,
    );
  },
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

/** In Quagga `export` means the routes that the client gives to others, and `import` those that it receives. */
function directionOf(word: string): 'in' | 'out' {
  return word === 'in' || word === 'export' ? 'in' : 'out';
}

/** FRR accepts one prefix more than the limit; fingerpost accepts as many as the limit. */
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
