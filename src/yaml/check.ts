import { nearest } from '#text/nearest.ts';
import type { YamlEntry, YamlNode } from './document.ts';
import type { Places } from './places.ts';
import type { Problems } from './problems.ts';
import { describe, hintFor, shorten, valueOf } from './scalar.ts';
import { accepts, type SchemaView } from './schema-check.ts';
import { isSecretKey } from './secrets.ts';
import type { SourceText } from './source.ts';
import { addressHint } from './syntax-words.ts';

/**
 * Checks one file against a schema. Returns what is valid in it as plain values; every error is added to
 * `problems` and left out of the result, so that the remaining keys can still be checked. A map that lacks a
 * required key is left out whole, except for the file itself.
 */
export function checkAgainst(
  schema: SchemaView,
  root: YamlNode,
  source: SourceText,
  places: Places,
  problems: Problems,
): unknown {
  return new Checker(source, places, problems).check(schema, root, '');
}

class Checker {
  private readonly source: SourceText;
  private readonly places: Places;
  private readonly problems: Problems;

  constructor(source: SourceText, places: Places, problems: Problems) {
    this.source = source;
    this.places = places;
    this.problems = problems;
  }

  /** `label` is the key that the value belongs to; empty at the root. */
  check(schema: SchemaView, node: YamlNode, label: string): unknown {
    const branch = branchFor(schema, node);
    if (node.kind === 'map' && branch?.type === 'object') return this.map(branch, node, label);
    if (node.kind === 'list' && branch?.type === 'array') return this.list(branch, node, label);
    const value = node.kind === 'scalar' ? valueOf(schema, node) : undefined;
    if (value === undefined) this.refuse(schema, node, label);
    return value;
  }

  private map(
    schema: SchemaView,
    node: YamlNode & { kind: 'map' },
    label: string,
  ): object | undefined {
    const result: Record<string, unknown> = {};
    this.places.enter(result, this.source, node.offset);
    const seen = new Map<string, YamlEntry>();
    for (const entry of node.entries) {
      const first = seen.get(entry.key);
      if (first === undefined) this.entry(schema, entry, result);
      else this.twice(entry, first);
      if (first === undefined) seen.set(entry.key, entry);
    }
    const missing = (schema.required ?? []).filter((key) => !Object.hasOwn(result, key));
    for (const key of missing) {
      if (seen.has(key) || this.places.isDropped(result, key)) continue;
      const wanted = schema.properties?.[key].errorMessage;
      const where = label === '' ? '' : `${label}: `;
      this.problems.add(this.at(node.offset), `${where}${key} is missing; ${wanted}`);
    }
    return missing.length > 0 && label !== '' ? undefined : result;
  }

  private entry(schema: SchemaView, entry: YamlEntry, into: Record<string, unknown>): void {
    const { key, keyOffset } = entry;
    const known = schemaOf(schema, key);
    if (known === undefined) {
      this.unknown(schema, entry, into);
      return;
    }
    const value = this.check(known, entry.value, key);
    if (value === undefined) this.places.drop(into, key);
    else Object.defineProperty(into, key, { value, enumerable: true, writable: true });
    this.places.set(into, key, keyOffset, entry.value.offset);
  }

  private unknown(schema: SchemaView, entry: YamlEntry, into: object): void {
    const place = this.at(entry.keyOffset);
    if (schema.patternProperties !== undefined) {
      this.places.drop(into, entry.key);
      this.problems.add(place, `${this.shownKey(entry)}${schema.nameMessage}`);
      return;
    }
    const near = isJoined(schema, entry.key)
      ? undefined
      : nearest(entry.key, Object.keys(schema.properties ?? {}));
    if (near !== undefined) this.places.drop(into, near);
    const hint = near === undefined ? unknownKeyHint(schema, entry.key) : `; did you mean ${near}?`;
    this.problems.add(place, `${this.shownKey(entry)}unknown key${hint}`);
  }

  private twice(entry: YamlEntry, first: YamlEntry): void {
    const { line } = this.source.position(first.keyOffset);
    this.problems.add(
      this.at(entry.keyOffset),
      `${this.shownKey(entry)}given twice, the first time on line ${line}`,
    );
  }

