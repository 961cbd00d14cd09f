import { families } from '#wire/constants.ts';
import type { Prefix } from '#wire/nlri.ts';
import type { PrefixPattern } from './patterns.ts';
import { bitAt } from './prefix-bits.ts';
import { RowTable } from './prefix-rows.ts';
import { buildTrie, type TrieNode } from './prefix-trie.ts';

/** A prefix set as plain data, so that it can be built in one thread and used in another. */
export interface PrefixSetData {
  readonly lengths: Uint8Array;
  /** Four words per node. */
  readonly words: Int32Array;
  /** Two per node; 0 means no child, because the node 0 is a root. */
  readonly children: Uint32Array;
  /** Where the node's row starts in `rows`. */
  readonly rowStarts: Uint32Array;
  readonly rows: Uint32Array;
  readonly classes: readonly ReadonlySet<number>[];
}

/** Builds the set; each key is the list of patterns of one rule. */
export function buildPrefixSet(keys: readonly Iterable<PrefixPattern>[]): PrefixSetData {
  const nodes = breadthFirst(buildTrie(keys));
  const table = new RowTable();
  const lengths = Uint8Array.from(nodes, (node) => node.network.lengthBits);
  const words = new Int32Array(nodes.length * 4);
  const children = new Uint32Array(nodes.length * 2);
  const rowStarts = new Uint32Array(nodes.length);
  const indexOf = new Map(nodes.map((node, index) => [node, index]));
  for (const [index, node] of nodes.entries()) {
    const { word0, word1, word2, word3, family } = node.network;
    words.set([word0, word1, word2, word3], index * 4);
    rowStarts[index] = table.startOf(node.spans, families[family].maxLengthBits);
    for (const [side, child] of node.children.entries()) {
      if (child !== undefined) children[index * 2 + side] = indexOf.get(child) ?? 0;
    }
  }
  const rows = Uint32Array.from(table.cells);
  return { lengths, words, children, rowStarts, rows, classes: table.classes };
}

/**
 * Answers which keys of a judge a prefix matches, as one small integer. A path-compressed trie in columns finds the
 * node where the prefix belongs; the row of that node gives the class by length. The trie is built once per judge, and
 * its size grows with the patterns, never with the prefixes.
 */
export class PrefixSet {
  private readonly lengths: Uint8Array;
  private readonly words: Int32Array;
  private readonly children: Uint32Array;
  private readonly rowStarts: Uint32Array;
  private readonly rows: Uint32Array;
  private readonly classes: readonly ReadonlySet<number>[];

  constructor({ lengths, words, children, rowStarts, rows, classes }: PrefixSetData) {
    this.lengths = lengths;
    this.words = words;
    this.children = children;
    this.rowStarts = rowStarts;
    this.rows = rows;
    this.classes = classes;
  }

  static of(keys: readonly (readonly PrefixPattern[])[]): PrefixSet {
    return new PrefixSet(buildPrefixSet(keys));
  }

  /**
   * Returns a class that is equal for prefixes that match the same keys; 0 if a prefix matches none. Hot: called once
   * per prefix, allocates nothing.
   */
  classOf(prefix: Prefix): number {
    const lengthBits = prefix.lengthBits;
    let node: number = prefix.family;
    while (this.lengths[node] < lengthBits) {
      const child = this.children[node * 2 + bitAt(prefix, this.lengths[node])];
      if (child === 0 || !this.agrees(child, prefix)) break;
      node = child;
    }
    return this.rows[this.rowStarts[node] + lengthBits];
  }

  /** Returns the keys that the prefixes of a class match. */
  keysOf(prefixClass: number): ReadonlySet<number> {
    return this.classes[prefixClass];
  }

  /** Returns whether node and prefix agree in the bits that both have. */
  private agrees(node: number, prefix: Prefix): boolean {
    const bits = Math.min(this.lengths[node], prefix.lengthBits);
    const words = this.words;
    const at = node * 4;
    let difference = words[at] ^ prefix.word0;
    if (bits <= 32) return difference >>> (32 - bits) === 0;
    if (difference !== 0) return false;
    difference = words[at + 1] ^ prefix.word1;
    if (bits <= 64) return difference >>> (64 - bits) === 0;
    if (difference !== 0) return false;
    difference = words[at + 2] ^ prefix.word2;
    if (bits <= 96) return difference >>> (96 - bits) === 0;
    if (difference !== 0) return false;
    return (words[at + 3] ^ prefix.word3) >>> (128 - bits) === 0;
  }
}

/**
 * Orders the nodes breadth first, so that the roots are at the index of their family and a parent is near its children.
 */
function breadthFirst(roots: readonly TrieNode[]): readonly TrieNode[] {
  const nodes = [...roots];
  for (let at = 0; at < nodes.length; at++) {
    for (const child of nodes[at].children) if (child !== undefined) nodes.push(child);
  }
  return nodes;
}
