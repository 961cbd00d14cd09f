import { parsePrefixPattern } from '#text/prefix.ts';
import type { FrrLine } from './frr-lines.ts';
import { communityText, type FrrLists } from './frr-lists.ts';
import {
  all,
  atom,
  type Condition,
  never,
  type Statement,
  unknownAt,
  type Write,
} from './program.ts';

type Note = (line: number, text: string) => void;

interface Entry {
  readonly order: number;
  readonly isPermit: boolean;
  readonly lines: readonly FrrLine[];
}

/** What route maps ask about the session of a peer. */
export interface MapContext {
  readonly family: 0 | 1;
  readonly peerAt: (address: string) => string | undefined;
}

/** The state of a walk over the entries of a map. */
interface Walk extends MapContext {
  /** The statements that follow an entry that permits. */
  readonly accepted: readonly Statement[];
  readonly depth: number;
}

const deepestCall = 8;

function inOrder(entries: readonly Entry[]): Entry[] {
  return entries.toSorted((a, b) => a.order - b.order);
}

/** The route maps of a configuration, as programs. */
export class FrrMaps {
  private readonly maps = new Map<string, Entry[]>();
  private readonly lists: FrrLists;
  private readonly note: Note;

  constructor(lists: FrrLists, note: Note) {
    this.lists = lists;
    this.note = note;
  }

  take({ words: [, name, verb, order], inner }: FrrLine): void {
    const entries = this.maps.get(name) ?? [];
    this.maps.set(name, entries);
    entries.push({ order: Number(order), isPermit: verb === 'permit', lines: inner });
  }

  /** A map that is not defined denies everything. */
  program(name: string, context: MapContext, line: number): Statement[] {
    const entries = this.maps.get(name);
    if (entries === undefined) {
      this.note(
        line,
        `route-map ${name} is not defined; it is treated as one that denies everything`,
      );
      return [{ kind: 'reject' }];
    }
    return this.from(inOrder(entries), { ...context, accepted: [{ kind: 'accept' }], depth: 0 });
  }

  /** A route that no entry matches is denied. */
  private from([entry, ...rest]: readonly Entry[], walk: Walk): Statement[] {
    if (entry === undefined) return [{ kind: 'reject' }];
    const matches = entry.lines.filter(({ words }) => words[0] === 'match');
    const condition = all(matches.map((line) => this.match(line, walk)));
    const then = entry.isPermit ? this.permitted(entry, rest, walk) : [{ kind: 'reject' } as const];
    return [{ kind: 'if', condition, then, otherwise: this.from(rest, walk) }];
  }

  /** Returns what the entry writes, then the map that it calls, then the entry at which it continues. */
  private permitted({ lines }: Entry, rest: readonly Entry[], walk: Walk): Statement[] {
    const find = (...starts: readonly string[]) =>
      lines.find(({ words }) => starts.includes(words[0]));
    const writes = lines.flatMap((line) => (line.words[0] === 'set' ? this.write(line) : []));
    const after = this.after(find('on-match', 'continue'), rest, walk);
    const call = find('call');
    return [
      ...writes,
      ...(call === undefined ? after : this.called(call, { ...walk, accepted: after })),
    ];
  }

  private after(on: FrrLine | undefined, rest: readonly Entry[], walk: Walk): Statement[] {
    if (on === undefined) return [...walk.accepted];
    const order = on.words[0] === 'continue' ? on.words[1] : on.words[2];
    const following = order === undefined ? rest : rest.filter((it) => it.order >= Number(order));
    return following.length === 0 ? [...walk.accepted] : this.from(following, walk);
  }

  /** A route that the called map denies is denied; what the map writes stays written. */
  private called({ words: [, name], line }: FrrLine, walk: Walk): Statement[] {
    const entries = this.maps.get(name);
    if (entries === undefined || walk.depth > deepestCall) {
      this.note(
        line,
        `route-map ${name} is not defined; it is treated as one that denies everything`,
      );
      return [{ kind: 'reject' }];
    }
    return this.from(inOrder(entries), { ...walk, depth: walk.depth + 1 });
  }

