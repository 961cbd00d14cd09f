import type { RuleSource } from './drafts.ts';
import type { FrrLists } from './frr-lists.ts';
import type { FrrMaps } from './frr-map.ts';
import type {
  AppliedList,
  Family,
  FamilyWords,
  FrrNeighbors,
  PolicyDirection,
} from './frr-neighbors.ts';
import { nameFor } from './model.ts';
import type { Notes } from './notes.ts';
import { not, type Statement } from './program.ts';
import { compile, type Compiled } from './rules.ts';

/** The policy that a neighbor has in one direction; `compiled` is absent if it names no list and no map. */
export interface Choice {
  readonly name: string;
  readonly compiled?: Compiled;
}

interface PoliciesParts {
  readonly lists: FrrLists;
  readonly maps: FrrMaps;
  readonly neighbors: Pick<FrrNeighbors, 'has' | 'nameAt'>;
  readonly notes: Notes;
}

/** Converts the lists and route maps of neighbors to policies, each of which exists once and has a name. */
export class FrrPolicies {
  /** Whether a neighbor without a policy sends and receives nothing (RFC 8212). */
  wantsPolicy = true;
  readonly rules = new Map<string, readonly RuleSource[]>();
  private readonly parts: PoliciesParts;

  constructor(parts: PoliciesParts) {
    this.parts = parts;
  }

  /** Returns the policy of one family in one direction: the lists first, then the route map. */
  of(family: Family, words: FamilyWords, direction: PolicyDirection): Choice {
    const map = words.maps.get(direction);
    const lists = words.lists.get(direction) ?? [];
    if (map === undefined && lists.length === 0) return { name: this.wantsPolicy ? 'none' : 'all' };
    const { maps, neighbors, notes } = this.parts;
    const line = map?.line ?? lists[0].line;
    const peerAt = (address: string): string | undefined =>
      neighbors.has(address) ? neighbors.nameAt(address) : undefined;
    const program: Statement[] = [
      ...lists.map((list) => this.rejectedBy(list, family)),
      ...(map === undefined
        ? [{ kind: 'accept' } as const]
        : maps.program(map.name, { family, peerAt }, map.line)),
    ];
    const names = [...lists, ...(map === undefined ? [] : [map])].map(({ name }) => name);
    const compiled = compile(program, (text, isLoose) =>
      notes.add(line, `${map?.name ?? names[0]}: ${text}`, isLoose),
    );
    notes.loosen(compiled.looseLines);
    return this.named(compiled, names.join('-'));
  }

  private rejectedBy({ kind, name, line }: AppliedList, family: Family): Statement {
    const list = kind === 'filter-list' ? 'as-path' : `${family === 0 ? 'ip' : 'ipv6'} prefix-list`;
    const condition = not(this.parts.lists.permits(list, name, line));
    return { kind: 'if', condition, then: [{ kind: 'reject' }], otherwise: [] };
  }

  /** Returns a policy with a name of its own, unless it accepts or rejects everything. */
  private named(compiled: Compiled, wanted: string): Choice {
    const [first] = compiled.rules;
    if (first === undefined) return { name: 'none', compiled };
    if (first.then === 'accept' && first.match === undefined && first.set === undefined)
      return { name: 'all', compiled };
    const rules = JSON.stringify(compiled.rules);
    for (let at = 1; ; at++) {
      const name = nameFor(at === 1 ? wanted : `${wanted}_${at}`);
      const known = this.rules.get(name);
      if (known !== undefined && JSON.stringify(known) !== rules) continue;
      this.rules.set(name, compiled.rules);
      return { name, compiled };
    }
  }
}

/** Returns the choice of a peer from those of its families: the same, or a list of those that have rules. */
export function joinedChoice(choices: readonly Choice[]): unknown {
  const names = [...new Set(choices.map(({ name }) => name))];
  if (names.length < 2) return names[0] ?? 'none';
  return names.includes('all') ? 'all' : names.filter((name) => name !== 'none');
}
