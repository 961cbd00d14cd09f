import type { Place, SourceText } from './source.ts';

type Key = string | number;

interface Marks {
  readonly source: SourceText;
  readonly offset: number;
  readonly keys: Map<Key, { readonly key: Place; readonly value: Place }>;
  /** Keys that were given but invalid: their absence is not a second error. */
  readonly dropped: Set<Key>;
}

/** Records where the values of a checked configuration stand, by the object or list that contains them. */
export class Places {
  private readonly marks = new Map<object, Marks>();
  /** The first one that was entered: the main file. */
  private root: Marks | undefined;

  enter(container: object, source: SourceText, offset: number): void {
    const marks = { source, offset, keys: new Map(), dropped: new Set<Key>() };
    this.root ??= marks;
    this.marks.set(container, marks);
  }

  set(container: object, key: Key, keyOffset: number, valueOffset: number): void {
    const marks = this.of(container);
    const { source } = marks;
    marks.keys.set(key, {
      key: { source, offset: keyOffset },
      value: { source, offset: valueOffset },
    });
  }

  drop(container: object, key: Key): void {
    this.of(container).dropped.add(key);
  }

  /** Drops from `to` the keys that were dropped from `from`, which was joined with others to `to`. */
  dropAllOf(from: object, to: object): void {
    for (const key of this.of(from).dropped) this.drop(to, key);
  }

  isDropped(container: object, key: Key): boolean {
    return this.of(container).dropped.has(key);
  }

  /** Returns whether everything given in the container was valid. */
  isWhole(container: object): boolean {
    return this.of(container).dropped.size === 0;
  }

  /** Gives `to` the places of `from`, for the same keys. */
  adopt(from: object, to: object): void {
    const { source, offset, keys, dropped } = this.of(from);
    this.marks.set(to, { source, offset, keys: new Map(keys), dropped: new Set(dropped) });
  }

  /** Copies the place of one key of another container. */
  copy(from: object, fromKey: Key, to: object, toKey: Key): void {
    const place = this.of(from).keys.get(fromKey);
    if (place !== undefined) this.of(to).keys.set(toKey, place);
  }

  ofContainer(container: object): Place {
    const { source, offset } = this.of(container);
    return { source, offset };
  }

  /** Returns the place of the key's name, or of the container if the key is absent. */
  ofKey(container: object, key: Key): Place {
    return this.of(container).keys.get(key)?.key ?? this.ofContainer(container);
  }

  /** Returns the place of the key's value, or of the container if the key is absent. */
  ofValue(container: object, key: Key): Place {
    return this.of(container).keys.get(key)?.value ?? this.ofContainer(container);
  }

  /** A default is in no file: its place is that of the whole container. */
  private of(container: object): Marks {
    const marks = this.marks.get(container) ?? this.root;
    if (marks === undefined) throw new Error('a place in no file');
    return marks;
  }
}
