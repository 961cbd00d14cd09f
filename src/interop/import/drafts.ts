import { formatPrefixPattern } from '#text/prefix.ts';
import type { Atom, Write } from './program.ts';

/** A rule as it is written in YAML. */
export interface RuleSource {
  readonly match?: Readonly<Record<string, unknown>>;
  readonly set?: Readonly<Record<string, unknown>>;
  readonly then: 'accept' | 'reject';
}

/** What a rule matches, by key. */
export type Keys = ReadonlyMap<Atom['key'], Atom>;

/** A rule that is not written out yet. */
export interface Draft {
  readonly keys: Keys;
  readonly writes: readonly Write[];
  readonly then: 'accept' | 'reject';
}

/** Returns a text that is the same for drafts that match the same routes by the same keys. */
export function keyOf({ keys }: Draft): string {
  return JSON.stringify(matchOf(keys));
}

/** Removes rules after one that matches every route, and rejections of routes that are rejected anyway. */
export function pruned(drafts: readonly Draft[]): Draft[] {
  const end = drafts.findIndex(({ keys }) => keys.size === 0);
  const kept = end < 0 ? [...drafts] : drafts.slice(0, end + 1);
  while (kept.at(-1)?.then === 'reject') kept.pop();
  const seen = new Set<string>();
  return merged(
    kept.filter((draft) => {
      const key = keyOf(draft);
      if (seen.has(key)) return false;
      seen.add(key);
      return true;
    }),
  );
}

/** Joins adjacent rules that differ only in the values of one key. */
function merged(drafts: readonly Draft[]): Draft[] {
  const result: Draft[] = [];
  for (const draft of drafts) {
    const before = result.at(-1);
    const union = before === undefined ? undefined : unionOf(before, draft);
    if (union === undefined) result.push(draft);
    else result[result.length - 1] = union;
  }
  return result;
}

function unionOf(a: Draft, b: Draft): Draft | undefined {
  if (a.then !== b.then || JSON.stringify(a.writes) !== JSON.stringify(b.writes)) return undefined;
  if (a.keys.size !== b.keys.size) return undefined;
  const different = [...a.keys].filter(
    ([key, it]) => JSON.stringify(it) !== JSON.stringify(b.keys.get(key)),
  );
  if (different.length !== 1) return undefined;
  const [[key, own]] = different;
  const other = b.keys.get(key);
  if (other === undefined) return undefined;
  const joined = listed(own, other);
  return joined === undefined ? undefined : { ...a, keys: new Map([...a.keys, [key, joined]]) };
}

function listed(a: Atom, b: Atom): Atom | undefined {
  if ('patterns' in a && 'patterns' in b)
    return { ...a, patterns: distinct([...a.patterns, ...b.patterns]) };
  if ('ranges' in a && 'ranges' in b) return { ...a, ranges: [...a.ranges, ...b.ranges] };
  if ('names' in a && 'names' in b) return { ...a, names: distinct([...a.names, ...b.names]) };
  if ('states' in a && 'states' in b) return { ...a, states: distinct([...a.states, ...b.states]) };
  if ('texts' in a && 'texts' in b) return { ...a, texts: distinct([...a.texts, ...b.texts]) };
  return undefined;
}

function distinct<Item>(items: readonly Item[]): Item[] {
  return [...new Set(items)];
}

/** Writes a draft out. */
export function ruleOf({ keys, writes, then }: Draft): RuleSource {
  const set = setOf(writes);
  return {
    ...(keys.size > 0 && { match: matchOf(keys) }),
    ...(then === 'accept' && set !== undefined && { set }),
    then,
  };
}

function matchOf(keys: Keys): Record<string, unknown> {
  return Object.fromEntries([...keys].map(([key, it]) => [key, valueOf(it)]));
}

function valueOf(atom: Atom): unknown {
  if ('patterns' in atom) return one(distinct(atom.patterns.map((it) => formatPrefixPattern(it))));
  if ('ranges' in atom)
    return one(distinct(atom.ranges.map(({ min, max }) => rangeText(min, max))));
  if ('names' in atom) return one(atom.names);
  if ('texts' in atom) return one(atom.texts);
  if ('states' in atom) return one(atom.states);
  if ('min' in atom) return rangeText(atom.min, atom.max);
  return undefined;
}

function one<Item>(items: readonly Item[]): Item | readonly Item[] {
  return items.length === 1 ? items[0] : items;
}

function rangeText(min: number, max: number): string | number {
  if (min === max) return min;
  return max >= 0xffff_ffff ? `${min}-` : `${min}-${max}`;
}

type Prepended = readonly (number | 'first_as')[];

/** After a number was prepended, the first AS is that number. */
function prepended(asns: Prepended, before: Prepended = []): Prepended {
  const [outermost = 'first_as'] = before;
  return [...asns.map((asn) => (asn === 'first_as' ? outermost : asn)), ...before];
}

function setOf(writes: readonly Write[]): Record<string, unknown> | undefined {
  if (writes.length === 0) return undefined;
  const set: Record<string, unknown> = {};
  for (const write of writes) {
    switch (write.key) {
      case 'med':
      case 'local_pref':
        set[write.key] = write.value;
        break;
      case 'next_hop':
        set.next_hop = write.address;
        break;
      case 'prepend':
        set.prepend = prepended(write.asns, set.prepend as Prepended | undefined);
        break;
      default:
        set[write.key] = [...((set[write.key] as string[] | undefined) ?? []), ...write.texts];
    }
  }
  return set;
}