  /** The key in front of a message; nothing where it may be a secret: to YAML a line of /etc/shadow is a key. */
  private shownKey({ key, keyOffset }: YamlEntry): string {
    return this.source.isHiddenAt(keyOffset) ? '' : `${shorten(key)}: `;
  }

  private list(schema: SchemaView, node: YamlNode & { kind: 'list' }, label: string): unknown {
    const result: unknown[] = [];
    this.places.enter(result, this.source, node.offset);
    for (const [index, item] of node.items.entries()) {
      const value = this.check(schema.items ?? {}, item, label);
      if (value === undefined) {
        this.places.drop(result, index);
        continue;
      }
      this.places.set(result, result.length, item.offset, item.offset);
      result.push(value);
    }
    if (!this.places.isWhole(result) || !isFlat(result) || accepts(schema, result)) return result;
    this.refuse(schema, node, label);
    return undefined;
  }

  private refuse(schema: SchemaView, node: YamlNode, label: string): void {
    const prefix = label === '' ? '' : `${label}: `;
    const isShown = !isSecretKey(label) && !this.source.isHiddenAt(node.offset);
    const got = isShown ? `; got ${describe(node)}` : '';
    const hint = isShown ? this.hint(schema, node) : quotesHint(node);
    this.problems.add(
      this.at(node.offset),
      `${prefix}${schema.errorMessage ?? 'expected something else'}${got}${hint}`,
    );
  }

  private hint(schema: SchemaView, node: YamlNode): string {
    // `[::]` and `fe80::` are maps to YAML.
    if (node.kind === 'map') return addressHint(this.source.line(node.offset));
    return hintFor(schema, node);
  }

  private at(offset: number) {
    return { source: this.source, offset };
  }
}

/** Lists of maps were checked item by item; only flat lists have rules about the whole list. */
function isFlat(items: readonly unknown[]): boolean {
  return items.every((item) => typeof item !== 'object');
}

function schemaOf(schema: SchemaView, key: string): SchemaView | undefined {
  if (schema.properties !== undefined && Object.hasOwn(schema.properties, key)) {
    return schema.properties[key];
  }
  const [pattern] = Object.entries(schema.patternProperties ?? {});
  return pattern !== undefined && new RegExp(pattern[0]).test(key) ? pattern[1] : undefined;
}

/** Returns the branch of a union for this kind of node; among maps, the one that knows most of its keys. */
function branchFor(schema: SchemaView, node: YamlNode): SchemaView | undefined {
  if (schema.anyOf === undefined) return schema;
  const wanted = node.kind === 'map' ? 'object' : 'array';
  const branches = schema.anyOf.filter((branch) => branch.type === wanted);
  if (node.kind !== 'map' || branches.length < 2) return branches[0];
  const known = (branch: SchemaView) =>
    node.entries.filter((entry) => schemaOf(branch, entry.key) !== undefined).length;
  return branches.reduce((best, branch) => (known(branch) > known(best) ? branch : best));
}

/** Returns a hint for keys that belong into the main file or are usual in other YAML files. */
function unknownKeyHint(schema: SchemaView, key: string): string {
  if (key === '<<') return '; YAML 1.2 has no merge keys; put shared keys into peer_groups';
  if (key.startsWith('x-')) return '; put an anchor where its value is first used';
  if (isJoined(schema, key)) return '; write a space after the colon';
  return schema.unknownKeyMessage === undefined ? '' : `; ${schema.unknownKeyMessage}`;
}

/** Returns whether this is a key with its value, which YAML takes for one word within { }: `hold_time:6`. */
function isJoined(schema: SchemaView, key: string): boolean {
  const [word, value] = key.split(/:(.*)/s);
  return value !== undefined && value !== '' && schemaOf(schema, word) !== undefined;
}

/** Returns a hint for a secret, whose text is never shown, that YAML takes for a number or a boolean. */
function quotesHint(node: YamlNode): string {
  const isText = node.kind !== 'scalar' || typeof node.value === 'string';
  return isText || node.value === undefined ? '' : '; write it in quotes';
}
