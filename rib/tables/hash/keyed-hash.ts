/**
 * HalfSipHash-1-3 with a 32-bit result (Aumasson and Bernstein, "SipHash: a fast short-input PRF", in the variant for
 * 32-bit machines; one round per word and three at the end, as in the hash maps of Rust and Python). Without the key
 * nobody can choose inputs that collide more often than by chance. Everything that a peer can fill is looked up through
 * it.
 */
export class KeyedHash {
  /** The words to be hashed by `ofWords`, which needs four more; written by the caller. */
  readonly words = new Int32Array(16);
  private key0: number;
  private key1: number;

  /** `seed` is a whole number up to 2^53 - 1 that peers do not know. */
  constructor(seed: number) {
    this.key0 = seed | 0;
    this.key1 = Math.floor(seed / 2 ** 32) | 0;
  }

  /** Returns the hash of the first `count` of `words`. */
  ofWords(count: number): number {
    const { words, key0, key1 } = this;
    // After the last word comes their number, and then three rounds without a word.
    words[count] = count << 24;
    words[count + 1] = 0;
    words[count + 2] = 0;
    words[count + 3] = 0;
    let v0 = key0;
    let v1 = key1;
    let v2 = key0 ^ 0x6c796765;
    let v3 = key1 ^ 0x74656462;
    for (let at = 0; at < count + 4; at++) {
      const word = words[at];
      v3 ^= word;
      if (at === count + 1) v2 ^= 0xff;
      v0 = (v0 + v1) | 0;
      v1 = ((v1 << 5) | (v1 >>> 27)) ^ v0;
      v0 = (v0 << 16) | (v0 >>> 16);
      v2 = (v2 + v3) | 0;
      v3 = ((v3 << 8) | (v3 >>> 24)) ^ v2;
      v0 = (v0 + v3) | 0;
      v3 = ((v3 << 7) | (v3 >>> 25)) ^ v0;
      v2 = (v2 + v1) | 0;
      v1 = ((v1 << 13) | (v1 >>> 19)) ^ v2;
      v2 = (v2 << 16) | (v2 >>> 16);
      v0 ^= word;
    }
    return v1 ^ v3;
  }

  /** Takes another key, which follows from the present one and cannot be distinguished from it by its hashes. */
  rekey(): void {
    this.words[0] = 0;
    const key0 = this.ofWords(1);
    this.words[0] = 1;
    this.key1 = this.ofWords(1);
    this.key0 = key0;
  }
}
