/**
 * How many accepted paths there are of each neighbour AS. A site mostly has one, which then costs an integer a
 * path; the others are counted apart.
 */
export class Neighbours {
  private first = 0;
  private ofFirst = 0;
  private readonly others = new Map<number, number>();

  /** Whether all paths are of one neighbour AS: then every MED can be compared with every other. */
  get isOne(): boolean {
    return this.others.size === 0;
  }

  add(neighbour: number): void {
    if (this.ofFirst === 0 && this.others.size === 0) this.first = neighbour;
    if (neighbour === this.first) this.ofFirst++;
    else this.others.set(neighbour, (this.others.get(neighbour) ?? 0) + 1);
  }

  /** To be called once for each path that was added. */
  remove(neighbour: number): void {
    if (neighbour === this.first) {
      if (--this.ofFirst === 0) this.succeed();
      return;
    }
    const left = (this.others.get(neighbour) ?? 0) - 1;
    if (left > 0) this.others.set(neighbour, left);
    else this.others.delete(neighbour);
  }

  /** The first neighbour AS has no path left: one of the others takes its place. */
  private succeed(): void {
    const [next] = this.others;
    if (next === undefined) return;
    [this.first, this.ofFirst] = next;
    this.others.delete(this.first);
  }
}
