import { KeyedHash } from './keyed-hash.ts';

/**
 * Simple tabulation: there is a table of random words for each byte of a short key, and the hash is the XOR of the
 * words of its bytes. With linear probing a look-up takes constant time for any keys that were chosen without knowing
 * the tables (Pătraşcu and Thorup, "The Power of Simple Tabulation Hashing"), and for a prefix it costs half of what
 * `KeyedHash` does (bench:micro). 1 KiB per byte of the key.
 */
export class TabulationHash {
  private readonly keyed: KeyedHash;
  private readonly table: Int32Array;

  /** `seed` as for `KeyedHash`; keys have at most `keyBytes` bytes. */
  constructor(seed: number, keyBytes: number) {
    this.keyed = new KeyedHash(seed);
    this.table = new Int32Array(keyBytes * 256);
    this.fill();
  }

  /**
   * Returns the contribution of bytes `at` to `at` + 3 of a key; the first of them is in the highest bits of the word.
   */
  ofWord(at: number, word: number): number {
    const { table } = this;
    const row = at << 8;
    return (
      table[row | (word >>> 24)] ^
      table[(row + 256) | ((word >>> 16) & 0xff)] ^
      table[(row + 512) | ((word >>> 8) & 0xff)] ^
      table[(row + 768) | (word & 0xff)]
    );
  }

  /** Returns the contribution of byte `at`. */
  ofByte(at: number, byte: number): number {
    return this.table[(at << 8) | byte];
  }

  /** Takes other tables, which nobody can distinguish from the present ones. */
  rekey(): void {
    this.keyed.rekey();
    this.fill();
  }

  private fill(): void {
    const { keyed, table } = this;
    for (let at = 0; at < table.length; at++) {
      keyed.words[0] = at;
      table[at] = keyed.ofWords(1);
    }
  }
}
