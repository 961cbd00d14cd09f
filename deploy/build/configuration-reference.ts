import type { TSchema } from 'typebox';
import { sessionKeys } from '#config/schema/schema-session.ts';
import { configSchema } from '#config/schema/schema.ts';

/** The description of one key of the configuration. */
export interface KeyEntry {
  readonly key: string;
  readonly isRequired: boolean;
  /** The possible values, in words, with an example. */
  readonly values: string;
  /** As YAML; absent if there is none. */
  readonly default?: string;
  readonly description: string;
}

/** The keys that belong together at one place of the file. */
export interface Section {
  readonly title: string;
  readonly description: string;
  readonly keys: readonly KeyEntry[];
}

/** The parts of JSON Schema that the configuration's schema is made of. */
interface Node {
  readonly description?: string;
  readonly errorMessage?: string;
  readonly default?: unknown;
  readonly properties?: Readonly<Record<string, Node>>;
  readonly patternProperties?: Readonly<Record<string, Node>>;
  readonly required?: readonly string[];
  readonly items?: Node;
  readonly anyOf?: readonly Node[];
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly type?: string;
}

/** The whole configuration, section by section in the order of the file; peers, groups and ranges share one. */
export function configurationSections(): readonly Section[] {
  const sections: Section[] = [];
  addSection(sections, 'The file', nodeOf(configSchema), new Set());
  return sections;
}

function nodeOf(schema: TSchema): Node {
  return schema as Node;
}

/** Peer groups and ranges have the keys of a peer, which are described once. */
const sharedWith: Readonly<Record<string, string>> = { peer_groups: 'peers' };

function addSection(sections: Section[], title: string, node: Node, seen: Set<string>): void {
  const entries = Object.entries(node.properties ?? {});
  sections.push({
    title,
    description:
      title === 'peer_ranges'
        ? `${node.description ?? ''} In addition, every key of a peer except \`name\` and \`address\`.`
        : (node.description ?? ''),
    keys: entries
      .filter(([, child]) => title !== 'peer_ranges' || !isOfPeer(child))
      .map(([key, child]) => entryOf(key, child, node)),
  });
  for (const [key, child] of entries) {
    for (const inner of objectsIn(child)) {
      const name = title === 'The file' ? key : `${title}.${key}`;
      const fingerprint = JSON.stringify(inner.properties);
      if (seen.has(fingerprint) || sharedWith[name] !== undefined) continue;
      seen.add(fingerprint);
      addSection(sections, name, inner, seen);
    }
  }
}

const ofPeer = new Set(Object.values(sessionKeys).map((schema) => JSON.stringify(schema)));

/** Returns whether a key is one that peers have too. */
function isOfPeer(node: Node): boolean {
  return ofPeer.has(JSON.stringify(node));
}

/** Returns the objects with keys of their own that a key may have: as its value, in its list, or by name. */
function objectsIn(node: Node): readonly Node[] {
  if (node.properties !== undefined) return [node];
  const inner = [
    ...(node.anyOf ?? []),
    ...(node.items === undefined ? [] : [node.items]),
    ...Object.values(node.patternProperties ?? {}),
  ];
  return inner.flatMap(objectsIn);
}

function entryOf(key: string, node: Node, parent: Node): KeyEntry {
  return {
    key,
    isRequired: parent.required?.includes(key) === true,
    values: valuesOf(node),
    ...(node.default !== undefined && { default: yamlOf(node.default) }),
    description: node.description ?? '',
  };
}

function valuesOf(node: Node): string {
  const expected = node.errorMessage?.replace(/^expected /, '');
  if (expected !== undefined) return expected;
  return node.const === undefined ? (node.type ?? '') : String(node.const);
}

/** Returns a default as flow YAML, which is JSON without needless quotes. */
function yamlOf(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(yamlOf).join(', ')}]`;
  if (typeof value !== 'object' || value === null) return String(value);
  const pairs = Object.entries(value).map(([key, part]) => `${key}: ${yamlOf(part)}`);
  return `{ ${pairs.join(', ')} }`;
}
