import type { Scope } from '#yaml/scope.ts';
import {
  type ConfigSource,
  type IncludedSource,
  mergeableLists,
  mergeableMaps,
} from '../schema/schema.ts';

/**
 * Returns the main file with what the included files add: lists are joined in order, maps by name. It is an
 * error to use a name in two files.
 */
export function mergeIncluded(
  scope: Scope,
  main: Partial<ConfigSource>,
  parts: readonly IncludedSource[],
): Partial<ConfigSource> {
  const merged: Partial<ConfigSource> = { ...main };
  scope.places.adopt(main, merged);
  const holders = [main, ...parts];
  for (const key of mergeableLists) {
    const lists = holders.flatMap((part) => (part[key] === undefined ? [] : [part[key]]));
    if (lists.length > 0) Object.assign(merged, { [key]: joinLists(scope, lists) });
  }
  for (const key of mergeableMaps) {
    const maps = holders.flatMap((part) => (part[key] === undefined ? [] : [part[key]]));
    if (maps.length > 0) Object.assign(merged, { [key]: joinMaps(scope, key, maps) });
  }
  for (const part of parts) scope.places.dropAllOf(part, merged);
  return merged;
}

function joinLists(scope: Scope, lists: readonly (readonly object[])[]): object[] {
  const joined: object[] = [];
  scope.places.adopt(lists[0], joined);
  for (const list of lists) {
    scope.places.dropAllOf(list, joined);
    for (const [index, item] of list.entries()) {
      scope.places.copy(list, index, joined, joined.length);
      joined.push(item);
    }
  }
  return joined;
}

function joinMaps(
  scope: Scope,
  key: string,
  maps: readonly Readonly<Record<string, object>>[],
): Record<string, object> {
  const joined: Record<string, object> = {};
  scope.places.adopt(maps[0], joined);
  for (const map of maps) {
    scope.places.dropAllOf(map, joined);
    for (const [name, value] of Object.entries(map)) {
      if (Object.hasOwn(joined, name)) {
        const first = scope.places.ofKey(joined, name);
        const { line } = first.source.position(first.offset);
        const message = `${name}: ${key} already has this name on line ${line} of ${first.source.file}`;
        scope.problems.add(scope.places.ofKey(map, name), message);
        continue;
      }
      Object.defineProperty(joined, name, { value, enumerable: true });
      scope.places.copy(map, name, joined, name);
    }
  }
  return joined;
}