  private match({ words, line }: FrrLine, { family, peerAt }: MapContext): Condition {
    const text = words.slice(1).join(' ');
    const own = family === 0 ? 'ip' : 'ipv6';
    const list = /^(ip|ipv6) (address|next-hop) prefix-list (\S+)$/.exec(text);
    if (list !== null) {
      const [, kind, what, name] = list;
      if (kind !== own) return never;
      const permits = this.lists.permits(`${kind} prefix-list`, name, line);
      return what === 'address' ? permits : ofNextHop(permits);
    }
    const hop = /^(ip|ipv6) next-hop(?: address)? ([0-9a-fA-F.:]+)$/.exec(text);
    if (hop !== null) {
      return hop[1] === own
        ? atom({
            key: 'next_hop',
            patterns: [parsePrefixPattern(`${hop[2]}/${family === 0 ? 32 : 128}`)],
          })
        : never;
    }
    const [, kind, name] = /^(as-path|community|large-community) (\S+)(?: any)?$/.exec(text) ?? [];
    if (kind !== undefined)
      return this.lists.permits(kind === 'as-path' ? kind : `${kind}-list`, name, line);
    const [, metric] = /^metric (\d+)$/.exec(text) ?? [];
    if (metric !== undefined) return atom({ key: 'med', min: Number(metric), max: Number(metric) });
    const [, state] = /^rpki (valid|invalid|notfound)$/.exec(text) ?? [];
    if (state !== undefined) {
      return atom({
        key: 'rpki',
        states: [frrOriginStates[state as keyof typeof frrOriginStates]],
      });
    }
    const [, peer] = /^peer (\S+)$/.exec(text) ?? [];
    const found = peer === undefined ? undefined : peerAt(peer);
    if (found !== undefined) return atom({ key: 'peer', names: [found] });
    this.note(line, `not understood; treated as false: ${words.join(' ')}`);
    return unknownAt(line);
  }

  private write({ words, line }: FrrLine): Statement[] {
    const [, what, ...rest] = words;
    const write = this.written(words.slice(1).join(' '), what, rest);
    if (write.length === 0) this.note(line, `left out: ${words.join(' ')}`);
    return write.map((it) => ({ kind: 'set', write: it }));
  }

  private written(text: string, what: string, rest: readonly string[]): Write[] {
    const metric = /^metric ([+-]?\d+)$/.exec(text)?.[1];
    if (metric !== undefined)
      return [{ key: 'med', value: /^\d/.test(metric) ? Number(metric) : metric }];
    if (what === 'local-preference' && /^\d+$/.test(rest[0]))
      return [{ key: 'local_pref', value: Number(rest[0]) }];
    if (text.startsWith('as-path prepend ') && rest.slice(1).every((it) => /^\d+$/.test(it))) {
      return [{ key: 'prepend', asns: rest.slice(1).map(Number) }];
    }
    const hop = /^(?:ip next-hop|ipv6 next-hop global) ([0-9a-fA-F.:]+)$/.exec(text)?.[1];
    if (hop !== undefined) return [{ key: 'next_hop', address: hop }];
    const [, kind, list] = /^(comm-list|large-comm-list) (\S+) delete$/.exec(text) ?? [];
    if (kind !== undefined) {
      const texts = this.lists.texts(
        kind === 'comm-list' ? 'community-list' : 'large-community-list',
        list,
      );
      return texts === undefined ? [] : [{ key: 'remove_communities', texts }];
    }
    if (what === 'community' || what === 'large-community') return communityWrites(what, rest);
    return [];
  }
}

const frrOriginStates = { valid: 'valid', invalid: 'invalid', notfound: 'not_found' } as const;

/** Without `additive` all other communities are removed. */
function communityWrites(what: string, rest: readonly string[]): Write[] {
  const isAdditive = rest.at(-1) === 'additive';
  const given = (isAdditive ? rest.slice(0, -1) : rest).map(communityText);
  const everything = what === 'community' ? '*:*' : '*:*:*';
  const gone: Write[] = isAdditive ? [] : [{ key: 'remove_communities', texts: [everything] }];
  if (given[0] === 'none') return [{ key: 'remove_communities', texts: [everything] }];
  return [...gone, { key: 'add_communities', texts: given }];
}

/** Applies a list of prefixes to the next hop. */
function ofNextHop(condition: Condition): Condition {
  if (condition.kind === 'not') return { kind: 'not', of: ofNextHop(condition.of) };
  if (condition.kind === 'and' || condition.kind === 'or')
    return { ...condition, of: condition.of.map(ofNextHop) };
  if (condition.kind !== 'atom' || condition.atom.key !== 'prefix') return condition;
  return atom({ key: 'next_hop', patterns: condition.atom.patterns });
}
