/** A set of small integers, one bit each; grows with the highest one. */
export class IdBits {
  private words = new Uint32Array(64);

  has(id: number): boolean {
    const word = id >> 5;
    return word < this.words.length && ((this.words[word] >>> (id & 31)) & 1) === 1;
  }

  add(id: number): void {
    const word = id >> 5;
    if (word >= this.words.length) this.grow(word);
    this.words[word] |= 1 << (id & 31);
  }

  delete(id: number): void {
    const word = id >> 5;
    if (word < this.words.length) this.words[word] &= ~(1 << (id & 31));
  }

  /** Returns which of these ids of a 32-bit word are not in the set. */
  missing(word: number, bits: number): number {
    return word < this.words.length ? bits & ~this.words[word] : bits;
  }

  /** Adds these ids of a 32-bit word. */
  addWord(word: number, bits: number): void {
    if (bits === 0) return;
    if (word >= this.words.length) this.grow(word);
    this.words[word] |= bits;
  }

  /** Calls back with each integer, lowest first. */
  each(visit: (id: number) => void): void {
    for (let word = 0; word < this.words.length; word++) {
      for (let rest = this.words[word]; rest !== 0; rest &= rest - 1) {
        visit(word * 32 + (31 - Math.clz32(rest & -rest)));
      }
    }
  }

  /** Writes the lowest integers into `into`, as many as it holds; returns how many. */
  lowest(into: Uint32Array): number {
    let count = 0;
    for (let word = 0; word < this.words.length; word++) {
      for (let rest = this.words[word]; rest !== 0; rest &= rest - 1) {
        if (count === into.length) return count;
        into[count++] = word * 32 + (31 - Math.clz32(rest & -rest));
      }
    }
    return count;
  }

  private grow(word: number): void {
    const wide = new Uint32Array(Math.max(word + 1, this.words.length * 2));
    wide.set(this.words);
    this.words = wide;
  }
}

/** Returns how many of the 32 bits are set. */
export function bitCount(bits: number): number {
  let count = bits - ((bits >>> 1) & 0x55555555);
  count = (count & 0x33333333) + ((count >>> 2) & 0x33333333);
  return Math.imul((count + (count >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
}
