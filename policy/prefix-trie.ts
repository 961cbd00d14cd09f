import { families } from '#wire/constants.ts';
import type { PrefixPattern } from './patterns.ts';
import { bitAt, commonBits, type Network, truncate } from './prefix-bits.ts';
import { addSpan, type Span } from './prefix-rows.ts';

/**
 * A network that has patterns, or from which they fork. `spans` is the whole answer for the prefixes that belong here:
 * those inside the network but inside no child, and those on the edge from the parent.
 */
export interface TrieNode {
  readonly network: Network;
  readonly children: [TrieNode | undefined, TrieNode | undefined];
  readonly patterns: { readonly key: number; readonly pattern: PrefixPattern }[];
  readonly spans: Map<string, Span>;
}

/** Builds the path-compressed trie of the patterns of all keys, with one root per family at its index. */
export function buildTrie(keys: readonly Iterable<PrefixPattern>[]): readonly TrieNode[] {
  const roots = families.map((row) =>
    nodeOf({ family: row.family, lengthBits: 0, word0: 0, word1: 0, word2: 0, word3: 0 }),
  );
  for (const [key, patterns] of keys.entries()) {
    for (const pattern of patterns) {
      nodeAt(roots[pattern.family], pattern).patterns.push({ key, pattern });
    }
  }
  for (const root of roots) fillSpans(root, -1, new Map());
  return roots;
}

function nodeOf(network: Network): TrieNode {
  return { network, children: [undefined, undefined], patterns: [], spans: new Map() };
}

/** Returns the node of a network. It is created if there is none, with a fork above it if it needs one. */
function nodeAt(root: TrieNode, network: Network): TrieNode {
  let node = root;
  while (node.network.lengthBits < network.lengthBits) {
    const side = bitAt(network, node.network.lengthBits);
    const child = node.children[side];
    const shared = child === undefined ? network.lengthBits : commonBits(child.network, network);
    if (child === undefined || shared < child.network.lengthBits) {
      const fork = nodeOf(truncate(network, shared));
      if (child !== undefined) fork.children[bitAt(child.network, shared)] = child;
      node.children[side] = fork;
      node = fork;
    } else {
      node = child;
    }
  }
  return node;
}

/**
 * Fills the subtree of `node`. `above` is what holds inside the parent, whose length is `parentBits`. Returns what
 * holds around the patterns of the subtree: the spans shorter than their networks.
 */
function fillSpans(
  node: TrieNode,
  parentBits: number,
  above: ReadonlyMap<string, Span>,
): ReadonlyMap<string, Span> {
  const { lengthBits, family } = node.network;
  const maxBits = families[family].maxLengthBits;
  const inside = new Map(above);
  const around = new Map<string, Span>();
  for (const { key, pattern } of node.patterns) {
    const span = { key, from: pattern.minBits, to: pattern.maxBits };
    addSpan(inside, span, lengthBits, maxBits);
    addSpan(around, span, 0, lengthBits - 1);
  }
  for (const child of node.children) {
    if (child === undefined) continue;
    for (const [name, span] of fillSpans(child, lengthBits, inside)) around.set(name, span);
  }
  for (const span of above.values()) addSpan(node.spans, span, parentBits + 1, lengthBits - 1);
  for (const span of inside.values()) addSpan(node.spans, span, lengthBits, maxBits);
  for (const span of around.values()) addSpan(node.spans, span, parentBits + 1, lengthBits);
  return around;
}
