import { KeyedHash } from './tables/hash/keyed-hash.ts';

/**
 * How many accepted paths there are from each neighbour AS. A site usually has one, which costs an integer per path;
 * the others are counted separately. A Map hashes integers without a secret, and with 20,000 AS numbers chosen for that
 * purpose each look-up takes 0.1 ms, so the keys are the numbers after a secret one-to-one mapping.
 */
export class Neighbours {
  private first = 0;
  private ofFirst = 0;
  private readonly others = new Map<number, number>();
  private readonly flips: number;
  private readonly factor: number;

  /** Peers must not know `seed`. */
  constructor(seed: number) {
    const keyed = new KeyedHash(seed);
    keyed.words[0] = 1;
    this.flips = keyed.ofWords(1);
    keyed.words[0] = 2;
    this.factor = keyed.ofWords(1) | 1;
  }

  /** Whether all paths are from one neighbour AS: then every MED can be compared with every other. */
  get isOne(): boolean {
    return this.others.size === 0;
  }

  add(neighbour: number): void {
    const key = this.keyOf(neighbour);
    if (this.ofFirst === 0 && this.others.size === 0) this.first = key;
    if (key === this.first) this.ofFirst++;
    else this.others.set(key, (this.others.get(key) ?? 0) + 1);
  }

  /** To be called once for each path that was added. */
  remove(neighbour: number): void {
    const key = this.keyOf(neighbour);
    if (key === this.first) {
      if (--this.ofFirst === 0) this.succeed();
      return;
    }
    const left = (this.others.get(key) ?? 0) - 1;
    if (left > 0) this.others.set(key, left);
    else this.others.delete(key);
  }

  /** No two AS numbers have the same key, because multiplication by an odd factor is reversible. */
  private keyOf(neighbour: number): number {
    return Math.imul(neighbour ^ this.flips, this.factor);
  }

  /** The first neighbour AS has no path left, so one of the others takes its place. */
  private succeed(): void {
    const [next] = this.others;
    if (next === undefined) return;
    [this.first, this.ofFirst] = next;
    this.others.delete(this.first);
  }
}
