import { TextError } from '#text/text-error.ts';
import { durationToMs } from '#text/units.ts';
import type { ConfigHost } from './host.ts';
import type { Places } from './places.ts';
import type { Problems } from './problems.ts';
import type { Place } from './source.ts';

/** What every step of resolving has access to. */
export interface Scope {
  readonly file: string;
  readonly host: ConfigHost;
  readonly places: Places;
  readonly problems: Problems;
  /** Settings that are allowed and probably not intended, and only seen while reading. */
  readonly warnings: Problems;
  /** Whether the configuration may name other files and environment variables. */
  readonly mayReadFiles: boolean;
}

/** Returns whether a key that reads a file or the environment is refused here; the error is then added. */
export function refusesFiles(
  { problems, mayReadFiles }: Scope,
  place: Place,
  key: string,
): boolean {
  if (mayReadFiles) return false;
  problems.add(place, `${key}: not allowed in a configuration that is sent over HTTP`);
  return true;
}

/**
 * Returns the value of `parse`, or adds an error at the key's value if it throws a `TextError`. `index` is that
 * of the element if the key has a list.
 */
export function parsed<Value>(
  scope: Scope,
  container: object,
  key: string,
  parse: () => Value,
): Value | undefined {
  return parsedAt(scope, scope.places.ofValue(container, key), key, parse);
}

export function parsedAt<Value>(
  scope: Scope,
  place: Place,
  key: string,
  parse: () => Value,
): Value | undefined {
  try {
    return parse();
  } catch (error) {
    if (!(error instanceof TextError)) throw error;
    scope.problems.add(place, `${key}: ${error.message}`);
    return undefined;
  }
}

/** Returns every element of a key that has one value or a list, parsed; those that fail are left out. */
export function parsedList<Item, Value>(
  scope: Scope,
  container: object,
  key: string,
  value: Item | readonly Item[],
  parse: (item: Item) => Value | undefined,
): Value[] {
  const result: Value[] = [];
  for (const { item, place } of itemsOf(scope, container, key, value)) {
    const one = parsedAt(scope, place, key, () => parse(item));
    if (one !== undefined) result.push(one);
  }
  return result;
}

/** Returns the elements of a key that has one value or a list, each with its place. */
export function itemsOf<Item>(
  scope: Scope,
  container: object,
  key: string,
  value: Item | readonly Item[],
): { readonly item: Item; readonly place: Place }[] {
  const { places } = scope;
  if (!isList(value)) return [{ item: value, place: places.ofValue(container, key) }];
  return value.map((item, index) => ({ item, place: places.ofValue(value, index) }));
}

/**
 * Returns whether the map at a key may have been given a name that it does not have: the name, the map or a file that
 * may add to it has an error of its own.
 */
export function mayBeGiven<Key extends string>(
  { places }: Scope,
  source: { readonly [key in Key]?: object },
  key: Key,
  name: string,
): boolean {
  const map = source[key];
  return places.isDropped(source, key) || (map !== undefined && places.isDropped(map, name));
}

/** Returns a duration that must be whole seconds, because the protocol counts in seconds. */
export function wholeSeconds(
  scope: Scope,
  container: object,
  key: string,
  value: string | number,
  maximum: number,
): number {
  const seconds = durationToMs(value) / 1000;
  if (Number.isInteger(seconds) && seconds <= maximum) return seconds;
  scope.problems.add(
    scope.places.ofValue(container, key),
    `${key}: expected whole seconds, at most ${maximum}`,
  );
  return 0;
}

/** Returns `undefined` for `undefined`, otherwise the result of `change`. */
export function mapped<From, To>(
  value: From | undefined,
  change: (value: From) => To,
): To | undefined {
  return value === undefined ? undefined : change(value);
}

/** Returns the object without the keys whose value is `undefined`. */
export function withoutAbsent<Source extends object>(source: Source): Present<Source> {
  return Object.fromEntries(
    Object.entries(source).filter(([, value]) => value !== undefined),
  ) as Present<Source>;
}

type Present<Source> = {
  [Key in keyof Source as undefined extends Source[Key] ? never : Key]: Source[Key];
} & {
  [Key in keyof Source as undefined extends Source[Key] ? Key : never]?: Exclude<
    Source[Key],
    undefined
  >;
};

export function isList<Item>(value: Item | readonly Item[]): value is readonly Item[] {
  return Array.isArray(value);
}
