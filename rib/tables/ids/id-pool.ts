/** Hands out small positive integers, freed ones first; 0 is never handed out. */
export class IdPool {
  private nextId = 1;
  private freed: number[] = [];

  take(): number {
    return this.freed.pop() ?? this.nextId++;
  }

  give(id: number): void {
    this.freed.push(id);
  }

  /** Every id ever given is below this. */
  get limit(): number {
    return this.nextId;
  }

  /** Ids in use. */
  get size(): number {
    return this.nextId - 1 - this.freed.length;
  }
}
