import type { PrefixPattern } from '#policy/patterns.ts';
import { families } from '#wire/constants.ts';

/** One pattern: the family and three lengths in one word, then four words of the network. */
const wordsEach = 5;

export function packPatterns(patterns: Iterable<PrefixPattern>): Int32Array<ArrayBuffer> {
  const words: number[] = [];
  for (const { family, lengthBits, minBits, maxBits, ...network } of patterns) {
    words.push((family << 24) | (lengthBits << 16) | (minBits << 8) | maxBits);
    words.push(network.word0, network.word1, network.word2, network.word3);
  }
  return Int32Array.from(words);
}

/** Patterns of 20 octets each, made into objects only on demand: the index of a policy does not need them. */
export class PackedPatterns implements Iterable<PrefixPattern> {
  private readonly words: Int32Array;

  /** `words` is the result of `packPatterns`. */
  constructor(words: Int32Array) {
    this.words = words;
  }

  *[Symbol.iterator](): Generator<PrefixPattern, undefined> {
    const { words } = this;
    for (let at = 0; at < words.length; at += wordsEach) {
      const [head, word0, word1, word2, word3] = words.subarray(at, at + wordsEach);
      yield {
        family: families[head >>> 24].family,
        lengthBits: (head >>> 16) & 255,
        word0,
        word1,
        word2,
        word3,
        minBits: (head >>> 8) & 255,
        maxBits: head & 255,
      };
    }
  }

  toJSON(): PrefixPattern[] {
    return [...this];
  }
}
