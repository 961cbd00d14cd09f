import {
  isAlias,
  isMap,
  isNode,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  type Pair,
  parseDocument,
  type Scalar,
  type YAMLMap,
  type YAMLSeq,
} from 'yaml';
import type { Problems } from './problems.ts';
import { isSecretKey } from './secrets.ts';
import type { SourceText } from './source.ts';
import { syntaxProblems, unknownAnchor } from './syntax-words.ts';

/** A piece of YAML and its place; `size` counts every node in it, with aliases resolved. */
export type YamlNode =
  | {
      readonly kind: 'map';
      readonly offset: number;
      readonly size: number;
      readonly entries: readonly YamlEntry[];
    }
  | {
      readonly kind: 'list';
      readonly offset: number;
      readonly size: number;
      readonly items: readonly YamlNode[];
    }
  | {
      readonly kind: 'scalar';
      readonly offset: number;
      readonly size: 1;
      readonly value: ScalarValue;
      /** The text in the file: `0123` for the value 123. */
      readonly text: string;
    };
export type ScalarValue = string | number | boolean | undefined;

export interface YamlEntry {
  readonly key: string;
  readonly keyOffset: number;
  readonly value: YamlNode;
}

/** An alias multiplies what it names; a file that exceeds this is refused rather than expanded. */
const maxSize = 1_000_000;

/**
 * Parses one file of YAML 1.2. Syntax errors are added to `problems`; then, and for an empty file, it returns
 * `undefined`. A file with none of the known keys at its top is probably not a configuration: none of its text
 * is ever shown.
 */
export function parseYaml(
  source: SourceText,
  problems: Problems,
  knownKeys: readonly string[],
): YamlNode | undefined {
  if (source.text.includes('\0')) {
    problems.addFile(source.file, 'the file is not UTF-8, perhaps UTF-16; save it as UTF-8');
    return undefined;
  }
  const document = parseDocument(source.text, {
    prettyErrors: false,
    lineCounter: new LineCounter(),
    uniqueKeys: false,
    stringKeys: false,
  });
  if (document.errors.length > 0) source.distrust();
  const before = problems.count;
  const reader = new Reader(source, problems);
  if (!hasKeyOf(document.contents, knownKeys)) source.hideAll();
  const root = document.contents === null ? undefined : reader.read(document.contents);
  for (const { offset, message } of syntaxProblems(document, source)) {
    problems.add({ source, offset }, message);
  }
  if (problems.count > before) return undefined;
  if (root !== undefined && root.size > maxSize) {
    problems.add({ source, offset: 0 }, 'the aliases in this file expand to too many values');
    return undefined;
  }
  return root;
}

function hasKeyOf(contents: unknown, known: readonly string[]): boolean {
  return (
    isMap(contents) &&
    contents.items.some(({ key }) => isScalar(key) && known.includes(keyText(key)))
  );
}

class Reader {
  private readonly source: SourceText;
  private readonly problems: Problems;
  private readonly done = new Map<unknown, YamlNode>();
  private readonly open = new Set<unknown>();
  /** The keys of these maps are names that an operator chose: a group may well be called md5_peers. */
  private readonly mapsOfNames = new Set<unknown>();
  /** An alias means the nearest anchor of its name above it, and nodes are read from top to bottom. */
  private readonly anchors = new Map<string, Node>();

  constructor(source: SourceText, problems: Problems) {
    this.source = source;
    this.problems = problems;
  }

  read(node: unknown): YamlNode {
    if (isAlias(node)) return this.readAlias(this.anchors.get(node.source), offsetOf(node));
    const known = this.done.get(node);
    if (known !== undefined) return known;
    this.noteAnchor(node);
    this.open.add(node);
    const result = this.readNew(node);
    this.open.delete(node);
    this.done.set(node, result);
    return result;
  }

  private noteAnchor(node: unknown): void {
    if (!isNode(node) || isAlias(node) || node.anchor === undefined) return;
    this.anchors.set(node.anchor, node);
  }

  private readNew(node: unknown): YamlNode {
    if (isMap(node)) return this.readMap(node, this.mapsOfNames.has(node));
    if (isSeq(node)) return this.readList(node);
    if (isScalar(node)) {
      return scalarNode(offsetOf(node), scalarValue(node), scalarText(node));
    }
    return scalarNode(0);
  }

  private readAlias(target: unknown, offset: number): YamlNode {
    if (target !== undefined && !this.open.has(target)) return this.read(target);
    const message = target === undefined ? unknownAnchor : 'this alias contains itself';
    this.problems.add({ source: this.source, offset }, message);
    return scalarNode(offset);
  }

  private readMap(map: YAMLMap, hasNames: boolean): YamlNode {
    const entries = map.items.map((pair) => this.readEntry(pair, offsetOf(map), hasNames));
    const size = entries.reduce((sum, entry) => sum + entry.value.size, 1);
    return { kind: 'map', offset: offsetOf(map), size, entries };
  }

  private readEntry(pair: Pair, mapOffset: number, isName: boolean): YamlEntry {
    const keyOffset = pair.key === null ? mapOffset : offsetOf(pair.key);
    const key = isScalar(pair.key) ? keyText(pair.key) : '';
    this.noteAnchor(pair.key);
    if (!isName) this.hideSecret(key, pair.value);
    if (namesBelow.test(key)) this.mapsOfNames.add(pair.value);
    const value = pair.value === null ? scalarNode(keyOffset) : this.read(pair.value);
    return { key, keyOffset, value };
  }

  private readList(list: YAMLSeq): YamlNode {
    const items = list.items.map((item) => this.read(item));
    const size = items.reduce((sum, item) => sum + item.size, 1);
    return { kind: 'list', offset: offsetOf(list), size, items };
  }

  private hideSecret(key: string, value: unknown): void {
    if (!isSecretKey(key)) return;
    const target = isAlias(value) ? this.anchors.get(value.source) : value;
    const range = isNode(target) ? target.range : undefined;
    if (range) this.source.hide(range[0], range[1]);
  }
}

function scalarNode(offset: number, value?: ScalarValue, text = ''): YamlNode {
  return { kind: 'scalar', offset, size: 1, value, text };
}

function scalarText({ source, value }: Scalar): string {
  return source ?? String(value);
}

const namesBelow = /^(peer_groups|policies)$/;

function offsetOf(node: unknown): number {
  return (isNode(node) ? node.range?.[0] : undefined) ?? 0;
}

function keyText(key: Scalar): string {
  return key.source ?? String(key.value);
}

/** `+10` stays text: it is a change of MED, which YAML would read as 10. */
function scalarValue(scalar: Scalar): ScalarValue {
  const { value, source } = scalar;
  if (typeof value === 'number') return source?.startsWith('+') ? source : value;
  if (typeof value === 'string' || typeof value === 'boolean') return value;
  return undefined;
}
