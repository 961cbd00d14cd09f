/**
 * What becomes of each key of a rule. There is a row for every key, so that one that is new does not compile until it
 * is rendered, or refused, for each kind of daemon: a rule without one of its conditions would match too much.
 */
export type PerKey<Keys extends object, Rendered> = {
  readonly [Key in keyof Keys]-?: (value: NonNullable<Keys[Key]>) => readonly Rendered[];
};

/** Renders the keys that a rule has, in the order of the rows. */
export function renderedKeys<Keys extends object, Rendered>(
  keys: Keys,
  rows: PerKey<Keys, Rendered>,
): Rendered[] {
  return Object.keys(rows).flatMap((key) => renderedKey(keys, rows, key as keyof Keys));
}

function renderedKey<Keys extends object, Rendered, Key extends keyof Keys>(
  keys: Keys,
  rows: PerKey<Keys, Rendered>,
  key: Key,
): readonly Rendered[] {
  const value = keys[key];
  return value === undefined || value === null ? [] : rows[key](value);
}
